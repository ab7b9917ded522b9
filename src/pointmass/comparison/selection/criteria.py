"""Criteria of the number of components, each from the fits of one number: larger is better, in nats."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from scipy.special import xlogy

from pointmass.comparison.selection.ladder import Rung
from pointmass.comparison.words import counted
from pointmass.inference.initialisation import responsibilities_of
from pointmass.inference.relabelling import permutation_count
from pointmass.numerics import Array

__all__ = ["CRITERIA", "Criterion", "Value"]


@dataclass(frozen=True)
class Value:
    """A criterion's value for one number of components.

    Parameters
    ----------
    value : float
        Nats; NaN where there is none.
    error : float
        Standard error: Monte Carlo of an evidence, of the sum over rows for cross-validation; 0 where there is none.
    note : str
        Why it is missing or should not be believed.
    rows : ndarray or None
        What each row adds, where the value is a sum over rows: differences of two sums are paired.
    weights : ndarray or None
        Weights of the rows; None is one each.
    """

    value: float
    error: float = 0.0
    note: str = ""
    rows: Array | None = None
    weights: Array | None = None

    def error_to(self, other: Value) -> float:
        """Return the standard error of the difference to another value."""
        if self is other:
            return 0.0
        if self.rows is not None and other.rows is not None:
            return _error_of_sum(self.rows - other.rows, self.weights)
        return float(np.hypot(self.error, other.error))


@dataclass(frozen=True)
class Criterion:
    """One criterion.

    Parameters
    ----------
    title : str
        What it is called.
    measure : callable
        From a rung to its value.
    """

    title: str
    measure: Callable[[Rung], Value]


def bic(rung: Rung) -> Value:
    """Return log L − p/2 log n (Schwarz 1978)."""
    return Value(rung.em.log_likelihood_ - _penalty(rung.em), note=_status(rung.em))


def icl(rung: Rung) -> Value:
    """Return BIC less the entropy of the responsibilities (Biernacki, Celeux and Govaert 2000)."""
    if rung.em.model_.is_sequential:
        return Value(float("nan"), note="the entropy of a sequence is not the sum of its rows'")
    shares, weights = _responsibilities(rung.em)
    entropy = -float((xlogy(shares, shares) * weights).sum())
    return Value(rung.em.log_likelihood_ - _penalty(rung.em) - entropy, note=_status(rung.em))


def elbo(rung: Rung) -> Value:
    """Return ELBO + log K! (Bishop 2006, section 10.2.4), which a bound becomes when the labellings lie apart.

    Only labellings count that leave prior and known labels as they are.
    """
    fit = rung.vb
    count = permutation_count(fit.model_.interchangeable(fit.prior_, fit.log_joint().rows.labels))
    return Value(fit.elbo_ + log(count), note=_status(fit))


def evidence(rung: Rung) -> Value:
    """Return the log evidence, by importance weights on the corrected variational posterior; exact without latents."""
    if rung.vb.is_exact:
        return Value(rung.vb.elbo_)
    found = rung.corrected.diagnostics
    if "log_evidence" not in found:
        return Value(float("nan"), note="; ".join(found.get("reasons", ())))
    note = "" if found.get("accepted") else "; ".join(found.get("reasons", ()))
    return Value(float(found["log_evidence"]), float(found["log_evidence_error"]), note)


def loo(rung: Rung) -> Value:
    """Return the expected log predictive density, leave-one-out by Pareto-smoothed weights (Vehtari et al. 2017).

    A row of weight w counts as w rows, of which one is left out.
    """
    import arviz_stats
    import xarray as xr

    if rung.vb.model_.is_sequential:
        return Value(float("nan"), note="rows of a sequence cannot be left out one by one")
    draws, note = _draws(rung)
    rows = rung.vb.log_joint().rows
    pointwise = rung.vb.model_.log_likelihood(draws, rows, pointwise=True)
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"draw_number": (("chain", "draw"), np.arange(len(pointwise))[None])}),
            "log_likelihood": xr.Dataset({"rows": (("chain", "draw", "row"), pointwise[None])}),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its Pareto shapes are reported in the note
        module: Any = arviz_stats
        found = module.loo(tree, pointwise=True, reff=1.0)
    bad = int((np.asarray(found.pareto_k) > found.good_k).sum())
    told = [note, f"Pareto k̂ above {found.good_k:.2f} for {counted(bad, 'row')}" if bad else ""]
    each = np.asarray(found.elpd_i)
    total = float(each.sum() if rows.weights is None else each @ rows.weights)
    return Value(total, _error_of_sum(each, rows.weights), "; ".join(filter(None, told)), each, rows.weights)


def _error_of_sum(each: Array, weights: Array | None) -> float:
    """Return the standard error of a sum over rows, each of which counts as often as its weight says."""
    size = float(len(each) if weights is None else weights.sum())
    return float(np.sqrt(size * np.average((each - np.average(each, weights=weights)) ** 2, weights=weights)))


def _draws(rung: Rung) -> tuple[dict[str, Array], str]:
    """Return draws of the best posterior that the variational fit has, and what speaks against them."""
    if not rung.vb.is_exact and rung.corrected.diagnostics.get("accepted") and rung.corrected.draws is not None:
        return rung.corrected.draws, ""
    plain = rung.vb.uncertainty("mean_field", rng=rung.seed)
    assert plain.draws is not None
    return plain.draws, "" if rung.vb.is_exact else "draws of the mean field, whose correction is not accepted"


def _penalty(fit: Any) -> float:
    joint = fit.log_joint()
    return 0.5 * float(joint.size) * float(np.log(joint.rows.total_weight))


def _responsibilities(fit: Any) -> tuple[Array, Array]:
    """Return responsibilities (K, n), and the weights of the rows (n,)."""
    sweep, beliefs = fit.sweep_at_fit()
    shares: Array = responsibilities_of(sweep.model, beliefs, sweep.rows)[0]
    return shares, np.ones(len(sweep.rows)) if sweep.rows.weights is None else sweep.rows.weights


def _status(fit: Any) -> str:
    return "" if fit.converged_ else f"status {fit.status_}"


CRITERIA: dict[str, Criterion] = {
    "bic": Criterion("BIC", bic),
    "icl": Criterion("ICL", icl),
    "elbo": Criterion("ELBO + log K!", elbo),
    "log_evidence": Criterion("log evidence", evidence),
    "loo": Criterion("leave-one-out", loo),
}
"""Every criterion by name."""
