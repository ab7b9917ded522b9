"""Means and covariance matrices with a normal-inverse-Wishart prior, in PyMC, through the Bartlett factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term
from pointmass.families.conjugate import Parameters
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array, symmetrise

__all__ = ["densities", "free_mean", "means_and_factors", "normal_inverse_wishart"]

_SQUARES, _BELOW = "bartlett_squares", "bartlett_below"


def normal_inverse_wishart(prior: Any) -> Term:
    r"""Return multivariate normal densities: full and tied covariances.

    The precision is Λ = V Vᵀ, V = G A lower triangular, with G Gᵀ = Ψ⁻¹ and A the Bartlett factor of a Wishart
    matrix: A_ii² ~ χ²(ν − i), i = 0, …, d − 1, and A_ij ~ N(0, 1) below the diagonal. A multivariate normal is a
    product of normal densities of each column given the columns after it, with deviations 1 / V_jj and slopes
    −V_ij / V_jj: no matrix is factorised, and PyMC's own normal density keeps every constant.

    Parameters
    ----------
    prior : NormalInverseWishart or PointMass
        Prior of all components; one covariance for all where its ``dof`` has no component axis.

    References
    ----------
    Bartlett (1933); Muirhead (1982), *Aspects of Multivariate Statistical Theory*, theorem 3.2.14.
    """
    return densities(*means_and_factors(prior))


def means_and_factors(prior: Any) -> tuple[Any, Any, Term]:
    """Return means (K, d), factors V (K or 1, d, d) of precisions Λ = V Vᵀ, and the ways of their free variables."""
    if isinstance(prior, PointMass):
        mean, covariance = prior.parameters["mean"], prior.parameters["covariance"]
        factor = np.linalg.cholesky(np.linalg.inv(covariance))
        return mean, factor if covariance.ndim == 3 else factor[None], Term(None)
    bartlett = _Bartlett.of(prior)
    factor = bartlett.variables()
    return free_mean(prior, factor), factor, Term(None, bartlett.parameters, bartlett.values)


def densities(mean: Any, factor: Any, ways: Term) -> Term:
    """Return the log densities of rows under means (K, d) and factors V of the precisions."""

    def log_density(rows: Any) -> Any:
        return _conditional(rows[None], mean[:, None, :], factor[:, None], 1.0)

    return Term(log_density, ways.parameters, ways.values)


def free_mean(prior: Any, factor: Any) -> Any:
    """Return the means; their density given the covariances is a potential, since it has no batched normal."""
    import pymc as pm

    mean = pm.Flat("mean", shape=prior.mean.shape)
    pm.Potential("mean_prior", _conditional(mean, prior.mean, factor, np.sqrt(prior.kappa)[:, None]).sum())
    return mean


def _conditional(points: Any, mean: Any, factor: Any, root: Any) -> Any:
    """Return the log density (...,) of points (..., d) under precision root² · V Vᵀ, column given later columns."""
    import pymc as pm
    import pytensor.tensor as pt

    d = factor.shape[-1] if isinstance(factor, np.ndarray) else factor.type.shape[-1]
    diagonal = (factor * np.eye(d)).sum(-2)
    slopes = factor * (1.0 - np.eye(d)) / diagonal[..., None, :]
    shift = ((points - mean)[..., :, None] * slopes).sum(-2) if d > 1 else pt.zeros(())
    return pm.logp(pm.Normal.dist(mean - shift, 1.0 / (root * diagonal)), points).sum(-1)


@dataclass(frozen=True, eq=False)
class _Bartlett:
    """The free variables of L Wishart matrices (one for each component, or one) and the ways to and fro.

    Parameters
    ----------
    dof : ndarray, shape (L,)
        Degrees of freedom.
    scale : ndarray, shape (L, d, d)
        G, lower triangular with G Gᵀ = Ψ⁻¹.
    tied : bool
        Whether the components share one matrix.
    """

    dof: Array
    scale: Array
    tied: bool

    @classmethod
    def of(cls, prior: NormalInverseWishart) -> _Bartlett:
        d = prior.dimension
        scale = np.linalg.cholesky(np.linalg.inv(prior.scale)).reshape(-1, d, d)
        return cls(np.reshape(prior.dof, -1), scale, prior.dof.ndim == 0)

    @property
    def _below(self) -> tuple[Array, Array]:
        return np.tril_indices(self.scale.shape[-1], -1)

    def variables(self) -> Any:
        """Return V (L, d, d), made of free variables."""
        import pymc as pm
        import pytensor.tensor as pt

        d = self.scale.shape[-1]
        squares = pm.ChiSquared(_SQUARES, nu=self.dof[:, None] - np.arange(d))
        bartlett = pt.sqrt(squares)[:, None, :] * np.eye(d)
        if d > 1:
            rows, columns = self._below
            below = pm.Normal(_BELOW, 0.0, 1.0, shape=(len(self.dof), len(rows)))
            places = np.zeros((len(rows), d, d))
            places[np.arange(len(rows)), rows, columns] = 1.0
            bartlett = bartlett + (below[:, :, None, None] * places).sum(1)
        return (self.scale[:, :, :, None] * bartlett[:, None, :, :]).sum(2)

    def parameters(self, values: Parameters) -> Parameters:
        """Return means and covariances from values of the variables with any leading axes."""
        rows, columns = self._below
        d = self.scale.shape[-1]
        bartlett = np.zeros((*values[_SQUARES].shape, d))
        bartlett[..., np.arange(d), np.arange(d)] = np.sqrt(values[_SQUARES])
        if d > 1:
            bartlett[..., rows, columns] = values[_BELOW]
        inverse = np.linalg.inv(self.scale @ bartlett)
        covariance = symmetrise(np.swapaxes(inverse, -1, -2) @ inverse)
        return {"mean": values["mean"], "covariance": covariance[..., 0, :, :] if self.tied else covariance}

    def values(self, parameters: Parameters) -> Parameters:
        """Return values of the variables at a mean and covariances."""
        covariance = parameters["covariance"]
        precision = np.linalg.inv(covariance[None] if self.tied else covariance)
        bartlett = np.linalg.solve(self.scale, np.linalg.cholesky(precision))
        squares = np.diagonal(bartlett, axis1=-2, axis2=-1) ** 2
        values = {"mean": parameters["mean"], _SQUARES: squares}
        return values if self.scale.shape[-1] == 1 else {**values, _BELOW: bartlett[:, *self._below]}
