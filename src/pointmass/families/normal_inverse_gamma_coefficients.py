"""The normal-inverse-gamma distribution of a regression's coefficients and noise, precise far from the origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln, stdtrit

from pointmass.errors import PointmassError
from pointmass.families.checks import at_least, component_copies, matrix_copies, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.inverse_wishart_marginals import SMALLEST_DRAW
from pointmass.families.normal_equations import solved
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.regression_map import RegressionMap
from pointmass.families.regression_moments import RegressionMoments
from pointmass.numerics import Array, gamma_divergence, leading, log_gamma_ratio, ratio_excess, summed

__all__ = ["NormalInverseGammaCoefficients"]

_NAME = "NormalInverseGammaCoefficients"


@dataclass(frozen=True, eq=False, repr=False)
class NormalInverseGammaCoefficients(ConjugatePrior):
    r"""`NormalInverseGamma` of p coefficients and one variance, its precision held by its Cholesky factor.

    .. math:: \sigma^2 \sim \mathrm{IG}(a, b), \qquad \beta \mid \sigma^2 \sim N(m, \sigma^2 (L L^T)^{-1})

    with density and mode in (coefficients, 1/σ²). A precision of coefficients holds squares of the distance of the
    features from zero, which a factor does not: half as many digits are lost.

    Parameters
    ----------
    mean : array_like, shape (p,)
        m, the intercept first.
    factor : array_like, shape (p, p)
        L, lower triangular with a positive diagonal; 0 is flat (for points only).
    shape, scale : float
        a and b, in squared units of the target.

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.3 and exercises 3.12 and 3.13; Murphy (2012),
    section 7.6.3.

    Examples
    --------
    >>> from pointmass.families import NormalInverseGammaCoefficients
    >>> NormalInverseGammaCoefficients([0.0, 0.0], [[2.0, 0.0], [1.0, 1.0]], 2.0, 1.0).kappa
    array([[4., 2.],
           [2., 2.]])
    """

    mean: Any
    factor: Any
    shape: Any
    scale: Any

    constraints: ClassVar[dict[str, str]] = {
        "mean": "real",
        "factor": "triangular",
        "shape": "positive",
        "scale": "positive",
    }
    parameter_constraints: ClassVar[dict[str, str]] = {"coefficients": "real", "noise_variance": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "mean", np.atleast_1d(numbers(_NAME, "mean", self.mean)))
        factor = np.atleast_2d(numbers(_NAME, "factor", self.factor))
        if factor.shape != (self.mean.size, self.mean.size) or np.triu(factor, 1).any() or (np.diag(factor) < 0).any():
            raise PointmassError(
                f"{_NAME}: factor must be lower triangular with a positive diagonal, of {self.mean.size} rows",
                path=("factor",),
            )
        object.__setattr__(self, "factor", factor)
        object.__setattr__(self, "shape", at_least(_NAME, "shape", self.shape, 0.0))
        object.__setattr__(self, "scale", at_least(_NAME, "scale", self.scale, 0.0, strict=False))

    @classmethod
    def of(cls, prior: NormalInverseGamma, size: int) -> NormalInverseGammaCoefficients:
        """Return a prior that a user gives, for ``size`` coefficients, with its precision as a factor."""
        for name in ("shape", "scale"):
            if np.size(getattr(prior, name)) > 1:
                raise PointmassError(
                    f"NormalInverseGamma: {name} must be one number for a regression, which has one noise variance",
                    path=(name,),
                )
        precision = prior.kappa if prior.kappa.ndim == 2 else np.diag(np.broadcast_to(prior.kappa, size))
        if precision.shape != (size, size) or prior.mean.size not in (1, size):
            raise PointmassError(
                f"NormalInverseGamma: the regression has {size} coefficients (the intercept counts), but mean has "
                f"{prior.mean.size} and kappa the shape {prior.kappa.shape}",
                path=("mean",),
            )
        factor = np.linalg.cholesky(precision) if precision.any() else np.zeros((size, size))
        mean = np.broadcast_to(prior.mean, (size,))
        return cls.trusted(mean=mean, factor=factor, shape=prior.shape.reshape(()), scale=prior.scale.reshape(()))

    def broadcast(self, n_components: int, n_columns: int) -> NormalInverseGammaCoefficients:
        """Return the prior with a component axis, for ``n_columns`` coefficients."""
        k, p = n_components, n_columns
        return NormalInverseGammaCoefficients.trusted(
            mean=component_copies(_NAME, "mean", self.mean, (k, p)),
            factor=matrix_copies(_NAME, "factor", self.factor, (k, p, p)),
            shape=component_copies(_NAME, "shape", self.shape, (k,)),
            scale=component_copies(_NAME, "scale", self.scale, (k,)),
        )

    @property
    def kappa(self) -> Array:
        """The precision matrix L Lᵀ of the coefficients, in units of 1/σ²."""
        return np.asarray(self.factor @ np.swapaxes(self.factor, -1, -2))

    @property
    def _pivots(self) -> Array:
        return np.diagonal(self.factor, axis1=-2, axis2=-1)

    @property
    def is_proper(self) -> bool:
        """Whether the precision is positive definite and a and b are positive."""
        return bool((self._pivots > 0).all() and (self.shape > 0).all() and (self.scale > 0).all())

    def update(self, moments: RegressionMoments) -> Self:
        """Return the posterior given expected statistics (Murphy 2012, section 7.6.3).

        Without an intercept the statistics of the constant column are left out.
        """
        p = self.mean.shape[-1]
        gram = moments.gram[:, -p - 1 :, -p - 1 :]
        offset = self.mean - moments.centre[:, -p:]
        kappa = self.kappa
        pulled = np.einsum("kij,kj->ki", kappa, offset)
        precision = kappa + gram[:, :-1, :-1]
        right = pulled + gram[:, :-1, -1]
        factor, step = solved(precision, right)
        residue = gram[:, -1, -1] + (pulled * offset).sum(-1) - (right * step).sum(-1)
        return type(self).trusted(
            mean=moments.centre[:, -p:] + step,
            factor=factor,
            shape=self.shape + 0.5 * self._of_one_variance(moments.n_rows),
            scale=self.scale + 0.5 * np.maximum(self._of_one_variance(residue), 0.0),
        )

    @property
    def n_scaled(self) -> int:
        """How many coefficients are measured in units of one noise variance."""
        return int(self.mean.shape[-1])

    @staticmethod
    def _of_one_variance(array: Array) -> Array:
        """Return what all regressions (K,) with one noise variance tell of it: each has its own."""
        return array

    def _covariance(self) -> Array:
        """Return (L Lᵀ)⁻¹."""
        half = np.linalg.solve(self.factor, np.broadcast_to(np.eye(self.mean.shape[-1]), self.factor.shape))
        return np.asarray(np.swapaxes(half, -1, -2) @ half)

    def expected_natural_parameters(self) -> Parameters:
        """Return the mean, E[τ], E[log τ] and the covariance of β in units of σ², for τ = 1/σ²."""
        return {
            "coefficients": self.mean,
            "precision": self.shape / self.scale,
            "log_precision": digamma(self.shape) - np.log(self.scale),
            "spread": self._covariance(),
        }

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the coefficients, τ, log τ and no spread for known parameters."""
        coefficients, variance = parameters["coefficients"], parameters["noise_variance"]
        return {
            "coefficients": coefficients,
            "precision": 1.0 / variance,
            "log_precision": -np.log(variance),
            "spread": np.zeros((*coefficients.shape, coefficients.shape[-1])),
        }

    @property
    def log_partition(self) -> Array:
        """Log normaliser of the gamma density of τ, shaped as ``shape``."""
        return np.asarray(gammaln(self.shape) - self.shape * np.log(self.scale))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of (coefficients, τ); without constants where the prior is improper."""
        p = self.mean.shape[-1]
        precision = 1.0 / parameters["noise_variance"]
        step = (parameters["coefficients"] - self.mean)[..., None]
        distance = ((np.swapaxes(self.factor, -1, -2) @ step) ** 2).sum((-1, -2))
        gamma = (self.shape - 1.0 + 0.5 * self.n_scaled) * np.log(precision) - self.scale * precision
        normal = -0.5 * distance * precision
        if self.is_proper:
            gamma = gamma - self.log_partition
            normal = normal + np.log(self._pivots).sum(-1) - 0.5 * p * np.log(2.0 * np.pi)
        return summed(gamma, 1) + summed(normal, 1)

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return Σ log |dτ / dσ²| = −2 Σ log σ²."""
        return -2.0 * summed(np.log(parameters["noise_variance"]), 1)

    def divergence(self, prior: NormalInverseGammaCoefficients) -> float:
        """Return KL(self || prior), normal part and gamma part, summed over components."""
        precision = self.shape / self.scale
        ratio = np.linalg.solve(self.factor, prior.factor)  # lower triangular
        pivots = np.diagonal(ratio, axis1=-2, axis2=-1)
        step = np.swapaxes(prior.factor, -1, -2) @ (self.mean - prior.mean)[..., None]
        normal = 0.5 * (
            (np.tril(ratio, -1) ** 2).sum((-1, -2))
            + ratio_excess(pivots**2).sum(-1)
            + precision * (step**2).sum((-1, -2))
        )
        means = precision / (prior.shape / prior.scale)
        gamma = gamma_divergence(self.shape, prior.shape) + prior.shape * ratio_excess(means)
        return float(normal.sum() + gamma.sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in (coefficients, τ), variances of at least ``floor``; NaN where there is none."""
        freedom = self.shape + 0.5 * self.n_scaled - 1.0
        exists = freedom > 0
        variance = np.maximum(self.scale / np.where(exists, freedom, 1.0), floor)
        seen = (self._pivots > 0).any(-1)
        return {
            "coefficients": np.where(seen[..., None], self.mean, np.nan),
            "noise_variance": np.where(exists, variance, np.nan),
        }

    def parameter_mean(self) -> Parameters:
        """Return the mean; the variance's is infinite for a ≤ 1."""
        exists = self.shape > 1.0
        variance = np.where(exists, self.scale / np.where(exists, self.shape - 1.0, 1.0), np.inf)
        return {"coefficients": self.mean, "noise_variance": variance}

    def _scales(self) -> Array:
        """Return the standard deviations of the coefficients in units of σ."""
        return np.asarray(np.sqrt(np.diagonal(self._covariance(), axis1=-2, axis2=-1)))

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations; the variance's is infinite for a ≤ 2."""
        variance = self.parameter_mean()["noise_variance"]
        exists = self.shape > 2.0
        spread = np.where(exists, variance / np.sqrt(np.where(exists, self.shape - 2.0, 1.0)), np.inf)
        return {"coefficients": np.sqrt(variance)[..., None] * self._scales(), "noise_variance": spread}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return quantiles of the Student-t marginals of the coefficients and the inverse gamma of the variances."""
        score = stdtrit(2.0 * self.shape[..., None], leading(probability, self.mean.ndim))
        width = np.sqrt(self.scale / self.shape)[..., None] * self._scales()
        variance = self.scale / gammaincinv(self.shape, 1.0 - leading(probability, self.shape.ndim))
        return {"coefficients": self.mean + width * score, "noise_variance": variance}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the coefficients and variances."""
        variance = self.scale / np.maximum(rng.standard_gamma(self.shape, (size, *self.shape.shape)), SMALLEST_DRAW)
        noise = rng.standard_normal((size, *self.mean.shape, 1))
        steps = np.linalg.solve(np.swapaxes(self.factor, -1, -2), noise)[..., 0]
        return {"coefficients": self.mean + np.sqrt(variance)[..., None] * steps, "noise_variance": variance}

    def log_predictive(self, design: Array, target: Array, scales: Array | float = 1.0) -> Array:
        """Return the log density (K, n) of targets (n,) given a design (p, n): Student-t with 2a degrees of freedom.

        ``scales`` (K,) multiply the noise's precision.
        """
        white = np.linalg.solve(self.factor, np.broadcast_to(design, (len(self.mean), *design.shape)))
        width = (self.scale[:, None] / self.shape[:, None]) * (1.0 / np.reshape(scales, (-1, 1)) + (white**2).sum(1))
        distance = (target - self.mean @ design) ** 2 / width
        freedom = 2.0 * self.shape[:, None]
        constant = log_gamma_ratio(0.5 * freedom, 0.5) - 0.5 * np.log(freedom * np.pi * width)
        return np.asarray(constant - 0.5 * (freedom + 1.0) * np.log1p(distance / freedom))

    def mapped(self, coordinates: Coordinates) -> NormalInverseGammaCoefficients:
        """Return the same distribution in the data's own units."""
        units = RegressionMap(coordinates, self.mean.shape[-1])
        return NormalInverseGammaCoefficients.trusted(
            mean=units.coefficients(self.mean),
            factor=units.factor(self.factor),
            shape=self.shape,
            scale=self.scale * units.target**2,
        )

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return coefficients and noise variances in the data's own units."""
        units = RegressionMap(coordinates, parameters["coefficients"].shape[-1])
        return {
            "coefficients": units.coefficients(parameters["coefficients"]),
            "noise_variance": parameters["noise_variance"] * units.target**2,
        }
