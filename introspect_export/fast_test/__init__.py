"""Train a package for two iterations on data made for it, where the packages it came from cannot be imported."""

from introspect_export.fast_test.facts import FastTest
from introspect_export.fast_test.run import fast_test

__all__ = ['FastTest', 'fast_test']
