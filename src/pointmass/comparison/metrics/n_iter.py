"""Evaluations of the sweep that a fit needed."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["n_iter"]


def n_iter(matched: MatchedFits) -> list[MetricRow]:
    """Return the number of sweeps evaluated, rejected ones included (samplers: draws of one chain)."""
    return [MetricRow(fit.name, "n_iter", float(fit.fit.n_iter_)) for fit in matched.fits]
