"""Observed-data log-likelihood at the estimate."""

from __future__ import annotations

from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.metrics.row import MetricRow

__all__ = ["log_likelihood"]


def log_likelihood(matched: MatchedFits) -> list[MetricRow]:
    """Return log p(y | estimate) of every fit, latents summed out, in nats.

    It is the one objective that all methods have in common; what each maximised is its own affair, and a
    point's objective is never ranked beside an ELBO.
    """
    return [MetricRow(fit.name, "log_likelihood", float(fit.fit.log_likelihood_)) for fit in matched.fits]
