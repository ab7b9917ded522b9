"""What is measured of each fit: one file a metric, one line in the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.elapsed import elapsed
from pointmass.comparison.metrics.elbo import elbo
from pointmass.comparison.metrics.error_to_truth import error_to_truth
from pointmass.comparison.metrics.log_evidence import log_evidence
from pointmass.comparison.metrics.log_likelihood import log_likelihood
from pointmass.comparison.metrics.misassigned import misassigned
from pointmass.comparison.metrics.n_iter import n_iter
from pointmass.comparison.metrics.row import MetricRow
from pointmass.comparison.metrics.sd_ratios import sd_ratios

__all__ = ["METRICS", "MetricRow"]

METRICS: dict[str, Callable[[MatchedFits], Iterable[MetricRow]]] = {
    "log_likelihood": log_likelihood,
    "elbo": elbo,
    "log_evidence": log_evidence,
    "elapsed": elapsed,
    "n_iter": n_iter,
    "error_to_truth": error_to_truth,
    "sd_ratio": sd_ratios,
    "misassigned": misassigned,
}
"""Every metric by name: a function of the matched fits that returns rows."""
