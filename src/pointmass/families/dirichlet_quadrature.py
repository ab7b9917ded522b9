"""Expectations of polynomials under a Dirichlet distribution, by Gauss-Jacobi rules stick by stick."""

from __future__ import annotations

from functools import reduce

import numpy as np
from scipy.linalg import eigh_tridiagonal

from pointmass.numerics import Array

__all__ = ["dirichlet_nodes"]

_MOST_EACH, _MOST = 400, 40_000


def dirichlet_nodes(concentration: Array, degree: int) -> tuple[Array, Array]:
    """Return nodes (Q, C) on the simplex and weights (Q,), exact for polynomials of the degree.

    With so many probabilities and so high a degree that exact rules would have more than 40,000 nodes (400 of one
    probability), the rule is the largest that has not: of smooth likelihoods about as wide as the distribution it is
    still exact to many digits.

    Parameters
    ----------
    concentration : ndarray, shape (C,)
        Of the Dirichlet.
    degree : int
        Degree of the polynomial in the probabilities.

    References
    ----------
    Golub and Welsch (1969), *Mathematics of Computation* 23.

    Examples
    --------
    >>> nodes, weights = dirichlet_nodes(np.array([9.0, 3.0]), 4)
    >>> (weights @ nodes).round(12)
    array([0.75, 0.25])
    """
    c = len(concentration)
    size = min(degree // 2 + 1, _MOST_EACH, int(_MOST ** (1.0 / (c - 1))))
    rest = concentration[::-1].cumsum()[::-1]
    sticks = [_beta_rule(float(concentration[i]), float(rest[i + 1]), size) for i in range(c - 1)]
    breaks = np.stack([axis.ravel() for axis in np.meshgrid(*(nodes for nodes, _ in sticks), indexing="ij")], axis=1)
    weights = reduce(np.multiply.outer, (weight for _, weight in sticks)).ravel()
    left = np.concatenate([np.ones((len(breaks), 1)), np.cumprod(1.0 - breaks, axis=1)], axis=1)
    return left * np.concatenate([breaks, np.ones((len(breaks), 1))], axis=1), weights


def _beta_rule(a: float, b: float, size: int) -> tuple[Array, Array]:
    """Return the Gauss rule of Beta(a, b): eigenvalues of the Jacobi matrix, weights that sum to one."""
    k = np.arange(1.0, size)
    total = a + b
    diagonal = np.empty(size)
    diagonal[0] = a / total
    twice = 2.0 * k + total
    diagonal[1:] = 0.5 + 0.5 * ((a - 1.0) ** 2 - (b - 1.0) ** 2) / ((twice - 2.0) * twice)
    squares = k * (k + a - 1.0) * (k + b - 1.0) * (k + total - 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares /= (twice - 2.0) ** 2 * (twice - 3.0) * (twice - 1.0)
    if size > 1:
        squares[0] = a * b / (total**2 * (total + 1.0))  # the variance; the general form is 0/0 where a + b is 1
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    return np.clip(nodes, 0.0, 1.0), vectors[0] ** 2
