"""Time that a fit took."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["elapsed"]


def elapsed(matched: MatchedFits) -> list[MetricRow]:
    """Return the seconds from the call of ``fit`` to its end, compilation and all restarts included."""
    return [MetricRow(fit.name, "elapsed", float(fit.fit.elapsed_)) for fit in matched.fits]
