# Copyright (c) the toylib authors.
from .base import BaseBoxes
from .kinds import register_box


@register_box('plain')
class PlainBoxes(BaseBoxes):
    """Boxes as they are."""
