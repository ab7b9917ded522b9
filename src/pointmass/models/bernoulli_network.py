"""Networks of hidden units that are on or off, fitted by EM: classes given features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Belief
from pointmass.families.logit_step import LogitPosterior, LogitTarget, at_infinity
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.unit_classes import UnitClasses
from pointmass.latents.assignments import soft
from pointmass.latents.hidden_units import HiddenUnits
from pointmass.models.base import Beliefs
from pointmass.models.discrete import DiscreteModel
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["BernoulliNetwork"]

_EMISSION = "emission"
_MOST_UNITS = 12

# How wide starts are drawn, relative to the weak prior.
_START = 0.2


@dataclass(frozen=True, eq=False, repr=False)
class BernoulliNetwork(DiscreteModel):
    r"""Network with one layer of hidden units that are on or off, for classes y = 0, 1, …, ``fit(X, y)``.

    .. math:: p(y \mid x) = \sum_{h \in \{0, 1\}^H} \prod_{j=1}^H \sigma(w_j^T (1, x))^{h_j}
        (1 - \sigma(w_j^T (1, x)))^{1 - h_j} \; \frac{e^{v_y^T (1, h)}}{\sum_c e^{v_c^T (1, h)}}

    The units are latent: an E-step sums over all their 2^H patterns, the M-step is one Newton step of each unit's
    logistic regression and of the multinomial logit of the classes, each halved until it does not lower the objective.
    So a network is a mixture of experts whose gate and whose experts have a structure, and no sweep lowers its
    likelihood, which gradient training of the same likelihood has to take care for.

    Parameters are ``hidden`` (H, 1 + d) and ``output`` (C, 1 + H), whose rows sum to zero over the classes. Units may
    be exchanged, and be on where they were off: H! 2^H networks are one, and a fit is one of them. ``predict`` returns
    classes, ``predict_proba`` their probabilities.

    Parameters
    ----------
    n_units : int
        H, from 1 to 12.
    hidden_prior : NormalLogits or None
        Prior of each unit's coefficients for `MAP`, in the units of the data, as the logit of two classes, off and on.
        None is normal with standard deviation 2.5 for each, of features in units of their spread.
    output_prior : NormalLogits or None
        Prior of the output's coefficients for `MAP`. None is normal with standard deviation 2.5 for each.
    n_classes : int or None
        C; None is one more than the largest class of the data.

    Raises
    ------
    PointmassError
        If a number or a prior is out of range.

    References
    ----------
    Ng and McLachlan (2004), Using the EM algorithm to train neural networks: misconceptions and a new algorithm for
    multiclass classification, *IEEE Transactions on Neural Networks* 15, 738-749.

    Examples
    --------
    >>> from pointmass import MAP, BernoulliNetwork
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 10, [0, 1, 1, 0] * 10
    >>> fit = MAP(BernoulliNetwork(2), rng=0).fit(X, y)
    >>> fit.predict(X[:4]).tolist()
    [0, 1, 1, 0]
    """

    n_units: int
    hidden_prior: Any = None
    output_prior: Any = None
    n_classes: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers and priors out of range."""
        for name, lowest, highest in (("n_units", 1, _MOST_UNITS), ("n_classes", 2, None)):
            value = getattr(self, name)
            if value is None and name == "n_classes":
                continue
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < lowest:
                raise PointmassError(
                    f"BernoulliNetwork: {name} must be an integer of at least {lowest}, got {value!r}", path=(name,)
                )
            if highest is not None and value > highest:
                raise PointmassError(
                    f"BernoulliNetwork: {name} must be at most {highest}, for a sweep sums over 2^{name} patterns; got "
                    f"{value!r}",
                    path=(name,),
                )
            object.__setattr__(self, name, int(value))
        for name in ("hidden_prior", "output_prior"):
            given = getattr(self, name)
            if not isinstance(given, NormalLogits | None):
                raise PointmassError(
                    f"BernoulliNetwork: {name} must be NormalLogits or None, got {given!r}", path=(name,)
                )

    @property
    def n_components(self) -> int:  # type: ignore[override]
        """One: patterns of units are no components that rows could be labelled with."""
        return 1

    @property
    def starts_alike(self) -> bool:
        """Weights are drawn, so that every start is another."""
        return False

    @cached_property
    def latent(self) -> HiddenUnits:
        """The units."""
        return HiddenUnits(self.n_units, self.hidden_prior)

    @cached_property
    def family(self) -> UnitClasses:
        """The classes given the units."""
        return UnitClasses(self.n_units, self.n_classes, self.output_prior)

    @property
    def conjugate(self) -> None:
        """None: there is no such network."""
        return None

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Axes of both sets of coefficients."""
        return {**self.latent.dims, **self.family.parameter_dims}

    def fitted_to(self, values: Array) -> BernoulliNetwork:
        """Return the network with the number of classes of the data."""
        return replace(self, n_classes=max(2, self.family.fitted_to(values).n_classes or 0))

    def drawn_start(self, weak: Beliefs, rng: np.random.Generator) -> Beliefs:
        """Return weights drawn from a weak prior made narrower: clusters of rows say nothing of units.

        Units that no row leaves undecided learn nothing, so that they start near even chances.
        """
        start: Beliefs = {}
        for name, belief in weak.items():
            centre, drawn = belief.parameter_mean(), belief.draw(rng)
            near = {key: centre[key] + _START * (array - centre[key]) for key, array in drawn.parameters.items()}
            start = {**start, name: drawn.with_hyperparameters(near)}
        return start

    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return what guarded Newton steps make of the statistics."""
        own: Any = prior[name]
        if name != _EMISSION:
            found: Belief = self.latent.update(name, own, statistics.parts[name], beliefs)
            return found
        start = beliefs[name].parameter_mean()["logits"]
        return LogitPosterior.of(own, self.family.logit_statistics(statistics.parts[name]), start)

    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log likelihood (S,) of the rows at each draw, or each row's own (S, n)."""
        like = self.flat_prior(rows.values.shape[1])
        native, back = self.native(draws), rows.coordinates.inverse
        found = []
        for s in range(len(next(iter(draws.values())))):
            one = {block: {key: array[s] for key, array in own.items()} for block, own in native.items()}
            points = {block: point.mapped(back) for block, point in self.points(one, like).items()}
            found.append(self.infer(points, rows.coordinates).responsibilities(rows, soft)[1])
        densities = np.array(found)
        if pointwise:
            return densities
        return densities.sum(axis=1) if rows.weights is None else densities @ rows.weights

    def at_limit(self, parameters: Parameters, rows: Rows, prior: Beliefs) -> dict[str, Array]:
        """Return the coefficients that run to infinity: of units, and of classes given units, which nothing bounds."""
        points = self.points(self.native(parameters), prior)
        counts = self.infer(points, rows.coordinates).statistics(rows, soft).parts[_EMISSION]
        own: Any = prior[_EMISSION]
        target = LogitTarget(self.family.logit_statistics(counts), own)
        output = np.asarray(parameters["output"])
        return {**super().at_limit(parameters, rows, prior), "output": at_infinity(target, output)}

    def class_probabilities(self, parameters: Parameters, features: Array) -> Array:
        """Return p(y | x) (n, C) at public parameters, for features (n, d)."""
        on = self.latent.probabilities(parameters, features).T
        patterns = self.latent.patterns
        shares = np.prod(np.where(patterns[:, None, :] == 1.0, on, 1.0 - on), axis=2)
        return np.asarray(shares.T @ self.family.probabilities(parameters))

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return the most probable class (n,) for features (n, d)."""
        return np.asarray(self.class_probabilities(parameters, features).argmax(axis=1))
