from .base_head import BaseHead
from .dense_head import DenseHead
from .fancy_head import FancyHead, ScoreMixin

__all__ = ['BaseHead', 'DenseHead', 'FancyHead', 'ScoreMixin']
