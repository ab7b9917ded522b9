"""What stands for the path of a Markov chain: its posterior, its mode, or a draw; and how the posterior answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pointmass.errors import PointmassError
from pointmass.latents.assignments import Assignment, drawn, hard, soft
from pointmass.latents.change_recursions import change_forward, change_smoothed
from pointmass.latents.latent import Inferred
from pointmass.latents.log_recursions import log_backward, log_forward, log_smoothed
from pointmass.latents.path_recursions import draw_paths, viterbi
from pointmass.latents.scaled_recursions import scaled_backward, scaled_forward
from pointmass.numerics import Array

__all__ = ["PATHS", "Chain", "change_of_paths", "log_predictive", "path_algorithm", "starts_of"]

# With every transition at least this probable, a state that underflows is at once entered again from the others,
# and no sum of a scaled recursion can underflow. With rarer ones each step is watched.
_RARE = np.log(1e-60)


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain and the sequences that it makes.

    Parameters
    ----------
    log_initial : ndarray, shape (K,)
        Expected log probabilities of the first state.
    log_transitions : ndarray, shape (K, K)
        Expected log transition probabilities, rows = from.
    starts : ndarray of int, shape (m + 1,)
        First row of each sequence, and the number of rows.
    """

    log_initial: Array
    log_transitions: Array
    starts: Array


def starts_of(lengths: Array | None, n: int) -> Array:
    """Return the first row of each sequence and n; without lengths the rows are one sequence."""
    return np.array([0, n]) if lengths is None else np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)


class _Filter:
    """The forward recursion: scaled, and in logarithms for the sequences in which that underflows."""

    def __init__(self, log_joint: Array, chain: Chain) -> None:
        k, n = log_joint.shape
        self.chain, self.log_joint = chain, _with_initial(log_joint, chain)
        # Several pieces of this size would go back to the system after each sweep, and come anew: costly, page by page.
        room = np.empty((2 * k + 3, n))
        self.densities, self.filtered = room[:k], room[k : 2 * k].reshape(n, k)
        largest, self.scales, self.log_scales = room[2 * k :]
        self.log_joint.max(axis=0, out=largest)
        finite = np.isfinite(largest)
        self.checked = bool(chain.log_transitions.min() < _RARE or not finite.all())
        np.subtract(self.log_joint, largest if finite.all() else np.where(finite, largest, 0.0), out=self.densities)
        np.exp(self.densities, out=self.densities)
        self.transitions = np.exp(chain.log_transitions)
        self.scales[:] = 0.0
        self.lost = np.empty(len(chain.starts) - 1, dtype=np.bool_)
        scaled_forward(
            self.densities,
            self.log_joint,
            self.transitions,
            np.isfinite(chain.log_transitions),
            chain.starts,
            self.checked,
            self.filtered,
            self.scales,
            self.lost,
        )
        with np.errstate(divide="ignore"):  # what underflowed is filtered again
            np.log(self.scales, out=self.log_scales)
        self.log_scales += largest
        self.refined = np.flatnonzero(self.lost)
        for s in self.refined:
            self._in_logarithms(chain.starts[s], chain.starts[s + 1])

    def _in_logarithms(self, start: int, stop: int) -> None:
        """Filter one sequence again; its filtered probabilities stay logarithms."""
        log_forward(self.log_joint, self.chain.log_transitions, start, stop, self.filtered, self.log_scales)

    def log_filtered(self) -> Array:
        """Return the logarithms of the filtered probabilities (n, K), whichever recursion made them."""
        logs = self.filtered.copy()
        scaled = np.ones(len(logs), dtype=bool)
        for s in self.refined:
            scaled[self.chain.starts[s] : self.chain.starts[s + 1]] = False
        with np.errstate(divide="ignore"):
            logs[scaled] = np.log(logs[scaled])
        return logs


def _with_initial(log_joint: Array, chain: Chain) -> Array:
    log_joint = np.ascontiguousarray(log_joint)
    log_joint[:, chain.starts[:-1]] += chain.log_initial[:, None]
    return log_joint


def log_predictive(log_joint: Array, chain: Chain) -> Array:
    """Return log p(y_t | y_<t) (n,); may overwrite ``log_joint``."""
    return np.asarray(_Filter(log_joint, chain).log_scales)


def _smoothed(log_joint: Array, chain: Chain, rng: np.random.Generator | None) -> Inferred:
    """Return smoothed probabilities of states and pairs (Baum and Petrie 1966)."""
    k = len(log_joint)
    found = _Filter(log_joint, chain)
    links = np.empty((len(chain.starts) - 1, k, k))
    scaled_backward(found.densities, found.transitions, chain.starts, found.filtered, found.scales, found.lost, links)
    after = np.empty_like(found.filtered) if len(found.refined) else found.filtered
    for s in found.refined:
        span = chain.starts[s], chain.starts[s + 1]
        log_backward(found.log_joint, chain.log_transitions, *span, found.log_scales, after)
        log_smoothed(
            found.log_joint,
            chain.log_transitions,
            *span,
            found.filtered,
            found.log_scales,
            after,
            found.densities,
            links[s],
        )
    return Inferred(found.densities, found.log_scales, links)


