"""What is measured of each fit: one file a metric, one line in the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.accepted import accepted
from pointmass.comparison.metrics.coverage import coverage
from pointmass.comparison.metrics.elapsed import elapsed
from pointmass.comparison.metrics.elbo import elbo
from pointmass.comparison.metrics.error_to_truth import error_to_truth
from pointmass.comparison.metrics.ess import ess
from pointmass.comparison.metrics.evidence_gap import evidence_gap
from pointmass.comparison.metrics.interval_width import interval_width
from pointmass.comparison.metrics.khat import khat
from pointmass.comparison.metrics.log_evidence import log_evidence
from pointmass.comparison.metrics.log_likelihood import log_likelihood
from pointmass.comparison.metrics.misassigned import misassigned
from pointmass.comparison.metrics.missing_information import missing_information
from pointmass.comparison.metrics.n_iter import n_iter
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.metrics.sd_ratios import sd_ratios

__all__ = ["METRICS", "MetricRow"]

METRICS: dict[str, Callable[[MatchedFits], Iterable[MetricRow]]] = {
    "log_likelihood": log_likelihood,
    "elbo": elbo,
    "log_evidence": log_evidence,
    "evidence_gap": evidence_gap,
    "elapsed": elapsed,
    "n_iter": n_iter,
    "error_to_truth": error_to_truth,
    "sd_ratio": sd_ratios,
    "coverage": coverage,
    "interval_width": interval_width,
    "missing_information": missing_information,
    "khat": khat,
    "ess": ess,
    "accepted": accepted,
    "misassigned": misassigned,
}
"""Every metric by name: a function of the matched fits that returns rows."""
