"""Whether a method's own diagnostics accept what it says."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["accepted"]

_NAN = float("nan")
_NAMES = ("accepted", "reliable")


def accepted(matched: MatchedFits) -> list[MetricRow]:
    """Return 1 or 0 for every method that judges itself: corrections by their checks, samplers by their gate."""
    rows = []
    for fit in matched.fits:
        for spread in fit.spreads:
            verdicts = [spread.diagnostics[name] for name in _NAMES if name in spread.diagnostics]
            rows += [MetricRow(fit.name, "accepted", float(verdict), _NAN, spread.method) for verdict in verdicts[:1]]
    return rows
