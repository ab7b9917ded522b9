"""Marginal distributions of single entries of an inverse Wishart matrix, and draws of the matrix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import elementwise
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv, ndtr, ndtri, stdtr, stdtrit

from pointmass.numerics import Array, leading

__all__ = ["SMALLEST_DRAW", "off_diagonal_quantile", "wishart_factor"]

# The trapezoidal rule in normal scores: its error falls geometrically, heavy tails included (Trefethen and Weideman
# 2014).
_SCORES = np.linspace(-8.5, 8.5, 100)
_WEIGHTS = np.exp(-0.5 * _SCORES**2) / np.exp(-0.5 * _SCORES**2).sum()
_TIGHT = 0.9

_DOUBLINGS = 9  # of the bracket: to where the hyperbolic sine is 10²²²
_BLOCK = 4096  # quantiles at once, a hundred nodes each

SMALLEST_DRAW = 1e-100
"""Draws of a precision below this count as this."""


def wishart_factor(dof: Array, dimension: int, size: int, rng: np.random.Generator) -> Array:
    """Return lower triangular A with A Aᵀ ~ Wishart(dof, I), shape (size, *dof.shape, d, d).

    Source: Bartlett (1933); Muirhead (1982), theorem 3.2.14.
    """
    shape = (size, *dof.shape)
    factor = np.tril(rng.standard_normal((*shape, dimension, dimension)), -1)
    freedom = dof[..., None] - np.arange(dimension)
    # With hardly any freedom a draw may be zero in floating point, and its inverse no number.
    diagonal = np.sqrt(2.0 * np.maximum(rng.standard_gamma(freedom / 2.0, (*shape, dimension)), SMALLEST_DRAW))
    factor[..., np.arange(dimension), np.arange(dimension)] = diagonal
    return np.asarray(factor)


def off_diagonal_quantile(dof: float, correlation: Array, probability: Array | float) -> Array:
    """Return the quantile of Σ_12 / √(Ψ_11 Ψ_22) for Σ ~ IW(dof, Ψ) with 2 × 2 scales of these correlations.

    The ratio is β V, where V = Σ_22 / Ψ_22 is inverse gamma and the slope β, independent of it, is Student-t about
    the correlation (the partition of an inverse Wishart; Gelman et al. 2013, appendix A). The distribution function
    is one integral: over V, or over the slope where that is the tighter of the two.

    Parameters
    ----------
    dof : float
        Degrees of freedom of the 2 × 2 matrix, above 1.
    correlation : ndarray, shape (m,)
        Ψ_12 / √(Ψ_11 Ψ_22) of m matrices.
    probability : float or ndarray
        Between 0 and 1.

    Returns
    -------
    ndarray, shape (*probability.shape, m)
        The quantiles; infinite where they lie beyond 10²²⁰ standard deviations.
    """
    pairs = np.broadcast_arrays(correlation, leading(probability, 1))
    rho, wanted = (array.ravel() for array in pairs)
    quantiles, tight = np.empty(rho.size), rho**2 > _TIGHT
    for below, chosen in ((_below_given_slope(dof), tight), (_below_given_variance(dof), ~tight)):
        places = np.flatnonzero(chosen)
        for start in range(0, places.size, _BLOCK):
            at = places[start : start + _BLOCK]
            quantiles[at] = _root(below, dof, rho[at], wanted[at])
    return quantiles.reshape(pairs[0].shape)


type _Distribution = Callable[[Array, Array], Array]


def _root(below: _Distribution, dof: float, correlation: Array, probability: Array) -> Array:
    def value(step: Array, rho: Array) -> Array:
        # Tails of any weight are a few steps away.
        return np.asarray(rho / dof + np.sqrt(1.0 + rho**2) / dof**1.5 * np.sinh(step))

    def excess(step: Array, rho: Array, probability: Array) -> Array:
        return below(value(step, rho)[:, None], rho[:, None]) - probability

    given = (correlation, probability)
    start = np.clip(np.arcsinh(ndtri(probability)), -5.0, 5.0)  # where it would be normal; in floats nothing is beyond
    found = elementwise.bracket_root(excess, start - 0.5, start + 0.5, args=given, maxiter=_DOUBLINGS)
    at_low, at_high = found.f_bracket
    root = value(np.asarray(elementwise.find_root(excess, found.bracket, args=given).x), correlation)
    too_far = [(at_low > 0) | (probability <= 0.0), (at_high < 0) | (probability >= 1.0)]
    return np.select(too_far, [-np.inf, np.inf], root)


def _spread(rho: Array, dof: float) -> Array:
    return np.asarray(np.sqrt((1.0 - rho) * (1.0 + rho) / dof))


def _integral(values: Array) -> Array:
    """Return integrals of values at the nodes; row by row, so that a quantile's bits do not hang on its neighbours."""
    return np.asarray(np.vecdot(values, _WEIGHTS))


def _below_given_variance(dof: float) -> _Distribution:
    """Return P(β V ≤ value), integrated over V."""
    shape, tail = 0.5 * (dof - 1.0), ndtr(-np.abs(_SCORES))
    # V falls as its gamma variable rises; each tail from its own side, where it keeps its digits.
    gamma = np.where(_SCORES < 0, gammaincinv(shape, tail), gammainccinv(shape, tail))

    def below(value: Array, rho: Array) -> Array:
        return _integral(stdtr(dof, (2.0 * gamma * value - rho) / _spread(rho, dof)))

    return below


def _below_given_slope(dof: float) -> _Distribution:
    """Return P(β V ≤ value), integrated over β: the event is that 1 / V lies beyond β / value."""
    shape = 0.5 * (dof - 1.0)
    steps = -np.sign(_SCORES) * stdtrit(dof, ndtr(-np.abs(_SCORES)))

    def below(value: Array, rho: Array) -> Array:
        slope = rho + _spread(rho, dof) * steps
        gamma = np.maximum(0.5 * slope / np.where(value == 0, 1.0, value), 0.0)
        signed = np.where(value > 0, gammaincc(shape, gamma), gammainc(shape, gamma))
        return _integral(np.where(value == 0, slope <= 0, signed))

    return below
