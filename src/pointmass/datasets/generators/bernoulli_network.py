"""Classes that a small network of hidden units makes of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_real_array, check_memory
from pointmass.errors import PointmassError

__all__ = ["bernoulli_network"]


def bernoulli_network(
    *,
    hidden: ArrayLike = ((0.0, 3.0, 0.0), (0.0, 0.0, 3.0)),
    output: ArrayLike = ((2.0, -3.0, -3.0), (-1.0, 3.0, 0.0), (-1.0, 0.0, 3.0)),
    n: int = 400,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n classes of independent standard normal features by way of hidden units that are on or off.

    Parameters
    ----------
    hidden : array of shape (H, d + 1)
        Intercept and slopes of the log odds that each unit is on.
    output : array of shape (C, H + 1)
        Intercept and what each unit adds to the log probability of each class, up to what all have in common.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, classes 0, 1, … in ``y``; truth ``hidden``, ``output`` (its rows less their mean).

    Raises
    ------
    PointmassError
        If an option is impossible.

    References
    ----------
    Ng and McLachlan (2004), *IEEE Transactions on Neural Networks* 15, 738-749.

    Examples
    --------
    >>> data = bernoulli_network(n=100, rng=0)
    >>> data.X.shape, sorted(set(data.y.tolist()))
    ((100, 2), [0.0, 1.0, 2.0])
    """
    units, classes = as_real_array("hidden", hidden, (2,)), as_real_array("output", output, (2,))
    size, generator = as_count("n", n), as_generator(rng)
    if units.shape[1] < 2:
        raise PointmassError(
            f"hidden has shape {units.shape}: give an intercept and at least one slope", path=("hidden",)
        )
    if classes.shape[1] != len(units) + 1 or len(classes) < 2:
        raise PointmassError(
            f"output has shape {classes.shape}: give at least two classes an intercept and {len(units)} unit(s)",
            path=("output",),
        )
    check_memory(n=size, dimension=units.shape[1], n_units=len(units))
    features = generator.standard_normal((size, units.shape[1] - 1))
    odds = units[:, 0] + features @ units[:, 1:].T
    on = generator.random(odds.shape) < 1.0 / (1.0 + np.exp(-odds))
    scores = classes[:, 0] + on @ classes[:, 1:].T
    # The largest of log probabilities with independent Gumbel noise has these probabilities.
    target = np.argmax(scores + generator.gumbel(size=scores.shape), axis=1).astype(float)
    truth = {"hidden": units, "output": classes - classes.mean(axis=0)}
    return Dataset(features, target, truth=truth, name="bernoulli_network", source="generator bernoulli_network")
