"""Importance sampling of a posterior in unconstrained coordinates, folded over labels and Pareto smoothed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.inference.folding import Folding
from pointmass.inference.proposals import ProposalMixture
from pointmass.numerics import Array

__all__ = ["Weighted", "sample_weighted"]

_LEAST_FINITE = 25  # a fifth of them are the five largest weights, the fewest that have a k̂


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weighted draws of a posterior on one labelling.

    Parameters
    ----------
    draws : dict of str to ndarray
        Public parameters with a leading axis of S draws.
    vectors : ndarray, shape (S, D)
        The same in unconstrained coordinates.
    weights : ndarray, shape (S,)
        Pareto-smoothed weights, which sum to one.
    origins : ndarray, shape (parts, S)
        The probability that each part of the proposal proposed the draw, under any permutation.
    khat : float
        Shape of the generalised Pareto distribution of the largest weights; infinite where fewer than five draws hold
        all the weight.
    log_evidence : float
        Estimate of log p(y), all labellings meant.
    log_evidence_error : float
        Its Monte Carlo standard error.
    """

    draws: Parameters
    vectors: Array
    weights: Array
    origins: Array
    khat: float
    log_evidence: float
    log_evidence_error: float

    @property
    def ess(self) -> float:
        """Effective number of draws, 1 / Σ w²."""
        return float(1.0 / (self.weights**2).sum())

    @property
    def largest_khat(self) -> float:
        """The k̂ up to which so many draws can be believed: min(0.7, 1 − 1 / log₁₀ S)."""
        return float(min(0.7, 1.0 - 1.0 / np.log10(len(self.weights))))

    def resampled(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of equal weight, chosen systematically (Kitagawa 1996)."""
        places = (rng.random() + np.arange(size)) / size
        chosen = np.minimum(np.searchsorted(np.cumsum(self.weights), places), len(self.weights) - 1)
        return {name: array[chosen] for name, array in self.draws.items()}

    def moments(self, weights: Array) -> tuple[Array, Array]:
        """Return the mean (D,) and covariance (D, D) of the vectors under weights (S,) that sum to one."""
        mean = weights @ self.vectors
        centred = self.vectors - mean
        return mean, (centred * weights[:, None]).T @ centred


def sample_weighted(proposal: ProposalMixture, folding: Folding, size: int, rng: np.random.Generator) -> Weighted:
    """Return fresh draws of the proposal with importance weights.

    Each draw is relabelled to the reference, and its weight is p(θ, y) / Σ_σ q(σθ) over the permutations σ: the mean
    weight times the number of permutations estimates p(y), whether the copies of the posterior overlap or not.

    Parameters
    ----------
    proposal : ProposalMixture
        Distribution of the unconstrained coordinates, about one labelling.
    folding : Folding
        The posterior's density and its permutations.
    size : int
        Number of draws.
    rng : numpy.random.Generator
        Source of the draws.

    Raises
    ------
    PointmassError
        If hardly any draw has a density.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), *JMLR* 25, for Pareto smoothing; Frühwirth-Schnatter (2004),
    *Econometrics Journal* 7, for balanced labels.
    """
    proposed = proposal.draw(size, rng)
    finite = np.isfinite(folding.log_joint(proposed))
    if finite.sum() < _LEAST_FINITE:
        raise PointmassError(
            "no proposal covers the posterior: parameters that order or sign alone tells apart are equal at this fit"
        )
    draws, vectors = folding.relabelled(proposed[finite])
    parts = proposal.log_parts(vectors)
    for copy in folding.copies(draws):
        parts = np.logaddexp(parts, proposal.log_parts(copy))
    density = np.logaddexp.reduce(parts)
    log_weights = folding.log_joint(vectors) - density
    smoothed, khat = _smoothed(log_weights)
    # Draws whose density could not be evaluated count as draws of weight zero.
    total = np.logaddexp.reduce(log_weights)
    mean = total - np.log(len(proposed))
    # The error of that mean is its own: smoothed weights have lighter tails, and would make it too small.
    error = np.sqrt(max((np.exp(log_weights - total) ** 2).sum() - 1.0 / len(proposed), 0.0))
    weights = np.exp(smoothed - np.logaddexp.reduce(smoothed))
    return Weighted(
        draws, vectors, weights, np.exp(parts - density), khat, float(mean) + folding.log_copies, float(error)
    )


def _smoothed(log_weights: Array) -> tuple[Array, float]:
    """Return Pareto-smoothed log weights and k̂; the library takes log ratios with the sign reversed.

    Largest weights that are all equal are bounded: they stay as they are, with k̂ = 0. Where a few draws hold all the
    weight no distribution can be fitted to the largest ones, and k̂ is infinite.
    """
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    try:
        with np.errstate(all="ignore"):
            smoothed, khat = array_stats.psislw(-log_weights)  # type: ignore[no-untyped-call]
    except ValueError:  # its word for equal ones
        return log_weights, 0.0
    return np.asarray(smoothed), float(khat) if np.isfinite(khat) else np.inf
