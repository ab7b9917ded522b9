"""What was assumed: the model and the priors, printed as text, and who used them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.comparison import MatchedFit, MatchedFits
from pointmass.comparison.words import listed
from pointmass.numerics import Array

__all__ = ["Assumption", "assumptions_of"]

_MOST_NUMBERS = 16


@dataclass(frozen=True)
class Assumption:
    """One prior and the fits that used it.

    Parameters
    ----------
    methods : str
        Names of the fits.
    lines : tuple of (str, str)
        The block and its prior, in words.
    """

    methods: str
    lines: tuple[tuple[str, str], ...]


def assumptions_of(matched: MatchedFits) -> list[Assumption]:
    """Return the priors of the fits, equal ones together."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for fit in matched.fits:
        groups.setdefault(_prior(fit), []).append(fit.label)
    return [Assumption(listed(methods), lines) for lines, methods in groups.items() if lines]


def _prior(fit: MatchedFit) -> tuple[tuple[str, str], ...]:
    prior: Mapping[str, Any] = getattr(fit.fit, "prior_", None) or {}
    return tuple((str(block), _described(value, fit.n_components)) for block, value in prior.items())


def _described(value: Any, n_components: int | None) -> str:
    """Return a distribution with its hyperparameters, those of the components once where they are equal."""
    options = {name: np.asarray(array, dtype=float) for name, array in value.hyperparameters().items()}
    if n_components == 1:
        options = {name: array[0] if array.ndim else array for name, array in options.items()}
    equal = {name for name, array in options.items() if _is_repeated(array, n_components)}
    inside = [f"{name} = {_numbers(array[0] if name in equal else array)}" for name, array in options.items()]
    text = f"{type(value).__name__}({', '.join(inside)})"
    repeated = ", the same for each component" if equal else ""
    return text + repeated + ("" if value.is_proper else ", flat: it plays no part")


def _is_repeated(array: Array, n_components: int | None) -> bool:
    leading = array.ndim > 0 and array.shape[0] == n_components and len(array) > 1
    return bool(leading and np.array_equal(array, np.broadcast_to(array[0], array.shape)))


def _numbers(array: Array) -> str:
    """Return numbers as text, nested as the array is; large arrays by their shape and range."""
    if array.size == 1:
        return f"{array.item():.4g}".replace("-", "−")
    if array.size > _MOST_NUMBERS:
        shape = " × ".join(str(length) for length in array.shape)
        return f"{shape} numbers from {array.min():.4g} to {array.max():.4g}".replace("-", "−")
    return f"[{', '.join(_numbers(row) for row in array)}]"
