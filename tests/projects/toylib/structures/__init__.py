from .base import BaseBoxes
from .kinds import as_list, get_box, register_box
from .plain import PlainBoxes

__all__ = ['BaseBoxes', 'PlainBoxes', 'as_list', 'get_box', 'register_box']
