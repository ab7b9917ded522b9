"""A Gaussian whose default priors and coordinates few rows far out do not set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.families.data_moments import DataMoments, data_moments
from pointmass.families.gaussian import Gaussian
from pointmass.numerics import Array

__all__ = ["RobustGaussian"]

# The distance between the quartiles of a normal distribution, in standard deviations.
_QUARTILES = 1.3489795003921634
_REACH = 3.0


@dataclass(frozen=True, eq=False, repr=False)
class RobustGaussian(Gaussian):
    """The normal rows inside a family with heavy tails; users write that family."""

    def moments_of(self, rows: Array, weights: Array | None) -> DataMoments:
        """Return the moments of rows (n, d) drawn in to three robust standard deviations about the medians."""
        levels = (0.25, 0.5, 0.75)
        shares = None if weights is None else np.broadcast_to((weights / weights.max())[:, None], rows.shape)
        low, middle, high = np.quantile(rows, levels, axis=0, weights=shares, method="inverted_cdf")
        reach = np.where(high > low, _REACH * (high - low) / _QUARTILES, np.inf)
        return data_moments(np.clip(rows, middle - reach, middle + reach), weights)
