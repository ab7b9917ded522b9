"""How much of the information the latent variables hide."""

from __future__ import annotations

import numpy as np

from pointmass.comparison.labels import elements_of
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.spread import Spread

__all__ = ["missing_information"]


def missing_information(matched: MatchedFits) -> list[MetricRow]:
    """Return the largest fraction of missing information of each method that knows it, and the fraction by number.

    The row without a parameter is the spectral radius of the sweep's Jacobian; the others are 1 minus the ratio of
    the complete-data variance to the whole one.
    """
    return [row for fit in matched.fits for spread in fit.spreads for row in _rows(fit, spread)]


def _rows(fit: MatchedFit, spread: Spread) -> list[MetricRow]:
    radius = spread.diagnostics.get("spectral_radius")
    fractions = spread.diagnostics.get("missing_information") or {}
    rows = [] if radius is None else [MetricRow(fit.name, "missing_information", float(radius), np.nan, spread.method)]
    for element in elements_of(fit):
        if element.parameter in fractions:
            fraction = float(np.asarray(fractions[element.parameter])[element.position])
            about = (spread.method, element.parameter, element.component, element.index_text)
            rows.append(MetricRow(fit.name, "missing_information", fraction, np.nan, *about))
    return [row for row in rows if np.isfinite(row.value)]
