"""Marginal distributions of single entries of an inverse Wishart matrix, and draws of the matrix."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv, ndtr, stdtr, stdtrit

from pointmass.families.increasing_root import increasing_root
from pointmass.numerics import Array

__all__ = ["SMALLEST_DRAW", "off_diagonal_quantile", "wishart_factor"]

# The trapezoidal rule in normal scores: its error falls geometrically, heavy tails included (Trefethen and Weideman
# 2014).
_SCORES = np.linspace(-8.5, 8.5, 100)
_WEIGHTS = np.exp(-0.5 * _SCORES**2) / np.exp(-0.5 * _SCORES**2).sum()
_TIGHT = 0.9
_REMEMBERED = 32  # degrees of freedom: a posterior is asked for a hundred quantiles one after the other

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


def off_diagonal_quantile(dof: float, correlation: Array, probability: float) -> Array:
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
    probability : float
        Between 0 and 1.
    """
    if not correlation.size:
        return np.zeros(0)
    quantiles = np.empty(len(correlation))
    tight = correlation**2 > _TIGHT
    for chosen, below in ((tight, _below_given_slope(dof)), (~tight, _below_given_variance(dof))):
        if chosen.any():
            quantiles[chosen] = _root(below, dof, correlation[chosen], probability)
    return quantiles


type _Distribution = Callable[[Array, Array], Array]


def _root(below: _Distribution, dof: float, correlation: Array, probability: float) -> Array:
    rho = correlation[:, None]
    centre, width = correlation / dof, np.sqrt(1.0 + correlation**2) / dof**1.5

    def value(step: Array) -> Array:
        return np.asarray(centre + width * np.sinh(step))  # tails of any weight are a few steps away

    return value(increasing_root(lambda step: below(value(step)[:, None], rho) - probability, len(rho)))


def _spread(rho: Array, dof: float) -> Array:
    return np.asarray(np.sqrt((1.0 - rho) * (1.0 + rho) / dof))


@lru_cache(_REMEMBERED)
def _below_given_variance(dof: float) -> _Distribution:
    """Return P(β V ≤ value), integrated over V."""
    shape, tail = 0.5 * (dof - 1.0), ndtr(-np.abs(_SCORES))
    # V falls as its gamma variable rises; each tail from its own side, where it keeps its digits.
    gamma = np.where(_SCORES < 0, gammaincinv(shape, tail), gammainccinv(shape, tail))

    def below(value: Array, rho: Array) -> Array:
        return np.asarray(stdtr(dof, (2.0 * gamma * value - rho) / _spread(rho, dof)) @ _WEIGHTS)

    return below


@lru_cache(_REMEMBERED)
def _below_given_slope(dof: float) -> _Distribution:
    """Return P(β V ≤ value), integrated over β: the event is that 1 / V lies beyond β / value."""
    shape = 0.5 * (dof - 1.0)
    steps = -np.sign(_SCORES) * stdtrit(dof, ndtr(-np.abs(_SCORES)))

    def below(value: Array, rho: Array) -> Array:
        slope = rho + _spread(rho, dof) * steps
        gamma = np.maximum(0.5 * slope / np.where(value == 0, 1.0, value), 0.0)
        signed = np.where(value > 0, gammaincc(shape, gamma), gammainc(shape, gamma))
        return np.asarray(np.where(value == 0, slope <= 0, signed) @ _WEIGHTS)

    return below
