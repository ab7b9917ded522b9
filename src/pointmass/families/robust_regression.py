"""A regression whose default priors and coordinates few targets far out do not set."""

from __future__ import annotations

from dataclasses import dataclass

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

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what a regression's user should know of the features; targets far out are what is meant."""
        return super().data_warnings(_with_targets_drawn_in(rows, weights), weights)


def _with_targets_drawn_in(rows: Array, weights: Array | None) -> Array:
    return np.column_stack([rows[:, :-1], drawn_in(rows[:, -1:], weights)])
