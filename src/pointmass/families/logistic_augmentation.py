"""Logistic: a hidden Pólya–Gamma precision, whose variational form is the bound of Jaakkola and Jordan."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit

from pointmass.families.augmentation import Augmentation
from pointmass.families.logistic_normal import log_mean_expit
from pointmass.families.polya_gamma import polya_gamma_draws, polya_gamma_mean, polya_gamma_variance
from pointmass.numerics import Array

__all__ = ["LogisticAugmentation"]


class LogisticAugmentation(Augmentation):
    """The response is y − ½, and the precision PG(1, √E[ψ²]) given y (Polson, Scott and Windle 2013, theorem 1)."""

    constant = -float(np.log(2.0))
    hides_response = False

    def log_probability(self, sign: Array, predictor: Array) -> Array:
        """Return log 1 / (1 + exp ∓ψ)."""
        return np.asarray(log_expit(sign * predictor))

    def log_normaliser(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return ±m/2 − log 2 cosh(√(m² + v)/2)."""
        size = np.sqrt(mean**2 + variance)
        return np.asarray(log_expit(size) + 0.5 * (sign * mean - size))

    def log_predictive(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return log E[1 / (1 + exp ∓ψ)]."""
        return log_mean_expit(sign * mean, variance)

    def expected(self, sign: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return tanh(c/2) / 2c at c = √(m² + v), and y − ½."""
        return polya_gamma_mean(np.sqrt(mean**2 + variance)), np.broadcast_to(0.5 * sign, mean.shape)

    def hidden_variance(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return the variance of PG(1, √(m² + v))."""
        return polya_gamma_variance(np.sqrt(mean**2 + variance))

    def draws(self, sign: Array, mean: Array, variance: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return Pólya–Gamma draws, and y − ½."""
        return polya_gamma_draws(np.sqrt(mean**2 + variance), rng), 0.5 * sign

    def typical(self, sign: Array) -> tuple[Array, Array]:
        """Return a quarter, and y − ½."""
        return np.full(sign.shape, 0.25), 0.5 * sign

    def marginal(self, predictor: Array) -> tuple[Array, Array]:
        """Return tanh(ψ/2) / 2ψ, which y tells nothing more of, and P(y = 1) − ½."""
        return polya_gamma_mean(predictor), expit(predictor) - 0.5

    def probability(self, predictor: Array) -> Array:
        """Return 1 / (1 + exp −ψ)."""
        return np.asarray(expit(predictor))
