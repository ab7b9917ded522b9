"""A regression whose default priors and coordinates few targets far out do not set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.families.design_moments import DesignMoments
from pointmass.families.drawn_in import drawn_in
from pointmass.families.linear_regression import LinearRegression
from pointmass.numerics import Array

__all__ = ["RobustRegression"]


@dataclass(frozen=True, eq=False, repr=False)
class RobustRegression(LinearRegression):
    """The normal noise inside a regression with heavy tails; users write that regression."""

    def _moments(self, rows: Array, weights: Array | None) -> DesignMoments:
        return super()._moments(_with_targets_drawn_in(rows, weights), weights)

    def log_predictive(self, posterior: Any, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the log predictive density (K, n) of targets, whose noise's precisions ``scales`` (K,) multiply."""
        return np.asarray(posterior.log_predictive(self._design(rows[:-1].T).T, rows[-1], scales))

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what a regression's user should know of the features; targets far out are what is meant."""
        return super().data_warnings(_with_targets_drawn_in(rows, weights), weights)


def _with_targets_drawn_in(rows: Array, weights: Array | None) -> Array:
    return np.column_stack([rows[:, :-1], drawn_in(rows[:, -1:], weights)])
