"""What regressions of a 0/1 target have in common, whatever function makes a probability of the linear predictor."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.augmentation import Augmentation
from pointmass.families.augmented_frame import AugmentedFrame
from pointmass.families.augmented_kernel import AugmentedKernel, AugmentedRows
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import leverage_warnings, refuse_tiny_spread
from pointmass.families.design_moments import DesignMoments, design_moments, undetermined
from pointmass.families.family import Belief
from pointmass.families.line import LineFamily
from pointmass.families.normal import Normal
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.pair_products import PAIRS
from pointmass.families.point_mass import PointMass
from pointmass.families.separation import separating_direction
from pointmass.numerics import Array

__all__ = ["BinaryRegression"]

_ROUNDING = 1e-14

_CERTAIN = 1e-3  # of a probability of 0 or 1: no row is in doubt


class BinaryRegression(LineFamily):
    """Targets 0 and 1 whose probability is a function of a linear predictor ψ = (1, x) · β, with normal coefficients.

    Each row hides a variable given which its likelihood is normal in β, so that every method has its sweep.

    Attributes
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    augmentation : Augmentation
        What each row hides.
    prior_sd : float
        Standard deviation of the default prior of the intercept, and of each coefficient in whitened features.
    """

    fit_intercept: bool
    augmentation: ClassVar[Augmentation]
    prior_sd: ClassVar[float]

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {"coefficients": ("coefficient",)}

    def __post_init__(self) -> None:
        """Refuse other kinds of intercepts and priors."""
        self._check_intercept()
        if not isinstance(self.prior, Normal | NormalCoefficients | PointMass | None):
            raise PointmassError(
                f"{type(self).__name__}: prior must be Normal, NormalCoefficients, PointMass or None, "
                f"got {self.prior!r}",
                path=("prior",),
            )

    def hides_values(self, rows: Array) -> bool:
        """Every row has a hidden variable."""
        return True

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, ω times pairs of (1, x), κ times (1, x)) (S, n) of rows (d + 1, n) at predictors of zero."""
        features = AugmentedRows.of(rows[:-1], rows[-1], self.fit_intercept)
        return features.statistics(*self.augmentation.typical(features.sign))

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S): the constant, −½ E[β βᵀ] and E[β]."""
        line = expected["coefficients"]
        second = line[:, :, None] * line[:, None, :] + expected["spread"]
        constant = np.full((len(line), 1), self.augmentation.constant)
        return np.concatenate([constant, PAIRS.coefficients(second), line], axis=1)

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> AugmentedKernel:
        """Return the kernel that integrates the hidden variables out."""
        return AugmentedKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> AugmentedFrame:
        """Return the statistics of rows with what is hidden of them."""
        return AugmentedFrame(self, belief, n_columns)

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return P(y = 1 | x) (K, n)."""
        return self.augmentation.probability(self._line(parameters, features))

    def sample_target(self, parameters: Parameters, features: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return targets (n,) for features (n, d)."""
        chances = self.expected_target(parameters, features)[labels, np.arange(len(labels))]
        return np.asarray(rng.random(len(labels)) < chances, dtype=float)

    def mean_statistics_given(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of E[t | x] (K, S) over features (n, d), t those of rows and what they hide."""
        rows = AugmentedRows.of(features.T, np.zeros(len(features)), self.fit_intercept)
        each = (self.augmentation.marginal(line) for line in self._line(parameters, features))
        return np.stack([rows.statistics(*moments).mean(axis=1) for moments in each])

    # -- the prior and its updates --------------------------------------------------------------------------

    def default_prior(self, rows: Array, weights: Array | None) -> NormalCoefficients:
        """Return the weak prior about coefficients of zero."""
        p = self._size(rows.shape[1])
        units = NormalCoefficients.trusted(mean=np.zeros(p), factor=np.eye(p) / self.prior_sd)
        return units.mapped(_of_features(self._moments(rows, weights).coordinates(proper=True)))

    def flat_prior(self, n_components: int, n_columns: int) -> NormalCoefficients:
        """Return the prior that is flat in the coefficients."""
        p = self._size(n_columns)
        return NormalCoefficients.trusted(mean=np.zeros((n_components, p)), factor=np.zeros((n_components, p, p)))

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> NormalCoefficients:
        """Return the prior with a component axis, its precision as a factor."""
        p = self._size(n_columns)
        if isinstance(prior, Normal):
            prior = NormalCoefficients.of(prior, p)
        return NormalCoefficients.broadcast(prior, n_components, p)

    def update(self, prior: Any, statistics: Array) -> Any:
        """Return the normal posterior given expected statistics (K, S)."""
        p = prior.mean.shape[-1]
        return prior.update(PAIRS.scatter(statistics[:, 1:-p], p), statistics[:, -p:])

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the log predictive probability (K, n) of the targets of rows (d + 1, n)."""
        kernel = self.kernel(posterior, np.zeros(len(posterior.mean)), Coordinates.identity(len(rows)))
        features = kernel.features(rows.T)
        return self.augmentation.log_predictive(features.sign, *kernel.predictors(features))

    # -- numerics -------------------------------------------------------------------------------------------

    def _moments(self, rows: Array, weights: Array | None) -> DesignMoments:
        return design_moments(rows, weights, centred=self.fit_intercept)

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return features whitened, and centred where there is an intercept; the target as it is."""
        return _of_features(self._moments(rows, weights).coordinates())

    def rounding(self, expected: Parameters) -> float:
        """Return ε times the square of the largest coefficients."""
        return float(_ROUNDING * max(1.0, (expected["coefficients"] ** 2).sum(-1).max()))

    def check_rows(self, rows: Array) -> None:
        """Refuse targets other than 0 and 1, rows without a feature, and features that hardly vary."""
        name = type(self).__name__
        if rows.shape[1] < 2:
            raise PointmassError(f"{name} needs a target beside the features: fit(X, y)")
        wrong = np.flatnonzero((rows[:, -1] != 0.0) & (rows[:, -1] != 1.0))
        if wrong.size:
            raise PointmassError(f"{name} needs targets 0 and 1, got {rows[wrong[0], -1]:g} at row {wrong[0]}")
        refuse_tiny_spread(rows[:, :-1])

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what leaves coefficients undetermined, values of great leverage, and separation."""
        data = self._moments(rows, weights)
        found = undetermined(data, self._size(rows.shape[1])) + leverage_warnings(rows, weights, data.joint)
        working = _of_features(data.coordinates()).transform(rows)[:-1]
        separated = _is_separated(AugmentedRows.of(working, rows[:, -1], self.fit_intercept))
        if separated and not isinstance(self.prior, PointMass):
            found.append(
                "the features separate the targets (a plane through them has 0 on one side and 1 on the other): the "
                "likelihood alone has no maximum, its coefficients run to infinity; MAP and VB lean on their prior"
            )
        return found

    def at_limit(
        self, parameters: Parameters, rows: Array, coordinates: Coordinates, prior: Belief
    ) -> dict[str, Array]:
        """Return the coefficients that a flat prior lets run to infinity: features separate the targets.

        In a mixture, which divides the rows, those of a component under which no row is in doubt.
        """
        if prior.is_proper:
            return {}
        features = AugmentedRows.of(coordinates.transform(rows)[:-1], rows[:, -1], self.fit_intercept)
        lines = np.asarray(parameters["coefficients"])
        far = self._is_certain(lines @ features.design) if lines.ndim > 1 else _is_separated(features)
        return {"coefficients": np.broadcast_to(np.asarray(far)[..., None], lines.shape)}

    def _is_certain(self, predictors: Array) -> Array:
        """Return under which components (K,) every row's probability is 0 or 1 to three digits."""
        chances = self.augmentation.probability(predictors)
        return np.asarray(np.minimum(chances, 1.0 - chances).max(axis=-1) < _CERTAIN)


def _is_separated(features: AugmentedRows) -> bool:
    return separating_direction(features.design.T, features.sign) is not None


def _of_features(coordinates: Coordinates) -> Coordinates:
    """Return the same map of the features, and none of the target."""
    shift, scale = coordinates.shift.copy(), coordinates.scale.copy()
    shift[-1], scale[-1] = 0.0, 0.0
    scale[-1, -1] = 1.0
    return Coordinates(shift, scale, coordinates.given)
