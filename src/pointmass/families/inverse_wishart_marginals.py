"""Marginal distributions of single entries of an inverse Wishart matrix, and draws of the matrix."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv, stdtr

from pointmass.numerics import Array

__all__ = ["off_diagonal_quantile", "wishart_factor"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def wishart_factor(dof: Array, dimension: int, size: int, rng: np.random.Generator) -> Array:
    """Return lower triangular A with A Aᵀ ~ Wishart(dof, I), shape (size, *dof.shape, d, d).

    Source: Bartlett (1933); Muirhead (1982), theorem 3.2.14.
    """
    shape = (size, *dof.shape)
    factor = np.tril(rng.standard_normal((*shape, dimension, dimension)), -1)
    freedom = dof[..., None] - np.arange(dimension)
    diagonal = np.sqrt(2.0 * rng.standard_gamma(freedom / 2.0, (*shape, dimension)))
    factor[..., np.arange(dimension), np.arange(dimension)] = diagonal
    return np.asarray(factor)


def off_diagonal_quantile(dof: float, block: Array, probability: float) -> float:
    """Return the quantile of Σ_12 for Σ ~ IW(dof, block) with a 2 × 2 scale ``block``.

    Σ_12 = β Σ_22, where Σ_22 is inverse gamma and the slope β, independent of it, is Student-t (the partition of
    an inverse Wishart; Gelman et al. 2013, appendix A). The distribution function is one integral over Σ_22.
    """
    freedom = dof - 1.0
    variances = block[1, 1] / (2.0 * gammaincinv(freedom / 2.0, 0.5 * (_NODES + 1.0)))
    slope = block[0, 1] / block[1, 1]
    residual = block[0, 0] - block[0, 1] * slope
    spread = np.sqrt(residual / (block[1, 1] * dof))
    middle = slope * np.median(variances)
    reach = (spread + abs(slope)) * variances.max() * 10.0 + np.sqrt(block[0, 0] * block[1, 1])
    excess = partial(_excess, probability, dof, slope, spread, variances)
    while excess(middle - reach) > 0 or excess(middle + reach) < 0:
        reach *= 4.0
    return float(brentq(excess, middle - reach, middle + reach, xtol=1e-12 * reach, rtol=1e-13))


def _excess(probability: float, dof: float, slope: float, spread: float, variances: Array, value: float) -> float:
    below = stdtr(dof, (value / variances - slope) / spread)
    return float(0.5 * (_WEIGHTS * below).sum() - probability)
