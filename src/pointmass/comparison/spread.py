"""The uncertainty of one fit by one method, in the common order of components."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.comparison.fit import Fit
from pointmass.comparison.matching import permute_components
from pointmass.numerics import Array
from pointmass.uncertainty import available, quick

__all__ = ["Spread", "spreads_of"]

_FAR = np.sqrt(2.0)  # times the standard deviation without them: 1.06 for a normal, 1.16 for an exponential
_WIDE = 0.9  # level from which an interval holds what is not rare


@dataclass(frozen=True)
class Spread:
    """How sure a fit is of its parameters.

    Parameters
    ----------
    method : str
        ``mean_field``, ``draws``, …
    level : float
        Probability of the interval.
    sd, lower, upper : dict of str to array
        Standard deviations and equal-tailed bounds, shaped as the estimates.
    draws : dict of str to array or None
        Draws of the parameters, one leading axis of samples.
    diagnostics : mapping
        What the method says of itself.
    mean : dict of str to array or None
        Means of a method that corrects the estimates too.
    elapsed : float
        Seconds that the method took beside the fit; NaN if nobody measured.
    """

    method: str
    level: float
    sd: dict[str, Array]
    lower: dict[str, Array]
    upper: dict[str, Array]
    draws: dict[str, Array] | None = None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    mean: dict[str, Array] | None = None
    elapsed: float = float("nan")

    @cached_property
    def far(self) -> dict[str, Array]:
        """Whether each standard deviation is that of rare draws far out: booleans, shaped as the estimates.

        It is where the outermost twentieth of the draws makes more than half of the variance, so that moved to the edge
        of the others it leaves less; and where an uncertainty without draws has a standard deviation over half the
        width of its interval, which no distribution within the interval can have.
        """
        return {name: self._is_far(name) for name in self.sd}

    def _is_far(self, name: str) -> Array:
        sd, draws = np.asarray(self.sd[name]), (self.draws or {}).get(name)
        if draws is not None:
            inner = np.clip(draws, *np.quantile(draws, [0.025, 0.975], axis=0)).std(axis=0)
            return np.asarray((inner > 0) & (sd > _FAR * inner))
        half = 0.5 * (self.upper[name] - self.lower[name])
        return np.asarray((self.level >= _WIDE) & (half > 0) & (sd > half))


def spreads_of(
    fit: Any, order: tuple[int, ...], level: float, methods: Collection[str] | None = None
) -> tuple[Spread, ...]:
    """Return the uncertainty of a fit, its components reordered, by those methods asked for that it has.

    Unasked, these are the ones that were stored with it, or that cost little.
    """
    asked = quick(fit) if methods is None else [name for name in available(fit) if name in methods]
    return tuple(_spread(fit, method, order, level) for method in asked)


def _spread(fit: Fit, method: str, order: tuple[int, ...], level: float) -> Spread:
    uncertainty = fit.uncertainty(method, level=level, rng=np.random.default_rng(0))
    interval = uncertainty.interval(level)
    lower = permute_components({name: bounds[0] for name, bounds in interval.items()}, order)
    upper = permute_components({name: bounds[1] for name, bounds in interval.items()}, order)
    draws = None if uncertainty.draws is None else permute_components(uncertainty.draws, order, leading=1)
    sd = permute_components(uncertainty.sd, order)
    diagnostics = _permuted_fractions(uncertainty.diagnostics, order)
    mean = getattr(uncertainty, "mean", None)
    elapsed = float(getattr(uncertainty, "elapsed", "nan"))
    corrected = None if mean is None else permute_components(mean, order)
    return Spread(uncertainty.method, level, sd, lower, upper, draws, diagnostics, corrected, elapsed)


def _permuted_fractions(diagnostics: Mapping[str, Any], order: tuple[int, ...]) -> Mapping[str, Any]:
    """Return diagnostics with the missing information of each number in the common order too."""
    fractions = diagnostics.get("missing_information")
    if fractions is None:
        return diagnostics
    return {**diagnostics, "missing_information": permute_components(fractions, order)}
