"""The latent variable of a hidden Markov model: the component of each row depends on that of the row before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.point_mass import PointMass
from pointmass.latents.assignments import Assignment
from pointmass.latents.latent import Beliefs, Inferred, Latent
from pointmass.latents.path_recursions import new_path
from pointmass.latents.paths import Chain, change_of_paths, log_predictive, path_algorithm, starts_of
from pointmass.latents.stationary import StationaryRows, stationary_distribution
from pointmass.numerics import Array

__all__ = ["MarkovChain"]

_INITIAL, _TRANSITIONS = "initial", "transition_matrix"
_LOWEST = -1e300


@dataclass(frozen=True, eq=False)
class MarkovChain(Latent):
    r"""States of a chain that starts with probabilities ``initial`` and moves by the rows of ``transition_matrix``.

    .. math:: p(z) = \pi_{z_1} \prod_{t=2}^T A_{z_{t-1}, z_t}

    Parameters
    ----------
    size : int
        Number of states K.
    initial_prior : Dirichlet or PointMass
        Prior of the first state's probabilities; not used by a stationary chain.
    transition_prior : Dirichlet or PointMass
        Prior of the rows of the transition matrix.
    stationary : bool
        Whether the first state has the stationary distribution of the transition matrix.
    """

    size: int
    initial_prior: Dirichlet | PointMass
    transition_prior: Dirichlet | PointMass
    stationary: bool = False

    @property
    def n_components(self) -> int:
        """Number of states K."""
        return self.size

    @property
    def numbers_per_row(self) -> int:
        """Log densities, densities and filtered probabilities of each state, and the sums of each step."""
        return 3 * self.size + 4

    @property
    def blocks(self) -> tuple[str, ...]:
        """The initial probabilities, unless the chain is stationary, and the transition matrix."""
        return (_TRANSITIONS,) if self.stationary else (_INITIAL, _TRANSITIONS)

    @property
    def dims(self) -> Mapping[str, tuple[str, ...]]:
        """One axis of states, and two: from and to."""
        dims: dict[str, tuple[str, ...]] = {_INITIAL: ("component",), _TRANSITIONS: ("component", "component_to")}
        return {name: dims[name] for name in self.blocks}

    # -- priors -------------------------------------------------------------------------------------------------

    def _shape(self, name: str) -> tuple[int, ...]:
        return (self.size,) * len(self.dims[name])

    def priors(self) -> dict[str, ConjugatePrior | PointMass]:
        """Return the prior of each block."""
        given = {_INITIAL: self.initial_prior, _TRANSITIONS: self.transition_prior}
        return {name: self._prior(name, given[name]) for name in self.blocks}

    def _prior(self, name: str, given: Dirichlet | PointMass) -> Dirichlet | PointMass:
        shape = self._shape(name)
        option = f"{name.removesuffix('_matrix')}_prior"
        if isinstance(given, PointMass):
            return _known(name, option, given, shape)
        try:
            return Dirichlet.trusted(concentration=np.array(np.broadcast_to(given.concentration, shape), dtype=float))
        except ValueError as error:
            raise PointmassError(
                f"HiddenMarkov: the concentrations of {name} have shape {np.shape(given.concentration)}, which "
                f"does not fit {shape}",
                path=(option,),
            ) from error

    def flat_priors(self, n_columns: int) -> dict[str, ConjugatePrior | PointMass]:
        """Return Dirichlets of ones; a block held known stays known."""
        flat = {name: Dirichlet.trusted(concentration=np.ones(self._shape(name))) for name in self.blocks}
        return {name: prior if isinstance(prior, PointMass) else flat[name] for name, prior in self.priors().items()}

    # -- the sweep ------------------------------------------------------------------------------------------------

    def offset(self, beliefs: Beliefs) -> Array:
        """Return zeros: nothing but the chain tells the states apart before the rows do."""
        return np.zeros(self.size)

    def _logs(self, beliefs: Beliefs) -> tuple[Array, Array]:
        """Return the expected log probabilities of the first state and of the transitions."""
        transitions = beliefs[_TRANSITIONS].expected_natural_parameters()["log_weights"]
        if not self.stationary:
            return beliefs[_INITIAL].expected_natural_parameters()["log_weights"], transitions
        point: Any = beliefs[_TRANSITIONS]
        with np.errstate(divide="ignore"):
            return np.log(stationary_distribution(point.parameters["weights"])), transitions

    def _chain(self, beliefs: Beliefs, lengths: Array | None, n: int) -> Chain:
        initial, transitions = self._logs(beliefs)
        return Chain(initial, np.ascontiguousarray(transitions), starts_of(lengths, n))

    def infer(
        self,
        log_joint: Array,
        beliefs: Beliefs,
        assignment: Assignment,
        rng: np.random.Generator | None,
        lengths: Array | None = None,
    ) -> Inferred:
        """Return smoothed probabilities, the most probable path or a draw of it, and its transitions."""
        return path_algorithm(assignment)(log_joint, self._chain(beliefs, lengths, log_joint.shape[1]), rng)

    def log_normalisers(self, log_joint: Array, draws: Mapping[str, PointMass], lengths: Array | None = None) -> Array:
        """Return log p(y_t | y_<t) under each draw, by the forward recursion alone."""
        points = ({name: block.taken(s) for name, block in draws.items()} for s in range(log_joint.shape[1]))
        n = log_joint.shape[2]
        return np.array(
            [log_predictive(log_joint[:, s], self._chain(point, lengths, n)) for s, point in enumerate(points)]
        )

    def links_of(self, responsibilities: Array, lengths: Array | None) -> Array:
        """Return the products of the responsibilities of neighbours, summed over each sequence."""
        starts = starts_of(lengths, responsibilities.shape[1])
        parts = (responsibilities[:, start:stop] for start, stop in pairwise(starts))
        return np.array([part[:, :-1] @ part[:, 1:].T for part in parts])

    def lasting(self, rng: np.random.Generator) -> dict[str, PointMass]:
        """Return even first states, and transitions that are even but for a share, a quarter to three, that stays."""
        even, share = np.full(self.size, 1.0 / self.size), rng.uniform(0.25, 0.75)
        values = {_INITIAL: even, _TRANSITIONS: (1.0 - share) * even + share * np.eye(self.size)}
        return {
            name: PointMass.trusted(parameters={"weights": values[name]}, conjugate=Dirichlet) for name in self.blocks
        }

    def statistics(self, inferred: Inferred, lengths: Array | None = None) -> dict[str, Array]:
        """Return the expected first states (K,) and transitions (K, K); of a stationary chain one below the other."""
        assert inferred.links is not None
        starts = starts_of(lengths, inferred.responsibilities.shape[1])[:-1]
        first, links = inferred.responsibilities[:, starts].sum(axis=1), inferred.links.sum(axis=0)
        return self._parts(first, links)

    def _parts(self, first: Array, links: Array) -> dict[str, Array]:
        if self.stationary:
            return {_TRANSITIONS: np.concatenate([first[None], links])}
        return {_INITIAL: first, _TRANSITIONS: links}

    def update(self, name: str, prior: Any, statistics: Any, beliefs: Beliefs) -> Any:
        """Return the Dirichlet posterior of a block; a stationary chain's also knows of the first states."""
        if self.stationary:
            return StationaryRows.trusted(concentration=prior.concentration + statistics[1:], starts=statistics[0])
        return prior.update(statistics)

    def sample(self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None) -> Array:
        """Return the states of one new sequence."""
        transitions = np.asarray(parameters[_TRANSITIONS], dtype=float)
        initial = stationary_distribution(transitions) if self.stationary else np.asarray(parameters[_INITIAL])
        path = np.empty(n, dtype=np.intp)
        new_path(np.cumsum(initial / initial.sum()), _cumulative(transitions), rng.random(n), path)
        return path

    # -- derivatives of the E-step --------------------------------------------------------------------------------

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return the expected log probabilities, first states before transitions; very low numbers for −∞."""
        initial, transitions = self._logs(beliefs)
        rows = transitions.reshape(*initial.shape[:-1], -1)
        return np.asarray(np.maximum(np.concatenate([initial, rows], axis=-1), _LOWEST))

    def totals(self, parts: Mapping[str, Any], beliefs: Beliefs) -> Array:
        """Return the expected first states and transitions."""
        return self._flat(parts)

    def _flat(self, parts: Mapping[str, Any]) -> Array:
        return np.concatenate([np.ravel(parts[name]) for name in self.blocks])

    def shifted(self, parts: Mapping[str, Any], step: Array) -> dict[str, Any]:
        """Return the expected first states and transitions moved by ``step``."""
        moved = self._flat(parts) + step
        return self._parts(moved[: self.size], moved[self.size :].reshape(self.size, self.size))

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
        """Return the derivative of the smoothed probabilities and of the expected first states and transitions."""
        k, n = log_joint.shape
        chain = self._chain(beliefs, lengths, n)
        of_sequences = np.ones(len(chain.starts) - 1) if weights is None else weights[chain.starts[:-1]]
        initial, transitions = own[:, :k], own[:, k:].reshape(-1, k, k)
        changes, first, links = change_of_paths(log_joint, chain, moves, initial, transitions, of_sequences)
        return changes, np.concatenate([first, links.reshape(len(own), -1)], axis=1)

    def unit_totals(self, inferred: Inferred, beliefs: Beliefs, lengths: Array | None = None) -> Array:
        """Return the expected first states and transitions of each sequence."""
        assert inferred.links is not None
        starts = starts_of(lengths, inferred.responsibilities.shape[1])[:-1]
        links = inferred.links.reshape(len(starts), -1)
        return np.concatenate([inferred.responsibilities[:, starts].T, links], axis=1)

    def presence(self, parameters: Parameters) -> Array:
        """Return the largest probability with which a state is entered, from the start or from another."""
        transitions = np.array(parameters[_TRANSITIONS], dtype=float)
        np.fill_diagonal(transitions, 0.0)
        first = stationary_distribution(parameters[_TRANSITIONS]) if self.stationary else parameters[_INITIAL]
        return np.asarray(np.maximum(transitions.max(axis=0), first))


def _cumulative(transitions: Array) -> Array:
    cumulative = np.cumsum(transitions, axis=1)
    return np.ascontiguousarray(cumulative / cumulative[:, -1:])


def _known(name: str, option: str, given: PointMass, shape: tuple[int, ...]) -> PointMass:
    value = given.parameters
    if isinstance(value, Mapping) and set(value) == {name}:
        given = PointMass(value[name])
    point = given.resolved(Dirichlet, only="weights")
    array = point.parameters["weights"]
    sums = array.sum(axis=-1)
    if array.shape != shape or (array < 0).any() or (np.abs(sums - 1.0) > 1e-8).any():
        raise PointmassError(
            f"HiddenMarkov: a known {name} must have shape {shape}, numbers of at least 0 and sums of 1, got "
            f"{array.tolist()} with sums {np.asarray(sums).tolist()}",
            path=(option,),
        )
    return point
