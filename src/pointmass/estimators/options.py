"""Checks of the constructors' options, made in ``fit`` as scikit-learn wants it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

from pointmass.errors import PointmassError

__all__ = ["check_choice", "check_count", "check_exponent", "check_tolerance"]


def check_choice(name: str, value: Any, known: Iterable[str]) -> None:
    """Raise `PointmassError` unless ``value`` is one of ``known``."""
    known = list(known)
    if not isinstance(value, str) or value not in known:
        close = get_close_matches(str(value), known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise PointmassError(f"{name} must be one of {', '.join(known)}; got {value!r}{hint}", path=(name,))


def check_count(name: str, value: Any, lowest: int = 1) -> None:
    """Raise `PointmassError` unless ``value`` is an integer of at least ``lowest``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < lowest:
        raise PointmassError(f"{name} must be an integer of at least {lowest}, got {value!r}", path=(name,))


def check_tolerance(name: str, value: Any) -> None:
    """Raise `PointmassError` unless ``value`` is a finite number of at least 0."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0:
        raise PointmassError(f"{name} must be a finite number of at least 0, got {value!r}", path=(name,))


def check_exponent(name: str, value: Any) -> None:
    """Raise `PointmassError` unless ``value`` is above 0.5 and at most 1: steps of that power forget, and settle."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0.5 < value <= 1.0:
        raise PointmassError(f"{name} must be above 0.5 and at most 1, got {value!r}", path=(name,))
