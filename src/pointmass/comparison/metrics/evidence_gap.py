"""What a bound leaves out of the log evidence."""

from __future__ import annotations

import math

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.uncertainty.evidence import Evidence

__all__ = ["evidence_gap"]


def evidence_gap(matched: MatchedFits) -> list[MetricRow]:
    """Return log evidence − ELBO (nats) of every fit that has a bound, by the estimate of least Monte Carlo error.

    The evidence means all labellings and the bound means one, so the gap of K interchangeable components that are
    well apart is log K! and more. Without an estimate that its own diagnostics accept there is no row.
    """
    estimates = [one for each in matched.evidences.values() for one in each if _counts(one)]
    if not estimates:
        return []
    best = min(estimates, key=lambda one: one.mc_error)
    bounds = [(fit.name, getattr(fit.fit, "elbo_", None)) for fit in matched.fits]
    return [
        MetricRow(name, "evidence_gap", best.value - float(bound), best.mc_error, best.method)
        for name, bound in bounds
        if bound is not None
    ]


def _counts(one: Evidence) -> bool:
    return one.kind == "estimate" and not one.warning and math.isfinite(one.value)
