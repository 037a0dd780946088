"""A detector-like library in small, with the habits of the large ones."""

from .version import __version__

__all__ = ['__version__']
