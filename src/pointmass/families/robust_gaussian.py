"""A Gaussian whose default priors and coordinates few rows far out do not set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.families.data_moments import DataMoments, data_moments
from pointmass.families.drawn_in import drawn_in
from pointmass.families.gaussian import Gaussian
from pointmass.numerics import Array

__all__ = ["RobustGaussian"]


@dataclass(frozen=True, eq=False, repr=False)
class RobustGaussian(Gaussian):
    """The normal rows inside a family with heavy tails; users write that family."""

    def moments_of(self, rows: Array, weights: Array | None) -> DataMoments:
        """Return the moments of rows (n, d) whose far values are drawn in."""
        return data_moments(drawn_in(rows, weights), weights)

    def log_predictive(self, posterior: Any, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the log predictive density (K, n) of rows (d, n), whose precisions ``scales`` (K,) multiply."""
        return np.asarray(posterior.log_predictive(rows, scales))
