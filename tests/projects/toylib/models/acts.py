# Copyright (c) the toylib authors.
from torch import nn

from toylib.registry import ACTS

for _module in (nn.ReLU, nn.GELU, nn.SiLU):
    ACTS.register_module(module=_module)
