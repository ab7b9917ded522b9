"""Linear regression with normal noise: the density of a target given features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import leverage_warnings, refuse_tiny_spread
from pointmass.families.design_moments import DesignMoments, design_moments, undetermined
from pointmass.families.family import Belief
from pointmass.families.line import LineFamily
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_gamma_coefficients import NormalInverseGammaCoefficients
from pointmass.families.point_mass import PointMass
from pointmass.families.regression_frame import RegressionFrame
from pointmass.families.regression_kernel import RegressionKernel, quadratic_coefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.numerics import Array, pair_products

__all__ = ["LinearRegression"]

_KAPPA = 0.01
_SHAPE, _SCALE = 1.5, 0.05

# A dozen operations on each number of a quadratic form, each with half a unit in the last place.
_ROUNDING = 1e-15


@dataclass(frozen=True, eq=False, repr=False)
class LinearRegression(LineFamily):
    r"""Linear regression with normal noise, ``fit(X, y)``.

    .. math:: y \mid x \sim N\big((1, x)^T \beta, \sigma^2\big)

    Its sufficient statistics are the products of each pair of (1, x, y), its maximum likelihood estimate is ordinary
    least squares with the mean square of the residuals, and with its conjugate prior the posterior, the evidence and
    the predictive density (Student-t) are exact. In `Mixture` it is a mixture of regressions, in a chain a
    Markov-switching regression.

    Parameters
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    prior : NormalInverseGamma, PointMass or None
        Prior of one component: σ² ~ IG(shape, scale), β | σ² ~ N(mean, σ² kappa⁻¹) with kappa a number or a precision
        matrix (p, p) of the p coefficients, the intercept first. None: a prior worth a hundredth of a row about the
        flat line through the mean of y, kappa = 0.01 times the mean of (1, x)(1, x)ᵀ (Zellner's g-prior, g = 100 n;
        without an intercept about zero), shape 3/2 and scale a twentieth of the variance of y, so that the mean of σ²
        is a tenth of that variance. It follows every affine map of the features and of the target.

    Raises
    ------
    PointmassError
        If ``fit_intercept`` is no boolean or the prior is of another kind.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, sections 3.1 and 3.3; Zellner (1986); for mixtures
    DeSarbo and Cron (1988), *Journal of Classification* 5.

    Examples
    --------
    >>> from pointmass import MLE, LinearRegression
    >>> fit = MLE(LinearRegression()).fit([0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0])
    >>> fit.estimate_["coefficients"].round(2), fit.predict([10.0]).round(1)
    (array([1.03, 1.98]), array([20.8]))
    """

    fit_intercept: bool = True
    prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"coefficients": ("coefficient",), "noise_variance": ()}

    def __post_init__(self) -> None:
        """Refuse other kinds of intercepts and priors."""
        self._check_intercept()
        if not isinstance(self.prior, NormalInverseGamma | NormalInverseGammaCoefficients | PointMass | None):
            raise PointmassError(
                f"LinearRegression: prior must be NormalInverseGamma, PointMass or None, got {self.prior!r}",
                path=("prior",),
            )

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return the products of each pair of (1, x, y), shape (S, n), of rows (d + 1, n)."""
        return pair_products(np.concatenate([np.ones((1, rows.shape[1])), rows]))

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S) such that η · t is the expected log density."""
        return quadratic_coefficients(expected, self.fit_intercept)

    def statistics_of(self, sums: Array, n_columns: int) -> RegressionMoments:
        """Return summed statistics (K, S) as products about zero."""
        return RegressionMoments(sums, np.zeros((len(sums), n_columns)))

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> RegressionKernel:
        """Return the kernel that takes residuals first."""
        return RegressionKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> RegressionFrame:
        """Return each component's own line and noise as coordinates."""
        return RegressionFrame(self, belief, n_columns)

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of y given x (K, n)."""
        return self._line(parameters, features)

    def sample_target(self, parameters: Parameters, features: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return targets (n,) for features (n, d)."""
        mean = self.expected_target(parameters, features)[labels, np.arange(len(labels))]
        noise = np.sqrt(parameters["noise_variance"])[labels] * rng.standard_normal(len(labels))
        return np.asarray(mean + noise)

    def mean_statistics_given(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of E[t | x] (K, S) over features (n, d)."""
        found = []
        means = self.expected_target(parameters, features)
        for mean, variance in zip(means, parameters["noise_variance"], strict=True):
            statistics = self.sufficient_statistics(np.column_stack([features, mean]).T).mean(axis=1)
            statistics[-1] += variance
            found.append(statistics)
        return np.stack(found)

    # -- the prior and its updates --------------------------------------------------------------------------

    def default_prior(self, rows: Array, weights: Array | None) -> NormalInverseGammaCoefficients:
        """Return the weak prior about the flat line through the mean of y."""
        data = self._moments(rows, weights)
        p = self._size(rows.shape[1])
        units = NormalInverseGammaCoefficients.trusted(
            mean=np.zeros(p), factor=np.sqrt(_KAPPA) * np.eye(p), shape=np.asarray(_SHAPE), scale=np.asarray(_SCALE)
        )
        return units.mapped(data.coordinates(proper=True))

    def flat_prior(self, n_components: int, n_columns: int) -> NormalInverseGammaCoefficients:
        """Return the prior that is flat in (coefficients, 1/σ²): shape 1 − p/2."""
        p = self._size(n_columns)
        flat = NormalInverseGammaCoefficients.trusted(
            mean=np.zeros(p), factor=np.zeros((p, p)), shape=np.asarray(1.0 - 0.5 * p), scale=np.zeros(())
        )
        return flat.broadcast(n_components, p)

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> NormalInverseGammaCoefficients:
        """Return the prior with a component axis, its precision as a factor."""
        p = self._size(n_columns)
        if isinstance(prior, NormalInverseGamma):
            prior = NormalInverseGammaCoefficients.of(prior, p)
        return NormalInverseGammaCoefficients.broadcast(prior, n_components, p)

    def update(self, prior: Any, statistics: RegressionMoments) -> Any:
        """Return the conjugate posterior."""
        return prior.update(statistics)

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the Student-t log predictive density (K, n) of the targets of rows (d + 1, n)."""
        return np.asarray(posterior.log_predictive(self._design(rows[:-1].T).T, rows[-1]))

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The lowest noise variance of a point, relative to the variance of the target."""
        return 1e-12

    def _moments(self, rows: Array, weights: Array | None) -> DesignMoments:
        return design_moments(rows, weights, centred=self.fit_intercept)

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return features whitened and the target scaled, both centred where there is an intercept."""
        return self._moments(rows, weights).coordinates()

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components' noise has shrunk to the floor."""
        return np.asarray(parameters["noise_variance"] <= 1.001 * self.floor)

    def rounding(self, expected: Parameters) -> float:
        """Return ε times the largest precision of the noise, at which residuals are differences of numbers near one."""
        size = expected["coefficients"].shape[1] + 1
        return float(_ROUNDING * size * max(1.0, expected["precision"].max()))

    def least_rows(self, n_columns: int) -> int:
        """Return 2, which can show a spread about a line."""
        return 2

    def check_rows(self, rows: Array) -> None:
        """Refuse columns whose variance is too small for a number, and rows without a feature."""
        if rows.shape[1] < 2:
            raise PointmassError("LinearRegression needs a target beside the features: fit(X, y)")
        refuse_tiny_spread(rows[:, :-1])
        refuse_tiny_spread(rows[:, -1:], "target")

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what leaves coefficients undetermined, and values of great leverage."""
        data, p = self._moments(rows, weights), self._size(rows.shape[1])
        found = undetermined(data, p)
        if not data.joint.distinct[-1]:
            found.append("the target is constant: the noise variance is a floor or the prior's, not the data's")
        return found + leverage_warnings(rows, weights, data.joint)
