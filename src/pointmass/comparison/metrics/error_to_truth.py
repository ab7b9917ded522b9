"""Distance of the estimates from the truth, where it is known."""

from __future__ import annotations

from pointmass.comparison.labels import elements
from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.metrics.row import MetricRow
from pointmass.numerics import Array

__all__ = ["error_to_truth"]


def error_to_truth(matched: MatchedFits) -> list[MetricRow]:
    """Return estimate − truth for every number whose true value is known, components matched."""
    truth = matched.truth or {}
    return [row for fit in matched.fits for row in _errors(matched, fit, truth)]


def _errors(matched: MatchedFits, fit: MatchedFit, truth: dict[str, Array]) -> list[MetricRow]:
    rows = []
    for element in elements(matched):
        own, true = fit.estimate.get(element.parameter), truth.get(element.parameter)
        if own is not None and true is not None and own.shape == true.shape:
            error = float(own[element.position] - true[element.position])
            about = ("", element.parameter, element.component, element.index_text)
            rows.append(MetricRow(fit.name, "error_to_truth", error, float("nan"), *about))
    return rows
