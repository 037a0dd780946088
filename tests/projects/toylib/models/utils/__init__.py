from . import misc
from .misc import multi_apply

__all__ = ['misc', 'multi_apply']
