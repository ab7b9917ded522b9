"""Chains in PyMC: Dirichlet rows, and the paths summed out by a product of matrices, pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.families.conjugate import Parameters
from pointmass.latents import MarkovChain
from pointmass.models import Beliefs, Rows

__all__ = ["markov_chain"]

_TRANSITIONS = "transition_matrix"

# The log of what cannot be: finite, so that no slope is a difference of infinities.
_IMPOSSIBLE = -1e30


def markov_chain(latent: MarkovChain, priors: Beliefs) -> Term:
    r"""Return the likelihood of sequences of rows.

    It is a product of matrices, :math:`M_t[i, j] = A_{ij} p(x_t \mid j)`, and of matrices with equal rows
    :math:`\pi_j p(x_t \mid j)` where a sequence starts. Neighbours are multiplied pair by pair, in logarithms: as
    many rounds as the number of rows has binary digits.

    References
    ----------
    Särkkä and García-Fernández (2021), *IEEE Transactions on Automatic Control* 66, for the order of the products.
    """
    parts = {name: _probabilities(name, priors[name], latent.dims[name], latent.n_components) for name in latent.blocks}
    transitions = parts[_TRANSITIONS]
    first = _stationary(transitions, latent.n_components) if latent.stationary else parts["initial"]

    def total(log_density: Any, rows: Rows) -> Any:
        return _log_likelihood(log_density, rows, _log(first), _log(transitions), latent.n_components)

    return Term(total, blocks={name: _ways(name, latent) for name in latent.blocks})


def _probabilities(name: str, prior: Any, dims: tuple[str, ...], k: int) -> Any:
    import pymc as pm

    def free() -> Any:
        return pm.Dirichlet(name, a=prior.concentration)

    return variable(prior, "weights", free) if k > 1 else np.ones((1,) * len(dims))


def _ways(name: str, latent: MarkovChain) -> Term:
    """Return the ways between a variable and its block; of a single state there is no variable."""
    if latent.n_components == 1:
        ones = (1,) * len(latent.dims[name])
        return Term(None, lambda values: {"weights": np.ones((*_leading(values), *ones))}, lambda point: {})
    return Term(None, lambda values: {"weights": values[name]}, lambda point: {name: point["weights"]})


def _leading(values: Parameters) -> tuple[int, ...]:
    return next(iter(values.values())).shape[:2]


def _log(probabilities: Any) -> Any:
    import pytensor.tensor as pt

    if isinstance(probabilities, np.ndarray):
        with np.errstate(divide="ignore"):
            return pt.as_tensor(np.maximum(np.log(probabilities), _IMPOSSIBLE))
    return pt.log(probabilities)


def _stationary(transitions: Any, k: int) -> Any:
    import pytensor.tensor.linalg

    pt: Any = pytensor.tensor
    return pt.linalg.solve((np.eye(k) - transitions + 1.0).T, np.ones(k))


def _log_likelihood(log_density: Any, rows: Rows, first: Any, transitions: Any, k: int) -> Any:
    """Return Σ weight · log p(sequence), sequences of one weight together."""
    import pytensor.tensor

    pt: Any = pytensor.tensor
    n = len(rows)
    lengths = np.array([n]) if rows.lengths is None else rows.lengths
    starts = np.cumsum(lengths) - lengths
    everywhere = _everywhere(log_density, rows, k)
    is_start = np.isin(np.arange(n), starts)[:, None, None]
    matrices = pt.switch(is_start, first[None, None, :], transitions[None]) + everywhere.T[:, None, :]
    weights = np.ones(len(lengths)) if rows.weights is None else rows.weights[starts]
    total = pt.zeros(())
    for weight in np.unique(weights):
        chosen = np.repeat(weights == weight, lengths)
        part = matrices if chosen.all() else matrices[np.flatnonzero(chosen)]
        total = total + weight * pt.logsumexp(_product(part, int(chosen.sum()))[0])
    return total


def _everywhere(log_density: Any, rows: Rows, k: int) -> Any:
    """Return log densities (K, n) of all rows: zero where one is missing, impossible where a label says so."""
    import pytensor.tensor as pt

    if rows.missing is not None:
        place = np.where(rows.missing, 0, np.cumsum(~rows.missing) - 1)
        log_density = pt.switch(rows.missing[None], 0.0, log_density[:, place])
    if rows.labels is None:
        return log_density
    own = (rows.labels < 0) | (rows.labels == np.arange(k)[:, None])
    return pt.switch(own, log_density, _IMPOSSIBLE)


def _product(matrices: Any, n: int) -> Any:
    """Return the log of the product of n matrices (n, K, K), given and returned as logarithms."""
    import pytensor.tensor

    pt: Any = pytensor.tensor
    while n > 1:
        pairs = n // 2
        left, right = matrices[0 : 2 * pairs : 2], matrices[1 : 2 * pairs : 2]
        merged = pt.logsumexp(left[:, :, :, None] + right[:, None, :, :], axis=2)
        matrices = merged if n == 2 * pairs else pt.concatenate([merged, matrices[2 * pairs :]], axis=0)
        n -= pairs
    return matrices[0]
