"""How likely an object is before anything was learned."""

import math

from my_project.registry import PRIORS

RARE = 0.01


class Prior:
    """A probability, and the bias that gives it."""

    def __init__(self, probability=RARE):
        self.probability = probability

    def bias(self):
        """The inverse of the sigmoid."""
        return -math.log((1 - self.probability) / self.probability)


@PRIORS.register_module()
class PerClassPrior(Prior):
    """A probability that all classes share among each other."""

    def __init__(self, num_classes, probability=RARE):
        # The more classes, the rarer is each of them.
        super().__init__(probability / num_classes)
