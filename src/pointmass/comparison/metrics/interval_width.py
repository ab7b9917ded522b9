"""How wide intervals are."""

from __future__ import annotations

import math

from pointmass.comparison.labels import elements
from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.ordered import ordered_intervals

__all__ = ["interval_width"]


def interval_width(matched: MatchedFits) -> list[MetricRow]:
    """Return upper minus lower bound of the intervals whose coverage is measured, in the parameter's own units."""
    rows, wanted = [], elements(matched)
    for one in ordered_intervals(matched):
        for element in wanted:
            name, at = element.parameter, element.position
            if name in one.lower and all(i < n for i, n in zip(at, one.lower[name].shape, strict=True)):
                width = float(one.upper[name][at] - one.lower[name][at])
                if not math.isnan(width):
                    about = (one.spread.method, name, element.component, element.index_text)
                    rows.append(MetricRow(one.fit.name, "interval_width", width, math.nan, *about))
    return rows
