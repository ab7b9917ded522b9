"""Where an ascent starts: responsibilities on a sample of rows, by name, in working coordinates."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.exceptions import ConvergenceWarning

from pointmass.inference.parallel import map_blocks
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.latents.assignments import soft
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array

__all__ = [
    "DETERMINISTIC",
    "INITS",
    "OF_CHAINS",
    "SAMPLE",
    "from_responsibilities",
    "log_normalisers_of",
    "responsibilities_of",
    "sampled_start",
]

type Init = Callable[[Array, Array | None, int, np.random.Generator], Array]

SAMPLE = 20_000
"""Rows that a start looks at; more would not make it better."""


def _one_hot(labels: Array, k: int) -> Array:
    return np.asarray(labels == np.arange(k)[:, None], dtype=float)


def _clouds(points: Array, centres: Array, width: float = 1.0) -> Array:
    """Return responsibilities of equal components at the centres, each as wide as the data themselves, or narrower.

    Wide clouds reach the best optimum far more often than a division of the rows among the nearest centres.
    """
    squares = (0.5 * (centres**2).sum(1)[:, None] - centres @ points.T) / width**2
    return soft(-squares)[0]


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31 - 1))


def _plus_plus(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    centres, _ = kmeans_plusplus(points, k, sample_weight=weights, random_state=_seed(rng))
    return _clouds(points, centres)


def _narrow(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    centres, _ = kmeans_plusplus(points, k, sample_weight=weights, random_state=_seed(rng))
    spread = float(np.sqrt(points.var(axis=0).mean())) or 1.0
    return _clouds(points, centres, 0.25 * spread)


def _kmeans(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(k, n_init=1, random_state=_seed(rng)).fit(points, sample_weight=weights)
    return _one_hot(fitted.labels_, k)


def _random_rows(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    share = None if weights is None else np.maximum(weights, 1e-100) / np.maximum(weights, 1e-100).sum()
    chosen = rng.choice(len(points), size=k, replace=False, p=share)
    return _clouds(points, points[chosen])


def _random_responsibilities(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    draws = rng.random((k, len(points)))
    return np.asarray(draws / draws.sum(0))


def _principal(points: Array, weights: Array | None, k: int, rng: np.random.Generator) -> Array:
    """Return the rows cut into K slabs of equal weight across their first principal axis.

    A row on a cut is shared in proportion, so that copies of a row and its weight give the same statistics.
    """
    weights = np.ones(len(points)) if weights is None else weights
    axis = np.linalg.eigh((points * weights[:, None]).T @ points)[1][:, -1]
    # The first entry of some size, not the largest: two of one size would let rounding choose the sign.
    axis = axis * np.sign(axis[np.flatnonzero(np.abs(axis) > 0.5 * np.abs(axis).max())[0]])
    # Copies of a row must stay neighbours: no matrix product here, whose rounding depends on a row's place.
    order = np.lexsort((*points.T, np.einsum("ij,j->i", points, axis)))
    stop = np.cumsum(weights[order])
    cuts = stop[-1] * np.arange(k + 1) / k
    inside = np.maximum(np.minimum(stop, cuts[1:, None]) - np.maximum(stop - weights[order], cuts[:-1, None]), 0.0)
    # A weight that vanishes beside the others has no length to share.
    whole = inside.sum(0) < 0.5 * weights[order]
    inside[:, whole] = _one_hot(np.searchsorted(cuts[1:-1], stop[whole]), k)
    responsibilities = np.empty((k, len(points)))
    responsibilities[:, order] = inside / inside.sum(0)
    return responsibilities


INITS: dict[str, Init] = {
    "kmeans": _kmeans,
    "kmeans++": _plus_plus,
    "narrow": _narrow,
    "principal": _principal,
    "random_rows": _random_rows,
    "random_responsibilities": _random_responsibilities,
}

DETERMINISTIC = frozenset({"principal"})
"""Starts that draw nothing: one is enough."""

OF_CHAINS = ("kmeans++", "narrow", "narrow")
"""What the starts of a chain are in turn, unless another is asked for: neither kind finds every optimum."""


def sampled_start(init: str, model: Model, rows: Rows, weak: Beliefs, rng: np.random.Generator) -> Beliefs:
    """Return point beliefs from responsibilities on at most 20,000 rows (all of them where nothing is drawn).

    The update of a weak proper prior, not of a flat one, gives them spread: a start cannot be a collapsed component.

    Parameters
    ----------
    init : str
        A key of `INITS`.
    model : Model
        The model.
    rows : Rows
        All rows; known labels are respected.
    weak : dict of str to belief
        A weak proper prior in working coordinates.
    rng : numpy.random.Generator
        Chooses the sample and the start.
    """
    own = model.drawn_start(weak, rng)
    if own is not None:
        return own
    if init not in DETERMINISTIC:
        rows = rows.sample(SAMPLE, rng)
    observed, k = rows.observed, model.n_components
    responsibilities = INITS[init](_standardised(observed), _moderate(observed.weights), k, rng)
    if rows.missing is not None:
        responsibilities, some = np.full((k, len(rows)), 1.0 / k), responsibilities
        responsibilities[:, ~rows.missing] = some
    if rows.labels is not None:
        known = rows.labels >= 0
        responsibilities[:, known] = _one_hot(rows.labels[known], model.n_components)
    statistics = model.collect(responsibilities, rows, weak)
    points = {name: model.update(weak, statistics, weak, name).mode(model.floor) for name in model.blocks}
    return model.lasting(points, rng) if init == "narrow" else points


def _moderate(weights: Array | None) -> Array | None:
    """Return the weights times a power of two (exact) that makes the largest about one: no sum can overflow."""
    return None if weights is None else np.ldexp(weights, -np.frexp(weights.max())[1])


def _standardised(rows: Rows) -> Array:
    """Return rows (n, d) centred and scaled: by column, or as the coordinates do where they have one scale.

    Whitened coordinates are no place to look for clusters: they blow up the directions that hold only noise.
    """
    if rows.coordinates.scale.ndim < 2:
        # A cell that was not observed stands at the centre here, and only here.
        return np.nan_to_num(np.ascontiguousarray(rows.coordinates.transform(rows.values).T))
    centred = rows.values - rows.coordinates.shift
    return centred / np.sqrt((rows.coordinates.scale**2).sum(1))


def from_responsibilities(responsibilities: Array, sweep: Sweep, weak: Beliefs) -> Beliefs:
    """Return the belief that the sweep's own update makes of given responsibilities (K, n)."""
    rows, model = sweep.rows, sweep.model
    statistics = model.collect(responsibilities, rows, weak)
    old = {name: model.update(weak, statistics, weak, name).mode(model.floor) for name in model.blocks}
    return sweep.update(statistics, old)


def responsibilities_of(model: Model, beliefs: Beliefs, rows: Rows, assignments: str = "soft") -> tuple[Array, Array]:
    """Return responsibilities (K, n) and log normalisers (n,) of all rows under ``beliefs``."""
    inference = model.infer(beliefs, rows.coordinates)
    size = model.numbers_per_row(rows.values.shape[1])
    chosen = ASSIGNMENTS[assignments]
    parts = list(map_blocks(lambda block, own: inference.responsibilities(block, chosen, own), rows, size))
    return np.concatenate([part[0] for part in parts], axis=1), np.concatenate([part[1] for part in parts])


def log_normalisers_of(model: Model, beliefs: Beliefs, rows: Rows) -> Array:
    """Return the log normaliser (n,) of every row under ``beliefs``."""
    inference = model.infer(beliefs, rows.coordinates)
    size = model.numbers_per_row(rows.values.shape[1])
    parts = map_blocks(lambda block, own: inference.responsibilities(block, ASSIGNMENTS["soft"], own)[1], rows, size)
    return np.concatenate(list(parts))
