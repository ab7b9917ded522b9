"""Targets in groups whose levels differ at random."""

from __future__ import annotations

import numpy as np

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_number, check_memory
from pointmass.errors import PointmassError

__all__ = ["random_effects"]


def random_effects(
    *,
    n: int = 50,
    n_groups: int = 10,
    balanced: bool = True,
    mean: float = 0.0,
    group_variance: float = 1.0,
    noise_variance: float = 1.0,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n targets mean + effect of the group + noise; the one feature is the number of the group.

    Parameters
    ----------
    n : int
        Number of rows.
    n_groups : int
        Number of groups.
    balanced : bool
        Whether groups have as many rows each, as nearly as can be; else each row's is drawn.
    mean : float
        Level about which groups differ.
    group_variance : float
        Variance of the effects, at least 0.
    noise_variance : float
        Variance within a group, positive.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With a target, and truth ``mean``, ``group_variance``, ``noise_variance`` and ``effects`` (n_groups,).

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> random_effects(n=6, n_groups=3, rng=0).X.ravel().tolist()
    [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    """
    size, groups, generator = as_count("n", n), as_count("n_groups", n_groups), as_generator(rng)
    check_memory(n=size, dimension=2)
    between, within = as_number("group_variance", group_variance, 0.0), as_number("noise_variance", noise_variance, 0.0)
    if within <= 0:
        raise PointmassError(f"noise_variance must be positive, got {noise_variance!r}", path=("noise_variance",))
    effects = np.sqrt(between) * generator.standard_normal(groups)
    places = np.arange(size) * groups // size if balanced else np.sort(generator.integers(groups, size=size))
    level = as_number("mean", mean)
    target = level + effects[places] + np.sqrt(within) * generator.standard_normal(size)
    truth = {"mean": np.asarray(level), "effects": effects}
    truth |= {"group_variance": np.asarray(between), "noise_variance": np.asarray(within)}
    return Dataset(
        places[:, None].astype(float),
        y=target,
        truth=truth,
        name="random_effects",
        source="generator random_effects",
    )
