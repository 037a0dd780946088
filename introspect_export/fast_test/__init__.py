"""Train a package for two iterations on tiny data, in an interpreter where its origins cannot be imported."""

from introspect_export.fast_test.training import fast_test
from introspect_export.fast_test.training_result import TrainingResult

__all__ = ['TrainingResult', 'fast_test']
