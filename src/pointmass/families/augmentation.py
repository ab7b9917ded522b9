"""What makes a 0/1 likelihood normal in its coefficients: a hidden variable of each row."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from pointmass.numerics import Array

__all__ = ["Augmentation"]


class Augmentation(ABC):
    r"""A joint density of a target y and a hidden variable h, normal in the linear predictor ψ = (1, x) · β.

    .. math:: \log p(y, h \mid \psi) = \text{constant} + \kappa \psi - \tfrac12 \omega \psi^2 + \log g(y, h)

    Either the response κ or the precision ω is the hidden variable, the other is known. With h integrated out
    p(y | ψ) is the likelihood. Predictors have a mean and a variance, (K, n), under a belief about β; ``sign`` (n,) is
    −1 for y = 0 and 1 for y = 1.

    Attributes
    ----------
    constant : float
        The constant.
    hides_response : bool
        Whether κ is the hidden variable; else it is ω.
    """

    constant: float
    hides_response: bool

    @abstractmethod
    def log_probability(self, sign: Array, predictor: Array) -> Array:
        """Return log p(y | ψ)."""

    @abstractmethod
    def log_normaliser(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return log ∫ exp E[log p(y, h | ψ)] dh: log p(y | ψ) where the variance is zero, below E[·] of it else."""

    @abstractmethod
    def log_predictive(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return log E[p(y | ψ)] for a normal ψ."""

    @abstractmethod
    def expected(self, sign: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return E[ω] and E[κ] under the hidden variable's posterior."""

    @abstractmethod
    def hidden_variance(self, sign: Array, mean: Array, variance: Array) -> Array:
        """Return the variance of the hidden variable."""

    @abstractmethod
    def draws(self, sign: Array, mean: Array, variance: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return ω and κ (n,) with the hidden variable drawn, for predictors (n,)."""

    @abstractmethod
    def typical(self, sign: Array) -> tuple[Array, Array]:
        """Return E[ω] and E[κ] (n,) at predictors of zero."""

    @abstractmethod
    def marginal(self, predictor: Array) -> tuple[Array, Array]:
        """Return E[ω | ψ] and E[κ | ψ] with y unknown."""

    @abstractmethod
    def probability(self, predictor: Array) -> Array:
        """Return P(y = 1 | ψ)."""
