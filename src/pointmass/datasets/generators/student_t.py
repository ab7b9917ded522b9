"""Independent rows of one Student-t distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.gaussian import gaussian
from pointmass.datasets.options import as_generator, as_number
from pointmass.errors import PointmassError

__all__ = ["student_t"]


def student_t(
    *,
    n: int = 500,
    mean: ArrayLike | None = None,
    scale: ArrayLike | None = None,
    dof: float = 4.0,
    dimension: int | None = None,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of a Student-t distribution: normal rows, each over the root of a scale of its own.

    Parameters
    ----------
    n : int
        Number of rows.
    mean : float or array of shape (d,), optional
        As `gaussian` has it.
    scale : float or array of shape (d,) or (d, d), optional
        The scale matrix S, given as `gaussian`'s covariance; the rows' covariance is S dof / (dof − 2).
    dof : float
        Degrees of freedom, positive.
    dimension : int, optional
        Number of columns d, as `gaussian` has it.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With truth ``mean`` (d,), ``scale`` (d, d) and ``dof``.

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> data = student_t(n=100, mean=[5.0, 1.0], dof=3.0, rng=0)
    >>> data.X.shape, sorted(data.truth)
    ((100, 2), ['dof', 'mean', 'scale'])
    """
    freedom, generator = as_number("dof", dof, 0.0), as_generator(rng)
    if freedom <= 0:
        raise PointmassError(f"dof must be positive, got {dof!r}: raise it", path=("dof",))
    try:
        normal = gaussian(n=n, mean=mean, covariance=scale, dimension=dimension, rng=generator)
    except PointmassError as error:
        path = tuple("scale" if part == "covariance" else part for part in error.path)
        raise PointmassError(str(error).replace("covariance", "scale"), path) from error
    known = dict(normal.truth or {})
    centre = known["mean"]
    scales = generator.chisquare(freedom, (n, 1)) / freedom
    truth = {"mean": centre, "scale": known["covariance"], "dof": np.asarray(freedom)}
    return Dataset(
        centre + (normal.X - centre) / np.sqrt(scales), truth=truth, name="student_t", source="generator student_t"
    )
