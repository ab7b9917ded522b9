"""Probit: the sign of a hidden normal value (Albert and Chib 1993)."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr

from pointmass.families.augmentation import Augmentation
from pointmass.families.truncated import TruncatedNormal
from pointmass.numerics import Array

__all__ = ["NormalAugmentation"]

_LOG_ROOT = 0.5 * np.log(2.0 * np.pi)


class NormalAugmentation(Augmentation):
    """The response is normal about the predictor with variance one, and y = 1 where it is positive."""

    constant = -_LOG_ROOT
    hides_response = True

    def log_probability(self, sign: Array, predictor: Array) -> Array:
        """Return log Φ(±ψ)."""
        return np.asarray(log_ndtr(sign * predictor))

    def log_normaliser(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return log Φ(±m) − v/2."""
        return np.asarray(log_ndtr(sign * mean) - 0.5 * variance)

    def log_predictive(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return log Φ(±m / √(1 + v))."""
        return np.asarray(log_ndtr(sign * mean / np.sqrt(1.0 + variance)))

    def expected(self, sign: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return one, and the mean of the normal on the side of y."""
        return np.ones_like(mean), mean + sign * _inverse_mills(sign * mean)

    def hidden_variance(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return the variance of the normal on the side of y."""
        turned = sign * mean
        ratio = _inverse_mills(turned)
        return np.asarray(np.maximum(1.0 - ratio * (ratio + turned), 0.0))

    def draws(self, sign: Array, mean: Array, variance: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return ones, and normal values on the side of y."""
        size = len(mean)
        truncated = TruncatedNormal(mean, np.ones(size), np.zeros(size))
        lower, upper = np.where(sign > 0, 0.0, -np.inf), np.where(sign > 0, np.inf, 0.0)
        return np.ones(size), truncated.draws(lower, upper, np.arange(size), rng)

    def typical(self, sign: Array) -> tuple[Array, Array]:
        """Return ones and ±√(2/π)."""
        return np.ones_like(sign), sign * np.sqrt(2.0 / np.pi)

    def marginal(self, predictor: Array) -> tuple[Array, Array]:
        """Return one, and ψ."""
        return np.ones_like(predictor), predictor

    def probability(self, predictor: Array) -> Array:
        """Return Φ(ψ)."""
        return np.asarray(ndtr(predictor))


def _inverse_mills(x: Array) -> Array:
    """Return φ(x) / Φ(x)."""
    return np.asarray(np.exp(-0.5 * x**2 - _LOG_ROOT - log_ndtr(x)))
