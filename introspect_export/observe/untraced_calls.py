"""Calls that the watch on constructors need not see: being told of a call costs more than many a call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar('T')

Profile = Callable[..., None]

_OURS = '__introspect_export__'


def ours(profile: Profile) -> Profile:
    """Mark a profile function as one that may rest."""
    vars(profile)[_OURS] = True
    return profile


def rested(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function while this program's profile function, if it is set, rests; nobody else's is touched."""
    profile = sys.getprofile()
    if _OURS not in getattr(profile, '__dict__', ()):
        return function(*args, **kwargs)
    sys.setprofile(None)
    try:
        return function(*args, **kwargs)
    finally:
        sys.setprofile(profile)
