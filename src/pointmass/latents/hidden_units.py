"""The latent variable of a network: hidden units that are on or off, each with a logit in the features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import expit

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.design_moments import design_moments
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.logit_step import at_infinity
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.point_mass import PointMass
from pointmass.families.unit_classes import unit_patterns
from pointmass.families.unit_step import UnitsPosterior, unit_targets
from pointmass.latents.assignments import change_of_shares
from pointmass.latents.latent import Beliefs, Inferred
from pointmass.latents.row_by_row import ByFeatures
from pointmass.numerics import Array

__all__ = ["HiddenUnits"]

_HIDDEN = "hidden"
_SD = 2.5


@dataclass(frozen=True, eq=False)
class HiddenUnits(ByFeatures):
    r"""H units that are on or off, independent given the features.

    .. math:: p(h \mid x) = \prod_j \sigma(w_j^T (1, x))^{h_j} (1 - \sigma(w_j^T (1, x)))^{1 - h_j}

    A component is a pattern of the units, 2^H of them, over which an E-step sums exactly.

    Parameters
    ----------
    n_units : int
        H.
    prior : NormalLogits or None
        Prior of each unit's logit as that of two classes, on and off: w_j is normal with twice the inverse of its
        precision as covariance. None has a standard deviation of 2.5 for each coefficient of features in units of
        their spread.
    """

    n_units: int
    prior: NormalLogits | None = None

    @property
    def blocks(self) -> tuple[str, ...]:
        """The coefficients."""
        return (_HIDDEN,)

    @property
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """An axis of units, and one of the intercept and the features."""
        return {_HIDDEN: ("unit", "hidden_coefficient")}

    @property
    def n_components(self) -> int:
        """Number of patterns 2^H."""
        return int(2**self.n_units)

    @cached_property
    def patterns(self) -> Array:
        """Every pattern (2^H, H)."""
        return unit_patterns(self.n_units)

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the numbers of units and coefficients."""
        return {"unit": self.n_units, "hidden_coefficient": n_columns}

    # -- priors -------------------------------------------------------------------------------------------------

    def priors_for(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of the coefficients in the units of the data."""
        if self.prior is None:
            return self.weak_priors(values, weights)
        own = self.prior.broadcast(2, values.shape[1])
        return {_HIDDEN: self._of_units(own.mean[1] - own.mean[0], 0.5 * own.precision)}

    def _of_units(self, mean: Array, precision: Array) -> NormalCoefficients:
        factor = np.linalg.cholesky(precision) if precision.any() else precision
        return NormalCoefficients.trusted(
            mean=np.tile(mean, (self.n_units, 1)), factor=np.tile(factor, (self.n_units, 1, 1))
        )

    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return the flat prior."""
        return {_HIDDEN: self._of_units(np.zeros(n_columns), np.zeros((n_columns, n_columns)))}

    def weak_priors(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the default prior."""
        p = values.shape[1]
        standard = self._of_units(np.zeros(p), _SD**-2 * np.eye(p))
        coordinates = design_moments(values, weights, centred=True).coordinates(proper=True)
        return {_HIDDEN: standard.mapped(coordinates.with_target_as_it_is)}

    # -- the sweep ------------------------------------------------------------------------------------------------

    def row_offset(self, beliefs: Beliefs, design: Array | None) -> Array:
        """Return log p(h | x), shape (..., K, n)."""
        assert design is not None
        activations = _weights(beliefs) @ design
        normaliser = np.logaddexp(0.0, activations).sum(axis=-2, keepdims=True)
        return np.asarray(self.patterns @ activations - normaliser)

    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Any]:
        """Return the sums of the features over the rows whose unit is on, and the rows' features."""
        design = inferred.design
        assert design is not None
        on = self.patterns.T @ inferred.responsibilities
        return {_HIDDEN: LogitStatistics(on @ design.T, ((design, inferred.responsibilities.sum(axis=0)),))}

    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> UnitsPosterior:
        """Return what a guarded Newton step of every unit makes of the statistics."""
        start = beliefs[name].parameter_mean()["coefficients"]
        return UnitsPosterior.trusted(mean=prior.mean, factor=prior.factor, statistics=statistics, start=start)

    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return patterns drawn with the units' probabilities at features (n, d)."""
        if features is None:
            raise PointmassError("a network draws classes for given features: give X")
        on = rng.random((n, self.n_units)) < self.probabilities(parameters, features).T
        return np.asarray(on @ (1 << np.arange(self.n_units)[::-1]), dtype=np.intp)

    def probabilities(self, parameters: Parameters, features: Array) -> Array:
        """Return p(unit on | x) (H, n) at public parameters, for features (n, d)."""
        design = np.column_stack([np.ones(len(features)), features]).T
        return np.asarray(expit(np.asarray(parameters[_HIDDEN]) @ design))

    # -- derivatives of the E-step --------------------------------------------------------------------------------

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return the coefficients, unit by unit; draws' axes are kept."""
        weights = _weights(beliefs)
        return weights.reshape(*weights.shape[:-2], -1)

    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the sums over the rows whose unit is on less those that the features let expect: the score."""
        statistics: LogitStatistics = parts[_HIDDEN]
        weights = _weights(beliefs)
        expected = sum((expit(weights @ design) * w) @ design.T for design, w in statistics.designs)
        return np.ravel(statistics.sums - expected)

    def steps(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the number of rows."""
        statistics: LogitStatistics = parts[_HIDDEN]
        return np.full(statistics.sums.size, float(sum(w.sum() for _, w in statistics.designs)))

    def derivative(
        self,
        responsibilities: Array,
        log_joint: Array,
        moves: Array,
        own: Array,
        beliefs: Beliefs,
        weights: Array | None,
        lengths: Array | None = None,
        design: Array | None = None,
    ) -> tuple[Array, Array]:
        """Return the derivative of the responsibilities and of the sums over the rows whose unit is on."""
        assert design is not None
        moves += self.patterns @ (own.reshape(len(own), self.n_units, -1) @ design)
        changes = change_of_shares(responsibilities, moves, weights)
        return changes, ((self.patterns.T @ changes) @ design.T).reshape(len(own), -1)

    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return each row's features times how much more probable each unit is given the class."""
        design = inferred.design
        assert design is not None
        surprise = self.patterns.T @ inferred.responsibilities - expit(_weights(beliefs) @ design)
        return np.asarray((surprise[:, None, :] * design).reshape(-1, design.shape[1]).T)

    # -- parameters as the user sees them -----------------------------------------------------------------------

    def public(self, parameters: Mapping[str, Parameters]) -> Parameters:
        """Return the coefficients."""
        return {_HIDDEN: parameters[_HIDDEN]["coefficients"]}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return the coefficients by block."""
        return {_HIDDEN: {"coefficients": np.asarray(parameters[_HIDDEN], dtype=float)}}

    def at_limit(
        self, parameters: Parameters, design: Array | None, weights: Array | None, prior: Beliefs
    ) -> dict[str, Array]:
        """Return the coefficients of units that no row leaves undecided: they run to infinity."""
        assert design is not None
        own: Any = prior[_HIDDEN]
        hidden = np.asarray(parameters[_HIDDEN])
        w = np.ones(design.shape[1]) if weights is None else weights
        targets = unit_targets(LogitStatistics(hidden, ((design, w),)), own.mean, own.factor)
        pairs = zip(targets, hidden, strict=True)
        return {_HIDDEN: np.array([at_infinity(target, np.stack([-0.5 * row, 0.5 * row]))[1] for target, row in pairs])}

    def presence(self, parameters: Parameters) -> Array:
        """Return one: some features may lead to any pattern."""
        return np.ones(1)


def _weights(beliefs: Beliefs) -> Array:
    return np.asarray(beliefs[_HIDDEN].expected_natural_parameters()["coefficients"])
