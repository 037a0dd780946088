"""Tiny data sets: a few images and annotations in the format that a config's data sets read.

No data set's class is known here. The data set is built repeatedly, and the files that it requests are made, until it
gives samples. The folder can be imported by itself, where the program that it belongs to is blocked.
"""

from .make import make_tiny_data
from .overrides import Override, TinyData, apply

__all__ = ['Override', 'TinyData', 'apply', 'make_tiny_data']
