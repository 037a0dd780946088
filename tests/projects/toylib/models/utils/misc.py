# Copyright (c) the toylib authors.
from functools import partial
from typing import Callable

SCALE = 2.0
_UNUSED = 'never in a package'


def multi_apply(func: Callable, *args, **kwargs):
    """Apply ``func`` to every item and transpose the results."""
    pfunc = partial(func, **kwargs) if kwargs else func
    return tuple(map(list, zip(*map(pfunc, *args))))


def scaled(x, by=SCALE):
    # A comment that must survive.
    return x * by


def unused():
    return _UNUSED
