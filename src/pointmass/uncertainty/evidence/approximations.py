"""Numbers in use for the log evidence that are neither bounds nor estimates of it, shown as what they are."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from pointmass.inference.relabelling import permutation_count
from pointmass.uncertainty.evidence.value import Evidence, Known

__all__ = ["bic", "elbo_times_labellings"]


def elbo_times_labellings(fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    """Return ELBO + log K! (Bishop 2006, section 10.2.4); above the evidence where the copies overlap enough.

    None where nothing may be permuted.
    """
    count = permutation_count(fit.model_.interchangeable(fit.prior_, fit.log_joint().rows.labels))
    value = float(fit.elbo_) + log(count)
    return None if count == 1 else Evidence("elbo_times_labellings", value, 0.0, "approximation")


def bic(fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    """Return log p(y | maximum likelihood) − p/2 · log n (Schwarz 1978), known labels respected.

    p is the number of free coordinates, n the total weight of the rows. None for a point that is no maximum of the
    likelihood (MAP under a prior that is not flat).
    """
    log_joint = fit.log_joint()
    flat = fit.model_.flat_prior(log_joint.rows.values.shape[1])
    if any(fit.prior_[name] != belief for name, belief in flat.items()):
        return None
    point = {name: np.asarray(array)[None] for name, array in fit.estimate_.items()}
    value = float(fit.model_.log_likelihood(point, log_joint.rows)[0])
    rows = log_joint.rows.total_weight
    warning = "" if fit.converged_ else f"the likelihood has no maximum there: status {fit.status_}"
    penalty = 0.5 * log_joint.size * float(np.log(rows))
    return Evidence("bic", value - penalty, 0.0, "approximation", warning=warning)
