"""Pareto k̂ of importance weights."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["khat"]

_NAN = float("nan")


def khat(matched: MatchedFits) -> list[MetricRow]:
    """Return k̂ of every method that weighs draws (Vehtari et al. 2024); above 0.7 it is not to be believed."""
    spreads = [(fit.name, spread) for fit in matched.fits for spread in fit.spreads]
    return [
        MetricRow(name, "khat", float(spread.diagnostics["khat"]), _NAN, spread.method)
        for name, spread in spreads
        if spread.diagnostics.get("khat") is not None
    ]
