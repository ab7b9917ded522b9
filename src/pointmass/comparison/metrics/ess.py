"""Effective draws."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["ess"]

_NAN = float("nan")
_NAMES = ("ess", "min_ess_bulk")


def ess(matched: MatchedFits) -> list[MetricRow]:
    """Return the effective number of draws: of the weights, or of a sampler's worst parameter (bulk)."""
    rows = []
    for fit in matched.fits:
        for spread in fit.spreads:
            known = [spread.diagnostics[name] for name in _NAMES if spread.diagnostics.get(name) is not None]
            rows += [MetricRow(fit.name, "ess", float(value), _NAN, spread.method) for value in known]
    return rows
