"""The evidence lower bound of the fits that have one."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["elbo"]


def elbo(matched: MatchedFits) -> list[MetricRow]:
    """Return the ELBO in nats, every constant kept, of the fits that have one; others have no row."""
    bounds = [(fit.name, getattr(fit.fit, "elbo_", None)) for fit in matched.fits]
    return [MetricRow(name, "elbo", float(bound)) for name, bound in bounds if bound is not None]
