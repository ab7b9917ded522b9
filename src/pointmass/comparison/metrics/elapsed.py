"""Time that a fit and its uncertainty took."""

from __future__ import annotations

import math

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["elapsed"]


def elapsed(matched: MatchedFits) -> list[MetricRow]:
    """Return the seconds of each fit, compilation and all restarts included, and those with each uncertainty.

    The row without an uncertainty is the fit alone, from the call of ``fit`` to its end.
    """
    alone = [MetricRow(fit.name, "elapsed", float(fit.fit.elapsed_)) for fit in matched.fits]
    pairs = [(fit, spread) for fit in matched.fits for spread in fit.spreads if math.isfinite(spread.elapsed)]
    both = [(fit.name, spread.method, float(fit.fit.elapsed_) + spread.elapsed) for fit, spread in pairs]
    return alone + [MetricRow(name, "elapsed", seconds, math.nan, method) for name, method, seconds in both]
