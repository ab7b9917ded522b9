"""Rows of which only limits are known, in PyMC: differences of distribution functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["between_limits"]


def between_limits(
    rows: Any, log_density: Callable[[Any], Any], log_below: Callable[[Any], Any], log_above: Callable[[Any], Any]
) -> Any:
    """Return log densities of exact rows and log probabilities of the others, shape (K, n).

    Parameters
    ----------
    rows : tensor constant, shape (n, 2)
        Lower and upper limits, NaN where there is none.
    log_density, log_below, log_above : callable
        Of values (n,): the log density, and the logs of the distribution function and of one minus it, (K, n).
    """
    import pymc.math
    import pytensor.tensor

    pt: Any = pytensor.tensor
    math: Any = pymc.math
    lower, upper = np.asarray(rows.data).T
    masses: list[tuple[Any, Callable[[Any, Any], Any]]] = [
        (lower == upper, lambda a, b: log_density(a)),
        (np.isnan(lower) & ~np.isnan(upper), lambda a, b: log_below(b)),
        (~np.isnan(lower) & np.isnan(upper), lambda a, b: log_above(a)),
        (lower < upper, lambda a, b: math.logdiffexp(log_below(b), log_below(a))),
    ]
    places = [np.flatnonzero(which) for which, _ in masses]
    parts = [mass(lower[own], upper[own]) for own, (_, mass) in zip(places, masses, strict=True) if own.size]
    return pt.concatenate(parts, axis=1)[:, np.argsort(np.concatenate(places))]
