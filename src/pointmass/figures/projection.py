"""Which columns of the data to look at, and the ellipses of covariances on them."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from pointmass.comparison import MatchedFits
from pointmass.numerics import Array

__all__ = ["MASS", "ellipse", "shown_columns", "thinned"]

MASS = 0.95
"""Share of a normal component that its ellipse holds."""

_MOST_ROWS = 3000


def thinned(rows: Array, most: int = _MOST_ROWS) -> Array:
    """Return at most so many rows, evenly spread over the data."""
    return rows[:: max(1, -(-len(rows) // most))]


def shown_columns(matched: MatchedFits, most: int = 4) -> list[int]:
    """Return the columns on which the components lie farthest apart, in the data's order.

    A column's rank is the variance between the component means over the variance within; without components,
    or without means, the first columns are shown.
    """
    estimate = matched.anchor.estimate
    mean, covariance = estimate.get("mean"), estimate.get("covariance")
    if matched.data is None:
        return []
    n_columns = matched.data.X.shape[1]
    if n_columns <= most or mean is None or covariance is None or mean.ndim != 2:
        return list(range(min(n_columns, most)))
    within = np.diagonal(covariance, axis1=-2, axis2=-1).mean(axis=0)
    rank = np.argsort(-mean.var(axis=0) / within, kind="stable")
    return sorted(int(j) for j in rank[:most])


def ellipse(mean: Array, covariance: Array, mass: float = MASS, n_points: int = 120) -> Array:
    """Return the (n_points, 2) outline of the ellipse that holds so much of a normal distribution.

    Examples
    --------
    >>> outline = ellipse(np.zeros(2), np.eye(2))
    >>> bool(np.allclose(np.linalg.norm(outline, axis=1), 2.4477, atol=1e-4))
    True
    """
    values, vectors = np.linalg.eigh(covariance)
    angle = np.linspace(0, 2 * np.pi, n_points)
    circle = np.sqrt(chi2.ppf(mass, 2)) * np.stack([np.cos(angle), np.sin(angle)])
    return np.asarray(mean + ((vectors * np.sqrt(np.maximum(values, 0.0))) @ circle).T)
