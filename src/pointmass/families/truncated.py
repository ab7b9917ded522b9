"""Distributions of one variable between limits: their mass, nodes for expectations, and draws."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import log_ndtr, ndtri_exp

from pointmass.numerics import Array

__all__ = ["Truncated", "TruncatedExponential", "TruncatedNormal", "in_lower_tail"]

# Gauss-Legendre nodes on that part of an interval where the density is more than e⁻⁴⁰ of its largest value there: they
# give moments of a normal or exponential variable to rounding, without the cancellation that closed forms have in
# narrow or far intervals.
_NODES, _WEIGHTS = leggauss(64)
_NEGLIGIBLE = 40.0


class Truncated(ABC):
    """K densities exp(η · t(z)) of one variable, each between limits."""

    @abstractmethod
    def log_mass(self, lower: Array, upper: Array) -> Array:
        """Return log ∫ exp(η · t) (K, n) between limits (n,), which may be infinite."""

    @abstractmethod
    def draws(self, lower: Array, upper: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return one draw (n,) between limits (n,) from the components ``labels`` (n,)."""

    @abstractmethod
    def nodes(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        """Return points (n, Q) and weights that sum to one: expectations of smooth functions between the limits."""


class _Between(Truncated):
    """Densities that are smooth between limits."""

    @abstractmethod
    def _reach(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        """Return the part of each interval (n,) where the density is not negligible."""

    @abstractmethod
    def _relative(self, points: Array, component: int) -> Array:
        """Return the log density at points, but for a constant."""

    def nodes(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        """Return points (n, Q) and weights that sum to one: expectations of smooth functions between the limits."""
        first, last = self._reach(lower, upper, component)
        half = 0.5 * (last - first)
        points = first[:, None] + half[:, None] * (1.0 + _NODES)
        logs = self._relative(points, component)
        weights = _WEIGHTS * np.exp(logs - logs.max(1, keepdims=True, initial=-np.inf))
        return points, weights / weights.sum(1, keepdims=True)


@dataclass(frozen=True, eq=False)
class TruncatedExponential(_Between):
    """exp(E[log λ] − E[λ] z), for limits of at least 0.

    Parameters
    ----------
    log_rate, rate : ndarray, shape (K,)
        E[log λ] and E[λ].
    """

    log_rate: Array
    rate: Array

    def log_mass(self, lower: Array, upper: Array) -> Array:
        """Return E[log λ] − log E[λ] − E[λ] l + log(1 − exp(−E[λ] (u − l)))."""
        rate = self.rate[:, None]
        with np.errstate(divide="ignore"):
            return np.asarray(
                self.log_rate[:, None] - np.log(rate) - rate * lower + np.log(-np.expm1(-rate * (upper - lower)))
            )

    def draws(self, lower: Array, upper: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return l − log(1 − u (1 − exp(−λ w))) / λ, by the inverse distribution function."""
        rate = self.rate[labels]
        inside = -np.expm1(-rate * (upper - lower))
        return np.asarray(np.clip(lower - np.log1p(-rng.random(len(lower)) * inside) / rate, lower, upper))

    def _reach(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        return lower, np.minimum(upper, lower + _NEGLIGIBLE / self.rate[component])

    def _relative(self, points: Array, component: int) -> Array:
        return np.asarray(-self.rate[component] * (points - points[:, :1]))


@dataclass(frozen=True, eq=False)
class TruncatedNormal(_Between):
    """exp(constant − ½ log 2π − ½ P (z − c)²).

    Parameters
    ----------
    centre, precision : ndarray, shape (K,)
        c and P.
    constant : ndarray, shape (K,)
        Half the expected log precision, less half the spread of the centre in precisions.
    """

    centre: Array
    precision: Array
    constant: Array

    def _standard(self, limits: Array) -> Array:
        return np.asarray((limits - self.centre[:, None]) * np.sqrt(self.precision)[:, None])

    def log_mass(self, lower: Array, upper: Array) -> Array:
        """Return constant − ½ log P + log(Φ(b) − Φ(a)), taken in the nearer tail."""
        inside = _log_difference(*in_lower_tail(self._standard(lower), self._standard(upper))[:2])
        return np.asarray((self.constant - 0.5 * np.log(self.precision))[:, None] + inside)

    def draws(self, lower: Array, upper: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return draws by the inverse distribution function, in logarithms."""
        root, centre = np.sqrt(self.precision[labels]), self.centre[labels]
        a, b, flipped = in_lower_tail((lower - centre) * root, (upper - centre) * root)
        inside = np.log(rng.random(len(lower))) + _log_difference(a, b)
        step = ndtri_exp(np.logaddexp(log_ndtr(a), inside))
        return np.asarray(np.clip(centre + np.where(flipped, -step, step) / root, lower, upper))

    def _reach(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        centre, root = self.centre[component], np.sqrt(self.precision[component])
        nearest = np.clip(centre, lower, upper) - centre
        reach = np.sqrt((nearest * root) ** 2 + 2.0 * _NEGLIGIBLE) / root
        return np.maximum(lower, centre - reach), np.minimum(upper, centre + reach)

    def _relative(self, points: Array, component: int) -> Array:
        step, first = points - self.centre[component], points[:, :1] - self.centre[component]
        return np.asarray(-0.5 * self.precision[component] * (step - first) * (step + first))


def in_lower_tail(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Return limits of the same mass that lie below zero more than above, and which were turned over."""
    flipped = a > -b
    return np.where(flipped, -b, a), np.where(flipped, -a, b), flipped


def _log_difference(a: Array, b: Array) -> Array:
    """Return log(Φ(b) − Φ(a)); of an interval too narrow for the difference, its width times the density."""
    top, bottom = log_ndtr(b), log_ndtr(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = top + np.log(-np.expm1(bottom - top))
        middle = 0.5 * (a + b)
        narrow = np.log(b - a) - 0.5 * middle**2 - 0.5 * np.log(2.0 * np.pi)
        return np.asarray(np.where((b - a) * (1.0 + np.abs(middle)) < 1e-5, narrow, far))
