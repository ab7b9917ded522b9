"""What must be so before a number of components can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pointmass.comparison.selection.criteria import CRITERIA
from pointmass.errors import PointmassError
from pointmass.models import Model

__all__ = ["check_selection"]


def check_selection(model: Model, n_components: Any, criteria: Sequence[str]) -> list[int]:
    """Return the numbers of components, ascending and each once.

    Raises
    ------
    PointmassError
        There is no number to choose, or no such criterion, or the model has no components.
    """
    if not isinstance(n_components, Iterable) or isinstance(n_components, str):
        raise PointmassError(
            f"n_components must be numbers to choose from, such as range(1, 8); got {n_components!r}",
            path=("n_components",),
        )
    numbers = _numbers(list(n_components))
    unknown = [name for name in criteria if name not in CRITERIA]
    if unknown or not criteria:
        raise PointmassError(
            f"criteria must be some of {', '.join(CRITERIA)}; got {', '.join(map(repr, unknown)) or 'none'}",
            path=("criteria",),
        )
    model.with_components(model.n_components)
    return numbers


def _numbers(given: list[Any]) -> list[int]:
    """Return whole numbers from 1, ascending and each once."""
    if not given:
        raise PointmassError("n_components names no number of components to choose from", path=("n_components",))
    wrong = [one for one in given if isinstance(one, bool) or not isinstance(one, int | np.integer) or one < 1]
    if wrong:
        raise PointmassError(
            f"n_components must be whole numbers from 1 to choose from, got {wrong[0]!r}", path=("n_components",)
        )
    return sorted({int(one) for one in given})
