"""Priors of a factor analysis that find out how many factors there are: each factor's loadings have a precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import gammaln

from pointmass.families.common_noise_coefficients import CommonNoiseCoefficients
from pointmass.families.conjugate import Parameters
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.families.family import Belief
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.inverse_wishart_marginals import SMALLEST_DRAW
from pointmass.numerics import Array

__all__ = ["RelevantCoefficients", "RelevantCommonNoiseCoefficients"]


@dataclass(frozen=True, eq=False, repr=False)
class RelevantCoefficients(FactorCoefficients):
    r"""Loadings of factor k of common precision α_k, which is integrated out (automatic relevance determination).

    .. math:: w_{jk} \mid \alpha_k, \sigma_j \sim N(0, \sigma_j^2 / \alpha_k), \qquad \alpha_k \sim \Gamma(a, b)

    so that w_k / σ is a multivariate Student-t of 2a degrees of freedom. Given the precisions the prior is conjugate,
    `given`: a sweep takes the precisions' expectation under its belief, or a draw, as it takes the factors'. As a
    prior's, ``factor`` holds the precision of the mean alone; beliefs about the coefficients are `FactorCoefficients`.

    Parameters
    ----------
    mean, factor, shape, scale : ndarray
        As those of `FactorCoefficients`; what ``factor`` says of loadings plays no part.
    relevance : ndarray, shape (q, 2)
        a and b of each α_k.

    References
    ----------
    MacKay (1995), *Network* 6; Bishop (1999), Variational principal components, *ICANN*.
    """

    relevance: Any

    constraints: ClassVar[dict[str, str]] = {**FactorCoefficients.constraints, "relevance": "positive"}
    conditional: ClassVar[type[FactorCoefficients]] = FactorCoefficients

    @property
    def is_proper(self) -> bool:
        """Whether all densities are: those of the precisions, the means and the noise."""
        return self._of_means.is_proper and bool((self.relevance > 0).all())

    @property
    def _of_means(self) -> FactorCoefficients:
        """The prior of means and noise."""
        mean, factor = self.mean[:, :1], self.factor[:, :1, :1]
        return self.conditional.trusted(mean=mean, factor=factor, shape=self.shape, scale=self.scale)

    def precisions(self, belief: Belief) -> GammaPrecision:
        """Return the posterior (q,) of the precisions α given a belief about the coefficients."""
        expected = belief.expected_natural_parameters()
        spread = np.diagonal(expected["spread"], axis1=-2, axis2=-1)
        squares = expected["precision"][..., None] * expected["coefficients"] ** 2 + spread
        prior = GammaPrecision.trusted(shape=self.relevance[:, 0], rate=self.relevance[:, 1])
        return prior.update(len(self.mean), squares[..., 1:].sum(0))

    def given(self, belief: Belief, rng: np.random.Generator | None) -> FactorCoefficients:
        """Return the prior given the precisions: their expectation under a belief, or with an ``rng`` a draw."""
        precisions = self.precisions(belief)
        found = precisions.parameter_mean() if rng is None else precisions.draw(rng).parameters
        return self._at(found["precision"])

    def _at(self, precisions: Array) -> FactorCoefficients:
        factor = np.zeros_like(self.factor)
        factor[:, 0, 0] = self.factor[:, 0, 0]
        each = np.arange(1, factor.shape[-1])
        factor[:, each, each] = np.sqrt(precisions)
        return self.conditional.trusted(mean=self.mean, factor=factor, shape=self.shape, scale=self.scale)

    def divergence_from(self, belief: FactorCoefficients) -> float:
        """Return KL(belief, precisions ‖ prior) with the precisions' distribution that makes it least."""
        own = self.precisions(belief)
        expected, prior = own.expected_natural_parameters(), self.relevance.T
        logs = np.log(expected["precision"]) - expected["log_precision"]
        of_precisions = own.divergence(GammaPrecision.trusted(shape=prior[0], rate=prior[1]))
        return belief.divergence(self.given(belief, None)) + 0.5 * len(self.mean) * float(logs.sum()) + of_precisions

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of (coefficients, 1/σ²), the precisions α integrated out."""
        line, variance = parameters["coefficients"], parameters["noise_variance"]
        own = self._of_means.log_density({"coefficients": line[..., :1], "noise_variance": variance})
        scales = np.broadcast_to(variance, line.shape[:-1])
        squares = (line[..., 1:] ** 2 / scales[..., None]).sum(-2)
        (a, b), half = self.relevance.T, 0.5 * line.shape[-2]
        logs = gammaln(a + half) - gammaln(a) + a * np.log(b) - (a + half) * np.log(b + 0.5 * squares)
        constant = -half * len(a) * np.log(2.0 * np.pi)
        return np.asarray(own + logs.sum(-1) - 0.5 * len(a) * np.log(scales).sum(-1) + constant)

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the coefficients and variances."""
        shape, rate = self.relevance.T
        precisions = np.maximum(rng.standard_gamma(shape, (size, len(shape))), SMALLEST_DRAW) / rate
        found = self._of_means.parameter_draws(size, rng)
        scales = np.sqrt(np.broadcast_to(found["noise_variance"], (size, len(self.mean))))
        noise = rng.standard_normal((size, *self.mean[:, 1:].shape))
        loadings = noise * scales[..., None] / np.sqrt(precisions)[:, None, :]
        return {**found, "coefficients": np.concatenate([found["coefficients"], loadings], axis=-1)}


@dataclass(frozen=True, eq=False, repr=False)
class RelevantCommonNoiseCoefficients(RelevantCoefficients, CommonNoiseCoefficients):
    """The same where the noise of all columns has one variance."""

    conditional: ClassVar[type[FactorCoefficients]] = CommonNoiseCoefficients
