from . import acts
from .backbone import *
from .detector import Detector
from .heads import *

__all__ = ['Detector', 'acts']
