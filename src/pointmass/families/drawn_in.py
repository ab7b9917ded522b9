"""Rows whose far values are drawn in, so that a few of them do not set priors, scales and starts."""

from __future__ import annotations

import numpy as np

from pointmass.numerics import Array

__all__ = ["drawn_in"]

# The distance between the quartiles of a normal distribution, in standard deviations.
_QUARTILES = 1.3489795003921634
_REACH = 3.0


def drawn_in(rows: Array, weights: Array | None) -> Array:
    """Return rows (n, d), every column drawn in to three robust standard deviations about its median."""
    shares = None if weights is None else np.broadcast_to((weights / weights.max())[:, None], rows.shape)
    low, middle, high = np.quantile(rows, (0.25, 0.5, 0.75), axis=0, weights=shares, method="inverted_cdf")
    reach = np.where(high > low, _REACH * (high - low) / _QUARTILES, np.inf)
    return np.clip(rows, middle - reach, middle + reach)
