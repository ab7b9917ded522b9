"""Fits of the same data held against each other: pure functions of fits and data, no figures."""

from __future__ import annotations

from pointmass.comparison.data import as_dataset
from pointmass.comparison.evidence import EVIDENCE_COLUMNS, evidence_table, evidences_of
from pointmass.comparison.fit import Failure, Fit
from pointmass.comparison.labels import Element, element_label, element_name, elements, elements_of
from pointmass.comparison.matched import MatchedFit, MatchedFits, match_fits
from pointmass.comparison.metrics import METRICS, MetricRow
from pointmass.comparison.reference import Reference
from pointmass.comparison.results import TIDY_COLUMNS, evaluate_metrics, tidy_results
from pointmass.comparison.spread import Spread
from pointmass.comparison.table import COLUMNS, NO_UNCERTAINTY, Estimate, estimates, estimates_table
from pointmass.comparison.verdict import write_verdict
from pointmass.comparison.verdict_on_study import verdict_on_study

__all__ = [
    "COLUMNS",
    "EVIDENCE_COLUMNS",
    "METRICS",
    "NO_UNCERTAINTY",
    "TIDY_COLUMNS",
    "Element",
    "Estimate",
    "Failure",
    "Fit",
    "MatchedFit",
    "MatchedFits",
    "MetricRow",
    "Reference",
    "Spread",
    "as_dataset",
    "element_label",
    "element_name",
    "elements",
    "elements_of",
    "estimates",
    "estimates_table",
    "evaluate_metrics",
    "evidence_table",
    "evidences_of",
    "match_fits",
    "tidy_results",
    "verdict_on_study",
    "write_verdict",
]
