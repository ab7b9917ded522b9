"""Factor analysis and probabilistic principal components: columns that a few hidden factors make depend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.common_noise_coefficients import CommonNoiseCoefficients
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import data_moments, leverage_warnings, refuse_tiny_spread
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.families.factor_frame import FactorFrame
from pointmass.families.factor_kernel import FactorKernel, grams, pairs
from pointmass.families.family import Belief, Family
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.ordered_loadings import OrderedLoadings
from pointmass.families.point_mass import PointMass
from pointmass.families.principal_axes import principal_loadings
from pointmass.families.regression_kernel import quadratic_coefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.families.relevant_coefficients import RelevantCoefficients, RelevantCommonNoiseCoefficients
from pointmass.families.triangular_loadings import TriangularLoadings, telling_columns
from pointmass.numerics import Array

__all__ = ["NOISES", "FactorAnalysis"]

NOISES = ("each", "common")
"""A noise variance for each column, or one for all."""

_KAPPA, _SHAPE = 0.01, 2.0
_DRAWS, _SEED = 500, 20261126

# A uniqueness below this share of a column's variance stands for zero.
_HEYWOOD = 1e-4
_ROUNDING = 1e-14
_LEAST = 0.01


@dataclass(frozen=True, eq=False, repr=False)
class FactorAnalysis(Family):
    r"""Factor analysis.

    .. math:: x = \mu + W z + \varepsilon, \qquad z \sim N(0, I_q), \qquad \varepsilon_j \sim N(0, \psi_j)

    so that the covariance is W Wᵀ + diag(ψ). The factors z are latent; given them each column is a regression with a
    conjugate prior. With one variance ψ for all columns the maximum of the likelihood has a closed form, the principal
    components (`MLE`); EM, which need not know it, ends there. A uniqueness ψ that goes to zero, a Heywood case, has
    the status ``boundary``.

    Loadings W are known up to a rotation (of one factor, up to its sign), so of all rotations the loadings shown are
    those that are triangular in ``anchors``: what the data tell of them, and standard errors, draws and evidences can
    be compared (`pointmass.families.triangular_loadings`).

    With a ``loading_prior`` the loadings of each factor have a precision of their own, in units of the noise, and that
    of a factor without use goes to infinity (automatic relevance determination): `VB` finds out how many factors there
    are. Rotations are then told apart; factors are shown in the order of their signal.

    Parameters
    ----------
    n_factors : int
        q, at least 1 and fewer than the columns.
    noise : {"each", "common"}
        One noise variance for each column (factor analysis), or one for all: probabilistic principal component
        analysis, which takes the columns in the units that they come in.
    anchors : sequence of int or None
        q columns by number: the first loads on the first factor alone, the second on the first two, and so on, each on
        its last one positively. None: those that the principal axes of the data tell apart best.
    loading_prior : GammaPrecision or None
        Prior of each factor's precision α_k, w_jk ~ N(0, ψ_j / α_k), such as ``GammaPrecision(1e-3, 1e-3)``. It is
        integrated out, and plays no part in maximum likelihood.
    prior : PointMass or None
        Loadings, means and noise variances that are known; or None for a weak prior, the same for each rotation: of
        each column σ² ~ IG(2, variance / (1 + q)) (of all, with their mean variance), loadings N(0, σ²) unless there
        is a ``loading_prior``, and a mean worth a hundredth of a row.

    Raises
    ------
    PointmassError
        If ``n_factors`` is not a positive integer, ``noise`` is neither of the two, ``anchors`` are not q columns, or
        a prior is of another kind.

    References
    ----------
    Rubin and Thayer (1982), EM algorithms for ML factor analysis, *Psychometrika* 47; Tipping and Bishop (1999),
    Probabilistic principal component analysis, *JRSS B* 61; Ghahramani and Beal (2000), Variational inference for
    Bayesian mixtures of factor analysers, *NeurIPS* 12.

    Examples
    --------
    >>> from pointmass import EM, MLE, FactorAnalysis, load_dataset
    >>> fit = EM(FactorAnalysis(2), max_iter=5000).fit(load_dataset("wine").X)
    >>> fit.estimate_["loadings"].shape, fit.estimate_["noise_variance"].shape
    ((13, 2), (13,))
    >>> iris = load_dataset("iris").X
    >>> float(MLE(FactorAnalysis(2, noise="common")).fit(iris).estimate_["noise_variance"].round(6))
    0.050682
    """

    n_factors: int = 1
    noise: str = "each"
    anchors: Any = None
    loading_prior: Any = None
    prior: Any = None

    @property
    def parameter_dims(self) -> dict[str, tuple[str, ...]]:  # type: ignore[override]
        """Axes of each public parameter; the noise variance has one where columns differ in it."""
        of_noise = () if self._is_common else ("feature",)
        return {"mean": ("feature",), "loadings": ("feature", "factor"), "noise_variance": of_noise}

    def __post_init__(self) -> None:
        """Refuse numbers of factors that make no sense, and priors of another kind."""
        q = self.n_factors
        if isinstance(q, bool) or not isinstance(q, int | np.integer) or q < 1:
            raise PointmassError(
                f"FactorAnalysis: n_factors must be an integer of at least 1, got {q!r}", path=("n_factors",)
            )
        object.__setattr__(self, "n_factors", int(q))
        if self.noise not in NOISES:
            raise PointmassError(
                f"FactorAnalysis: noise must be one of {', '.join(NOISES)}, got {self.noise!r}", path=("noise",)
            )
        if self.anchors is not None:
            object.__setattr__(self, "anchors", self._checked_anchors())
        if not isinstance(self.loading_prior, GammaPrecision | None):
            raise PointmassError(
                f"FactorAnalysis: loading_prior must be GammaPrecision or None, got {self.loading_prior!r}",
                path=("loading_prior",),
            )
        if not isinstance(self.prior, PointMass | None):
            raise PointmassError(
                f"FactorAnalysis: prior must be PointMass or None, got {self.prior!r}", path=("prior",)
            )

    def _checked_anchors(self) -> tuple[int, ...]:
        """Return the anchors as numbers."""
        found = np.atleast_1d(np.asarray(self.anchors))
        whole = found.dtype.kind in "iu" and found.shape == (self.n_factors,) and (found >= 0).all()
        if not whole or len(set(found.tolist())) < self.n_factors:
            raise PointmassError(
                f"FactorAnalysis: anchors must be {self.n_factors} different columns by number, got {self.anchors!r}",
                path=("anchors",),
            )
        return tuple(int(column) for column in found)

    def fitted_to(self, rows: Array) -> FactorAnalysis:
        """Return the family with its anchors, where a rotation is free."""
        if self.anchors is not None or self.loading_prior is not None or self.prior is not None:
            return self
        return replace(self, anchors=telling_columns(self._principal(rows, None)))

    @property
    def section(self) -> TriangularLoadings | OrderedLoadings | None:
        """The loadings that stand for all like them; None where they are known, or anchors are not yet chosen."""
        if self.prior is not None:
            return None
        if self.loading_prior is not None:
            return OrderedLoadings()
        return None if self.anchors is None else TriangularLoadings(self.anchors)

    @property
    def _is_common(self) -> bool:
        return self.noise == "common"

    @property
    def _conjugate(self) -> type[FactorCoefficients]:
        return CommonNoiseCoefficients if self._is_common else FactorCoefficients

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of columns and factors."""
        return {"feature": n_columns, "factor": self.n_factors}

    def hides_values(self, rows: Array) -> bool:
        """Every row has hidden factors."""
        return True

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return products of each pair of (1, factors, column), column after column, of rows (d, n) without factors."""
        design = np.zeros(self.n_factors + 1)
        design[0] = 1.0
        each = [pairs(grams(np.outer(design, design), np.outer(row, design), row**2)) for row in rows.T]
        return np.reshape(each, (rows.shape[1], -1)).T

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (1, S), which multiplies the products."""
        return quadratic_coefficients(expected, fit_intercept=True).reshape(1, -1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return the expected products (1, S) of rows and their factors."""
        mean, loadings = parameters["mean"][0], parameters["loadings"][0]
        square = np.eye(self.n_factors + 1)
        cross = np.column_stack([mean, loadings])
        own = parameters["noise_variance"][0] + mean**2 + (loadings**2).sum(-1)
        return pairs(grams(square, cross, own)).reshape(1, -1)

    def statistics_of(self, sums: Array, n_columns: int) -> RegressionMoments:
        """Return summed statistics (1, S) as products of every column's regression."""
        return RegressionMoments(sums.reshape(n_columns, -1), np.zeros((n_columns, self.n_factors + 1)))

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> FactorKernel:
        """Return the kernel that integrates the factors out."""
        return FactorKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> FactorFrame:
        """Return the statistics of the columns' regressions."""
        return FactorFrame(self, belief, n_columns)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d)."""
        mean, loadings, variance = (parameters[name][0] for name in ("mean", "loadings", "noise_variance"))
        noise = np.sqrt(variance) * rng.standard_normal((len(labels), len(mean)))
        return np.asarray(mean + rng.standard_normal((len(labels), self.n_factors)) @ loadings.T + noise)

    def check_rows(self, rows: Array) -> None:
        """Refuse columns whose variance is too small for a number, and as many factors as columns."""
        if rows.shape[1] <= self.n_factors:
            raise PointmassError(
                f"FactorAnalysis: n_factors={self.n_factors} needs more columns than factors, got {rows.shape[1]}; use "
                "fewer factors or a Gaussian",
                path=("n_factors",),
            )
        if max(self.anchors or (0,)) >= rows.shape[1]:
            raise PointmassError(
                f"FactorAnalysis: anchors are {self.anchors}, but there are {rows.shape[1]} columns", path=("anchors",)
            )
        refuse_tiny_spread(rows)

    def least_rows(self, n_columns: int) -> int:
        """Return q + 2, which leave something to the noise."""
        return self.n_factors + 2

    # -- the prior and its updates --------------------------------------------------------------------------

    def default_prior(self, rows: Array, weights: Array | None) -> FactorCoefficients:
        """Return the weak prior of each column."""
        data = data_moments(rows, weights)
        d, p = len(data.mean), self.n_factors + 1
        mean, precision = np.zeros((d, p)), np.ones(p)
        mean[:, 0], precision[0] = data.mean, _KAPPA
        variance = self._of_noise(data.scales**2)
        prior = self._conjugate.trusted(
            mean=mean,
            factor=np.broadcast_to(np.diag(np.sqrt(precision)), (d, p, p)).copy(),
            shape=np.full_like(variance, _SHAPE),
            scale=variance / p,
        )
        return prior if self.loading_prior is None else self._relevant(prior)

    def _relevant(self, prior: FactorCoefficients) -> RelevantCoefficients:
        """Return a prior with a precision for the loadings of each factor in the place of one that is fixed."""
        kind = RelevantCommonNoiseCoefficients if self._is_common else RelevantCoefficients
        relevance = np.tile([self.loading_prior.shape, self.loading_prior.rate], (self.n_factors, 1))
        return kind.trusted(**prior.hyperparameters(), relevance=relevance)

    def _of_noise(self, variances: Array) -> Array:
        """Return one number of each column (d,) as the noise has them: their mean (1,) where that is common."""
        return np.asarray(variances.mean(keepdims=True) if self._is_common else variances)

    def starting_prior(self, rows: Array, weights: Array | None) -> FactorCoefficients:
        """Return the weak prior about the principal axes: loadings of zero are a saddle, at which a sweep stands still.

        The axes are those of columns in the units that the model works in: standardised ones, unless noise is common.
        """
        prior, mean = self.default_prior(rows, weights), np.empty((rows.shape[1], 1 + self.n_factors))
        mean[:, :1], mean[:, 1:] = prior.mean[:, :1], self._units(rows, weights) * self._principal(rows, weights)
        return self._conjugate.trusted(mean=mean, factor=prior.factor, shape=prior.shape, scale=prior.scale)

    def _principal(self, rows: Array, weights: Array | None) -> Array:
        """Return the principal axes as loadings (d, q), in working coordinates."""
        unit = self._units(rows, weights)
        covariance = data_moments(rows, weights).covariance / unit / unit.T
        return principal_loadings(covariance, self.n_factors, _LEAST)[1]

    def _units(self, rows: Array, weights: Array | None) -> Array:
        """Return the unit (d, 1) of each column in working coordinates."""
        return np.broadcast_to(self.coordinates(rows, weights).scale, rows.shape[1:])[:, None]

    def closed_form(self, rows: Array, weights: Array | None) -> Parameters | None:
        """Return the principal axes, where the noise is common."""
        if not self._is_common or isinstance(self.prior, PointMass):
            return None
        mean = np.average(rows, axis=0, weights=weights)
        noise, loadings = principal_loadings(
            np.cov(rows - mean, rowvar=False, ddof=0, aweights=weights), self.n_factors
        )
        return {"mean": mean[None], "loadings": loadings[None], "noise_variance": np.array([noise])}

    def flat_prior(self, n_components: int, n_columns: int) -> FactorCoefficients:
        """Return the prior that is flat in coefficients and precisions of each column."""
        self._alone(n_components)
        d, p = n_columns, self.n_factors + 1
        of_noise = (1, d) if self._is_common else (d, 1)  # variances, and the columns that each is that of
        return self._conjugate.trusted(
            mean=np.zeros((d, p)),
            factor=np.zeros((d, p, p)),
            shape=np.full(of_noise[0], 1.0 - 0.5 * p * of_noise[1]),
            scale=np.zeros(of_noise[0]),
        )

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> FactorCoefficients:
        """Return the prior itself: its leading axis is that of the columns."""
        self._alone(n_components)
        return prior  # type: ignore[no-any-return]

    def _alone(self, n_components: int) -> None:
        if n_components > 1:
            raise PointmassError(
                "FactorAnalysis stands alone: mixtures and chains of factor analyses are not there; use a Gaussian",
                path=("family",),
            )

    def update(self, prior: FactorCoefficients, statistics: RegressionMoments) -> FactorCoefficients:
        """Return the posterior of each column's regression."""
        return prior.update(statistics)

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the log predictive density (1, n) of rows (d, n), averaged over 500 draws of the posterior."""
        draws = posterior.parameter_draws(_DRAWS, np.random.default_rng(_SEED))
        expected = posterior.natural_parameters_at(draws)
        first = {name: np.swapaxes(a, 0, 1).reshape(-1, *a.shape[2:]) for name, a in expected.items()}
        kernel = FactorKernel(self, first, np.zeros(_DRAWS), Coordinates.identity(len(rows)))
        densities = kernel.product(kernel.features(rows.T))
        return np.asarray(np.logaddexp.reduce(densities, axis=0, keepdims=True) - np.log(_DRAWS))

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The lowest noise variance of a point, relative to the variance of the column."""
        return 1e-8

    def is_floored(self, name: str) -> bool:
        """Return that the floor is no place to rest: it is the edge of the range of noise variances."""
        return False

    def at_limit(
        self, parameters: Parameters, rows: Array, coordinates: Coordinates, prior: Belief
    ) -> dict[str, Array]:
        """Return the noise variances where one has gone to zero (Heywood)."""
        variance, loadings = (np.asarray(parameters[name]) for name in ("noise_variance", "loadings"))
        explained = (loadings**2).sum(-1)
        total = variance + (explained.mean(-1) if self._is_common else explained)
        return {"noise_variance": variance < _HEYWOOD * total} if self.prior is None else {}

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return columns centred, and scaled: each, as noise that is independent by column allows, or all alike."""
        data = data_moments(rows, weights)
        return Coordinates(data.mean, np.sqrt(np.mean(data.scales**2)) if self._is_common else data.scales)

    def public(self, parameters: Parameters) -> Parameters:
        """Return mean, loadings (on their section) and noise variances, with an axis of one component."""
        line = parameters["coefficients"]
        variance = parameters["noise_variance"]
        loadings = line[..., 1:] if self.section is None else self.section.turned(line[..., 1:], variance)
        return {
            "mean": line[..., None, :, 0],
            "loadings": loadings[..., None, :, :],
            "noise_variance": variance if self._is_common else variance[..., None, :],
        }

    def native(self, parameters: Parameters) -> Parameters:
        """Return coefficients of each column, the mean first, and noise variances."""
        line = np.concatenate([parameters["mean"][..., None], parameters["loadings"]], axis=-1)
        variance = parameters["noise_variance"]
        return {
            "coefficients": line[..., 0, :, :],
            "noise_variance": variance if self._is_common else variance[..., 0, :],
        }

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return whether noise lies below its floor, where no sweep goes; at the floor it lies on the boundary."""
        return np.asarray([(parameters["noise_variance"] < 0.999 * self.floor).any()])

    def rounding(self, expected: Parameters) -> float:
        """Return ε times the largest precision of the noise."""
        return float(_ROUNDING * max(1.0, expected["precision"].max()))

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what leaves a column without variance, and values of great leverage."""
        data = data_moments(rows, weights)
        return data.warnings(matrix=False) + leverage_warnings(rows, weights, data)
