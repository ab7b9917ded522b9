"""A distribution of a positive number by the density of its logarithm on a fine grid: every integral of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.interpolate import PchipInterpolator

from pointmass.numerics import Array

__all__ = ["LogGrid"]

# Densities below e⁻⁵⁰ of the largest add nothing to sixteen digits.
_NEGLIGIBLE = 50.0
_POINTS = 801

# Logarithms of positive numbers that a float holds, and steps away from a peak.
_FARTHEST = 690.0
_STEPS = np.geomspace(1e-6, 2.0 * _FARTHEST, 80)

# How far a peak is looked for about a first guess, at how many points, and how closely.
_REACH, _COARSE, _FINE, _CLOSE = 30.0, 241, 41, 1e-6


@dataclass(frozen=True, eq=False)
class LogGrid:
    """Equally spaced points of log x and the probability of each.

    The trapezoidal rule on a smooth density that vanishes at both ends errs by less than any power of the step
    (Trefethen and Weideman 2014, *SIAM Review* 56).

    Parameters
    ----------
    logs : ndarray, shape (P,)
        log x, ascending.
    probabilities : ndarray, shape (P,)
        They sum to one.
    log_total : float
        Log of the integral of the density given.
    """

    logs: Array
    probabilities: Array
    log_total: float

    @classmethod
    def of(cls, log_density: Callable[[Array], Array], near: float, points: int = _POINTS) -> Self:
        """Return the grid of a density of log x with one peak.

        Parameters
        ----------
        log_density : callable
            Log density of log x, vectorised, but for its constant.
        near : float
            Some log x in the neighbourhood of the peak.
        points : int
            How many points.
        """
        peak = _peak(log_density, near)
        top = float(log_density(np.asarray(peak)))
        low, high = (_end(log_density, peak, top, sign) for sign in (-1.0, 1.0))
        logs = np.linspace(low, high, points)
        values = log_density(logs)
        total = np.logaddexp.reduce(values)
        return cls(logs, np.exp(values - total), float(total + np.log(logs[1] - logs[0])))

    def mean(self, function: Callable[[Array], Array]) -> float:
        """Return E[function(x)]."""
        return float(self.probabilities @ function(np.exp(self.logs)))

    @cached_property
    def _cumulative(self) -> Array:
        """P(log x ≤ each point): half of the point's own probability lies below it."""
        return np.asarray(np.cumsum(self.probabilities) - 0.5 * self.probabilities)

    def draws(self, size: int, rng: np.random.Generator) -> Array:
        """Return draws of x, shape (size,)."""
        return np.exp(np.interp(rng.random(size), self._cumulative, self.logs))

    def quantile(self, probability: Array | float) -> Array:
        """Return quantiles of x."""
        kept = np.flatnonzero(np.diff(self._cumulative, prepend=-1.0) > 0)
        inverse = PchipInterpolator(self._cumulative[kept], self.logs[kept])
        inside = np.clip(probability, self._cumulative[kept[0]], self._cumulative[kept[-1]])
        return np.asarray(np.exp(inverse(inside)))


def _peak(log_density: Callable[[Array], Array], near: float) -> float:
    """Return the peak to within a millionth: a coarse look, then closer ones about the best point."""
    best, reach, points = near, _REACH, _COARSE
    while reach > _CLOSE:
        looked = np.clip(np.linspace(best - reach, best + reach, points), -_FARTHEST, _FARTHEST)
        best, reach, points = float(looked[np.argmax(log_density(looked))]), 2.0 * reach / (points - 1), _FINE
    return best


def _end(log_density: Callable[[Array], Array], peak: float, top: float, sign: float) -> float:
    """Return where the density has become negligible on one side of its peak."""
    places = np.clip(peak + sign * _STEPS, -_FARTHEST, _FARTHEST)
    beyond = np.flatnonzero(top - log_density(places) > _NEGLIGIBLE)
    return float(places[beyond[0] if beyond.size else -1])
