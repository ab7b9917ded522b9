"""The normal distribution of a mean whose data's covariance is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtri

from pointmass.families.checks import at_least, component_copies, covariance_matrix, matrix_copies, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.moments import Moments
from pointmass.numerics import Array, cholesky_log_determinant, inverse_from_cholesky, leading, summed, symmetrise

__all__ = ["Normal"]


@dataclass(frozen=True, eq=False, repr=False)
class Normal(ConjugatePrior):
    r"""Normal prior of the mean of a Gaussian with known covariance.

    .. math:: \mu \sim N(m, \Sigma / \kappa), \qquad \Sigma \text{ known}

    the limit of `NormalInverseWishart` as its degrees of freedom grow with Ψ/ν → Σ.

    Parameters
    ----------
    mean : array_like, shape (d,)
        m, in the units of the data.
    kappa : float
        κ, the number of rows that the prior mean is worth; 0 is flat (for points only).
    covariance : array_like, shape (d, d)
        Σ, symmetric positive definite; a number is that times the identity.

    References
    ----------
    Murphy (2012), *Machine Learning: a Probabilistic Perspective*, section 4.6.1.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, PointMass
    >>> from pointmass.families import Normal
    >>> prior = Normal(mean=[0.0], kappa=1.0, covariance=[[1.0]])
    >>> posterior = VB(Gaussian(covariance=PointMass([[1.0]]), prior=prior)).fit([1.0, 2.0, 3.0]).belief_["emission"]
    >>> posterior.mean, posterior.kappa
    (array([[1.5]]), array([4.]))
    """

    mean: Any
    kappa: Any
    covariance: Any

    constraints: ClassVar[dict[str, str]] = {"mean": "real", "kappa": "positive", "covariance": "known"}
    parameter_constraints: ClassVar[dict[str, str]] = {"mean": "real", "covariance": "known"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "mean", np.atleast_1d(numbers("Normal", "mean", self.mean)))
        object.__setattr__(self, "kappa", at_least("Normal", "kappa", self.kappa, 0.0, strict=False))
        object.__setattr__(self, "covariance", covariance_matrix("Normal", "covariance", self.covariance))

    def broadcast(self, n_components: int, n_columns: int) -> Normal:
        """Return the prior with a component axis."""
        k, d = n_components, n_columns
        return Normal.trusted(
            mean=component_copies("Normal", "mean", self.mean, (k, d)),
            kappa=component_copies("Normal", "kappa", self.kappa, (k,)),
            covariance=matrix_copies("Normal", "covariance", self.covariance, (k, d, d)),
        )

    @property
    def is_proper(self) -> bool:
        """Whether κ > 0."""
        return bool((self.kappa > 0).all())

    def update(self, moments: Moments) -> Normal:
        """Return the posterior given expected statistics."""
        kappa = self.kappa + moments.count
        share = np.divide(moments.count, kappa, out=np.zeros_like(kappa), where=kappa > 0)
        rest = np.divide(self.kappa, kappa, out=np.ones_like(kappa), where=kappa > 0)
        mean = share[:, None] * moments.row_means() + rest[:, None] * self.mean
        return Normal.trusted(mean=mean, kappa=kappa, covariance=self.covariance)

    def expected_natural_parameters(self) -> Parameters:
        """Return Λ, log|Λ| and d/κ = E[(μ − m)ᵀ Λ (μ − m)]."""
        known = self.natural_parameters_at({"mean": self.mean, "covariance": self.covariance})
        return {**known, "spread": self.mean.shape[-1] / self.kappa}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return Λ, log|Λ| and no spread for a known mean."""
        factor = np.linalg.cholesky(parameters["covariance"])
        return {
            "centre": parameters["mean"],
            "precision": inverse_from_cholesky(factor),
            "log_determinant": -cholesky_log_determinant(factor),
            "spread": np.zeros(parameters["mean"].shape[:-1]),
        }

    def _distances(self, points: Array) -> Array:
        """Return (point − m)ᵀ Λ (point − m) for each component (K,)."""
        white = np.linalg.solve(np.linalg.cholesky(self.covariance), (points - self.mean)[..., None])
        return np.asarray((white[..., 0] ** 2).sum(-1))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the means; zero everywhere where the prior is flat."""
        if not self.is_proper:
            return np.zeros(parameters["mean"].shape[:-2])
        d = self.mean.shape[-1]
        log_determinant = cholesky_log_determinant(np.linalg.cholesky(self.covariance))
        terms = d * np.log(self.kappa / (2.0 * np.pi)) - log_determinant
        return 0.5 * summed(terms - self.kappa * self._distances(parameters["mean"]), 1)

    def divergence(self, prior: Normal) -> float:
        """Return KL(self || prior), summed over components (nats)."""
        ratio = prior.kappa / self.kappa
        shape = self.mean.shape[-1] * (ratio - 1.0 - np.log(ratio))
        return float(0.5 * (shape + prior.kappa * self._distances(prior.mean)).sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode; NaN where no row and no prior says where the mean is."""
        mean = np.where(self.kappa[:, None] > 0, self.mean, np.nan)
        return {"mean": mean, "covariance": self.covariance}

    def parameter_mean(self) -> Parameters:
        """Return the mean, and the known covariance."""
        return {"mean": self.mean, "covariance": self.covariance}

    def _mean_sd(self) -> Array:
        variances = np.diagonal(self.covariance, axis1=-2, axis2=-1)
        return np.asarray(np.sqrt(variances / self.kappa[:, None]))

    def parameter_sd(self) -> Parameters:
        """Return the standard deviation of the means; a known covariance has none."""
        return {"mean": self._mean_sd(), "covariance": np.zeros_like(self.covariance)}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return quantiles of the means."""
        mean = self.mean + self._mean_sd() * leading(ndtri(probability), self.mean.ndim)
        covariance = np.broadcast_to(self.covariance, (*np.shape(probability), *self.covariance.shape))
        return {"mean": mean, "covariance": covariance}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the means with the known covariance."""
        noise = rng.standard_normal((size, *self.mean.shape, 1))
        steps = (np.linalg.cholesky(self.covariance) @ noise)[..., 0] / np.sqrt(self.kappa)[:, None]
        covariance = np.repeat(self.covariance[None], size, axis=0)
        return {"mean": self.mean + steps, "covariance": covariance}

    def log_predictive(self, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the normal log density (K, n) of new rows (d, n), its covariance Σ (1 + 1/κ).

        ``scales`` (K,) multiply the rows' precisions.
        """
        d = self.mean.shape[-1]
        widening = np.sqrt(1.0 / scales + 1.0 / self.kappa)
        factor = np.linalg.cholesky(self.covariance) * widening[:, None, None]
        white = np.linalg.solve(factor, rows[None] - self.mean[..., None])
        constant = -0.5 * (d * np.log(2.0 * np.pi) + cholesky_log_determinant(factor))
        return np.asarray(constant[:, None] - 0.5 * (white**2).sum(1))

    def marginal(self, columns: Array) -> Normal:
        """Return the distribution of the means of some columns."""
        kept = np.arange(self.mean.shape[-1])[columns]
        covariance = self.covariance[:, kept[:, None], kept]
        return Normal.trusted(mean=self.mean[:, kept], kappa=self.kappa, covariance=covariance)

    def mapped(self, coordinates: Coordinates) -> Normal:
        """Return the same distribution in the data's own units."""
        mapped = self.mapped_parameters({"mean": self.mean, "covariance": self.covariance}, coordinates)
        return Normal.trusted(mean=mapped["mean"], kappa=self.kappa, covariance=mapped["covariance"])

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return a mean and covariance in the data's own units."""
        return {
            "mean": coordinates.apply(parameters["mean"]),
            "covariance": symmetrise(coordinates.apply_covariance(parameters["covariance"])),
        }
