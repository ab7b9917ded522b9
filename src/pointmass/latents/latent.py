"""The interface of a latent variable: its own blocks of parameters and its part of a sweep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import Assignment, soft
from pointmass.numerics import Array

__all__ = ["Beliefs", "Latent"]

type Beliefs = Mapping[str, ConjugatePrior | PointMass]


class Latent(ABC):
    """What chooses the component of each row.

    Attributes
    ----------
    blocks : tuple of str
        Names of its parameter blocks, in update order.
    dims : dict of str to tuple of str
        Axes of each of its public parameters.
    independent_rows : bool
        Whether rows are independent given its parameters.
    """

    blocks: ClassVar[tuple[str, ...]]
    dims: ClassVar[Mapping[str, tuple[str, ...]]]
    independent_rows: ClassVar[bool] = False

    @property
    @abstractmethod
    def n_components(self) -> int:
        """Number of components K."""

    @abstractmethod
    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of each block."""

    @abstractmethod
    def flat_priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return the priors whose modes are maximum likelihood; a block held known stays known."""

    @abstractmethod
    def offset(self, beliefs: Beliefs) -> Array:
        """Return what is added to each component's log density (K,) row by row."""

    @abstractmethod
    def infer(
        self, log_joint: Array, beliefs: Beliefs, assignment: Assignment, rng: np.random.Generator | None
    ) -> tuple[Array, Array]:
        """Return responsibilities (K, n) and log normalisers (n,); may overwrite ``log_joint``."""

    def log_normalisers(self, log_joint: Array, draws: Mapping[str, PointMass]) -> Array:
        """Return the log normaliser (S, n) of every row under each of S draws of the parameters.

        Parameters
        ----------
        log_joint : ndarray, shape (K, S, n)
            Log densities, the offset included; may be overwritten.
        draws : dict of str to PointMass
            Its own blocks, each parameter with a leading axis of S draws.
        """
        points = [{name: block.taken(s) for name, block in draws.items()} for s in range(log_joint.shape[1])]
        return np.array([self.infer(log_joint[:, s], point, soft, None)[1] for s, point in enumerate(points)])

    @abstractmethod
    def statistics(self, responsibilities: Array) -> dict[str, Array]:
        """Return the expected statistics of each of its blocks."""

    @abstractmethod
    def update(self, name: str, prior: Any, statistics: Array) -> Any:
        """Return the conjugate posterior of the block ``name``."""

    @abstractmethod
    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator) -> Array:
        """Return the components (n,) of new rows."""

    # -- derivatives of the E-step ----------------------------------------------------------------------------

    @abstractmethod
    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return what multiplies its own statistics in the expected log density, one vector (L,)."""

    @abstractmethod
    def totals(self, parts: Mapping[str, Any]) -> Array:
        """Return its own expected statistics in the same order (L,), from a sweep's parts."""

    @abstractmethod
    def shifted(self, parts: Mapping[str, Any], step: Array) -> dict[str, Any]:
        """Return its own parts with ``step`` (L,) added."""

    @abstractmethod
    def derivative(
        self,
        responsibilities: Array,
        log_joint: Array,
        moves: Array,
        own: Array,
        beliefs: Beliefs,
        weights: Array | None,
    ) -> tuple[Array, Array]:
        """Return how weighted responsibilities (B, K, n) and its own statistics (B, L) answer to B directions.

        Parameters
        ----------
        responsibilities, log_joint : ndarray, shape (K, n)
            Where the derivative is taken.
        moves : ndarray, shape (B, K, n)
            Change of each log density; may be overwritten.
        own : ndarray, shape (B, L)
            Change of its own coefficients.
        beliefs : dict of str to belief
            Where the derivative is taken.
        weights : ndarray, shape (n,), or None
            Weights of the rows.
        """

    @abstractmethod
    def unit_totals(self, responsibilities: Array) -> Array:
        """Return its own expected statistics of each independent unit, shape (units, L)."""
