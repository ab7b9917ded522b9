"""What the fits say of the log evidence, with their Monte Carlo errors."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["log_evidence"]


def log_evidence(matched: MatchedFits) -> list[MetricRow]:
    """Return one row for each statement (nats, all labellings), its method in the column ``uncertainty``."""
    return [
        MetricRow(name, "log_evidence", one.value, one.mc_error, one.method)
        for name, each in matched.evidences.items()
        for one in each
    ]
