# Copyright (c) the toylib authors.
import torch
import torch.nn as nn
from mmengine.model import BaseModule

from ..registry import ACTS, MODELS

__all__ = ['TinyNet', 'TinyNetV2']


class Block(nn.Module):
    """One convolution with an activation."""

    def __init__(self, inp, out, act):
        super().__init__()
        self.conv = nn.Conv2d(inp, out, 3, padding=1)
        self.act = ACTS.build(dict(type=act))

    def forward(self, x):
        return self.act(self.conv(x))


@MODELS.register_module()
class TinyNet(BaseModule):
    """A backbone."""

    block = Block

    def __init__(self, width=4, act='ReLU', init_cfg=None):
        super().__init__(init_cfg=init_cfg)
        self.width = width
        self.register_buffer('mean', torch.zeros(1))
        self.stem = self.make(3, width, act)

    def make(self, inp, out, act):
        return self.block(inp, out, act)

    def forward(self, x):
        return self.stem(x - self.mean)


@MODELS.register_module()
class TinyNetV2(TinyNet):
    """A backbone with two blocks."""

    # How much wider the second block is.
    factor = 2

    def __init__(self, *args, act='ReLU', **kwargs):
        super().__init__(*args, act=act, **kwargs)
        self.more = self.make(self.width, self.width * self.factor, act)

    def forward(self, x):
        x = super().forward(x)
        return self.more(x)
