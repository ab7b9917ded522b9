"""Sequences of a hidden Markov chain: a state for each step, then the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, as_distributions
from pointmass.datasets.options import as_count, as_generator, check_memory
from pointmass.errors import PointmassError

__all__ = ["gaussian_hidden_markov", "poisson_hidden_markov"]

_STAYING = ((0.95, 0.05), (0.1, 0.9))


def gaussian_hidden_markov(
    *,
    mean: ArrayLike = (0.0, 2.0),
    sd: ArrayLike = (1.0, 1.0),
    transition_matrix: ArrayLike = _STAYING,
    initial: ArrayLike | None = None,
    n: int = 500,
    lengths: Sequence[int] | None = None,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw the steps of a chain whose states are normals with independent columns; by default two that overlap.

    Parameters
    ----------
    mean : array of shape (K,) or (K, d)
        A vector is one column.
    sd : array of shape (K,) or (K, d)
        Positive standard deviations, shaped as ``mean``.
    transition_matrix : array of shape (K, K)
        Rows = from, each summing to 1.
    initial : array of shape (K,), optional
        Probabilities of the first state; equal by default.
    n : int
        Number of steps of the one sequence, where no ``lengths`` are given.
    lengths : sequence of int, optional
        Lengths of several sequences, which begin anew each.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``initial``, ``transition_matrix``, ``mean``, ``covariance`` (K, d, d) and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> data = gaussian_hidden_markov(lengths=[30, 20], rng=0)
    >>> data.X.shape, data.truth["covariance"].shape
    ((50, 1), (2, 1, 1))
    """
    centre, spread = as_components("mean", mean, -np.inf), as_components("sd", sd, 0.0)
    if spread.shape != centre.shape:
        raise PointmassError(f"sd has shape {spread.shape}, mean has {centre.shape}: make them agree", path=("sd",))
    emission = {"mean": centre, "covariance": np.stack([np.diag(row**2) for row in spread])}
    chain = _chain(transition_matrix, initial, len(centre), "mean")
    return _dataset(
        "gaussian_hidden_markov",
        chain,
        emission,
        lambda generator, states: generator.normal(centre[states], spread[states]),
        _sizes(n, lengths),
        rng,
    )


def poisson_hidden_markov(
    *,
    rate: ArrayLike = (15.0, 26.0),
    transition_matrix: ArrayLike = ((0.93, 0.07), (0.12, 0.88)),
    initial: ArrayLike | None = None,
    n: int = 500,
    lengths: Sequence[int] | None = None,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw counts whose rate depends on the state of a chain; by default much like a year's major earthquakes.

    Parameters
    ----------
    rate : array of shape (K,) or (K, d)
        Positive rates; a vector is one column.
    transition_matrix, initial, n, lengths, rng
        As for `gaussian_hidden_markov`.

    Returns
    -------
    Dataset
        Truth ``initial``, ``transition_matrix``, ``rate`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> data = poisson_hidden_markov(n=50, rng=0)
    >>> data.X.shape, data.truth["rate"].shape
    ((50, 1), (2, 1))
    """
    value = as_components("rate", rate, 0.0)
    chain = _chain(transition_matrix, initial, len(value), "rate")
    return _dataset(
        "poisson_hidden_markov",
        chain,
        {"rate": value},
        lambda generator, states: generator.poisson(value[states]).astype(float),
        _sizes(n, lengths),
        rng,
    )


def _chain(
    transition_matrix: ArrayLike, initial: ArrayLike | None, size: int, parameter: str
) -> dict[str, NDArray[np.float64]]:
    """Return the checked probabilities of the first state and of the transitions between ``size`` states."""
    rows = as_distributions("transition_matrix", transition_matrix)
    if rows.shape != (size, size):
        raise PointmassError(
            f"transition_matrix has shape {rows.shape}, but {parameter} gives {size} states: make them agree",
            path=("transition_matrix",),
        )
    first = np.full(size, 1.0 / size) if initial is None else as_distributions("initial", np.atleast_2d(initial))[0]
    if len(first) != size:
        raise PointmassError(
            f"initial gives {len(first)} states, {parameter} gives {size}: make them agree", path=("initial",)
        )
    return {"initial": first, "transition_matrix": rows}


def _sizes(n: object, lengths: Sequence[int] | None) -> list[int]:
    if lengths is None:
        return [as_count("n", n)]
    return [as_count("lengths", length) for length in lengths]


def _dataset(
    name: str,
    chain: Mapping[str, NDArray[np.float64]],
    emission: Mapping[str, NDArray[np.float64]],
    draw: Callable[[np.random.Generator, NDArray[np.int64]], NDArray[np.float64]],
    sizes: list[int],
    rng: object,
) -> Dataset:
    generator, columns = as_generator(rng), next(iter(emission.values())).shape[1]
    check_memory(n=sum(sizes), dimension=columns)
    states = np.concatenate([_path(chain, size, generator) for size in sizes])
    rows = np.asarray(draw(generator, states), dtype=float)
    rows.setflags(write=False)
    truth = {**chain, **emission, "labels": states}
    lengths = None if len(sizes) == 1 else np.array(sizes)
    return Dataset(rows, lengths=lengths, truth=truth, name=name, source=f"generator {name}")


def _path(chain: Mapping[str, NDArray[np.float64]], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the states of one sequence: the first one whose cumulative probability exceeds a uniform number."""
    rows, uniforms = np.cumsum(chain["transition_matrix"], axis=1), rng.random(size) * (1.0 - 1e-15)
    path = np.empty(size, dtype=np.int64)
    path[0] = np.searchsorted(np.cumsum(chain["initial"]), uniforms[0], side="right")
    for t in range(1, size):
        path[t] = np.searchsorted(rows[path[t - 1]], uniforms[t], side="right")
    return np.minimum(path, len(rows) - 1)
