"""Small pieces of linear algebra and special functions that NumPy and SciPy do not give in batches."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert
from scipy.special import betaln, digamma, gammaln, xlogy

__all__ = [
    "Array",
    "cholesky_log_determinant",
    "dirichlet_peak",
    "floor_eigenvalues",
    "gamma_divergence",
    "inverse_from_cholesky",
    "leading",
    "log_factorial",
    "log_gamma_ratio",
    "log_sum_exp",
    "multivariate_digamma",
    "multivariate_log_gamma",
    "pair_products",
    "ratio_excess",
    "sturdy_cholesky",
    "summed",
    "symmetrise",
    "zero_sum_basis",
]

type Array = NDArray[Any]


@cache
def zero_sum_basis(size: int) -> Array:
    """Return orthonormal columns (size, size − 1) that each sum to zero: Helmert's contrasts."""
    basis = np.ascontiguousarray(helmert(size).T) if size > 1 else np.zeros((1, 0))
    basis.flags.writeable = False
    return basis


def log_factorial(counts: Array) -> Array:
    """Return log n! of whole numbers: each number once, where there are fewer of them than counts."""
    largest = counts.max(initial=0.0)
    if largest >= counts.size:
        return np.asarray(gammaln(counts + 1.0))
    return np.asarray(gammaln(np.arange(largest + 1.0) + 1.0)[counts.astype(np.intp)])


def multivariate_log_gamma(a: Array, dimension: int) -> Array:
    """Return log Γ_d(a) for an array ``a``; ``scipy.special.multigammaln`` takes scalars of d alone.

    Source: Muirhead (1982), theorem 2.1.12.
    """
    steps = np.arange(dimension) / 2.0
    return np.asarray(
        dimension * (dimension - 1) / 4.0 * np.log(np.pi) + gammaln(np.asarray(a)[..., None] - steps).sum(-1)
    )


def multivariate_digamma(a: Array, dimension: int) -> Array:
    """Return the derivative of log Γ_d(a) with respect to ``a``."""
    return np.asarray(digamma(np.asarray(a)[..., None] - np.arange(dimension) / 2.0).sum(-1))


def ratio_excess(ratio: Array) -> Array:
    """Return t − 1 − log t of a ratio t: zero at one, positive elsewhere."""
    ratio = np.asarray(ratio)
    step = ratio - 1.0
    with np.errstate(divide="ignore"):
        return np.where(np.abs(step) < 0.5, step - np.log1p(step), step - np.log(ratio))


def gamma_divergence(shape: Array, prior_shape: Array) -> Array:
    """Return KL(Gamma(a) ‖ Gamma(a₀)) of two Gamma distributions with equal means, with all its digits.

    It is log Γ(a₀) − log Γ(a) + (a − a₀) ψ(a) + a₀ − a − a₀ log(a₀/a), whose terms cancel for large shapes; there
    Stirling's series leaves them out. The divergences of Gamma, Dirichlet and Wishart distributions are made of it.
    Source: Abramowitz and Stegun (1964), 6.1.41 and 6.3.18.
    """
    with np.errstate(all="ignore"):
        direct = gammaln(prior_shape) + prior_shape - xlogy(prior_shape, prior_shape) + _gamma_entropy_part(shape)
        direct = direct - prior_shape * (digamma(shape) - np.log(shape))
        step = (prior_shape - shape) / shape
        series = 0.5 * ratio_excess(1.0 + step) + _stirling(prior_shape) - _stirling(shape)
        series = series + step / (12.0 * shape) * (1.0 - 0.1 / shape**2)
    return np.where((prior_shape < 1e4) | (shape < 1e2), direct, series)


def dirichlet_peak(concentration: Array) -> Array:
    """Return the log density of a Dirichlet, all concentrations above one, at its mode."""
    alpha = np.asarray(concentration)
    total, k = alpha.sum(-1), alpha.shape[-1]
    with np.errstate(all="ignore"):
        direct = gammaln(total) - gammaln(alpha).sum(-1) + xlogy(alpha - 1.0, (alpha - 1.0)).sum(-1)
        direct = direct - xlogy(total - k, total - k)
        shares = np.log(alpha / total[..., None])
        moved = (alpha - 1.0) * (np.log1p(-1.0 / alpha) - np.log1p(-k / total[..., None]))
        series = 0.5 * np.log(alpha).sum(-1) - 0.5 * np.log(total) - 0.5 * (k - 1) * np.log(2.0 * np.pi)
        series = series + _stirling(total) - _stirling(alpha).sum(-1) + (moved - shares).sum(-1)
    return np.asarray(np.where(alpha.min(-1) < 1e4, direct, series))


