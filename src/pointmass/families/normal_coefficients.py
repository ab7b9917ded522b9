"""The normal distribution of a regression's coefficients, what is inferred of them given precisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtri

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.regression_map import RegressionMap
from pointmass.numerics import Array, cholesky_log_determinant, summed

__all__ = ["NormalCoefficients"]


@dataclass(frozen=True, eq=False, repr=False)
class NormalCoefficients(ConjugatePrior):
    r"""Normal belief about coefficients, :math:`\beta \sim N(m, (L L^T)^{-1})`, the intercept first.

    Parameters
    ----------
    mean : ndarray, shape (K, p)
        m.
    factor : ndarray, shape (K, p, p)
        L, the Cholesky factor of the precision.
    """

    mean: Any
    factor: Any

    constraints: ClassVar[dict[str, str]] = {"mean": "real", "factor": "triangular"}
    parameter_constraints: ClassVar[dict[str, str]] = {"coefficients": "real"}

    def broadcast(self, n_components: int, n_columns: int) -> NormalCoefficients:
        """Return the belief itself, which has its component axis."""
        return self

    @property
    def is_proper(self) -> bool:
        """Whether the precision is positive definite."""
        return bool((np.diagonal(self.factor, axis1=-2, axis2=-1) > 0).all())

    @property
    def covariance(self) -> Array:
        """(L Lᵀ)⁻¹, shape (K, p, p)."""
        half = np.linalg.solve(self.factor, np.broadcast_to(np.eye(self.mean.shape[-1]), self.factor.shape))
        return np.asarray(np.swapaxes(half, -1, -2) @ half)

    def expected_natural_parameters(self) -> Parameters:
        """Return the mean and the covariance."""
        return {"coefficients": self.mean, "spread": self.covariance}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the coefficients and no spread."""
        coefficients = parameters["coefficients"]
        return {"coefficients": coefficients, "spread": np.zeros((*coefficients.shape, coefficients.shape[-1]))}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the coefficients."""
        step = (parameters["coefficients"] - self.mean)[..., None]
        distance = ((np.swapaxes(self.factor, -1, -2) @ step) ** 2).sum((-1, -2))
        constant = cholesky_log_determinant(self.factor) - self.mean.shape[-1] * np.log(2.0 * np.pi)
        return summed(0.5 * (constant - distance), 1)

    def divergence(self, prior: NormalCoefficients) -> float:
        """Return KL(self || prior)."""
        turned = np.linalg.solve(self.factor, prior.factor)
        step = np.swapaxes(prior.factor, -1, -2) @ (self.mean - prior.mean)[..., None]
        logs = cholesky_log_determinant(self.factor) - cholesky_log_determinant(prior.factor)
        total = (turned**2).sum((-1, -2)) - self.mean.shape[-1] + (step**2).sum((-1, -2)) + logs
        return float(0.5 * total.sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mean."""
        return {"coefficients": self.mean}

    def parameter_mean(self) -> Parameters:
        """Return the mean."""
        return {"coefficients": self.mean}

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations."""
        return {"coefficients": np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))}

    def parameter_quantile(self, probability: float) -> Parameters:
        """Return marginal quantiles."""
        return {"coefficients": self.mean + ndtri(probability) * self.parameter_sd()["coefficients"]}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        noise = rng.standard_normal((size, *self.mean.shape, 1))
        return {"coefficients": self.mean + np.linalg.solve(np.swapaxes(self.factor, -1, -2), noise)[..., 0]}

    def mapped(self, coordinates: Coordinates) -> NormalCoefficients:
        """Return the same distribution in the data's own units."""
        units = RegressionMap(coordinates, self.mean.shape[-1])
        factor = units.factor(self.factor) / units.target
        return NormalCoefficients.trusted(mean=units.coefficients(self.mean), factor=factor)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return coefficients in the data's own units."""
        units = RegressionMap(coordinates, parameters["coefficients"].shape[-1])
        return {"coefficients": units.coefficients(parameters["coefficients"])}
