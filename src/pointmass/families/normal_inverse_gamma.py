"""The normal-inverse-gamma distribution: the conjugate prior of means and a variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln, stdtrit

from pointmass.errors import PointmassError
from pointmass.families.checks import at_least, component_copies, covariance_matrix, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.inverse_wishart_marginals import SMALLEST_DRAW
from pointmass.families.moments import Moments
from pointmass.numerics import Array, gamma_divergence, leading, log_gamma_ratio, ratio_excess, summed

__all__ = ["NormalInverseGamma"]

_NAME = "NormalInverseGamma"


@dataclass(frozen=True, eq=False, repr=False)
class NormalInverseGamma(ConjugatePrior):
    r"""Normal-inverse-gamma prior of means and a variance.

    .. math:: \sigma^2 \sim \mathrm{IG}(a, b), \qquad \mu \mid \sigma^2 \sim N(m, \sigma^2 / \kappa)

    with density and mode in (mean, precision). Two layouts occur: one variance for each column (diagonal
    covariance: d independent priors, all hyperparameters of shape (K, d)) and one variance for all p columns
    (spherical: ``mean`` of shape (K, p), the others (K,)). In one dimension both are the four-hyperparameter
    form, which equals `NormalInverseWishart` with dof = 2 · shape and scale = 2 · scale.

    Parameters
    ----------
    mean : array_like, shape (d,)
        m, in the units of the data.
    kappa : float or array_like, shape (d,) or (p, p)
        κ, the number of rows that the prior mean is worth; 0 is flat (for points only). For the p coefficients of a
        `LinearRegression` it may be a precision matrix, in units of 1/σ².
    shape : float or array_like, shape (d,)
        a, positive (1 − p/2, possibly 0 or negative, in the flat prior for points).
    scale : float or array_like, shape (d,)
        b, in squared units of the data; 0 is flat (for points only).

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    References
    ----------
    Murphy (2012), *Machine Learning: a Probabilistic Perspective*, section 4.6.3.7.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> posterior = VB(Gaussian(prior=prior)).fit([1.0, 2.0, 3.0]).belief_["emission"]
    >>> posterior.shape, posterior.scale.round(6)
    (array([[3.5]]), array([[4.5]]))
    """

    mean: Any
    kappa: Any
    shape: Any
    scale: Any

    constraints: ClassVar[dict[str, str]] = {
        "mean": "real",
        "kappa": "positive",
        "shape": "positive",
        "scale": "positive",
    }
    parameter_constraints: ClassVar[dict[str, str]] = {"mean": "real", "variance": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "mean", np.atleast_1d(numbers(_NAME, "mean", self.mean)))
        matrix = np.ndim(self.kappa) == 2
        kappa = (
            covariance_matrix(_NAME, "kappa", self.kappa)
            if matrix
            else at_least(_NAME, "kappa", self.kappa, 0.0, strict=False)
        )
        object.__setattr__(self, "kappa", kappa)
        scale = at_least(_NAME, "scale", self.scale, 0.0, strict=False)
        object.__setattr__(self, "scale", scale)
        lowest = 0.0 if scale.any() else -np.inf
        object.__setattr__(self, "shape", at_least(_NAME, "shape", self.shape, lowest))

    def broadcast(self, n_components: int, n_columns: int, *, common: bool = False) -> NormalInverseGamma:
        """Return the prior with a component axis; ``common`` shares one variance among the columns."""
        each = (n_components,) if common else (n_components, n_columns)
        for name in ("kappa", "shape", "scale") if common else ():
            if np.size(getattr(self, name)) > 1:
                raise PointmassError(
                    f"{_NAME}: {name} must be one number for a spherical covariance, which has one variance, got shape "
                    f"{np.shape(getattr(self, name))}",
                    path=(name,),
                )
        copies = {
            name: component_copies(_NAME, name, getattr(self, name), each) for name in ("kappa", "shape", "scale")
        }
        mean = component_copies(_NAME, "mean", self.mean, (n_components, n_columns))
        return NormalInverseGamma.trusted(mean=mean, **copies)

    @property
    def columns_per_variance(self) -> int:
        """Number of means p that one variance serves."""
        return int(self.mean.size // self.shape.size)

    def _each(self, array: Array) -> Array:
        """Return ``array`` (one entry a variance) ready to broadcast against the means."""
        return array if array.ndim == self.mean.ndim else array[..., None]

    def _summed(self, array: Array) -> Array:
        """Return ``array`` (one entry a mean) summed over the columns that share a variance."""
        return array if self.shape.ndim == self.mean.ndim else np.asarray(array.sum(-1))

    @property
    def is_proper(self) -> bool:
        """Whether κ, a and b are all positive."""
        return bool((self.kappa > 0).all() and (self.shape > 0).all() and (self.scale > 0).all())

    def update(self, moments: Moments) -> NormalInverseGamma:
        """Return the posterior given expected statistics (Murphy 2012, section 4.6.3.7)."""
        count, n_rows = (a[:, None] if self.shape.ndim == 2 else a for a in (moments.count, moments.n_rows))
        kappa = self.kappa + count
        share = np.divide(count, kappa, out=np.zeros_like(kappa), where=kappa > 0)
        # Not m + share · difference: under a flat prior m is any number, far from the rows perhaps.
        rest = np.divide(self.kappa, kappa, out=np.ones_like(kappa), where=kappa > 0)
        difference = moments.row_means() - self.mean
        scatter = moments.central_scatter() + self.kappa * share * self._summed(difference**2)
        return NormalInverseGamma.trusted(
            mean=self._each(share) * moments.row_means() + self._each(rest) * self.mean,
            kappa=kappa,
            shape=self.shape + 0.5 * self.columns_per_variance * n_rows,
            scale=self.scale + 0.5 * np.maximum(scatter, 0.0),
        )

    def expected_natural_parameters(self) -> Parameters:
        """Return E[τ], E[log|Λ|] and E[(μ − m)ᵀ Λ (μ − m)], for τ = 1/σ²."""
        p = self.columns_per_variance
        log_precision = p * (digamma(self.shape) - np.log(self.scale))
        spread = p / self.kappa
        return {
            "centre": self.mean,
            "precision": self.shape / self.scale,
            "log_determinant": log_precision.reshape(len(self.mean), -1).sum(-1),
            "spread": spread.reshape(len(self.mean), -1).sum(-1),
        }

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return τ, log|Λ| and no spread for known means and variances."""
        mean, variance = parameters["mean"], parameters["variance"]
        p = mean.size // variance.size
        return {
            "centre": mean,
            "precision": 1.0 / variance,
            "log_determinant": -p * np.log(variance).reshape(*mean.shape[:-1], -1).sum(-1),
            "spread": np.zeros(mean.shape[:-1]),
        }

    @property
    def log_partition(self) -> Array:
        """Log normaliser of the gamma density of τ, shaped as ``shape``."""
        return np.asarray(gammaln(self.shape) - self.shape * np.log(self.scale))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of (mean, precision); without constants where the prior is improper."""
        p = self.columns_per_variance
        precision = 1.0 / parameters["variance"]
        distance = self._summed((parameters["mean"] - self.mean) ** 2)
        gamma = (self.shape - 1.0) * np.log(precision) - self.scale * precision
        normal = 0.5 * (p * np.log(precision) - self.kappa * precision * distance)
        if self.is_proper:
            gamma = gamma - self.log_partition
            normal = normal + 0.5 * p * np.log(self.kappa / (2.0 * np.pi))
        return summed(gamma + normal, self.shape.ndim)

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return Σ log ``|dτ / dσ²|`` = −2 Σ log σ²."""
        mean, variance = parameters["mean"], parameters["variance"]
        each = np.log(variance).reshape(*mean.shape[:-1], -1).sum(-1)
        return -2.0 * summed(each, 1)

    def divergence(self, prior: NormalInverseGamma) -> float:
        """Return KL(self || prior), normal part and gamma part, summed over components and variances."""
        p = self.columns_per_variance
        precision = self.shape / self.scale
        distance = self._summed((self.mean - prior.mean) ** 2)
        normal = 0.5 * (p * ratio_excess(prior.kappa / self.kappa) + prior.kappa * precision * distance)
        means = precision / (prior.shape / prior.scale)
        gamma = gamma_divergence(self.shape, prior.shape) + prior.shape * ratio_excess(means)
        return float(normal.sum() + gamma.sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in (mean, precision), variances of at least ``floor``; NaN where there is none."""
        freedom = self.shape + 0.5 * self.columns_per_variance - 1.0
        variance = np.maximum(self.scale / np.where(freedom > 0, freedom, 1.0), floor)
        mean = np.where(self._each(self.kappa) > 0, self.mean, np.nan)
        return {"mean": mean, "variance": np.where(freedom > 0, variance, np.nan)}

    def parameter_mean(self) -> Parameters:
        """Return the mean; the variance's is infinite for a ≤ 1."""
        exists = self.shape > 1.0
        variance = np.where(exists, self.scale / np.where(exists, self.shape - 1.0, 1.0), np.inf)
        return {"mean": self.mean, "variance": variance}

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations; the variance's is infinite for a ≤ 2."""
        variance = self.parameter_mean()["variance"]
        exists = self.shape > 2.0
        spread = np.where(exists, variance / np.sqrt(np.where(exists, self.shape - 2.0, 1.0)), np.inf)
        return {"mean": np.sqrt(self._each(variance / self.kappa)) + 0.0 * self.mean, "variance": spread}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return quantiles of the Student-t marginals of the means and the inverse gamma of the variances."""
        width = self._each(np.sqrt(self.scale / (self.shape * self.kappa)))
        score = stdtrit(self._each(2.0 * self.shape), leading(probability, self.mean.ndim))
        variance = self.scale / gammaincinv(self.shape, 1.0 - leading(probability, self.shape.ndim))
        return {"mean": self.mean + width * score, "variance": variance}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the means and variances."""
        variance = self.scale / np.maximum(rng.standard_gamma(self.shape, (size, *self.shape.shape)), SMALLEST_DRAW)
        noise = rng.standard_normal((size, *self.mean.shape))
        width = np.sqrt(variance / self.kappa)
        return {
            "mean": self.mean + (width if width.ndim == noise.ndim else width[..., None]) * noise,
            "variance": variance,
        }

    def log_predictive(self, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the log density (K, n) of new rows (d, n): Student-t, a product of them for d variances.

        ``scales`` (K,) multiply the rows' precisions.
        """
        p = self.columns_per_variance
        each = np.reshape(scales, (-1,) + (1,) * (self.kappa.ndim - 1))
        widening = self.scale * (1.0 / each + 1.0 / self.kappa)
        squares = (rows[None] - self.mean[..., None]) ** 2
        if self.shape.ndim == 1:
            squares = squares.sum(1, keepdims=True)
        shape, width = (array.reshape(len(self.mean), -1, 1) for array in (self.shape, widening))
        # Integrating τ^(p/2) exp(−τ s / (2 w)) over Gamma(a, b), with w = (κ + 1)/κ.
        constant = log_gamma_ratio(shape, 0.5 * p) - 0.5 * p * np.log(2.0 * np.pi * width)
        return np.asarray((constant - (shape + 0.5 * p) * np.log1p(squares / (2.0 * width))).sum(1))

    def marginal(self, columns: Array) -> NormalInverseGamma:
        """Return the distribution of the means and variances of some columns."""
        own = {name: getattr(self, name) for name in ("kappa", "shape", "scale")}
        kept = {name: array if array.ndim == 1 else array[:, columns] for name, array in own.items()}
        return type(self).trusted(mean=self.mean[:, columns], **kept)

    def mapped(self, coordinates: Coordinates) -> NormalInverseGamma:
        """Return the same distribution in the data's own units."""
        scale = coordinates.apply_variances(self.scale)
        return type(self).trusted(mean=coordinates.apply(self.mean), kappa=self.kappa, shape=self.shape, scale=scale)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return means and variances in the data's own units."""
        variance = coordinates.apply_variances(parameters["variance"])
        return {"mean": coordinates.apply(parameters["mean"]), "variance": variance}
