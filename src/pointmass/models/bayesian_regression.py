"""Linear regression whose coefficients are latent: evidence maximisation, its variational form, and relevance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.design_moments import DesignMoments, design_moments
from pointmass.families.family import Belief
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.linear_regression import LinearRegression
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.models.base import Beliefs
from pointmass.models.coefficient_draws import drawn_coefficients, log_evidences
from pointmass.models.coefficient_groups import RELEVANCES, CoefficientGroups
from pointmass.models.coefficient_model import CoefficientModel
from pointmass.models.coefficient_predictive import log_predictive
from pointmass.models.precision_priors import default_priors, flat_priors, working_coordinates
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import COEFFICIENTS, NOISE, SUMS, WEIGHTS, SharedCoefficients
from pointmass.models.shared_coefficients_frame import SharedCoefficientsFrame
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["BayesianRegression"]

_REACHED = 0.999  # of a limit


@dataclass(frozen=True, eq=False, repr=False)
class BayesianRegression(CoefficientModel):
    r"""Linear regression with normal weights of unknown precision, ``fit(X, y)``.

    .. math:: y \mid x, \beta \sim N(\beta_0 + x^T \beta, 1/\tau), \qquad \beta_j \sim N(0, 1/\lambda_j)

    The coefficients are latent, the precisions are what is fitted: `EM` maximises the evidence p(y | τ, λ) (the
    empirical Bayes of MacKay 1992; scikit-learn's BayesianRidge, and with ``relevance="each"`` its ARDRegression),
    `MAP` adds the priors of the precisions, `VB` gives these a posterior of their own, `Gibbs` and `NUTS` draw them
    with the coefficients. The posterior of the coefficients is stored with a fit, ``belief_["coefficients"]``; their
    standard deviations add what the uncertainty of the precisions does to them (Kass and Steffey 1989).

    Parameters
    ----------
    relevance : {"common", "each"}
        One precision for all weights, or one for each feature (automatic relevance determination), which drives the
        weights of features without use to zero.
    fit_intercept : bool
        Whether there is an intercept β₀; its prior is normal about the mean of y, with a hundred times the variance
        of y, and integrated over like the weights'.
    noise_prior, weight_prior : GammaPrecision or None
        Priors of τ and of each λ, for all methods but EM. None: shape 3/2 and a twentieth of the variance of y as rate
        for τ; for λ shape 1 and rate s², with s the sd of y over the root mean square sd of the features, so that a
        weight is marginally Student-t with 2 degrees of freedom and scale s.

    Raises
    ------
    PointmassError
        If an option is of another kind.

    References
    ----------
    MacKay (1992), *Neural Computation* 4; Tipping (2001), *JMLR* 1; Bishop (2006), sections 3.5, 7.2 and 10.3.

    Examples
    --------
    >>> from pointmass import EM, BayesianRegression, load_dataset
    >>> data = load_dataset("diabetes")
    >>> fit = EM(BayesianRegression()).fit(data.X, data.y)
    >>> fit.estimate_["coefficients"].shape, fit.status_
    ((11,), 'converged')
    """

    relevance: str = "common"
    fit_intercept: bool = True
    noise_prior: Any = None
    weight_prior: Any = None

    def __post_init__(self) -> None:
        """Refuse other relevances, intercepts and priors."""
        if self.relevance not in RELEVANCES:
            raise PointmassError(
                f"BayesianRegression: relevance must be one of {', '.join(RELEVANCES)}, got {self.relevance!r}",
                path=("relevance",),
            )
        for name in ("noise_prior", "weight_prior"):
            if not isinstance(getattr(self, name), GammaPrecision | None):
                raise PointmassError(
                    f"BayesianRegression: {name} must be GammaPrecision or None, got {getattr(self, name)!r}",
                    path=(name,),
                )
        LinearRegression(self.fit_intercept)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The two kinds of precision."""
        return (NOISE, WEIGHTS)

    @property
    def latent_blocks(self) -> dict[str, type[ConjugatePrior]]:
        """The coefficients."""
        return {COEFFICIENTS: NormalCoefficients}

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Axes of each public parameter."""
        weights = ("feature",) if self.relevance == "each" else ()
        return {NOISE: (), WEIGHTS: weights, COEFFICIENTS: ("coefficient",)}

    @property
    def floor(self) -> float:
        """The lowest variance of noise and weights, relative to the variance of the target."""
        return 1e-12

    # -- data and priors ------------------------------------------------------------------------------------

    def _groups(self, n_columns: int) -> CoefficientGroups:
        return CoefficientGroups.of(self.relevance, n_columns - 1, self.fit_intercept)

    def _design(self, values: Array, weights: Array | None) -> DesignMoments:
        return design_moments(values, weights, centred=self.fit_intercept)

    def prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the priors of the precisions, defaults filled in."""
        default = self.weak_prior(values, weights)
        given = {NOISE: self.noise_prior, WEIGHTS: self.weight_prior}
        sizes = {NOISE: 1, WEIGHTS: len(self._groups(values.shape[1]).sizes)}
        return {name: default[name] if own is None else own.broadcast(1, sizes[name]) for name, own in given.items()}

    def weak_prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the default priors."""
        return default_priors(self._design(values, weights), self._groups(values.shape[1]))

    def flat_prior(self, n_columns: int) -> Beliefs:
        """Return priors that are flat in the precisions."""
        return flat_priors(self._groups(n_columns))

    def coordinates(self, values: Array, weights: Array | None) -> Coordinates:
        """Return features and target centred, and the target in units of its spread."""
        return working_coordinates(self._design(values, weights))

    # -- the sweep ------------------------------------------------------------------------------------------

    def infer(self, beliefs: Beliefs, coordinates: Coordinates) -> SharedCoefficients:
        """Return the E-step: the posterior of the coefficients given expected precisions."""
        return SharedCoefficients(self._groups(len(coordinates.shift)), beliefs, coordinates)

    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the gamma posterior of one kind of precision."""
        own: Any = prior[name]
        if isinstance(own, PointMass):
            return own
        updated: Belief = own.update(*statistics.parts[name])
        return updated

    def latent_beliefs(self, beliefs: Beliefs, statistics: Statistics, coordinates: Coordinates) -> Beliefs:
        """Return the posterior of the coefficients."""
        return {COEFFICIENTS: self.infer(beliefs, coordinates).posterior(statistics.parts[SUMS])}

    def with_latent_draws(self, draws: Parameters, rows: Rows, rng: np.random.Generator) -> Parameters:
        """Return the draws with one of the coefficients, given data and precisions, beside each."""
        if COEFFICIENTS in draws:
            return draws
        return {**draws, COEFFICIENTS: drawn_coefficients(self, draws, rows, rng)}

    def frame(self, beliefs: Beliefs, coordinates: Coordinates) -> SharedCoefficientsFrame:
        """Return the sums of squares of residuals and weights as one vector."""
        return SharedCoefficientsFrame(self.infer(beliefs, coordinates))

    # -- densities ------------------------------------------------------------------------------------------

    def log_predictive(self, beliefs: Beliefs, rows: Rows) -> Array:
        """Return the log density of each target: normal in the coefficients, averaged over the noise precision."""
        return log_predictive(beliefs, rows)

    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log evidence p(y | τ, λ) (S,) at each draw of the precisions, the coefficients integrated out."""
        if pointwise:
            raise PointmassError("the rows of a BayesianRegression are not independent given the precisions")
        return log_evidences(self, draws, rows)

    def degenerate_components(self, beliefs: Beliefs) -> Array:
        """Return whether the noise of a point has shrunk to the floor."""
        return np.asarray([beliefs[NOISE].parameter_mean()["precision"].item() >= _REACHED / self.floor])

    def at_limit(self, parameters: Parameters, rows: Rows, prior: Beliefs) -> dict[str, Array]:
        """Return the precisions of weights that have run to the limit: these weights are zero."""
        return {WEIGHTS: np.asarray(parameters[WEIGHTS]) >= _REACHED / self.floor}

    # -- parameters -----------------------------------------------------------------------------------------

    def public(self, parameters: dict[str, Parameters]) -> Parameters:
        """Return all parameters by public name, without the component axis."""
        arrays = {block: np.asarray(next(iter(values.values()))) for block, values in parameters.items()}
        return {block: a[..., 0, :] if self.dims[block] else a[..., 0, 0] for block, a in arrays.items()}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block, those of the latents where they are given."""
        keys = {NOISE: "precision", WEIGHTS: "precision", COEFFICIENTS: COEFFICIENTS}
        given = {block: np.asarray(parameters[block], dtype=float) for block in keys if block in parameters}
        return {
            block: {keys[block]: a[..., None, :] if self.dims[block] else a[..., None, None]}
            for block, a in given.items()
        }

    def points(self, parameters: dict[str, Parameters], like: Beliefs) -> Beliefs:
        """Return point masses at the blocks' parameters."""
        classes = {**self.latent_blocks, **{name: conjugate_of(belief) for name, belief in like.items()}}
        return {name: PointMass.trusted(parameters=a, conjugate=classes[name]) for name, a in parameters.items()}
