"""The latent variable of a mixture of experts: the features of a row tell how probable its component is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.design_moments import design_moments
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.logit_step import LogitPosterior, LogitTarget, at_infinity
from pointmass.families.normal_logits import NormalLogits, centred_rows
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import change_of_shares
from pointmass.latents.latent import Beliefs, Inferred
from pointmass.latents.row_by_row import ByFeatures
from pointmass.numerics import Array

__all__ = ["Gate"]

_GATE = "gate"

# Standard deviation of each coefficient under the default prior, of features in units of their own spread.
_SD = 2.5


@dataclass(frozen=True, eq=False)
class Gate(ByFeatures):
    r"""Independent memberships with probabilities that depend on the features.

    .. math:: p(z = k \mid x) = \frac{e^{\gamma_k^T (1, x)}}{\sum_l e^{\gamma_l^T (1, x)}}, \qquad \sum_k \gamma_k = 0

    The update has no closed form: it is one guarded Newton step.

    Parameters
    ----------
    size : int
        Number of components K.
    prior : NormalLogits, PointMass or None
        Prior of the coefficients (K, p), an intercept and one for each feature. None has a standard deviation of 2.5
        for each, of features in units of their spread.
    """

    size: int
    prior: NormalLogits | PointMass | None = None

    @property
    def blocks(self) -> tuple[str, ...]:
        """The coefficients."""
        return (_GATE,)

    @property
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """An axis of components, and one of the intercept and the features."""
        return {_GATE: ("component", "gate_coefficient")}

    @property
    def n_components(self) -> int:
        """Number of components K."""
        return self.size

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of coefficients: of a constant, and of each column but the target."""
        return {"gate_coefficient": n_columns}

    # -- priors -------------------------------------------------------------------------------------------------

    def priors_for(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of the coefficients in the units of the data."""
        p = values.shape[1]
        if isinstance(self.prior, PointMass):
            return {_GATE: self._known(self.prior, p)}
        return {_GATE: self._default(values, weights) if self.prior is None else self.prior.broadcast(self.size, p)}

    def _default(self, values: Array, weights: Array | None) -> NormalLogits:
        standard = NormalLogits(precision=_SD**-2).broadcast(self.size, values.shape[1])
        return standard.mapped(design_moments(values, weights, centred=True).coordinates(proper=True))

    def _known(self, given: PointMass, p: int) -> PointMass:
        logits = given.resolved(NormalLogits, only="logits").parameters["logits"]
        if logits.shape != (self.size, p):
            raise PointmassError(
                f"MixtureOfExperts: a known gate must have shape {(self.size, p)}, one row of an intercept and slopes "
                f"for each component, got shape {logits.shape}",
                path=("gate_prior",),
            )
        return PointMass.trusted(parameters={"logits": centred_rows(logits)}, conjugate=NormalLogits)

    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return the flat prior, or the known coefficients."""
        if isinstance(self.prior, PointMass):
            return {_GATE: self._known(self.prior, n_columns)}
        return {_GATE: NormalLogits.flat(self.size, n_columns)}

    def weak_priors(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the default prior, under which components that the features separate have a finite gate too."""
        known = isinstance(self.prior, PointMass)
        return self.flat_priors(values.shape[1]) if known else {_GATE: self._default(values, weights)}

    # -- the sweep ------------------------------------------------------------------------------------------------

    def row_offset(self, beliefs: Beliefs, design: Array | None) -> Array:
        """Return log p(z | x), shape (..., K, n)."""
        assert design is not None
        return np.asarray(log_softmax(_logits(beliefs) @ design, axis=-2))

    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Any]:
        """Return the sums of the features over each component's rows, and the rows' features."""
        assert inferred.design is not None
        return {_GATE: LogitStatistics.of(inferred.responsibilities, inferred.design)}

    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> LogitPosterior:
        """Return what a guarded Newton step from the old coefficients makes of the statistics."""
        return LogitPosterior.of(prior, statistics, centred_rows(beliefs[name].parameter_mean()["logits"]))

    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return components drawn with the gate's probabilities at features (n, d)."""
        if features is None:
            raise PointmassError("a mixture of experts draws targets for given features: give X")
        shares = self.probabilities(parameters, features)
        return np.asarray((shares.cumsum(axis=0) < rng.random(n)).sum(axis=0).clip(max=self.size - 1))

    def probabilities(self, parameters: Parameters, features: Array) -> Array:
        """Return p(z | x) (K, n) at public parameters, for features (n, d)."""
        design = np.column_stack([np.ones(len(features)), features]).T
        return np.asarray(softmax(np.asarray(parameters[_GATE]) @ design, axis=0))

    # -- derivatives of the E-step --------------------------------------------------------------------------------

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return the coefficients, component by component; draws' axes are kept."""
        logits = _logits(beliefs)
        return logits.reshape(*logits.shape[:-2], -1)

    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the sums of the features over each component's rows less those that the gate expects: its score."""
        statistics: LogitStatistics = parts[_GATE]
        return np.ravel(statistics.sums - statistics.expected(_logits(beliefs)))

    def steps(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the number of rows of each component, which sums of centred features do not show."""
        sums = parts[_GATE].sums
        return np.repeat(np.abs(sums[:, 0]), sums.shape[1])

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
        """Return the derivative of the responsibilities and of the sums of the features."""
        assert design is not None
        moves += own.reshape(len(own), self.size, -1) @ design
        changes = change_of_shares(responsibilities, moves, weights)
        return changes, (changes @ design.T).reshape(len(own), -1)

    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return each row's features times how much more probable each component is given the target."""
        assert inferred.design is not None
        surprise = inferred.responsibilities - np.exp(self.row_offset(beliefs, inferred.design))
        return np.asarray((surprise[:, None, :] * inferred.design).reshape(-1, inferred.design.shape[1]).T)

    # -- parameters as the user sees them -----------------------------------------------------------------------

    def public(self, parameters: Mapping[str, Parameters]) -> Parameters:
        """Return the coefficients."""
        return {_GATE: parameters[_GATE]["logits"]}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return the coefficients with rows that sum to zero, whichever component was the reference."""
        return {_GATE: {"logits": centred_rows(np.asarray(parameters[_GATE], dtype=float))}}

    def at_limit(
        self, parameters: Parameters, design: Array | None, weights: Array | None, prior: Beliefs
    ) -> dict[str, Array]:
        """Return the coefficients that run to infinity, where the features separate components or one has no row."""
        own: Any = prior[_GATE]
        if isinstance(own, PointMass) or self.size == 1:
            return {}
        assert design is not None
        logits = np.asarray(parameters[_GATE])
        statistics = LogitStatistics(logits, ((design, np.ones(design.shape[1]) if weights is None else weights),))
        return {_GATE: at_infinity(LogitTarget(statistics, own), logits)}

    def presence(self, parameters: Parameters) -> Array:
        """Return ones: some features may lead to any component."""
        return np.ones(self.size)


def _logits(beliefs: Beliefs) -> Array:
    return np.asarray(beliefs[_GATE].expected_natural_parameters()["logits"])
