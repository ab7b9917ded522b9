"""Rows of columns that a few hidden factors make depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_real_array, check_memory
from pointmass.errors import PointmassError

__all__ = ["factor_analysis"]


def factor_analysis(
    *,
    n: int = 500,
    loadings: ArrayLike = ((1.0,), (0.8,), (0.6,), (0.4,)),
    noise_variance: ArrayLike = 0.5,
    mean: ArrayLike = 0.0,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows mean + loadings · factors + noise, factors standard normal, noise independent by column.

    Parameters
    ----------
    n : int
        Number of rows.
    loadings : array of shape (d, q)
        W.
    noise_variance : float or array of shape (d,)
        Uniquenesses, positive.
    mean : float or array of shape (d,)
        Mean of each column.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With truth ``mean`` (d,), ``loadings`` (d, q) and ``noise_variance`` (d,).

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> factor_analysis(n=100, rng=0).X.shape
    (100, 4)
    """
    weights = as_real_array("loadings", loadings, (2,))
    size, (d, q), generator = as_count("n", n), weights.shape, as_generator(rng)
    check_memory(n=size, dimension=d)
    own = {"mean": as_real_array("mean", mean, (0, 1))}
    own["noise_variance"] = as_real_array("noise_variance", noise_variance, (0, 1))
    for name, array in own.items():
        if array.ndim and array.shape != (d,):
            raise PointmassError(
                f"{name} has {array.size} numbers and loadings {d} rows: give one a column", path=(name,)
            )
    if (own["noise_variance"] <= 0).any():
        raise PointmassError("noise_variance must be positive: raise it", path=("noise_variance",))
    truth = {name: np.broadcast_to(array, (d,)) for name, array in own.items()} | {"loadings": weights}
    noise = np.sqrt(truth["noise_variance"]) * generator.standard_normal((size, d))
    X = truth["mean"] + generator.standard_normal((size, q)) @ weights.T + noise
    return Dataset(X, truth=truth, name="factor_analysis", source="generator factor_analysis")
