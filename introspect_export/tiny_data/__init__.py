"""Tiny data sets: a few images and annotations in the very format that a config's data sets read.

Nothing here knows a data set's class. It is built, the files that it asks for are made by what was asked, and it is
built again, until it gives samples. The folder is importable by itself, where the program that it belongs to is not.
"""

from .facts import Override, TinyData, apply
from .make import make_tiny_data

__all__ = ['Override', 'TinyData', 'apply', 'make_tiny_data']
