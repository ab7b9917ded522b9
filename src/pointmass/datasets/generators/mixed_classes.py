"""Classes of customers, seen through columns of different kinds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, as_distributions
from pointmass.datasets.options import as_count, as_generator, as_weights, check_memory
from pointmass.errors import PointmassError

__all__ = ["mixed_classes"]

type _Matrix = NDArray[np.float64]


def mixed_classes(
    *,
    size_mean: ArrayLike = ((0.0, 0.0), (2.0, 1.0)),
    size_variance: ArrayLike = ((1.0, 1.0), (1.0, 0.5)),
    visits_rate: ArrayLike = (2.0, 5.0),
    colour_probabilities: ArrayLike = ((0.6, 0.3, 0.1), (0.2, 0.3, 0.5)),
    weights: ArrayLike = (0.6, 0.4),
    n: int = 500,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of classes with normal sizes, counts of visits and a coded colour, independent within a class.

    Parameters
    ----------
    size_mean : array of shape (K, d)
        Means of the first d columns.
    size_variance : array of shape (K, d)
        Their variances.
    visits_rate : array of shape (K,)
        Poisson rate of the next column.
    colour_probabilities : array of shape (K, C)
        Probability of each code 0, …, C − 1 of the last column.
    weights : array of shape (K,)
        Positive, summing to 1.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``weights``, ``size_mean``, ``size_covariance``, ``visits_rate``, ``colour_probabilities`` and
        ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = mixed_classes(n=50, rng=0)
    >>> data.X.shape, data.columns
    ((50, 4), ('size_0', 'size_1', 'visits', 'colour'))
    """
    means, variances = as_components("size_mean", size_mean, -np.inf), as_components("size_variance", size_variance, 0)
    rates = as_components("visits_rate", visits_rate, 0.0)
    colours = as_distributions("colour_probabilities", colour_probabilities)
    shares, count, generator = as_weights("weights", weights), as_count("n", n), as_generator(rng)
    _check_classes(len(shares), means, variances, rates, colours)
    check_memory(n=count, dimension=means.shape[1] + 2)
    labels = generator.choice(len(shares), size=count, p=shares)
    sizes = means[labels] + np.sqrt(variances[labels]) * generator.standard_normal((count, means.shape[1]))
    visits, codes = generator.poisson(rates[labels]), _codes(generator, colours[labels])
    rows = np.column_stack([sizes, visits, codes]).astype(float)
    rows.setflags(write=False)
    truth = {
        "weights": shares,
        "size_mean": means,
        "size_covariance": variances[:, :, None] * np.eye(means.shape[1]),
        "visits_rate": rates,
        "colour_probabilities": colours,
        "labels": labels,
    }
    columns = (*(f"size_{j}" for j in range(means.shape[1])), "visits", "colour")
    return Dataset(rows, columns=columns, truth=truth, name="mixed_classes", source="generator mixed_classes")


def _check_classes(k: int, means: _Matrix, variances: _Matrix, rates: _Matrix, colours: _Matrix) -> None:
    if means.shape != variances.shape or rates.shape[1] != 1 or {len(means), len(rates), len(colours)} != {k}:
        raise PointmassError(
            f"the options disagree on components: weights gives {k}, size_mean has shape {means.shape}, size_variance "
            f"{variances.shape}, visits_rate gives {len(rates)}, colour_probabilities {len(colours)}; make them agree",
            path=("weights",),
        )


def _codes(rng: np.random.Generator, probabilities: _Matrix) -> NDArray[np.intp]:
    """Return a code for each row, by inverting its cumulative probabilities."""
    cumulative = probabilities.cumsum(axis=1)
    return np.asarray((rng.random((len(probabilities), 1)) * cumulative[:, -1:] >= cumulative).sum(axis=1))
