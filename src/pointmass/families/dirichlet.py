"""The Dirichlet distribution: the conjugate prior of weights that sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaincinv, digamma, gammaln, xlogy

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.numerics import Array, dirichlet_peak, gamma_divergence, leading, ratio_excess, summed

__all__ = ["Dirichlet"]

_TINY = 1e-300


@dataclass(frozen=True, eq=False, repr=False)
class Dirichlet(ConjugatePrior):
    r"""Dirichlet prior of mixture weights.

    .. math:: p(\pi) = \frac{\Gamma(\sum_k \alpha_k)}{\prod_k \Gamma(\alpha_k)} \prod_k \pi_k^{\alpha_k - 1}

    with respect to Lebesgue measure on the first K − 1 weights. The update adds the expected counts to α; the mode
    is taken in the weights themselves, so that α = 1 is flat and gives the maximum likelihood.

    Parameters
    ----------
    concentration : float or array_like, shape (K,)
        α, positive; a scalar means each.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equations 2.38 and 10.39.

    Examples
    --------
    >>> from pointmass import Dirichlet
    >>> Dirichlet([9.0, 3.0]).parameter_mean()["weights"]
    array([0.75, 0.25])
    """

    concentration: Any = 1.0

    parameter: ClassVar[str] = "weights"

    constraints: ClassVar[dict[str, str]] = {"concentration": "positive"}
    parameter_constraints: ClassVar[dict[str, str]] = {"weights": "simplex"}

    def __post_init__(self) -> None:
        """Refuse concentrations that are not positive."""
        object.__setattr__(self, "concentration", at_least("Dirichlet", "concentration", self.concentration, 0.0))

    def broadcast(self, n_components: int, n_columns: int = 1) -> Dirichlet:
        """Return the prior with K concentrations."""
        return Dirichlet.trusted(
            concentration=component_copies("Dirichlet", "concentration", self.concentration, (n_components,))
        )

    @property
    def is_proper(self) -> bool:
        """Every Dirichlet with positive concentrations integrates to one."""
        return True

    def update(self, counts: Array) -> Dirichlet:
        """Return the posterior given expected counts (K,)."""
        return Dirichlet.trusted(concentration=self.concentration + counts)

    def expected_natural_parameters(self) -> Parameters:
        """Return E[log π], Bishop (2006), equation 10.66."""
        alpha = self.concentration
        return {f"log_{self.parameter}": digamma(alpha) - digamma(alpha.sum(-1, keepdims=True))}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return log π; minus infinity where a weight is zero."""
        with np.errstate(divide="ignore"):
            return {f"log_{cls.parameter}": np.log(parameters[cls.parameter])}

    @property
    def log_partition(self) -> Array:
        """Σ log Γ(α_k) − log Γ(Σ α_k)."""
        alpha = self.concentration
        return np.asarray(gammaln(alpha).sum(-1) - gammaln(alpha.sum(-1)))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the weights; a concentration of one ignores a weight of zero.

        Below one the density is unbounded at a weight of zero; there it is taken at the smallest number instead.
        """
        if (self.concentration > 1.0).all():
            return self._log_density_below_mode(parameters[self.parameter])
        given = parameters[self.parameter]
        weights = np.where(self.concentration < 1.0, np.maximum(given, _TINY), given)
        terms = xlogy(self.concentration - 1.0, weights).sum(-1) - self.log_partition
        return summed(terms, self.concentration.ndim - 1)

    def _log_density_below_mode(self, weights: Array) -> Array:
        """Return the log density as that of the mode less a loss: neither cancels, however concentrated."""
        excess = self.concentration - 1.0
        loss = excess * ratio_excess(weights / self.parameter_mode()[self.parameter])
        return summed(dirichlet_peak(self.concentration) - loss.sum(-1), self.concentration.ndim - 1)

    def divergence(self, prior: Dirichlet) -> float:
        """Return KL(self || prior) in nats."""
        alpha, total = self.concentration, self.concentration.sum(-1, keepdims=True)
        prior_total = prior.concentration.sum(-1, keepdims=True)
        ratio = (alpha / total) / (prior.concentration / prior_total)
        each = gamma_divergence(alpha, prior.concentration) + prior.concentration * ratio_excess(ratio)
        return float(np.sum(each) - np.sum(gamma_divergence(total, prior_total)))

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode; weights with α < 1 are zero there (a mode on the boundary)."""
        mass = np.maximum(self.concentration - 1.0, 0.0)
        total = mass.sum(-1, keepdims=True)
        even = np.full_like(mass, 1.0 / mass.shape[-1])
        return {self.parameter: np.divide(mass, total, out=even, where=total > 0)}

    def parameter_mean(self) -> Parameters:
        """Return α / Σ α."""
        return {self.parameter: self.concentration / self.concentration.sum(-1, keepdims=True)}

    def parameter_sd(self) -> Parameters:
        """Return the standard deviation of each weight."""
        mean = self.parameter_mean()[self.parameter]
        return {self.parameter: np.sqrt(mean * (1.0 - mean) / (self.concentration.sum(-1, keepdims=True) + 1.0))}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile of each weight's Beta(α_k, Σ α − α_k) marginal."""
        rest = self.concentration.sum(-1, keepdims=True) - self.concentration
        wanted = leading(probability, self.concentration.ndim)
        beta = betaincinv(self.concentration, np.where(rest > 0, rest, 1.0), wanted)
        return {self.parameter: np.where(rest > 0, beta, 1.0)}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the weights, shape (size, K), safe for tiny concentrations."""
        alpha = self.concentration
        # Γ(α) = Γ(α + 1) U^(1/α) keeps logs finite where a gamma draw itself would be zero.
        logs = np.log(rng.standard_gamma(alpha + 1.0, (size, *alpha.shape)))
        logs += np.log(rng.random((size, *alpha.shape))) / alpha
        weights = np.exp(logs - logs.max(-1, keepdims=True))
        return {self.parameter: weights / weights.sum(-1, keepdims=True)}
