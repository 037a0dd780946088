"""A small detection project of one's own, on mmdet."""

from my_project import datasets, heads, priors

__all__ = ['datasets', 'heads', 'priors']
