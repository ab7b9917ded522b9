"""The latent variable of a mixture: each row independently belongs to one of K components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.point_mass import PointMass
from pointmass.families.stick_breaking import StickBreaking
from pointmass.latents.assignments import change_of_shares
from pointmass.latents.latent import Beliefs, Inferred
from pointmass.latents.row_by_row import RowByRow
from pointmass.numerics import Array

__all__ = ["Membership"]

_LOWEST = -1e300


@dataclass(frozen=True, eq=False)
class Membership(RowByRow):
    """Independent memberships with weights π and a Dirichlet or stick-breaking prior, or known weights.

    Parameters
    ----------
    size : int
        Number of components K.
    weights_prior : Dirichlet, StickBreaking or PointMass
        Prior of the weights.
    """

    size: int
    weights_prior: Dirichlet | StickBreaking | PointMass

    @property
    def blocks(self) -> tuple[str, ...]:
        """The weights."""
        return ("weights",)

    @property
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """One axis."""
        return {"weights": ("component",)}

    @property
    def n_components(self) -> int:
        """Number of components K."""
        return self.size

    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of the weights."""
        if isinstance(self.weights_prior, PointMass):
            return {"weights": self._known_weights(self.weights_prior)}
        return {"weights": self.weights_prior.broadcast(self.size)}

    def _known_weights(self, given: PointMass) -> PointMass:
        point = given.resolved(Dirichlet, only="weights")
        weights = point.parameters["weights"]
        if weights.shape != (self.size,) or (weights < 0).any() or abs(weights.sum() - 1.0) > 1e-8:
            raise PointmassError(
                f"Mixture: known weights must be {self.size} numbers of at least 0 that sum to 1, got {weights}",
                path=("weights_prior",),
            )
        return point

    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return a Dirichlet of ones, or the known weights."""
        priors = self.priors()
        flat = Dirichlet.trusted(concentration=np.ones(self.size))
        return {"weights": priors["weights"] if isinstance(priors["weights"], PointMass) else flat}

    def offset(self, beliefs: Beliefs) -> Array:
        """Return E[log π]."""
        return beliefs["weights"].expected_natural_parameters()["log_weights"]

    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Array]:
        """Return the expected counts of the components."""
        return {"weights": inferred.responsibilities.sum(axis=1)}

    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> Any:
        """Return the posterior of the weights."""
        return prior.update(statistics)

    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return memberships drawn with the weights."""
        weights = parameters["weights"] / parameters["weights"].sum()
        return rng.choice(self.size, size=n, p=weights)

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return E[log π]; a very low number for a component that cannot occur."""
        return np.asarray(np.maximum(self.offset(beliefs), _LOWEST))

    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the expected counts."""
        return np.asarray(parts["weights"])

    def shifted(self, parts: Mapping[str, Any], step: Array) -> dict[str, Any]:
        """Return the expected counts moved by ``step``."""
        return {"weights": parts["weights"] + step}

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
        """Return r_k (δ_k − Σ_l r_l δ_l), the derivative of a softmax, for each row."""
        moves += own[:, :, None]
        changes = change_of_shares(responsibilities, moves, weights)
        return changes, changes.sum(axis=2)

    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return the responsibilities of each row."""
        return inferred.responsibilities.T

    def presence(self, parameters: Parameters) -> Array:
        """Return the weights."""
        return np.asarray(parameters["weights"])
