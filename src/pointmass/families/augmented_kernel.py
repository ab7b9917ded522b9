"""A binary regression's part of a sweep: the hidden variable of each row is integrated out, or drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.augmentation import Augmentation
from pointmass.families.coordinates import Coordinates
from pointmass.families.kernel import Kernel
from pointmass.families.pair_products import PAIRS
from pointmass.numerics import Array, pair_products

if TYPE_CHECKING:
    from pointmass.families.binary_regression import BinaryRegression
    from pointmass.families.conjugate import Parameters

__all__ = ["AugmentedKernel", "AugmentedRows"]


@dataclass(frozen=True, eq=False)
class AugmentedRows:
    """Features of rows (x, y).

    Parameters
    ----------
    design : ndarray, shape (p, n)
        (1, z), or z alone without an intercept.
    pairs : ndarray, shape (p (p + 1) / 2, n)
        Products of each pair of its columns.
    sign : ndarray, shape (n,)
        −1 for y = 0, 1 for y = 1.
    drawn : tuple of ndarray, shape (n,), or None
        Precisions and responses, where the hidden variables are drawn.
    """

    design: Array
    pairs: Array
    sign: Array
    drawn: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, working: Array, target: Array, fit_intercept: bool) -> AugmentedRows:
        """Return the features of rows whose features are ``working`` (d, n)."""
        ones = np.ones((1, working.shape[1]))
        design = np.concatenate([ones, working]) if fit_intercept else working
        return cls.with_design(design, np.where(target > 0.5, 1.0, -1.0))

    @classmethod
    def with_design(cls, design: Array, sign: Array) -> AugmentedRows:
        """Return the features of rows with this design (p, n) and these signs (n,)."""
        return cls(design, pair_products(design), sign)

    def statistics(self, precisions: Array, responses: Array) -> Array:
        """Return (1, ω times pairs, κ times design) (S, n) of these rows."""
        return np.concatenate([np.ones((1, self.sign.size)), precisions * self.pairs, responses * self.design])


class AugmentedKernel(Kernel):
    """Log probabilities of targets under K beliefs about coefficients, and expected statistics.

    Parameters
    ----------
    family : BinaryRegression
        Whose kernel this is.
    expected : dict of str to ndarray
        Means (K, p) and covariances (K, p, p) of the coefficients.
    offset : ndarray, shape (K,)
        Log weight of each component.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    def __init__(self, family: BinaryRegression, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        self.augmentation: Augmentation = family.augmentation
        self.fit_intercept = family.fit_intercept
        self.lines, self.offset = expected["coefficients"], offset
        spread = expected["spread"]
        self.widths = -2.0 * PAIRS.coefficients(spread) if spread.any() else None
        coefficients = family.coefficients(expected)
        coefficients[:, 0] += offset
        super().__init__(family, coefficients, coordinates)

    def features(self, rows: Array) -> AugmentedRows:
        """Return the features of rows (n, d + 1)."""
        return AugmentedRows.of(self.coordinates.transform(rows)[:-1], rows[:, -1], self.fit_intercept)

    def predictors(self, features: AugmentedRows) -> tuple[Array, Array]:
        """Return means and variances (K, n) of the linear predictors."""
        mean = self.lines @ features.design
        return mean, np.zeros_like(mean) if self.widths is None else np.maximum(self.widths @ features.pairs, 0.0)

    def log_density(self, features: Any, rows: Array) -> Array:
        """Return log normalisers (K, n)."""
        return self.product(features)

    def product(self, features: Any) -> Array:
        """Return log normalisers (K, n)."""
        return self.augmentation.log_normaliser(features.sign, *self.predictors(features)) + self.offset[:, None]

    def expected(self, features: AugmentedRows) -> tuple[Array, Array]:
        """Return expected precisions and responses (K, n), or (1, n) where they are drawn."""
        if features.drawn is not None:
            precisions, responses = features.drawn
            return precisions[None], responses[None]
        return self.augmentation.expected(features.sign, *self.predictors(features))

    def hidden_variance(self, features: AugmentedRows) -> Array:
        """Return the variances (K, n) of the hidden variables."""
        return self.augmentation.hidden_variance(features.sign, *self.predictors(features))

    def statistics(self, features: Any, responsibilities: Array) -> Array:
        """Return expected statistics (K, S) under responsibilities (K, n)."""
        precisions, responses = self.expected(features)
        grams = (responsibilities * precisions) @ features.pairs.T
        return np.concatenate(
            [responsibilities.sum(1, keepdims=True), grams, (responsibilities * responses) @ features.design.T], axis=1
        )

    def filled(self, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
        """Return the features of rows whose hidden variables are drawn given the component assigned (K, n)."""
        if rng is None:
            raise ValueError("drawn values need an rng")
        chosen = assigned.argmax(axis=0), np.arange(features.sign.size)
        mean, variance = (array[chosen] for array in self.predictors(features))
        return replace(features, drawn=self.augmentation.draws(features.sign, mean, variance, rng))

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Call rows whose densities overflow impossible, in place; return which."""
        far = np.flatnonzero(np.isnan(log_joint).any(axis=0))
        log_joint[:, far] = -np.inf
        return far
