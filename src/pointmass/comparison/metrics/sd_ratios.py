"""Standard deviations as ratios to the reference's, with their Monte Carlo error."""

from __future__ import annotations

import numpy as np

from pointmass.comparison.labels import elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.spread import Spread
from pointmass.comparison.table import sd_ratio

__all__ = ["sd_ratios"]


def sd_ratios(matched: MatchedFits) -> list[MetricRow]:
    """Return sd / reference sd for every number and kind of uncertainty, the reference itself left out.

    The Monte Carlo error is the ratio times √(Σ 1 / (2 ESS)) over the sides that come from draws: the
    relative error of a standard deviation from ESS independent normal draws.
    """
    if matched.reference_spread is None:
        return []
    others = [fit for fit in matched.fits if fit.name != matched.reference.name]
    return [row for fit in others for spread in fit.spreads for row in _rows(matched, fit, spread)]


def _rows(matched: MatchedFits, fit: MatchedFit, spread: Spread) -> list[MetricRow]:
    relative_error = np.sqrt(_inverse_ess(matched.anchor) + _inverse_ess(fit))
    rows = []
    for element in elements(matched):
        if element.parameter in fit.estimate and fit.n_components == matched.anchor.n_components:
            ratio = sd_ratio(matched, spread, element)
            about = (spread.method, element.parameter, element.component, element.index_text)
            rows.append(MetricRow(fit.name, "sd_ratio", ratio, ratio * relative_error, *about))
    return rows


def _inverse_ess(fit: MatchedFit) -> float:
    """Return 1 / (2 ESS) of a fit's worst parameter; 0 for what does not come from draws."""
    diagnostics = getattr(fit.fit, "diagnostics_", None) or {}
    ess = diagnostics.get("min_ess_bulk")
    return 0.0 if not ess else 0.5 / float(ess)
