"""Linear regression whose coefficients are latent: evidence maximisation, its variational form, and relevance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.design_moments import design_moments
from pointmass.families.family import Belief
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.linear_regression import LinearRegression
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.point_mass import PointMass, conjugate_of, point_at_mean
from pointmass.latents.assignments import soft
from pointmass.models.base import Beliefs, Model
from pointmass.models.frame import Frame
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import COEFFICIENTS, SharedCoefficients
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["RELEVANCES", "BayesianRegression"]

RELEVANCES = ("common", "each")
_NOISE, _WEIGHTS = "noise_precision", "weight_precision"
_INTERCEPT_PRECISION = 0.01
_NODES = 64


@dataclass(frozen=True, eq=False, repr=False)
class BayesianRegression(Model):
    r"""Linear regression with normal weights of unknown precision, ``fit(X, y)``.

    .. math:: y \mid x, \beta \sim N(\beta_0 + x^T \beta, 1/\tau), \qquad \beta_j \sim N(0, 1/\lambda_j)

    The coefficients are latent, the precisions are what is fitted: `EM` maximises the evidence p(y | τ, λ) (the
    empirical Bayes of MacKay 1992; scikit-learn's BayesianRidge, and with ``relevance="each"`` its ARDRegression),
    `MAP` adds the priors of the precisions, and `VB` gives these a posterior of their own. The posterior of the
    coefficients is stored with the fit, ``belief_["coefficients"]``.

    Parameters
    ----------
    relevance : {"common", "each"}
        One precision for all weights, or one for each feature (automatic relevance determination), which drives the
        weights of features without use to zero.
    fit_intercept : bool
        Whether there is an intercept β₀; its prior is normal about the mean of y, with a hundred times the variance
        of y, and integrated over like the weights'.
    noise_prior, weight_prior : GammaPrecision or None
        Priors of τ and of each λ, for MAP and VB. None: shape 3/2 and a twentieth of the variance of y as rate for τ;
        for λ shape 1 and rate s², with s the sd of y over the root mean square sd of the features, so that a weight is
        marginally Student-t with 2 degrees of freedom and scale s.

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

    n_components = 1

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
    def _family(self) -> LinearRegression:
        return LinearRegression(self.fit_intercept)

    @property
    def has_latent(self) -> bool:
        """The coefficients."""
        return True

    @property
    def is_conditional(self) -> bool:
        """The last column of a row is the target."""
        return True

    @property
    def blocks(self) -> tuple[str, ...]:
        """The two kinds of precision."""
        return (_NOISE, _WEIGHTS)

    @property
    def latent_blocks(self) -> tuple[str, ...]:
        """The coefficients."""
        return (COEFFICIENTS,)

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Axes of each public parameter."""
        weights = ("feature",) if self.relevance == "each" else ()
        return {_NOISE: (), _WEIGHTS: weights, COEFFICIENTS: ("coefficient",)}

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of features and coefficients."""
        return {"feature": n_columns - 1, **self._family.axis_sizes(n_columns)}

    @property
    def floor(self) -> float:
        """The lowest variance of noise and weights, relative to the variance of the target."""
        return 1e-12

    # -- data and priors ------------------------------------------------------------------------------------

    def check(self, values: Array) -> None:
        """Raise `PointmassError` where the rows cannot be used."""
        self.check_support(values)

    def check_support(self, values: Array) -> None:
        """Raise `PointmassError` where rows have no spread that a number can hold."""
        self._family.check_rows(values)

    def data_warnings(self, values: Array, weights: Array | None) -> list[str]:
        """Return what a regression's user should know."""
        return self._family.data_warnings(values, weights)

    def least_rows(self, n_columns: int) -> int:
        """Return 1: the weights have a prior."""
        return 1

    def _n_weights(self, n_columns: int) -> int:
        return n_columns - 1 if self.relevance == "each" else 1

    def prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the priors of the precisions, defaults filled in."""
        default = self.weak_prior(values, weights)
        size = self._n_weights(values.shape[1])
        noise = default[_NOISE] if self.noise_prior is None else self.noise_prior.broadcast(1, 1)
        weight = default[_WEIGHTS] if self.weight_prior is None else self.weight_prior.broadcast(1, size)
        return {_NOISE: noise, _WEIGHTS: weight}

    def weak_prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the default priors."""
        data = design_moments(values, weights, centred=self.fit_intercept).joint
        variance = float(data.scales[-1]) ** 2
        slope = variance / float(np.mean(data.scales[:-1] ** 2))
        return {
            _NOISE: GammaPrecision(1.5, 0.05 * variance).broadcast(1, 1),
            _WEIGHTS: GammaPrecision(1.0, slope).broadcast(1, self._n_weights(values.shape[1])),
        }

    def flat_prior(self, n_columns: int) -> Beliefs:
        """Return priors that are flat in the precisions."""
        flat = GammaPrecision(1.0, 0.0)
        return {_NOISE: flat.broadcast(1, 1), _WEIGHTS: flat.broadcast(1, self._n_weights(n_columns))}

    def coordinates(self, values: Array, weights: Array | None) -> Coordinates:
        """Return features and target centred, and the target in units of its spread."""
        data = design_moments(values, weights, centred=self.fit_intercept).joint
        scale = np.ones(len(data.mean))
        scale[-1] = data.scales[-1]
        return Coordinates(data.mean, scale, given=len(scale) - 1)

    # -- the sweep ------------------------------------------------------------------------------------------

    def infer(self, beliefs: Beliefs, coordinates: Coordinates) -> SharedCoefficients:
        """Return the E-step: the posterior of the coefficients given expected precisions."""
        noise = {name: float(a.item()) for name, a in beliefs[_NOISE].expected_natural_parameters().items()}
        weights = beliefs[_WEIGHTS].expected_natural_parameters()
        d = len(coordinates.shift) - 1
        first = {"precision": _INTERCEPT_PRECISION, "log_precision": np.log(_INTERCEPT_PRECISION)}
        every = {
            name: np.concatenate([[first[name]] * self.fit_intercept, np.broadcast_to(array[0], (d,))])
            for name, array in weights.items()
        }
        return SharedCoefficients(noise, every, beliefs, coordinates)

    def collect(self, responsibilities: Array, rows: Rows, beliefs: Beliefs) -> Statistics:
        """Return the statistics under ``beliefs``: there is no component to be responsible."""
        inference = self.infer(beliefs, rows.coordinates)
        return inference.complete(inference.statistics(rows, soft), soft)

    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the gamma posterior of one kind of precision."""
        own: Any = prior[name]
        if isinstance(own, PointMass):
            return own
        part = statistics.parts[name]
        if name == _NOISE:
            updated: Belief = own.update(*part)
            return updated
        squares = part[int(self.fit_intercept) :]
        if self.relevance == "common":
            return own.update(len(squares), np.array([[squares.sum()]]))  # type: ignore[no-any-return]
        return own.update(1.0, squares[None])  # type: ignore[no-any-return]

    def latent_beliefs(self, statistics: Statistics) -> Beliefs:
        """Return the posterior of the coefficients."""
        return {COEFFICIENTS: statistics.parts[COEFFICIENTS]}

    def frame(self, beliefs: Beliefs, coordinates: Coordinates) -> Frame:
        """Refuse: the derivative of an E-step that all rows share is not a sum over rows."""
        raise PointmassError("BayesianRegression has no Jacobian of its sweep; its precisions have no such intervals")

    def numbers_per_row(self, n_columns: int) -> int:
        """Return the size of a row's statistics."""
        return (n_columns + 1) * (n_columns + 2) // 2 + 2 * n_columns

    # -- densities ------------------------------------------------------------------------------------------

    def log_predictive(self, beliefs: Beliefs, rows: Rows) -> Array:
        """Return the log density of each target: normal in the coefficients, averaged over the noise precision."""
        expected = beliefs[COEFFICIENTS].expected_natural_parameters()
        z = rows.coordinates.transform(rows.values)
        design = np.concatenate([np.ones((1, len(rows))), z[:-1]])[-expected["coefficients"].shape[-1] :]
        residual = z[-1] - expected["coefficients"][0] @ design
        spread = np.einsum("in,ij,jn->n", design, expected["spread"][0], design)
        noise: Any = beliefs[_NOISE]
        probabilities = (np.arange(_NODES) + 0.5) / _NODES
        precisions = (
            point_at_mean(noise).parameters["precision"].ravel()
            if isinstance(noise, PointMass)
            else (gammaincinv(noise.shape, probabilities) / noise.rate).ravel()
        )
        variance = spread + 1.0 / precisions[:, None]
        densities = -0.5 * (np.log(2.0 * np.pi * variance) + residual**2 / variance)
        return np.asarray(np.logaddexp.reduce(densities, axis=0) - np.log(len(precisions)))

    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log evidence p(y | τ, λ) (S,) at each draw of the precisions, the coefficients integrated out."""
        if pointwise:
            raise PointmassError("the rows of a BayesianRegression are not independent given the precisions")
        native, back = self.native(draws), rows.coordinates.inverse
        flat = self.flat_prior(rows.values.shape[1])
        size = len(draws[_NOISE])
        return np.array([self._evidence({n: native[n] for n in self.blocks}, flat, back, rows, s) for s in range(size)])

    def _evidence(self, native: Any, flat: Beliefs, back: Coordinates, rows: Rows, index: int) -> float:
        one = {name: {key: a[index] for key, a in values.items()} for name, values in native.items()}
        points = {name: point.mapped(back) for name, point in self.points(one, flat).items()}
        statistics = self.collect(np.ones((1, len(rows))), rows, points)
        return statistics.log_normaliser - rows.total_weight * rows.coordinates.log_determinant

    def degenerate_components(self, beliefs: Beliefs) -> Array:
        """Return whether the noise of a point has shrunk to the floor."""
        return np.asarray([beliefs[_NOISE].parameter_mean()["precision"].item() >= 0.999 / self.floor])

    # -- parameters -----------------------------------------------------------------------------------------

    def public(self, parameters: dict[str, Parameters]) -> Parameters:
        """Return all parameters by public name, without the component axis."""
        found = {}
        for block, values in parameters.items():
            array = next(iter(values.values()))
            kept = block == COEFFICIENTS or (block == _WEIGHTS and self.relevance == "each")
            found[block] = np.asarray(array[..., 0, :] if kept else array[..., 0, 0])
        return found

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block."""
        found: dict[str, Parameters] = {}
        for block, dims in self.dims.items():
            if block in parameters:
                array = np.asarray(parameters[block], dtype=float)
                key = COEFFICIENTS if block == COEFFICIENTS else "precision"
                found[block] = {key: array[..., None, :] if dims else array[..., None, None]}
        return found

    def points(self, parameters: dict[str, Parameters], like: Beliefs) -> Beliefs:
        """Return point masses at the blocks' parameters."""
        classes = {COEFFICIENTS: NormalCoefficients, **{name: conjugate_of(belief) for name, belief in like.items()}}
        return {name: PointMass.trusted(parameters=a, conjugate=classes[name]) for name, a in parameters.items()}

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (n,)."""
        coefficients = {COEFFICIENTS: np.asarray(parameters[COEFFICIENTS])[None]}
        return np.asarray(self._family.expected_target(coefficients, features)[0])

    def sample(
        self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None
    ) -> tuple[Array, Array]:
        """Return rows (x, y) with targets drawn at the coefficients, and zeros."""
        if features is None:
            raise PointmassError("a regression draws targets for given features: give X")
        noise = rng.standard_normal(n) / np.sqrt(parameters[_NOISE])
        target = self.expected_target(parameters, features) + noise
        return np.column_stack([features, target]), np.zeros(n, dtype=np.intp)

    def interchangeable(self, prior: Beliefs, labels: Array | None) -> Array:
        """Return one group: there is one component."""
        return np.zeros(1, dtype=np.intp)