def _most_probable(log_joint: Array, chain: Chain, rng: np.random.Generator | None) -> Inferred:
    """Return the most probable path (Viterbi 1967) and the log probability of each step."""
    k, n = log_joint.shape
    path, scores = np.empty(n, dtype=np.intp), np.empty(n)
    back = np.empty((n, k), dtype=np.int32)
    viterbi(_with_initial(log_joint, chain), chain.log_transitions, chain.starts, back, path, scores)
    return Inferred(_one_hot(path, k), scores, _counts(path, k, chain.starts))


def _drawn(log_joint: Array, chain: Chain, rng: np.random.Generator | None) -> Inferred:
    """Return a draw of the path by forward filtering and backward sampling (Chib 1996)."""
    if rng is None:
        raise ValueError("drawn assignments need an rng")
    k, n = log_joint.shape
    found = _Filter(log_joint, chain)
    path = np.empty(n, dtype=np.intp)
    uniforms = rng.random(n)
    draw_paths(found.log_filtered(), chain.log_transitions, chain.starts, found.log_scales, uniforms, path)
    return Inferred(_one_hot(path, k), found.log_scales, _counts(path, k, chain.starts))


def _one_hot(path: Array, k: int) -> Array:
    responsibilities = np.zeros((k, len(path)))
    responsibilities[path, np.arange(len(path))] = 1.0
    return responsibilities


def _counts(path: Array, k: int, starts: Array) -> Array:
    """Return the transitions (m, K, K) of a path."""
    m = len(starts) - 1
    sequence = np.repeat(np.arange(m), np.diff(starts))
    linked = np.flatnonzero(sequence[1:] == sequence[:-1])
    cells = (sequence[linked] * k + path[linked]) * k + path[linked + 1]
    return np.bincount(cells, minlength=m * k * k).reshape(m, k, k).astype(float)


type PathAlgorithm = Callable[[Array, Chain, np.random.Generator | None], Inferred]

PATHS: dict[Assignment, PathAlgorithm] = {soft: _smoothed, hard: _most_probable, drawn: _drawn}
"""What each assignment of a single row means for a whole path."""


def path_algorithm(assignment: Assignment) -> PathAlgorithm:
    """Return what an assignment means for a path.

    Raises
    ------
    PointmassError
        If it means nothing for a path.
    """
    if assignment not in PATHS:
        raise PointmassError("these assignments are for independent rows; a chain has soft, hard and drawn paths")
    return PATHS[assignment]


def change_of_paths(
    log_joint: Array, chain: Chain, moves: Array, initial: Array, transitions: Array, weights: Array
) -> tuple[Array, Array, Array]:
    """Return how expected statistics of the paths answer to small changes: the exact derivative in B directions.

    Parameters
    ----------
    log_joint : ndarray, shape (K, n)
        Log densities where the derivative is taken; may be overwritten.
    chain : Chain
        The chain there.
    moves : ndarray, shape (B, K, n)
        Changes of the log densities; overwritten.
    initial, transitions : ndarray, shapes (B, K) and (B, K, K)
        Changes of the log initial and log transition probabilities, each an independent number.
    weights : ndarray, shape (m,)
        Weights of the sequences.

    Returns
    -------
    responsibilities : ndarray, shape (B, K, n)
        Changes of the weighted smoothed probabilities.
    first : ndarray, shape (B, K)
        Changes of the expected number of first states.
    links : ndarray, shape (B, K, K)
        Changes of the expected numbers of transitions.
    """
    (k, n), b = log_joint.shape, len(moves)
    logs, span = _with_initial(log_joint, chain), chain.starts
    filtered, after = np.empty((n, k)), np.empty((n, k))
    scales, smoothed, unused = np.empty(n), np.empty((k, n)), np.empty((k, k))
    for start, stop in pairwise(span):
        log_forward(logs, chain.log_transitions, start, stop, filtered, scales)
        log_backward(logs, chain.log_transitions, start, stop, scales, after)
        log_smoothed(logs, chain.log_transitions, start, stop, filtered, scales, after, smoothed, unused)
    past, first, links = np.empty((n, k, b)), np.zeros((b, k)), np.zeros((b, k, k))
    moves, transitions = np.ascontiguousarray(moves), np.ascontiguousarray(transitions)
    change_forward(
        filtered,
        smoothed,
        chain.log_transitions,
        span,
        scales,
        moves,
        np.ascontiguousarray(initial),
        transitions,
        past,
    )
    change_smoothed(
        logs,
        filtered,
        after,
        smoothed,
        chain.log_transitions,
        span,
        scales,
        weights,
        moves,
        transitions,
        past,
        first,
        links,
    )
    return moves, first, links