def _stirling(a: Array) -> Array:
    """Return log Γ(a) − (a − ½) log a + a − ½ log 2π for large a."""
    return np.asarray((1.0 - (1.0 - 2.0 / (7.0 * a**2)) / (30.0 * a**2)) / (12.0 * a))


def _gamma_entropy_part(a: Array) -> Array:
    """Return a ψ(a) − log Γ(a) − a; for large a by the series ½ log(a/2πe) − 1/(6a) + 1/(90a³) − 1/(210a⁵)."""
    small, large = np.minimum(a, 50.0), np.maximum(a, 50.0)
    direct = small * digamma(small) - gammaln(small) - small
    inverse = 1.0 / large
    tail = inverse * (-1.0 / 6.0 + inverse**2 * (1.0 / 90.0 - inverse**2 / 210.0))
    return np.where(a < 50.0, direct, 0.5 * (np.log(large) - np.log(2.0 * np.pi) - 1.0) + tail)


def log_gamma_ratio(a: Array, step: float) -> Array:
    """Return log Γ(a + step) − log Γ(a), with all its digits for large ``a``, where the two cancel."""
    return np.asarray(gammaln(step) - betaln(a, step))


def summed(array: Array, axes: int) -> Array:
    """Return the sum over so many last axes; those before them, of draws, are kept."""
    array = np.asarray(array)
    return np.asarray(array.sum(axis=tuple(range(-axes, 0)))) if axes else array


def pair_products(columns: Array, out: Array | None = None) -> Array:
    """Return c_i c_j for i ≤ j of columns (q, n), shape (q (q + 1) / 2, n), row by row of the upper triangle."""
    q = len(columns)
    out = np.empty((q * (q + 1) // 2, columns.shape[1])) if out is None else out
    start = 0
    for i, column in enumerate(columns):
        stop = start + q - i
        np.multiply(column, columns[i:], out=out[start:stop])
        start = stop
    return out


def leading(array: Array | float, axes: int) -> Array:
    """Return ``array`` with so many axes of length one behind its own, which thereby lead those of what it meets."""
    return np.reshape(array, (*np.shape(array), *(1,) * axes))


def symmetrise(matrix: Array) -> Array:
    """Return the symmetric part of a stack of square matrices."""
    return 0.5 * (matrix + np.swapaxes(matrix, -1, -2))


def cholesky_log_determinant(factor: Array) -> Array:
    """Return log|A| from the Cholesky factors of a stack of matrices A."""
    return np.asarray(2.0 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(-1))


def sturdy_cholesky(matrix: Array) -> Array:
    """Return the Cholesky factors of covariances, singular ones held up by the least that floating point can tell.

    A covariance on its floor may lose its smallest eigenvalue to rounding when it changes units.
    """
    try:
        return np.asarray(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(symmetrise(matrix))
        roots = np.sqrt(np.maximum(values, 1e-14 * values[..., -1:]))
        upper = np.linalg.qr(roots[..., :, None] * np.swapaxes(vectors, -1, -2), mode="r")
        signs = np.sign(np.diagonal(upper, axis1=-2, axis2=-1))
        return np.asarray(np.swapaxes(signs[..., :, None] * upper, -1, -2))


def inverse_from_cholesky(factor: Array) -> Array:
    """Return the inverses of a stack of matrices from their Cholesky factors.

    The precision matrix itself is a sufficient quantity of a sweep (it multiplies the statistics), so here the
    inverse is the result wanted and not a step towards a solve.
    """
    half = np.linalg.solve(factor, np.broadcast_to(np.eye(factor.shape[-1]), factor.shape))
    return np.asarray(np.swapaxes(half, -1, -2) @ half)


def floor_eigenvalues(matrix: Array, floor: float) -> Array:
    """Return the matrices with every eigenvalue below ``floor`` raised to it.

    Among covariances with eigenvalues of at least ``floor`` this is the maximiser of the Gaussian likelihood
    whose unconstrained maximiser is ``matrix``, so a floored step is still an exact step.
    """
    values, vectors = np.linalg.eigh(symmetrise(matrix))
    if values.size == 0 or values.min() >= floor:
        return symmetrise(matrix)
    scaled = vectors * np.maximum(values, floor)[..., None, :]
    return symmetrise(scaled @ np.swapaxes(vectors, -1, -2))


def log_sum_exp(log_values: Array) -> Array:
    """Return log Σ exp over the first axis; −inf where every entry is −inf."""
    return np.asarray(np.logaddexp.reduce(log_values, axis=0))
