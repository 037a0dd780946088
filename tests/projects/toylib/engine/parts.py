# Copyright (c) the toylib authors.
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook

from toylib.registry import HOOKS, METRICS


@METRICS.register_module()
class ToyMetric(BaseMetric):
    """Counts samples."""

    def process(self, data_batch, data_samples):
        self.results.append(len(data_samples))

    def compute_metrics(self, results):
        return dict(count=sum(results))


@HOOKS.register_module()
class CountHook(Hook):
    """Counts iterations."""

    def before_run(self, runner):
        self.count = 0

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.count += 1
