"""Principal axes as loadings: the maximum of the likelihood of factors with one noise variance, in closed form."""

from __future__ import annotations

import numpy as np

from pointmass.numerics import Array

__all__ = ["principal_loadings"]


def principal_loadings(covariance: Array, n_factors: int, least: float = 0.0) -> tuple[float, Array]:
    """Return the noise variance and the loadings (d, q) that make a covariance (d, d) most likely.

    Of the eigenvalues λ₁ ≥ … ≥ λ_d and their axes the noise variance is the mean of λ_{q+1}, …, λ_d, and the loadings
    are √(λ_k − noise) times axis k, its sign one that most columns agree to.

    Parameters
    ----------
    covariance : ndarray, shape (d, d)
        Of the columns, with the total weight in the denominator.
    n_factors : int
        q, less than d.
    least : float
        The smallest noise variance and the smallest square of a length that is returned.

    References
    ----------
    Tipping and Bishop (1999), *JRSS B* 61, equations 7 and 8.

    Examples
    --------
    >>> from pointmass.families.principal_axes import principal_loadings
    >>> noise, loadings = principal_loadings(np.diag([1.0, 5.0, 1.0]), 1)
    >>> noise, loadings.ravel()
    (1.0, array([0., 2., 0.]))
    """
    values, vectors = np.linalg.eigh(covariance)
    noise = max(float(values[:-n_factors].mean()), least)
    lengths = np.sqrt(np.maximum(values[: -n_factors - 1 : -1] - noise, least))
    axes = vectors[:, : -n_factors - 1 : -1]
    return noise, axes * np.where(axes.sum(axis=0) < 0, -1.0, 1.0) * lengths
