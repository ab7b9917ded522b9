"""The normal distribution of a regression's coefficients: a prior of them, or what is inferred of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import ndtri

from pointmass.errors import PointmassError
from pointmass.families.checks import component_copies, matrix_copies, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.normal import Normal
from pointmass.families.normal_equations import solved
from pointmass.families.regression_map import RegressionMap
from pointmass.numerics import Array, cholesky_log_determinant, leading, summed, symmetrise

__all__ = ["NormalCoefficients"]

_NAME = "NormalCoefficients"


@dataclass(frozen=True, eq=False, repr=False)
class NormalCoefficients(ConjugatePrior):
    r"""Normal distribution of p coefficients, :math:`\beta \sim N(m, (L L^T)^{-1})`, the intercept first.

    As `NormalInverseGammaCoefficients` it holds the Cholesky factor of the precision, not the precision. Users may
    write `Normal` instead, with a covariance.

    Parameters
    ----------
    mean : array_like, shape (p,)
        m.
    factor : array_like, shape (p, p)
        L, lower triangular with a positive diagonal; a number is that times the identity, 0 is flat (for points only).

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    Examples
    --------
    >>> from pointmass.families import NormalCoefficients
    >>> NormalCoefficients([0.0, 0.0], [[0.5, 0.0], [0.0, 0.4]]).factor
    array([[0.5, 0. ],
           [0. , 0.4]])
    """

    mean: Any
    factor: Any

    constraints: ClassVar[dict[str, str]] = {"mean": "real", "factor": "triangular"}
    parameter_constraints: ClassVar[dict[str, str]] = {"coefficients": "real"}

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

    @classmethod
    def of(cls, prior: Normal, size: int) -> Self:
        """Return a prior that a user gives, for ``size`` coefficients, with its precision as a factor.

        A mean that is one number is that of each coefficient; a variance that is one number too, of each one alone.
        """
        covariance = prior.covariance * np.eye(size) if prior.covariance.size == 1 else prior.covariance
        if covariance.shape != (size, size) or prior.mean.size not in (1, size) or np.size(prior.kappa) != 1:
            raise PointmassError(
                f"Normal: the regression has {size} coefficients (the intercept counts), but mean has "
                f"{prior.mean.size} and covariance the shape {prior.covariance.shape}",
                path=("mean",),
            )
        if not covariance.any():
            raise PointmassError("Normal: covariance must be positive definite, not zero", path=("covariance",))
        factor = np.linalg.cholesky(prior.kappa.reshape(()) * symmetrise(np.linalg.inv(covariance)))
        return cls.trusted(mean=np.broadcast_to(prior.mean, (size,)), factor=factor)

    def broadcast(self, n_components: int, n_columns: int) -> NormalCoefficients:
        """Return the prior with a component axis, for ``n_columns`` coefficients."""
        k, p = n_components, n_columns
        return NormalCoefficients.trusted(
            mean=component_copies(_NAME, "mean", self.mean, (k, p)),
            factor=matrix_copies(_NAME, "factor", self.factor, (k, p, p)),
        )

    @property
    def _pivots(self) -> Array:
        return np.diagonal(self.factor, axis1=-2, axis2=-1)

    @property
    def is_proper(self) -> bool:
        """Whether the precision is positive definite."""
        return bool((self._pivots > 0).all())

    def update(self, gram: Array, response: Array) -> NormalCoefficients:
        """Return the posterior: rows add ``gram`` (K, p, p) to the precision and ``response`` (K, p) to it times m."""
        kappa = self.factor @ np.swapaxes(self.factor, -1, -2)
        pulled = (kappa @ self.mean[..., None])[..., 0]
        factor, mean = solved(kappa + gram, pulled + response)
        return NormalCoefficients.trusted(mean=mean, factor=factor)

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
        """Return the log density of the coefficients; without constants where the prior is improper."""
        step = (parameters["coefficients"] - self.mean)[..., None]
        total = -((np.swapaxes(self.factor, -1, -2) @ step) ** 2).sum((-1, -2))
        if self.is_proper:
            total = total + cholesky_log_determinant(self.factor) - self.mean.shape[-1] * np.log(2.0 * np.pi)
        return summed(0.5 * total, 1)

    def divergence(self, prior: NormalCoefficients) -> float:
        """Return KL(self || prior)."""
        turned = np.linalg.solve(self.factor, prior.factor)
        step = np.swapaxes(prior.factor, -1, -2) @ (self.mean - prior.mean)[..., None]
        logs = cholesky_log_determinant(self.factor) - cholesky_log_determinant(prior.factor)
        total = (turned**2).sum((-1, -2)) - self.mean.shape[-1] + (step**2).sum((-1, -2)) + logs
        return float(0.5 * total.sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mean; NaN where no row and no prior says anything of it."""
        return {"coefficients": np.where((self._pivots > 0).any(-1)[..., None], self.mean, np.nan)}

    def parameter_mean(self) -> Parameters:
        """Return the mean."""
        return {"coefficients": self.mean}

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations."""
        return {"coefficients": np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return marginal quantiles."""
        score = leading(ndtri(probability), self.mean.ndim)
        return {"coefficients": self.mean + score * self.parameter_sd()["coefficients"]}

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
