"""One-way random effects: groups of rows whose levels differ, and the variances between and within them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.data_moments import data_moments, refuse_tiny_spread
from pointmass.families.family import Belief
from pointmass.families.inverse_gamma import InverseGamma
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.families.target_level import NormalEffects, TargetLevel
from pointmass.latents.assignments import soft
from pointmass.models.base import Beliefs, Model
from pointmass.models.group_effects import EFFECTS, GROUP_VARIANCE, OBSERVATION, SUMS, GroupEffects, places_of
from pointmass.models.group_effects_frame import GroupEffectsFrame
from pointmass.models.group_likelihood import balanced_maximum, log_likelihoods, log_predictive
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["RandomEffects"]

_KAPPA, _SHAPE, _SHARE = 0.01, 1.5, 0.05
_REACHED = 1.001  # of a limit

# The public parameters of each block, without the axes of components and columns.
_PUBLIC: dict[str, Callable[[Parameters], Parameters]] = {
    OBSERVATION: lambda own: {
        "mean": own["coefficients"][..., 0, 0],
        "noise_variance": own["noise_variance"][..., 0],
    },
    GROUP_VARIANCE: lambda own: {GROUP_VARIANCE: own["variance"][..., 0, 0]},
    EFFECTS: lambda own: {EFFECTS: own["coefficients"][..., 0, :]},
}


@dataclass(frozen=True, eq=False, repr=False)
class RandomEffects(Model):
    r"""A target whose level differs at random from group to group, ``fit(X, y)``: rows with equal features are a group.

    .. math:: y_{ij} = \mu + b_i + \varepsilon_{ij}, \qquad b_i \sim N(0, \sigma_b^2), \qquad
              \varepsilon_{ij} \sim N(0, \sigma^2)

    Groups may have any numbers of rows, and X may be one column of codes or an indicator for each group. The effects b
    are latent; their posterior is stored with a fit, ``belief_["effects"]``. `EM` is maximum likelihood, of which `MLE`
    is the closed form where all groups have as many rows. Where these differ by less than chance would make them, the
    maximum is at σ_b² = 0: the status is ``boundary``, although EM's own steps come there like 1/t.

    Parameters
    ----------
    noise_prior : NormalInverseGamma or None
        Prior of (μ, σ²), for all methods but EM. None: a mean worth a hundredth of a row, and σ² ~ IG(3/2, a twentieth
        of the variance of y).
    group_prior : InverseGamma or None
        Prior of σ_b². None: that of the noise.
    groups : sequence or None
        The features of each group; None takes those of the data.

    Raises
    ------
    PointmassError
        If a prior is of another kind, or in ``fit`` there are fewer than two groups.

    References
    ----------
    Searle, Casella and McCulloch (1992), *Variance Components*, chapters 3 and 8; Dempster, Laird and Rubin (1977),
    *JRSS B* 39, section 4.4.

    Examples
    --------
    >>> from pointmass import EM, RandomEffects, load_dataset
    >>> data = load_dataset("dyestuff")
    >>> fit = EM(RandomEffects(), tol=1e-12).fit(data.X, data.y)
    >>> {name: round(float(fit.estimate_[name]), 2) for name in ("mean", "group_variance", "noise_variance")}
    {'mean': 1527.5, 'group_variance': 1388.33, 'noise_variance': 2451.25}
    """

    noise_prior: Any = None
    group_prior: Any = None
    groups: Any = None

    n_components = 1

    def __post_init__(self) -> None:
        """Refuse other priors."""
        for name, kind in (("noise_prior", NormalInverseGamma), ("group_prior", InverseGamma)):
            if not isinstance(getattr(self, name), kind | None):
                raise PointmassError(
                    f"RandomEffects: {name} must be {kind.__name__} or None, got {getattr(self, name)!r}", path=(name,)
                )
        if self.groups is not None:
            rows = np.atleast_2d(np.asarray(self.groups, dtype=float))
            object.__setattr__(self, "groups", tuple(tuple(map(float, row)) for row in rows))

    @property
    def has_latent(self) -> bool:
        """The effects."""
        return True

    @property
    def is_conditional(self) -> bool:
        """The last column of a row is the target."""
        return True

    @property
    def blocks(self) -> tuple[str, ...]:
        """Level and noise, and the variance of effects."""
        return (OBSERVATION, GROUP_VARIANCE)

    @property
    def latent_blocks(self) -> dict[str, type[ConjugatePrior]]:
        """The effects."""
        return {EFFECTS: NormalEffects}

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Axes of each public parameter."""
        return {"mean": (), "noise_variance": (), GROUP_VARIANCE: (), EFFECTS: ("group",)}

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of features and groups."""
        return {"feature": n_columns - 1, "group": 0 if self.groups is None else len(self.groups)}

    @property
    def floor(self) -> float:
        """The lowest variance of noise and effects, relative to the variance of the target."""
        return 1e-12

    def is_floored(self, name: str) -> bool:
        """Return that the noise rests on its floor, and effects do not: their variance may be zero."""
        return name == "noise_variance"

    @cached_property
    def _groups(self) -> Array:
        return np.array(self.groups)

    # -- data and priors ------------------------------------------------------------------------------------

    def fitted_to(self, values: Array) -> RandomEffects:
        """Return the model with its groups."""
        return self if self.groups is not None else replace(self, groups=np.unique(values[:, :-1], axis=0))

    def check(self, values: Array) -> None:
        """Raise `PointmassError` where there are fewer than two groups, or nothing but groups of one row."""
        self.check_support(values)
        counts = np.unique(values[:, :-1], axis=0, return_counts=True)[1]
        if len(counts) < 2 or counts.max() < 2:
            raise PointmassError(
                f"RandomEffects needs two groups, one of them with two rows; X has {len(counts)} different rows, each "
                f"at most {counts.max()} times: give one column that names each row's group"
            )

    def check_support(self, values: Array) -> None:
        """Raise `PointmassError` where targets have no spread that a number can hold."""
        refuse_tiny_spread(values[:, -1:], "target")

    def data_warnings(self, values: Array, weights: Array | None) -> list[str]:
        """Return what a constant target leaves."""
        return data_moments(values[:, -1:], weights).warnings(matrix=False)

    def least_rows(self, n_columns: int) -> int:
        """Return 3: two groups, one of them with two rows."""
        return 3

    def prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the priors, defaults filled in."""
        default = dict(self.weak_prior(values, weights))
        if self.noise_prior is not None:
            own = TargetLevel.of(self.noise_prior, 1)
            default[OBSERVATION] = TargetLevel.trusted(**own.broadcast(1, 1).hyperparameters())
        if self.group_prior is not None:
            default[GROUP_VARIANCE] = self.group_prior.broadcast(1, 1)
        return default

    def weak_prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the default priors."""
        data = data_moments(values[:, -1:], weights)
        rate = _SHARE * float(data.scales[0]) ** 2
        level = TargetLevel.trusted(
            mean=data.mean[None],
            factor=np.full((1, 1, 1), np.sqrt(_KAPPA)),
            shape=np.full(1, _SHAPE),
            scale=np.full(1, rate),
        )
        return {OBSERVATION: level, GROUP_VARIANCE: InverseGamma(_SHAPE, rate).broadcast(1, 1)}

    def flat_prior(self, n_columns: int) -> Beliefs:
        """Return priors that are flat in the level and in the precisions."""
        level = TargetLevel.trusted(
            mean=np.zeros((1, 1)), factor=np.zeros((1, 1, 1)), shape=np.full(1, 0.5), scale=np.zeros(1)
        )
        return {OBSERVATION: level, GROUP_VARIANCE: InverseGamma(1.0, 0.0).broadcast(1, 1)}

    def coordinates(self, values: Array, weights: Array | None) -> Coordinates:
        """Return the features as they are, and the target centred and in units of its spread."""
        data, d = data_moments(values[:, -1:], weights), values.shape[1]
        shift, scale = np.zeros(d), np.ones(d)
        shift[-1], scale[-1] = data.mean[0], data.scales[0]
        return Coordinates(shift, scale, given=d - 1)

    def closed_form(self, rows: Rows) -> Parameters | None:
        """Return the maximum where every group has as many rows, without weights."""
        found = balanced_maximum(self._sums(rows), self.floor)
        if found is None or rows.weights is not None:
            return None
        unit, level = rows.coordinates.scale[-1], rows.coordinates.shift[-1]
        return {
            "mean": np.asarray(level + unit * found[0]),
            "noise_variance": np.asarray(unit**2 * found[1]),
            GROUP_VARIANCE: np.asarray(unit**2 * found[2]),
        }

    def _sums(self, rows: Rows) -> Array:
        """Return Σ (1, y, y²) of each group (G, 3), in working coordinates."""
        inference = self.infer(self.flat_prior(rows.values.shape[1]), rows.coordinates)
        return np.asarray(inference.statistics(rows, soft).parts[SUMS])

    # -- the sweep ------------------------------------------------------------------------------------------

    def infer(self, beliefs: Beliefs, coordinates: Coordinates) -> GroupEffects:
        """Return the E-step: the posterior of the effects."""
        return GroupEffects(self._groups, beliefs, coordinates)

    def collect(self, responsibilities: Array, rows: Rows, beliefs: Beliefs) -> Statistics:
        """Return the statistics under ``beliefs``: there is no component to be responsible."""
        inference = self.infer(beliefs, rows.coordinates)
        return inference.complete(inference.statistics(rows, soft), soft)

    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the posterior of level and noise, or of the variance of effects."""
        own: Any = prior[name]
        if isinstance(own, PointMass):
            return own
        part = statistics.parts[name]
        updated: Belief = own.update(part) if name == OBSERVATION else own.update(*part)
        return updated

    def latent_beliefs(self, beliefs: Beliefs, statistics: Statistics, coordinates: Coordinates) -> Beliefs:
        """Return the posterior of the effects."""
        return {EFFECTS: self.infer(beliefs, coordinates).posterior(statistics.parts[SUMS])}

    def with_latent_draws(self, draws: Parameters, rows: Rows, rng: np.random.Generator) -> Parameters:
        """Return the draws with one of the effects, given data and parameters, beside each."""
        if EFFECTS in draws:
            return draws
        count, total, _ = self._sums(rows).T
        unit, level = rows.coordinates.scale[-1], rows.coordinates.shift[-1]
        between, within = (np.asarray(draws[name])[:, None] for name in (GROUP_VARIANCE, "noise_variance"))
        precision = count / within + 1.0 / between
        left = unit * total + count * (level - np.asarray(draws["mean"])[:, None])
        noise = rng.standard_normal(precision.shape) / np.sqrt(precision)
        return {**draws, EFFECTS: left / within / precision + noise}

    def frame(self, beliefs: Beliefs, coordinates: Coordinates) -> GroupEffectsFrame:
        """Return what is left of the targets and the squares of the effects as one vector."""
        return GroupEffectsFrame(self.infer(beliefs, coordinates))

    def numbers_per_row(self, n_columns: int) -> int:
        """Return the size of a row, of its place among the groups and of its statistics."""
        return 3 * n_columns + 6

    # -- densities ------------------------------------------------------------------------------------------

    def log_predictive(self, beliefs: Beliefs, rows: Rows) -> Array:
        """Return the log density of each target given its group; of a group that is new, with any effect."""
        inference = self.infer(beliefs, rows.coordinates)
        places, target = inference.places(rows)
        return log_predictive(beliefs[OBSERVATION], target, *inference.of_each(places))

    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log likelihood (S,) at each draw, the effects integrated out."""
        if pointwise:
            raise PointmassError("the rows of a group of RandomEffects are not independent given the parameters")
        unit, level = rows.coordinates.scale[-1], rows.coordinates.shift[-1]
        mean = (np.asarray(draws["mean"]) - level) / unit
        within, between = (np.asarray(draws[name]) / unit**2 for name in ("noise_variance", GROUP_VARIANCE))
        return np.asarray(log_likelihoods(self._sums(rows), mean, within, between) - rows.total_weight * np.log(unit))

    def degenerate_components(self, beliefs: Beliefs) -> Array:
        """Return whether the noise of a point has shrunk to its floor."""
        variance = np.min(beliefs[OBSERVATION].parameter_mean()["noise_variance"])
        return np.asarray([variance <= _REACHED * self.floor])

    def at_limit(self, parameters: Parameters, rows: Rows, prior: Beliefs) -> dict[str, Array]:
        """Return whether the variance of effects has gone to zero."""
        return {GROUP_VARIANCE: np.asarray(parameters[GROUP_VARIANCE]) <= _REACHED * self.floor}

    # -- parameters -----------------------------------------------------------------------------------------

    def public(self, parameters: dict[str, Parameters]) -> Parameters:
        """Return all parameters by public name."""
        found: Parameters = {}
        for block, own in parameters.items():
            found |= _PUBLIC[block](own)
        return {name: np.asarray(array) for name, array in found.items()}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block, the effects where they are given."""
        given = {name: np.asarray(array, dtype=float)[..., None] for name, array in parameters.items()}
        level = {"coefficients": given["mean"][..., None], "noise_variance": given["noise_variance"]}
        found = {OBSERVATION: level, GROUP_VARIANCE: {"variance": given[GROUP_VARIANCE][..., None]}}
        own = {EFFECTS: {"coefficients": np.swapaxes(given[EFFECTS], -1, -2)}} if EFFECTS in given else {}
        return {**found, **own}

    def points(self, parameters: dict[str, Parameters], like: Beliefs) -> Beliefs:
        """Return point masses at the blocks' parameters."""
        classes = {**self.latent_blocks, **{name: conjugate_of(belief) for name, belief in like.items()}}
        return {name: PointMass.trusted(parameters=a, conjugate=classes[name]) for name, a in parameters.items()}

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | group] (n,); of a group that is new, the mean."""
        effects = np.append(np.asarray(parameters[EFFECTS]), 0.0)
        return np.asarray(parameters["mean"] + effects[places_of(features, self._groups)])

    def sample(
        self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None
    ) -> tuple[Array, Array]:
        """Return rows (x, y) of the groups that were fitted, with their effects, and zeros."""
        if features is None:
            raise PointmassError("random effects draw targets for given features: give X")
        noise = np.sqrt(parameters["noise_variance"]) * rng.standard_normal(n)
        target = self.expected_target(parameters, features) + noise
        return np.column_stack([features, target]), np.zeros(n, dtype=np.intp)

    def interchangeable(self, prior: Beliefs, labels: Array | None) -> Array:
        """Return one group: there is one component."""
        return np.zeros(1, dtype=np.intp)
