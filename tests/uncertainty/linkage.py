"""Genetic linkage as a sweep: counts in cells ½ + θ/4, (1 − θ)/4, (1 − θ)/4, θ/4, the first cell split by a latent.

Rao (1973); Dempster, Laird and Rubin (1977), section 1. A toy model: what a Jacobian asks of a sweep, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import digamma

from pointmass.families.coordinates import Coordinates
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.missing_information import MissingInformation
from pointmass.models import Rows

COUNTS = np.array([125.0, 18.0, 20.0, 34.0])


@dataclass(frozen=True)
class Linkage:
    """The sweep and the frame in one: statistics are the counts of θ and of 1 − θ."""

    counts: np.ndarray
    bayes: bool
    size: int = 2

    @property
    def model(self) -> Any:
        return SimpleNamespace(frame=lambda beliefs, coordinates: self)

    @property
    def rows(self) -> Rows:
        return Rows(np.zeros((1, 1)), Coordinates.identity(1))

    def coefficients(self, belief: np.ndarray) -> np.ndarray:
        """E[log θ], E[log(1 − θ)] under Beta(belief), or at its mean ratio for a point."""
        return digamma(belief) - digamma(belief.sum()) if self.bayes else np.log(belief / belief.sum())

    def share(self, belief: np.ndarray) -> float:
        odds = 0.25 * np.exp(self.coefficients(belief)[0])
        return odds / (0.5 + odds)

    def infer(self, belief: np.ndarray) -> np.ndarray:
        return np.array([self.counts[0] * self.share(belief) + self.counts[3], self.counts[1] + self.counts[2]])

    def update(self, statistics: np.ndarray, belief: np.ndarray) -> np.ndarray:
        """The Beta posterior under a uniform prior; for a point its mode, counts themselves."""
        return statistics + 1.0 if self.bayes else statistics

    def totals(self, statistics: np.ndarray) -> np.ndarray:
        return statistics

    def shifted(self, statistics: np.ndarray, step: np.ndarray) -> np.ndarray:
        return statistics + step

    def steps(self, totals: np.ndarray) -> np.ndarray:
        return totals

    def numbers_per_row(self, directions: int) -> int:
        return 1

    def shared_derivative(self, statistics: Any, directions: np.ndarray) -> np.ndarray:
        """Nothing is shared by rows."""
        return np.zeros_like(directions)

    def derivative(self, block: Rows, directions: np.ndarray) -> np.ndarray:
        p = self.share(self.fixed_point)
        return directions * np.array([self.counts[0] * p * (1.0 - p), 0.0])

    @property
    def fixed_point(self) -> np.ndarray:
        belief = np.array([1.0, 1.0])
        for _ in range(100):
            belief = self.update(self.infer(belief), belief)
        return belief


def missing_information(counts: np.ndarray, bayes: bool) -> tuple[Jacobian, MissingInformation, np.ndarray]:
    """Return the Jacobian at the fixed point, the missing information, and the loadings of θ."""
    sweep: Any = Linkage(np.asarray(counts, dtype=float), bayes)
    jacobian = Jacobian(sweep, sweep.fixed_point)
    info = MissingInformation.of(jacobian)
    return jacobian, info, info.loadings(jacobian.response(lambda belief: np.array([belief[0] / belief.sum()])))
