"""The Gaussian family: univariate and multivariate, with full, tied, diagonal or spherical covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import covariance_matrix
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.covariance import structure_of
from pointmass.families.data_moments import DataMoments, data_moments, leverage_warnings, refuse_tiny_spread
from pointmass.families.family import Belief, Family
from pointmass.families.gaussian_frame import GaussianFrame
from pointmass.families.gaussian_kernel import GaussianKernel
from pointmass.families.gaussian_layout import GammaLayout, KnownLayout, Layout, WishartLayout
from pointmass.families.moments import Moments
from pointmass.families.normal import Normal
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.point_mass import PointMass
from pointmass.families.structure import Structure
from pointmass.numerics import Array, sturdy_cholesky

__all__ = ["COVARIANCES", "Gaussian"]

# A dozen operations on each number of a quadratic form, each with half a unit in the last place.
_ROUNDING = 1e-15

COVARIANCES = ("full", "tied", "diagonal", "spherical")


@dataclass(frozen=True, eq=False, repr=False)
class Gaussian(Family):
    r"""Gaussian rows.

    .. math:: \log p(x \mid \mu, \Lambda) = \tfrac12 \log|\Lambda| - \tfrac{d}{2} \log 2\pi
              - \tfrac12 \mu^T \Lambda \mu + (\Lambda \mu)^T x - \tfrac12 \mathrm{tr}(\Lambda x x^T)

    with sufficient statistics (1, x, x_i x_j for i ≤ j), natural parameters (Λμ, −½Λ) and the log partition
    ½ μᵀΛμ − ½ log|Λ| + (d/2) log 2π.

    Parameters
    ----------
    covariance : {"full", "tied", "diagonal", "spherical"} or PointMass
        A covariance for each component, one for all, one variance for each column, or one variance; or a matrix
        (d, d) that is known, the same for every component.
    prior : NormalInverseWishart, NormalInverseGamma, Normal, PointMass or None
        Prior of one component: normal-inverse-Wishart for full and tied, normal-inverse-gamma for diagonal and
        spherical, either in one dimension; normal for a known covariance. None: mean = sample mean, kappa = 0.01, dof
        = d + 2, scale = sample
        covariance (its diagonal, its mean).

    Raises
    ------
    PointmassError
        If ``covariance`` is not one of the four, or the prior does not belong to it.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, sections 2.3 and 10.2.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian
    >>> MLE(Gaussian()).fit([1.0, 2.0, 3.0, 4.0]).estimate_["mean"]
    array([2.5])
    """

    covariance: Any = "full"
    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {
        "mean": ("feature",),
        "covariance": ("feature", "feature_2"),
    }

    def __post_init__(self) -> None:
        """Refuse unknown covariance types and priors of another kind."""
        if isinstance(self.covariance, PointMass):
            object.__setattr__(self, "covariance", _known_covariance(self.covariance))
        elif self.covariance not in COVARIANCES:
            raise PointmassError(
                f"{type(self).__name__}: covariance must be one of {', '.join(COVARIANCES)}, got {self.covariance!r}",
                path=("covariance",),
            )
        if not isinstance(self.prior, NormalInverseWishart | NormalInverseGamma | Normal | PointMass | None):
            raise PointmassError(
                f"{type(self).__name__}: prior must be NormalInverseWishart, NormalInverseGamma, Normal, PointMass or "
                f"None, got {self.prior!r}",
                path=("prior",),
            )

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, x, quadratic features of x), shape (S, n), of rows (d, n)."""
        structure = self._structure(len(rows))
        quadratic = np.empty((structure.size(len(rows)), rows.shape[1]))
        structure.features(rows, quadratic)
        return np.concatenate([np.ones((1, rows.shape[1])), rows, quadratic])

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S) such that η · t is the expected log density."""
        k, d = expected["centre"].shape
        return GaussianKernel(self, expected, np.zeros(k), Coordinates.identity(d)).coefficients

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, μ, quadratic features of Σ + μμᵀ), shape (K, S)."""
        mean, covariance = parameters["mean"], parameters["covariance"]
        ones = np.ones((len(mean), 1))
        second = covariance + mean[:, :, None] * mean[:, None, :]
        return np.concatenate([ones, mean, self._structure(mean.shape[1]).moments(second)], axis=1)

    def statistics_of(self, sums: Array, n_columns: int) -> Moments:
        """Return summed statistics (K, S) as moments about the origin."""
        return Moments(sums, np.zeros((len(sums), n_columns)), self._structure(n_columns))

    def _structure(self, d: int) -> Structure:
        return structure_of(self.layout(d).axes)

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> GaussianKernel:
        """Return the kernel that keeps its digits for components far from the origin."""
        return GaussianKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> GaussianFrame:
        """Return statistics about each component's mean in units of its spread."""
        return GaussianFrame(self, belief, n_columns)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d) from the components in ``labels``."""
        factor = sturdy_cholesky(parameters["covariance"])
        noise = rng.standard_normal((len(labels), parameters["mean"].shape[1]))
        return np.asarray(parameters["mean"][labels] + np.einsum("nij,nj->ni", factor[labels], noise))

    # -- the prior and its updates --------------------------------------------------------------------------

    def layout(self, d: int) -> Layout:
        """Return how the covariance of ``d`` columns is held; one dimension keeps the form of its prior."""
        if isinstance(self.covariance, PointMass):
            return KnownLayout(self.covariance.parameters)
        wishart = isinstance(self.prior, NormalInverseWishart) if d == 1 else self.covariance == "full"
        if self.covariance == "tied" or wishart:
            return WishartLayout(tied=self.covariance == "tied")
        return GammaLayout(common=self.covariance == "spherical")

    def default_prior(self, rows: Array, weights: Array | None) -> ConjugatePrior:
        """Return the weak prior at the data's own mean and covariance."""
        return self.layout(rows.shape[1]).default_prior(self.moments_of(rows, weights))

    def moments_of(self, rows: Array, weights: Array | None) -> DataMoments:
        """Return the mean and covariance of rows (n, d), of which default priors and coordinates are made."""
        return data_moments(rows, weights)

    def flat_prior(self, n_components: int, n_columns: int) -> ConjugatePrior:
        """Return the prior that is flat in (mean, precision)."""
        layout = self.layout(n_columns)
        return layout.broadcast(layout.flat_prior(n_components, n_columns), n_components, n_columns)

    def broadcast_prior(self, prior: ConjugatePrior, n_components: int, n_columns: int) -> ConjugatePrior:
        """Return the prior with the component axis that the covariance type gives it."""
        layout = self.layout(n_columns)
        if not prior.is_prior:
            raise PointmassError(
                f"{type(self).__name__}: {type(prior).__name__} is a posterior and not conjugate, so it can be no "
                "prior; give the posterior of belief='joint' instead",
                path=("prior",),
            )
        if not isinstance(prior, layout.conjugate):
            raise PointmassError(
                f"{type(self).__name__}: a {self.covariance} covariance of {n_columns} columns needs a "
                f"{layout.conjugate.__name__} prior, got {type(prior).__name__}",
                path=("prior",),
            )
        return layout.broadcast(prior, n_components, n_columns)

    def update(self, prior: Any, statistics: Moments) -> Any:
        """Return the conjugate posterior."""
        return prior.update(statistics)

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the Student-t log predictive density (K, n) of rows (d, n)."""
        return np.asarray(posterior.log_predictive(rows))

    def normal_moments(self, parameters: Parameters) -> tuple[Array, Array] | None:
        """Return the mean and the covariance."""
        return parameters["mean"], parameters["covariance"]

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The lowest eigenvalue of a point's covariance, relative to the data's: a millionth of its sd."""
        return 1e-12

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return the finest map that the covariance type admits: whitening, column scales or one scale."""
        data = self.moments_of(rows, weights)
        if self.covariance == "spherical":
            return Coordinates(data.mean, np.asarray(np.sqrt(np.mean(data.scales**2))))
        if self.covariance == "diagonal" or len(data.mean) == 1 or data.condition_number > 1e10:
            return Coordinates(data.mean, data.scales)
        return Coordinates(data.mean, np.linalg.cholesky(data.covariance))

    def public(self, parameters: Parameters) -> Parameters:
        """Return the mean (..., K, d) and a covariance matrix for each component (..., K, d, d)."""
        mean = parameters["mean"]
        shape = (*mean.shape, mean.shape[-1])
        if "covariance" in parameters:
            covariance = parameters["covariance"]
            shared = covariance if covariance.ndim > mean.ndim else covariance[..., None, :, :]
            return {"mean": mean, "covariance": np.array(np.broadcast_to(shared, shape))}
        variance = parameters["variance"]
        each = variance if variance.ndim == mean.ndim else np.broadcast_to(variance[..., None], mean.shape)
        return {
            "mean": mean,
            "covariance": np.where(np.eye(mean.shape[-1], dtype=bool), each[..., None], 0.0),
        }

    def native(self, parameters: Parameters) -> Parameters:
        """Return parameters as the conjugate prior holds them, from public ones."""
        mean = parameters["mean"]
        return self.layout(mean.shape[-1]).native(mean, parameters["covariance"])

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components have shrunk to the floor in some direction (working coordinates)."""
        if isinstance(self.covariance, PointMass):
            return np.zeros(len(parameters["mean"]), dtype=bool)
        smallest = np.linalg.eigvalsh(self.public(parameters)["covariance"])[:, 0]
        return np.asarray(smallest <= 1.001 * self.floor)

    def rounding(self, expected: Parameters) -> float:
        """Return ε times the condition of the worst precision, whose rows lie about one unit from their centre."""
        precision, d = expected["precision"], expected["centre"].shape[1]
        values = np.linalg.eigvalsh(precision) if precision.ndim == 3 else precision
        condition = values.max() * max(1.0, 1.0 / max(values.min(), np.finfo(float).tiny))
        return float(_ROUNDING * d * condition)

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what makes covariances of these rows singular or inexact, and values of great leverage."""
        data = self.moments_of(rows, weights)
        singular = self.covariance in ("full", "tied") and len(rows) > rows.shape[1]
        return data.warnings(matrix=singular) + leverage_warnings(rows, weights, data)

    def check_rows(self, rows: Array) -> None:
        """Refuse columns whose variance is too small for a number."""
        refuse_tiny_spread(rows)

    def least_rows(self, n_columns: int) -> int:
        """Return d + 1 rows for a covariance matrix, 2 for variances, 1 where the covariance is known."""
        if isinstance(self.covariance, PointMass):
            return 1
        return n_columns + 1 if self.covariance in ("full", "tied") else 2


def _known_covariance(given: PointMass) -> PointMass:
    value = given.parameters
    matrix = value.get("covariance") if isinstance(value, Mapping) else value
    return PointMass.trusted(parameters=covariance_matrix("Gaussian", "covariance", matrix), conjugate=None)
