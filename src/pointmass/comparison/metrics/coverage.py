"""Whether intervals hold the generating values."""

from __future__ import annotations

import math

from pointmass.comparison.labels import elements
from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.ordered import in_order, ordered_intervals

__all__ = ["coverage"]


def coverage(matched: MatchedFits) -> list[MetricRow]:
    """Return 1 or 0 for each number and method: does its equal-tailed interval hold the true value.

    Components are ordered by themselves in truth, estimate and draws (`pointmass.comparison.ordered`), never matched
    to the truth; ``component`` counts in that order. An interval without bounds has no row.
    """
    truth, rows = matched.truth or {}, []
    wanted = elements(matched)
    for one in ordered_intervals(matched):
        dims = one.fit.fit.model_.dims
        shared = {name: array[None] for name, array in truth.items() if name in dims}
        ordered = {name: array[0] for name, array in in_order(shared, dims).items()}
        for element in wanted:
            name, at = element.parameter, element.position
            if name in ordered and name in one.lower and one.lower[name].shape == ordered[name].shape:
                low, value, high = (float(array[name][at]) for array in (one.lower, ordered, one.upper))
                if not math.isnan(low + high):
                    about = (one.spread.method, name, element.component, element.index_text)
                    rows.append(MetricRow(one.fit.name, "coverage", float(low <= value <= high), math.nan, *about))
    return rows
