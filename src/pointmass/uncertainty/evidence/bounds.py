"""Lower bounds of the log evidence from a variational posterior: as it is, and folded over the labels."""

from __future__ import annotations

from functools import reduce
from math import log
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.inference.relabelling import LARGEST_ENUMERATION, permutation_count, permutations_within, permute
from pointmass.models import Beliefs, Model
from pointmass.numerics import Array
from pointmass.uncertainty.evidence.value import Evidence, Known

__all__ = ["elbo", "symmetrised_elbo"]

_LARGEST_DRAWS, _LEAST_DRAWS, _LARGEST_TOTAL = 2000, 250, 200_000


def elbo(fit: Any, rng: np.random.Generator, known: Known) -> Evidence:
    """Return the evidence lower bound itself, which holds for all labellings together."""
    return Evidence("elbo", float(fit.elbo_), 0.0, "bound")


def symmetrised_elbo(fit: Any, rng: np.random.Generator, known: Known) -> Evidence | None:
    r"""Return the bound of the mixture of the posterior's relabelled copies.

    .. math:: \mathrm{ELBO} + E_q\Big[\log q(\theta) - \log \frac{1}{K!} \sum_\sigma q(\sigma\theta)\Big]

    The expectation is a mean over up to 2,000 draws. The gain lies between 0, where all copies are the same, and
    log K!, where they do not overlap. None where nothing may be permuted, or more than 720 permutations are allowed.
    """
    groups = fit.model_.interchangeable(fit.prior_, fit.log_joint().rows.labels)
    if not 1 < permutation_count(groups) <= LARGEST_ENUMERATION:
        return None
    gains = _gains(fit.model_, fit.belief_, groups, rng)
    error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
    return Evidence("symmetrised_elbo", float(fit.elbo_ + gains.mean()), error, "bound")


def _gains(model: Model, beliefs: Beliefs, groups: Array, rng: np.random.Generator) -> Array:
    """Return log q(θ) − log mean q(σθ) (S,) of draws from q."""
    orders = permutations_within(groups)
    size = int(np.clip(_LARGEST_TOTAL // len(orders), _LEAST_DRAWS, _LARGEST_DRAWS))
    draws = model.public({name: belief.parameter_draws(size, rng) for name, belief in beliefs.items()})
    copies = (_log_density(model, beliefs, _relabelled(model, draws, order)) for order in orders)
    return np.asarray(_log_density(model, beliefs, draws) - reduce(np.logaddexp, copies) + log(len(orders)))


def _relabelled(model: Model, draws: Parameters, order: Array) -> Parameters:
    return {name: permute(array, model.dims[name], np.tile(order, (len(array), 1))) for name, array in draws.items()}


def _log_density(model: Model, beliefs: Beliefs, draws: Parameters) -> Array:
    """Return log q (S,) of public parameters, up to what no permutation changes."""
    native = model.native(draws)
    free = {name: belief for name, belief in beliefs.items() if not isinstance(belief, PointMass)}
    return np.asarray(sum(belief.log_density(native[name]) for name, belief in free.items()))
