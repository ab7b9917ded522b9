"""The normal-inverse-Wishart distribution: the conjugate prior of a mean and a full covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import gammaincinv, stdtrit

from pointmass.families.checks import at_least, component_copies, covariance_matrix, matrix_copies, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.inverse_wishart_marginals import off_diagonal_quantile, wishart_factor
from pointmass.families.moments import Moments
from pointmass.numerics import (
    Array,
    cholesky_log_determinant,
    floor_eigenvalues,
    gamma_divergence,
    inverse_from_cholesky,
    leading,
    log_gamma_ratio,
    multivariate_digamma,
    multivariate_log_gamma,
    ratio_excess,
    sturdy_cholesky,
    summed,
    symmetrise,
)

__all__ = ["NormalInverseWishart"]

_NAME = "NormalInverseWishart"

# A prior with more degrees of freedom multiplies the rounding of a trace and a log determinant to a millionth of a nat.
_LARGE_DOF = 1e7


@dataclass(frozen=True, eq=False, repr=False)
class NormalInverseWishart(ConjugatePrior):
    r"""Normal-inverse-Wishart prior of the mean and covariance of a Gaussian.

    .. math:: \Sigma \sim \mathrm{IW}(\nu, \Psi), \qquad \mu \mid \Sigma \sim N(m, \Sigma / \kappa)

    with density and mode in (mean, precision), the coordinates in which the flat prior (κ = 0, Ψ = 0, ν = d) has
    its mode at the maximum likelihood estimate. Under a tied covariance the components share one Σ: ``dof`` and
    ``scale`` then have no component axis, and everything about Σ is counted once.

    Parameters
    ----------
    mean : array_like, shape (d,)
        m, in the units of the data.
    kappa : float
        κ, the number of rows that the prior mean is worth; 0 is flat (for points only).
    dof : float
        ν, greater than d − 1.
    scale : array_like, shape (d, d)
        Ψ, symmetric positive definite; a number is that times the identity, zeros are flat (for points only).

    Raises
    ------
    PointmassError
        If a value is not finite, out of range, not symmetric or not positive definite.

    References
    ----------
    Murphy (2012), *Machine Learning: a Probabilistic Perspective*, section 4.6.3; Bishop (2006), section 10.2.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import NormalInverseWishart
    >>> prior = NormalInverseWishart(mean=[0.0, 0.0], kappa=0.01, dof=4.0, scale=np.eye(2))
    >>> prior.broadcast(1, 2).parameter_mean()["covariance"]
    array([[[1., 0.],
            [0., 1.]]])
    """

    mean: Any
    kappa: Any
    dof: Any
    scale: Any

    constraints: ClassVar[dict[str, str]] = {
        "mean": "real",
        "kappa": "positive",
        "dof": "positive",
        "scale": "covariance",
    }
    parameter_constraints: ClassVar[dict[str, str]] = {"mean": "real", "covariance": "covariance"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        scale = covariance_matrix(_NAME, "scale", self.scale)
        mean = np.atleast_1d(numbers(_NAME, "mean", self.mean))
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "kappa", at_least(_NAME, "kappa", self.kappa, 0.0, strict=False))
        object.__setattr__(self, "dof", at_least(_NAME, "dof", self.dof, scale.shape[-1] - 1.0))

    def broadcast(self, n_components: int, n_columns: int, *, tied: bool = False) -> NormalInverseWishart:
        """Return the prior with a component axis; under ``tied`` not on ``dof`` and ``scale``."""
        shared: tuple[int, ...] = () if tied else (n_components,)
        d = n_columns
        if self.scale.any():
            at_least(_NAME, "dof", self.dof, d - 1.0)
        return NormalInverseWishart.trusted(
            mean=component_copies(_NAME, "mean", self.mean, (n_components, d)),
            kappa=component_copies(_NAME, "kappa", self.kappa, (n_components,)),
            dof=component_copies(_NAME, "dof", self.dof, shared),
            scale=matrix_copies(_NAME, "scale", self.scale, (*shared, d, d)),
        )

    @property
    def dimension(self) -> int:
        """Number of columns d."""
        return int(self.mean.shape[-1])

    @property
    def is_proper(self) -> bool:
        """Whether κ > 0, ν > d − 1 and Ψ is positive definite."""
        return bool((self.kappa > 0).all() and (self.dof > self.dimension - 1).all() and self.scale.any())

    @classmethod
    def shared(cls, arrays: Parameters) -> tuple[str, ...]:
        """Return what belongs to a tied covariance; nothing where each component has its own."""
        own, names = ("scale", ("dof", "scale")) if "scale" in arrays else ("covariance", ("covariance",))
        return names if arrays[own].ndim == arrays["mean"].ndim else ()

    def update(self, moments: Moments) -> NormalInverseWishart:
        """Return the posterior given expected statistics (Murphy 2012, equations 4.209 to 4.214)."""
        kappa = self.kappa + moments.count
        difference = moments.row_means() - self.mean
        share = np.divide(moments.count, kappa, out=np.zeros_like(kappa), where=kappa > 0)
        # Not m + share · difference: under a flat prior m is any number, far from the rows perhaps.
        rest = np.divide(self.kappa, kappa, out=np.ones_like(kappa), where=kappa > 0)
        scatter = moments.central_scatter() + moments.scatter_of(difference, self.kappa * share)
        count = moments.n_rows
        if self.dof.ndim == 0:
            scatter, count = scatter.sum(0), count.sum()
        return NormalInverseWishart.trusted(
            mean=share[:, None] * moments.row_means() + rest[:, None] * self.mean,
            kappa=kappa,
            dof=self.dof + count,
            scale=symmetrise(self.scale + scatter),
        )

    def expected_natural_parameters(self) -> Parameters:
        """Return E[Λ], E[log|Λ|] and d/κ = E[(μ − m)ᵀ Λ (μ − m)], Bishop (2006), equations 10.64 and 10.65."""
        precision, log_determinant = self._expected_precision()
        return _for_each(self.mean, precision, log_determinant, self.dimension / self.kappa)

    def _expected_precision(self) -> tuple[Array, Array]:
        factor = np.linalg.cholesky(self.scale)
        d = self.dimension
        log_determinant = multivariate_digamma(self.dof / 2.0, d) + d * np.log(2.0)
        precision = self.dof[..., None, None] * inverse_from_cholesky(factor)
        return precision, log_determinant - cholesky_log_determinant(factor)

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return Λ, log|Λ| and no spread for a known mean and covariance."""
        factor = sturdy_cholesky(parameters["covariance"])
        mean, log_determinant = parameters["mean"], -cholesky_log_determinant(factor)
        return _for_each(mean, inverse_from_cholesky(factor), log_determinant, np.zeros(mean.shape[:-1]))

    @property
    def log_partition(self) -> Array:
        """Log normaliser of the Wishart density of Λ, shaped as ``dof``."""
        d = self.dimension
        log_scale = cholesky_log_determinant(np.linalg.cholesky(self.scale))
        return np.asarray(0.5 * self.dof * (d * np.log(2.0) - log_scale) + multivariate_log_gamma(self.dof / 2.0, d))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of (mean, precision); without constants where the prior is improper."""
        d = self.dimension
        factor = sturdy_cholesky(parameters["covariance"])
        precision, log_determinant = inverse_from_cholesky(factor), -cholesky_log_determinant(factor)
        each = precision if self.dof.ndim else precision[..., None, :, :]
        log_each = log_determinant if self.dof.ndim else log_determinant[..., None]
        trace = np.einsum("...ij,...ji->...", self.scale, precision)
        wishart: Array = 0.5 * (self.dof - d - 1.0) * log_determinant - 0.5 * trace
        step = parameters["mean"] - self.mean
        distance = np.einsum("...i,...ij,...j->...", step, each, step)
        normal = 0.5 * (log_each - self.kappa * distance)
        if self.is_proper:
            wishart = wishart - self.log_partition
            normal = normal + 0.5 * d * np.log(self.kappa / (2.0 * np.pi))
        return summed(wishart, self.dof.ndim) + summed(normal, 1)

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return Σ log ``|dΛ / dΣ|`` = −(d + 1) Σ log|Σ| (Muirhead 1982, theorem 2.1.8)."""
        mean, covariance = parameters["mean"], parameters["covariance"]
        logs = cholesky_log_determinant(np.linalg.cholesky(covariance))
        return np.asarray(-(mean.shape[-1] + 1.0) * summed(logs, covariance.ndim - mean.ndim))

    def divergence(self, prior: NormalInverseWishart) -> float:
        """Return KL(self || prior): the normal part for each component, the Wishart part once for each Σ."""
        d = self.dimension
        precision = self._expected_precision()[0]
        step = self.mean - prior.mean
        distance = np.einsum("...i,...ij,...j->...", step, precision, step)
        normal = 0.5 * (d * ratio_excess(prior.kappa / self.kappa) + prior.kappa * distance)
        return float(normal.sum() + self._wishart_divergence(prior, precision).sum())

    def _wishart_divergence(self, prior: NormalInverseWishart, precision: Array) -> Array:
        """Return the divergence of Λ's Wishart distributions: of their means, and of Bartlett's chi-squares."""
        d = self.dimension
        steps = np.arange(d)
        dof, prior_dof = self.dof[..., None], prior.dof[..., None]
        chi_squares = gamma_divergence(0.5 * (dof - steps), 0.5 * (prior_dof - steps))
        shares = np.log1p(-steps / prior_dof) - np.log1p(-steps / dof)
        bartlett = chi_squares + 0.5 * prior_dof * shares - 0.5 * steps * np.log((prior_dof - steps) / (dof - steps))
        return np.asarray(bartlett.sum(-1) + 0.5 * prior.dof * self._mean_excess(prior, precision))

    def _mean_excess(self, prior: NormalInverseWishart, precision: Array) -> Array:
        """Return tr T − d − log|T| for the ratio T of E[Λ] to the prior's; by eigenvalues where it is nearly zero."""
        if (prior.dof > _LARGE_DOF).any():
            factor = np.linalg.inv(np.linalg.cholesky(self.scale))
            ratio = factor @ prior.scale @ np.swapaxes(factor, -1, -2) * (self.dof / prior.dof)[..., None, None]
            return np.asarray(ratio_excess(np.linalg.eigvalsh(symmetrise(ratio))).sum(-1))
        trace = np.einsum("...ij,...ji->...", prior.scale, precision) / prior.dof
        return np.asarray(trace - self.dimension - self._log_determinant_of_mean() + prior._log_determinant_of_mean())

    def _log_determinant_of_mean(self) -> Array:
        """Return log|E[Λ]|."""
        return np.asarray(self.dimension * np.log(self.dof) - cholesky_log_determinant(np.linalg.cholesky(self.scale)))

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in (mean, precision), eigenvalues of at least ``floor``; NaN where there is none."""
        sharing = self.kappa.size // self.dof.size
        freedom = self.dof - self.dimension - 1.0 + sharing
        exists = freedom[..., None, None] > 0
        covariance = self.scale / np.where(exists, freedom[..., None, None], 1.0)
        covariance = np.where(exists, floor_eigenvalues(covariance, floor), np.nan)
        return {"mean": np.where(self.kappa[:, None] > 0, self.mean, np.nan), "covariance": covariance}

    def parameter_mean(self) -> Parameters:
        """Return the mean; the covariance's is infinite for ν ≤ d + 1."""
        freedom = (self.dof - self.dimension - 1.0)[..., None, None]
        covariance = np.where(freedom > 0, self.scale / np.where(freedom > 0, freedom, 1.0), np.inf)
        return {"mean": self.mean, "covariance": covariance}

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations (Press 1982, section 5.2, for the covariance's entries)."""
        d = self.dimension
        freedom = self.dof[..., None, None] - d
        variances = np.diagonal(self.scale, axis1=-2, axis2=-1)
        products = variances[..., :, None] * variances[..., None, :]
        numerator = (freedom + 1.0) * self.scale**2 + (freedom - 1.0) * products
        exists = freedom > 3.0
        denominator = np.where(exists, freedom * (freedom - 1.0) ** 2 * (freedom - 3.0), 1.0)
        covariance = np.where(exists, np.sqrt(numerator / denominator), np.inf)
        excess = self.dof - d - 1.0
        scale = np.where(excess[..., None] > 0, variances / np.where(excess > 0, excess, 1.0)[..., None], np.inf)
        return {"mean": np.sqrt(scale / self.kappa[..., None]), "covariance": covariance}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return marginal quantiles: Student-t, inverse gamma, and one integral off the diagonal."""
        d = self.dimension
        freedom = self.dof - d + 1.0
        variances = np.diagonal(self.scale, axis1=-2, axis2=-1)
        width = np.sqrt(variances / (self.kappa * freedom)[..., None])
        mean = self.mean + width * stdtrit(freedom[..., None], leading(probability, self.mean.ndim))
        gamma = gammaincinv(freedom[..., None] / 2.0, 1.0 - leading(probability, variances.ndim))
        covariance = _off_diagonal_quantiles(freedom, self.scale, probability)
        covariance[..., np.arange(d), np.arange(d)] = variances / (2.0 * gamma)
        return {"mean": mean, "covariance": covariance}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the mean and covariance through the Bartlett factor."""
        d = self.dimension
        bartlett = wishart_factor(self.dof, d, size, rng)
        # Λ = Ψ^-1/2 A Aᵀ Ψ^-T/2, so Σ = F Fᵀ with F = chol(Ψ) A^-T.
        root = np.linalg.cholesky(self.scale) @ np.swapaxes(np.linalg.inv(bartlett), -1, -2)
        covariance = symmetrise(root @ np.swapaxes(root, -1, -2))
        noise = rng.standard_normal((size, *self.mean.shape, 1))
        each = root if self.dof.ndim else root[:, None]
        mean = self.mean + (each @ noise)[..., 0] / np.sqrt(self.kappa)[:, None]
        return {"mean": mean, "covariance": covariance}

    def log_predictive(self, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the log density (K, n) of new rows (d, n): Student-t (Murphy 2012, equation 4.222).

        ``scales`` (K,) multiply the rows' precisions.
        """
        d = self.dimension
        freedom = np.broadcast_to(self.dof - d + 1.0, self.kappa.shape)
        widening = (1.0 / scales + 1.0 / self.kappa) / freedom
        factor = np.linalg.cholesky(np.broadcast_to(self.scale, (*self.kappa.shape, d, d)))
        factor = factor * np.sqrt(widening)[:, None, None]
        white = np.linalg.solve(factor, rows[None] - self.mean[..., None])
        distance = (white**2).sum(-2)
        constant = log_gamma_ratio(freedom / 2.0, d / 2.0) - 0.5 * d * np.log(freedom * np.pi)
        constant = constant - 0.5 * cholesky_log_determinant(factor)
        return np.asarray(constant[:, None] - 0.5 * (freedom + d)[:, None] * np.log1p(distance / freedom[:, None]))

    def marginal(self, columns: Array) -> NormalInverseWishart:
        """Return the distribution of the mean and covariance of some columns (Muirhead 1982, theorem 3.2.10)."""
        kept = np.arange(self.dimension)[columns]
        return NormalInverseWishart.trusted(
            mean=self.mean[:, kept],
            kappa=self.kappa,
            dof=self.dof - (self.dimension - len(kept)),
            scale=self.scale[..., kept[:, None], kept],
        )

    def mapped(self, coordinates: Coordinates) -> NormalInverseWishart:
        """Return the same distribution in the data's own units."""
        return NormalInverseWishart.trusted(
            mean=coordinates.apply(self.mean),
            kappa=self.kappa,
            dof=self.dof,
            scale=symmetrise(coordinates.apply_covariance(self.scale)),
        )

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return a mean and covariance in the data's own units."""
        return {
            "mean": coordinates.apply(parameters["mean"]),
            "covariance": symmetrise(coordinates.apply_covariance(parameters["covariance"])),
        }


def _for_each(mean: Array, precision: Array, log_determinant: Array, spread: Array) -> Parameters:
    """Return the expectations of each component; a shared precision is repeated."""
    shape = mean.shape[:-1]
    if precision.ndim == mean.ndim:
        precision, log_determinant = precision[..., None, :, :], log_determinant[..., None]
    return {
        "centre": mean,
        "precision": np.broadcast_to(precision, (*shape, *precision.shape[-2:])),
        "log_determinant": np.broadcast_to(log_determinant, shape),
        "spread": spread,
    }


def _off_diagonal_quantiles(freedom: Array, scale: Array, probability: Array | float) -> Array:
    """Return matrices of quantiles, zero on the diagonal; ``freedom`` is that of one variance."""
    i, j = np.triu_indices(scale.shape[-1], 1)
    quantiles = np.zeros((*np.shape(probability), *scale.shape))
    sds = np.sqrt(np.diagonal(scale, axis1=-2, axis2=-1))
    for place in np.ndindex(freedom.shape):
        products = sds[place][i] * sds[place][j]
        # A 2 × 2 block of IW(ν, Ψ) is IW(ν − d + 2, its block).
        ratios = off_diagonal_quantile(float(freedom[place]) + 1.0, scale[place][i, j] / products, probability)
        quantiles[(..., *place, i, j)] = quantiles[(..., *place, j, i)] = products * ratios
    return quantiles
