"""No latent variable: independent rows of one component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import Assignment
from pointmass.latents.latent import Beliefs, Inferred, Latent
from pointmass.numerics import Array

__all__ = ["Independent"]


class Independent(Latent):
    """Every row comes from the one component, so a single sweep is exact."""

    independent_rows: ClassVar[bool] = True

    @property
    def blocks(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """None."""
        return {}

    @property
    def n_components(self) -> int:
        """One."""
        return 1

    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return nothing: there is nothing to choose."""
        return {}

    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return nothing."""
        return {}

    def offset(self, beliefs: Beliefs) -> Array:
        """Return zero."""
        return np.zeros(1)

    def infer(
        self,
        log_joint: Array,
        beliefs: Beliefs,
        assignment: Assignment,
        rng: np.random.Generator | None,
        lengths: Array | None = None,
    ) -> Inferred:
        """Return ones, and the log densities themselves."""
        return Inferred(np.ones_like(log_joint), log_joint[0])

    def log_normalisers(self, log_joint: Array, draws: Mapping[str, PointMass], lengths: Array | None = None) -> Array:
        """Return the log densities themselves."""
        return np.asarray(log_joint[0])

    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Array]:
        """Return nothing."""
        return {}

    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> Any:
        """Refuse: there is no block to update."""
        raise KeyError(name)

    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return zeros."""
        return np.zeros(n, dtype=np.intp)

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return nothing."""
        return np.zeros(0)

    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return nothing."""
        return np.zeros(0)

    def shifted(self, parts: Mapping[str, Any], step: Array) -> dict[str, Any]:
        """Return nothing."""
        return {}

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
        """Return zeros: every row stays where it is."""
        return np.zeros_like(moves), np.zeros_like(own)

    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return nothing of each row."""
        return np.zeros((inferred.responsibilities.shape[1], 0))

    def presence(self, parameters: Parameters) -> Array:
        """Return one: every row comes from the one component."""
        return np.ones(1)
