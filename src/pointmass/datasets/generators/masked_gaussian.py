"""Rows of one normal distribution with missing cells, NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.gaussian import gaussian
from pointmass.datasets.options import as_choice, as_generator, as_number
from pointmass.errors import PointmassError

__all__ = ["masked_gaussian"]

_MECHANISMS = {"completely_at_random": 0.9, "at_random": 0.5}  # with the largest share of missing cells


def masked_gaussian(
    *,
    n: int = 500,
    mean: ArrayLike = (0.0, 0.0),
    covariance: ArrayLike = ((1.0, 0.7), (0.7, 1.0)),
    missing: float = 0.2,
    mechanism: str = "completely_at_random",
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of N(mean, covariance) and hide some of their cells.

    Parameters
    ----------
    n : int
        Number of rows.
    mean : float or array of shape (d,)
        Mean of each column.
    covariance : float or array of shape (d,) or (d, d)
        As `gaussian` has it.
    missing : float
        Share of cells that are missing, from 0 to 0.9 (to 0.5 at random), where cells can be missing.
    mechanism : {"completely_at_random", "at_random"}
        Every cell with the same probability; or those of all columns but the first, twice as often where the first
        lies above its mean and never below: rows without missing cells are then no fair sample (Rubin 1976).
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With truth ``mean`` (d,) and ``covariance`` (d, d); missing cells are NaN.

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> masked_gaussian(n=4, missing=0.5, rng=0).X.round(1)
    array([[ 0.1, -0. ],
           [ 0.6,  nan],
           [-0.5,  nan],
           [ 1.3,  nan]])
    """
    share, most = as_number("missing", missing, 0.0), _MECHANISMS[as_choice("mechanism", mechanism, _MECHANISMS)]
    if share > most:
        raise PointmassError(f"missing must be at most {most}, got {missing!r}: lower it", path=("missing",))
    generator = as_generator(rng)
    drawn = gaussian(n=n, mean=mean, covariance=covariance, rng=generator)
    probability = np.full(drawn.X.shape, share)
    if mechanism == "at_random":
        probability = 2.0 * probability * (drawn.X[:, :1] > np.ravel(mean)[0])
        probability[:, 0] = 0.0
    X = np.where(generator.random(drawn.X.shape) < probability, np.nan, drawn.X)
    return Dataset(X, truth=drawn.truth, name="masked_gaussian", source="generator masked_gaussian")
