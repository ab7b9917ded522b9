"""Where the restarts of a fit ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.comparison.matched import MatchedFit
from pointmass.estimators.atlas import PROPER, SAME
from pointmass.numerics import Array

__all__ = ["Optima", "optima_of"]


@dataclass(frozen=True)
class Optima:
    """The ends of a fit's restarts.

    Parameters
    ----------
    objective : array
        The objective at each finite end.
    status : tuple of str
        The status of each.
    best : float
        The best objective among the proper ends, or among all if none is proper.
    distinct : int
        Number of proper optima that differ by more than 0.01 nats.
    """

    objective: Array
    status: tuple[str, ...]
    best: float
    distinct: int

    @property
    def gaps(self) -> Array:
        """How far each end is from the best proper one, cut where an unbounded likelihood runs away."""
        gaps = self.objective - self.best
        return np.minimum(gaps, max(1.0, -float(gaps.min())))

    @property
    def share_at_best(self) -> float:
        """The share of starts that ended at the best proper optimum."""
        at_best = np.abs(self.objective - self.best) <= SAME
        return float(np.mean(np.logical_and(at_best, self.proper)))

    @property
    def proper(self) -> Array:
        """Which ends are proper maxima."""
        return np.array([status in PROPER for status in self.status])


def optima_of(fit: MatchedFit) -> Optima | None:
    """Return where a fit's restarts ended; None if it had fewer than two."""
    restarts: list[dict[str, Any]] = list(getattr(fit.fit, "restarts_", None) or [])
    ended = [(float(r["objective"]), str(r["status"])) for r in restarts if np.isfinite(r["objective"])]
    if len(ended) < 2:
        return None
    objective = np.array([value for value, _ in ended])
    status = tuple(state for _, state in ended)
    proper = np.array([state in PROPER for state in status])
    ranked = np.sort(objective[proper] if proper.any() else objective)
    return Optima(objective, status, float(ranked[-1]), 1 + int(np.sum(np.diff(ranked) > SAME)))
