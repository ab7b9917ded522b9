"""Counts of genotypes and phenotypes that a few probabilities make: linkage, and the blood groups A, B, AB, O."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_number, as_weights, check_memory
from pointmass.errors import PointmassError

__all__ = ["blood_groups", "linkage"]


def linkage(
    *, probability: float = 0.6, n_trials: int = 197, n: int = 1, rng: np.random.Generator | int | None = None
) -> Dataset:
    """Draw counts of the four phenotypes of a cross of two linked genes.

    Parameters
    ----------
    probability : float
        θ between 0 and 1; the cells have the probabilities ½ + θ/4, (1 − θ)/4, (1 − θ)/4, θ/4.
    n_trials : int
        Animals counted in each row.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``probabilities``: θ, 1 − θ.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> linkage(rng=0).X
    array([[131.,  13.,  14.,  39.]])
    """
    theta = as_number("probability", probability, 0.0)
    if not 0.0 < theta < 1.0:
        raise PointmassError(f"probability must lie between 0 and 1, got {probability!r}", path=("probability",))
    cells = np.array([2.0 + theta, 1.0 - theta, 1.0 - theta, theta]) / 4.0
    return _drawn("linkage", ("AB", "Ab", "aB", "ab"), cells, np.array([theta, 1.0 - theta]), n_trials, n, rng)


def blood_groups(
    *,
    frequencies: ArrayLike = (0.25, 0.05, 0.7),
    n_trials: int = 500,
    n: int = 1,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw counts of the blood groups A, B, AB and O of people who mate at random.

    Parameters
    ----------
    frequencies : array of shape (3,)
        Of the alleles A, B and O: positive, summing to 1.
    n_trials, n, rng
        As `linkage` has them.

    Returns
    -------
    Dataset
        Truth ``probabilities``, the frequencies.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> blood_groups(rng=0).X
    array([[185.,  39.,  17., 259.]])
    """
    shares = as_weights("frequencies", frequencies)
    if len(shares) != 3:
        raise PointmassError(f"frequencies must be three, of A, B and O, got {len(shares)}", path=("frequencies",))
    a, b, o = shares
    cells = np.array([a * (a + 2.0 * o), b * (b + 2.0 * o), 2.0 * a * b, o * o])
    return _drawn("blood_groups", ("A", "B", "AB", "O"), cells, shares, n_trials, n, rng)


def _drawn(
    name: str,
    columns: tuple[str, ...],
    cells: NDArray[np.float64],
    truth: NDArray[np.float64],
    n_trials: object,
    n: object,
    rng: object,
) -> Dataset:
    """Return rows of counts of cells."""
    count, trials = as_count("n", n), as_count("n_trials", n_trials)
    check_memory(n=count, cells=len(cells))
    rows = as_generator(rng).multinomial(trials, cells / cells.sum(), size=count).astype(float)
    return Dataset(rows, columns=columns, truth={"probabilities": truth}, name=name, source=f"generator {name}")
