"""Share of rows that a fit puts into the wrong group, where the groups are known."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from pointmass.comparison.data import true_labels
from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.numerics import Array

__all__ = ["misassigned", "share_misassigned"]


def misassigned(matched: MatchedFits) -> list[MetricRow]:
    """Return the share of rows with a known label that `predict` puts into another group, groups matched.

    Labels of −1 are unknown and do not count. Fits that cannot predict a component have no row.
    """
    labels = true_labels(matched.data)
    if matched.data is None or labels is None:
        return []
    able = [fit for fit in matched.fits if fit.assigns]
    data = matched.data
    predictions = [(fit.name, fit.predict(data.X, data.y, data.lengths)) for fit in able]
    return [MetricRow(name, "misassigned", share_misassigned(guess, labels)) for name, guess in predictions]


def share_misassigned(predicted: Array, labels: Array) -> float:
    """Return the share of rows outside their group under the best matching of groups (Hungarian method).

    Examples
    --------
    >>> share_misassigned(np.array([1, 1, 0, 0]), np.array([0, 0, 1, 0]))
    0.25
    """
    known = labels >= 0
    if not known.any():
        return float("nan")
    groups, truth = np.unique(labels[known], return_inverse=True)
    clusters, guess = np.unique(predicted[known], return_inverse=True)
    counts = np.zeros((len(groups), len(clusters)))
    np.add.at(counts, (truth, guess), 1.0)
    matched = linear_sum_assignment(counts, maximize=True)
    return float(1.0 - counts[matched].sum() / known.sum())
