"""The guarded Newton step of a weighted multinomial logit: what a model does whose gate has no conjugate update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array, zero_sum_basis

__all__ = ["LogitPosterior", "LogitTarget", "at_infinity", "guarded", "newton_direction", "stepped"]

# Of the mean curvature: it keeps the step finite where the features leave a direction open, and moves no optimum.
_RIDGE = 1e-10
_MOST_HALVINGS = 40
_ROUNDING = 1e-13

# Log odds that a step may move for each row: more would let the rounding of the sums outweigh what it gains.
_LONGEST, _LEAST = 100.0, 1e-100

# The information (of one unit of log odds, squared) below which no row is undecided, and the share of a coefficient in
# a direction above which it runs where that does.
_UNDECIDED, _SHARE = 1e-4, 1e-3


@dataclass(frozen=True, eq=False)
class LogitTarget:
    """The expected log density of classes given features, and the log prior, as a function of the coefficients.

    Parameters
    ----------
    statistics : LogitStatistics
        Expected statistics.
    prior : NormalLogits
        Prior, perhaps flat.
    """

    statistics: LogitStatistics
    prior: NormalLogits

    @property
    def contrasts(self) -> Array:
        """Orthonormal contrasts (K, K − 1) of the classes, in which coefficients are free."""
        return zero_sum_basis(len(self.statistics.sums))

    def change(self, logits: Array, step: Array) -> float:
        """Return what the function gains by a step (K, p) from coefficients (K, p).

        As slope times step less what the function bends down: two values may be equal in all their digits, and their
        difference be lost.
        """
        own = float((self.slope(logits) * step).sum() - 0.5 * ((step @ self.prior.precision) * step).sum())
        return own - self.statistics.bend(logits, step)

    def slope(self, logits: Array) -> Array:
        """Return the derivative (K, p) by the coefficients."""
        pull = (logits - self.prior.mean) @ self.prior.precision
        return np.asarray(self.statistics.sums - self.statistics.expected(logits) - pull)

    def curvature(self, logits: Array) -> Array:
        """Return minus the second derivative by the coefficients of the contrasts, with the ridge."""
        own = self.statistics.curvature(logits, self.contrasts)
        own += np.kron(np.eye(self.contrasts.shape[1]), self.prior.precision)
        return np.asarray(own + max(_RIDGE * float(np.trace(own)) / len(own), np.finfo(float).tiny) * np.eye(len(own)))


def newton_direction(target: LogitTarget, logits: Array) -> Array:
    """Return the full step (K, p) of iteratively reweighted least squares from coefficients (K, p)."""
    slope = target.contrasts.T @ target.slope(logits)
    step = np.linalg.solve(target.curvature(logits), slope.ravel())
    return np.asarray(target.contrasts @ step.reshape(slope.shape))


def guarded(target: LogitTarget, logits: Array, direction: Array) -> Array:
    """Return where the first of the step, its half, its quarter, … leads that does not lower the target.

    Parameters
    ----------
    target : LogitTarget
        What no step may lower, but for rounding.
    logits : ndarray, shape (K, p)
        Where the step starts.
    direction : ndarray, shape (K, p)
        The full step.
    """
    statistics, size = target.statistics, float(np.abs(direction).max())
    if not 0.0 < size < np.inf:
        return logits
    unit, rows = direction / size, 1.0 + statistics.total_weight
    length = min(size, _LONGEST * rows / max(float(np.abs(statistics.sums * unit).sum()), _LEAST))
    for halvings in range(_MOST_HALVINGS):
        step = 0.5**halvings * length * unit
        if target.change(logits, step) >= -_ROUNDING * rows:
            return np.asarray(logits + step)
    return logits


def at_infinity(target: LogitTarget, logits: Array) -> Array:
    """Return which coefficients (K, p) run to infinity: those of directions that move no row's probabilities any more.

    The features then separate the classes, or a class has no row.
    """
    values, vectors = np.linalg.eigh(target.curvature(logits))
    shaped = vectors[:, values < _UNDECIDED].T.reshape(-1, len(logits) - 1, logits.shape[1])
    return np.asarray(np.abs(target.contrasts @ shaped).max(axis=0, initial=0.0) > _SHARE)


def stepped(target: LogitTarget, logits: Array) -> Array:
    """Return where the guarded Newton step from coefficients (K, p) leads."""
    return guarded(target, logits, newton_direction(target, logits))


@dataclass(frozen=True, eq=False, repr=False)
class LogitPosterior(NormalLogits):
    """Normal prior times a multinomial logit: no normal distribution, and what is known of it is a step uphill.

    ``parameter_mode`` is one guarded Newton step from ``start``; its fixed point is the mode, and there its derivative
    by the statistics is the mode's.

    Parameters
    ----------
    statistics : LogitStatistics
        Expected statistics.
    start : ndarray, shape (K, p)
        Coefficients that entered the sweep.
    kind : type
        The class of the prior.
    """

    statistics: Any = None
    start: Any = None
    kind: type[NormalLogits] = NormalLogits

    @classmethod
    def of(cls, prior: NormalLogits, statistics: LogitStatistics, start: Array) -> LogitPosterior:
        """Return what a prior, expected statistics and a start make."""
        return cls.trusted(
            mean=prior.mean, precision=prior.precision, statistics=statistics, start=start, kind=type(prior)
        )

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return coefficients at which the posterior density is no lower than at the start."""
        if len(self.start) == 1:
            return {"logits": self.start}
        target = LogitTarget(self.statistics, NormalLogits.trusted(mean=self.mean, precision=self.precision))
        return {"logits": stepped(target, self.start)}

    def at(self, parameters: Parameters) -> PointMass:
        """Return the point mass at coefficients, which the prior's own class scores."""
        return PointMass.trusted(parameters=parameters, conjugate=self.kind)
