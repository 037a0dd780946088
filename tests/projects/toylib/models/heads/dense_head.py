# Copyright (c) the toylib authors.
import torch.nn as nn

from toylib.registry import HEADS

from .. import utils
from .base_head import BaseHead

INF = 100.0  # not the INF of base_head


@HEADS.register_module()
class DenseHead(BaseHead):
    """A head with one convolution."""

    def _layers(self):
        self.conv = nn.Conv2d(self.channels, 1, 1)

    def forward(self, x):
        """Score every place."""
        return utils.misc.scaled(self.conv(x)).clamp(max=INF)

    @property
    def bound(self):
        return min(super().bound, INF)

    @classmethod
    def describe(cls):
        return [*super().describe(), 'dense']

    def pairs(self, xs):
        return utils.multi_apply(lambda x: (x, super(DenseHead, self).unit()), xs)
