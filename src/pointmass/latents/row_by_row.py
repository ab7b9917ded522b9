"""Latent variables that choose the component of each row independently: what their E-steps share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pointmass.families.conjugate import ConjugatePrior
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import Assignment, soft
from pointmass.latents.latent import Beliefs, Inferred, Latent
from pointmass.numerics import Array

__all__ = ["ByFeatures", "RowByRow"]


class RowByRow(Latent):
    """A latent of independent rows."""

    independent_rows: ClassVar[bool] = True

    def infer(
        self,
        log_joint: Array,
        beliefs: Beliefs,
        assignment: Assignment,
        rng: np.random.Generator | None,
        lengths: Array | None = None,
    ) -> Inferred:
        """Return responsibilities (K, n) and log normalisers (n,), row by row."""
        return Inferred(*assignment(log_joint, rng))

    def log_normalisers(self, log_joint: Array, draws: Mapping[str, PointMass], lengths: Array | None = None) -> Array:
        """Return log Σ exp, all rows of all draws at once."""
        return soft(log_joint)[1]


class ByFeatures(RowByRow):
    """A latent of independent rows whose one block, logits in the features, tells its component before the target."""

    looks_at_features: ClassVar[bool] = True
    needs_all_rows: ClassVar[bool] = True

    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return nothing: without data there is no default."""
        return {}

    def offset(self, beliefs: Beliefs) -> Array:
        """Return zeros: nothing but the features tells the components apart before the target does."""
        return np.zeros(self.n_components)

    def shifted(self, parts: Mapping[str, Any], step: Array) -> dict[str, Any]:
        """Return the sums of the features moved by ``step``."""
        (name,) = self.blocks
        return {name: parts[name].moved(step.reshape(parts[name].sums.shape))}
