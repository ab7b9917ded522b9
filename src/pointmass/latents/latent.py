"""The interface of a latent variable: its own blocks of parameters and its part of a sweep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import Assignment, soft
from pointmass.numerics import Array

__all__ = ["Beliefs", "Inferred", "Latent"]

type Beliefs = Mapping[str, ConjugatePrior | PointMass]

# What the beliefs about any block of a latent call their parameter: probabilities, all of them.
_PARAMETER = "weights"


class Inferred(NamedTuple):
    """What stands for the components of a block of rows.

    Parameters
    ----------
    responsibilities : ndarray, shape (K, n)
        Of each component for each row.
    log_normaliser : ndarray, shape (n,)
        Log density of each row; in a chain given the rows before it.
    links : ndarray, shape (m, K, K), or None
        Expected transitions of each of m sequences; None where rows are independent.
    design : ndarray, shape (p, n), or None
        A constant and the features of each row, where these tell what chooses its component.
    """

    responsibilities: Array
    log_normaliser: Array
    links: Array | None = None
    design: Array | None = None

    def weighted(self, weights: Array | None, lengths: Array | None) -> Inferred:
        """Return all of it times the weights (n,) of the rows, which those of one sequence share."""
        if weights is None:
            return self
        responsibilities, log_normaliser = self.responsibilities * weights, self.log_normaliser * weights
        if self.links is None or lengths is None:
            return Inferred(responsibilities, log_normaliser, self.links, self.design)
        first = weights[np.cumsum(lengths) - lengths]
        return Inferred(responsibilities, log_normaliser, self.links * first[:, None, None])


class Latent(ABC):
    """What chooses the component of each row.

    Attributes
    ----------
    blocks : tuple of str
        Names of its parameter blocks, in update order; each has one public parameter, of the same name.
    dims : dict of str to tuple of str
        Axes of each of its public parameters.
    independent_rows : bool
        Whether rows are independent given its parameters.
    looks_at_features : bool
        Whether the features of a row tell which component it comes from, before its target does.
    needs_all_rows : bool
        Whether its update asks for more of the rows than sums that blocks of them exchange.
    """

    independent_rows: ClassVar[bool] = False
    looks_at_features: ClassVar[bool] = False
    needs_all_rows: ClassVar[bool] = False

    @property
    @abstractmethod
    def blocks(self) -> tuple[str, ...]:
        """Names of its parameter blocks."""

    @property
    @abstractmethod
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """Axes of each of its public parameters."""

    @property
    @abstractmethod
    def n_components(self) -> int:
        """Number of components K."""

    @property
    def numbers_per_row(self) -> int:
        """How many float64 numbers its part of a sweep holds for each row."""
        return 2 * self.n_components + 4

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the length of each axis of its own that the number of columns fixes."""
        return {}

    @abstractmethod
    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of each block."""

    def priors_for(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of each block in the units of the data (n, d), defaults filled in."""
        return self.priors()

    @abstractmethod
    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return the priors whose modes are maximum likelihood; a block held known stays known."""

    def weak_priors(self, values: Array, weights: Array | None) -> dict[str, ConjugatePrior | PointMass]:
        """Return the priors that shape starts; a block held known stays known."""
        return self.flat_priors(values.shape[1])

    @abstractmethod
    def offset(self, beliefs: Beliefs) -> Array:
        """Return what is added to each component's log density (K,), the same for every row."""

    def row_offset(self, beliefs: Beliefs, design: Array | None) -> Array | None:
        """Return what is added to each component's log density (..., K, n) besides, row by row; None for nothing.

        Axes of draws are kept; ``design`` (p, n) is a constant and the features of each row.
        """
        return None

    @abstractmethod
    def infer(
        self,
        log_joint: Array,
        beliefs: Beliefs,
        assignment: Assignment,
        rng: np.random.Generator | None,
        lengths: Array | None = None,
    ) -> Inferred:
        """Return what stands for the components of rows in sequences of these lengths; may overwrite ``log_joint``."""

    def log_normalisers(self, log_joint: Array, draws: Mapping[str, PointMass], lengths: Array | None = None) -> Array:
        """Return the log normaliser (S, n) of every row under each of S draws of the parameters.

        Parameters
        ----------
        log_joint : ndarray, shape (K, S, n)
            Log densities, the offset included; may be overwritten.
        draws : dict of str to PointMass
            Its own blocks, each parameter with a leading axis of S draws.
        lengths : ndarray of int, or None
            Lengths of the sequences that the rows form.
        """
        points = [{name: block.taken(s) for name, block in draws.items()} for s in range(log_joint.shape[1])]
        return np.array(
            [self.infer(log_joint[:, s], point, soft, None, lengths).log_normaliser for s, point in enumerate(points)]
        )

    def links_of(self, responsibilities: Array, lengths: Array | None) -> Array | None:
        """Return the transitions (m, K, K) that responsibilities given row by row mean."""
        return None

    def lasting(self, rng: np.random.Generator) -> dict[str, PointMass]:
        """Return points of its blocks, drawn, under which components last for a while; none of independent rows."""
        return {}

    @abstractmethod
    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Array]:
        """Return the expected statistics of each of its blocks, from weighted responsibilities and links."""

    @abstractmethod
    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> Any:
        """Return the posterior of the block ``name``; the old beliefs may be read."""

    @abstractmethod
    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return the components (n,) of new rows, with these features (n, d) where they are looked at."""

    # -- derivatives of the E-step ----------------------------------------------------------------------------

    @abstractmethod
    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return what multiplies its own statistics in the expected log density, (..., L); draws' axes are kept."""

    @abstractmethod
    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return its own expected statistics in the same order (L,), from a sweep's parts.

        Where the log partition depends on the rows, less what is expected of them under ``beliefs``.
        """

    def steps(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return how far each of these must move for an update to feel it (L,): its own size."""
        return np.abs(self.totals(parts, beliefs))

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
        lengths: Array | None = None,
        design: Array | None = None,
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
        lengths : ndarray of int, or None
            Lengths of the sequences that the rows form.
        design : ndarray, shape (p, n), or None
            A constant and the features of each row.
        """

    @abstractmethod
    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return what each independent unit adds to ``totals``, shape (units, L)."""

    # -- parameters as the user sees them -----------------------------------------------------------------------

    def public(self, parameters: Mapping[str, Parameters]) -> Parameters:
        """Return the parameter of each block by public name, the block's own."""
        return {name: parameters[name][_PARAMETER] for name in self.blocks}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block."""
        return {name: {_PARAMETER: np.asarray(parameters[name], dtype=float)} for name in self.blocks}

    def at_limit(
        self, parameters: Parameters, design: Array | None, weights: Array | None, prior: Beliefs
    ) -> dict[str, Array]:
        """Return which entries of its public parameters stand at an end of their range, by name.

        ``design`` (p, n) and ``weights`` (n,) are those of the rows; everything is in working coordinates.
        """
        return {}

    @abstractmethod
    def presence(self, parameters: Parameters) -> Array:
        """Return a number (K,) for each component that is zero where no row can come from it."""
