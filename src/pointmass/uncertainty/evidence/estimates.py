"""Estimates of the log evidence from draws of the posterior, and the exact one where it is known."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.relabelling import Reference, permutation_count, relabel
from pointmass.numerics import Array
from pointmass.uncertainty.evidence.bridge import bridge_sampling
from pointmass.uncertainty.evidence.value import Evidence, Known
from pointmass.uncertainty.registry import unasked, uncertainty_of

__all__ = ["bridge", "enumeration", "importance"]

# Densities of one component for one row that a bridge may evaluate: some seconds.
_LARGEST_COST = 3e8
_LEAST_DRAWS = 250


def enumeration(fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    """Return the log evidence that `Enumeration` knows exactly; None for other draws."""
    if not hasattr(fit, "log_evidence_"):
        return None
    return Evidence("enumeration", float(fit.log_evidence_), 0.0, "estimate")


def importance(fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    """Return the mean importance weight, from the uncertainty method of that name.

    None where that was not among what is known, or would take longer than some seconds, or where the posterior has no
    latents and the ELBO is the log evidence itself.
    """
    found = (known or {}).get("importance")
    if known is None and "importance" in unasked(fit):
        found = uncertainty_of(fit, "importance", 0.95, rng)
    if found is None:
        return None
    facts = found.diagnostics
    value, error = facts.get("log_evidence", np.nan), facts.get("log_evidence_error", np.nan)
    warning = "; ".join(facts.get("reasons", ()))
    return Evidence("importance", float(value), float(error), "estimate", facts.get("labellings", "all"), warning)


def bridge(fit: Any, rng: np.random.Generator, known: Known) -> Evidence:
    """Return the bridge estimate from a sampler's draws.

    The draws are brought to one labelling, and the density outside that region is zero; what is inside is the share
    1/K! of the evidence (K! counting the permutations that leave the prior as it is), which is undone at the end.
    """
    log_joint = fit.log_joint()
    groups = fit.model_.interchangeable(fit.prior_, log_joint.rows.labels)
    kept = _thinned(fit, log_joint)
    draws, region = _region(fit, kept, log_joint, groups)
    chains = next(iter(kept.values())).shape[:2]
    vectors = log_joint.unconstrain(draws).reshape(*chains, log_joint.size)
    found = bridge_sampling(vectors, region, rng)
    reasons = "" if fit.diagnostics_["reliable"] else "; ".join(fit.diagnostics_["reasons"])
    value = found.log_constant + log(permutation_count(groups))
    return Evidence("bridge", value, found.mc_error, "estimate", warning=reasons)


def _thinned(fit: Any, log_joint: LogJoint) -> Parameters:
    """Return evenly spaced draws, so many that the densities cost some seconds at most."""
    chains, size = next(iter(fit.draws_.values())).shape[:2]
    affordable = _LARGEST_COST / (chains * fit.model_.n_components * len(log_joint.rows))
    wanted = max(min(size, int(affordable)), min(size, _LEAST_DRAWS))
    chosen = np.linspace(0, size - 1, wanted).astype(np.intp)
    return {name: array[:, chosen] for name, array in fit.draws_.items()}


def _region(fit: Any, draws: Parameters, log_joint: LogJoint, groups: Array) -> tuple[Parameters, Any]:
    """Return the draws on one labelling, and the log joint density that is −∞ outside it."""
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in draws.items()}
    if permutation_count(groups) == 1:
        return flat, log_joint
    dims = fit.model_.dims
    reference = Reference.of(flat, dims, parameter_kinds(dims, fit.prior_), groups)

    def inside(vectors: Array) -> Array:
        order = relabel(log_joint.constrain(vectors), reference).order
        kept = (order == np.arange(len(groups))).all(axis=1)
        values = np.full(len(vectors), -np.inf)
        values[kept] = log_joint(vectors[kept]) if kept.any() else 0.0
        return values

    return relabel(flat, reference).draws, inside
