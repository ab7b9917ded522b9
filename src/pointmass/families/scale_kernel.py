"""The part of a sweep of normal rows whose scales are hidden: Student-t log densities and weighted statistics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import digamma

from pointmass.families.kernel import Kernel
from pointmass.families.product_statistics import ProductStatistics
from pointmass.families.scale_statistics import ScaleStatistics
from pointmass.numerics import Array, log_gamma_ratio

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.family import Family

__all__ = ["ScaleKernel", "ScaledRows"]


@dataclass(frozen=True, eq=False)
class ScaledRows:
    """Features of rows whose scales are hidden.

    Parameters
    ----------
    features : ndarray, shape (S, n)
        Features of the rows as normal ones.
    distances : ndarray, shape (K, n)
        E[(x − m)ᵀ Λ (x − m)] of each row from each component.
    drawn : ndarray, shape (n,), optional
        The scales, where they are drawn.
    """

    features: Array
    distances: Array
    drawn: Array | None = None


class ScaleKernel(Kernel):
    r"""Student-t log densities of K components, and statistics of normal rows weighted with their scales.

    Given q(θ) the scale of a row is Gamma(A, B) with A = (ν + p)/2 and B = (ν + E[δ])/2, δ the squared distance and ν
    its expectation; the log normaliser is the logarithm of ∫ exp E[log p(x, u)] du. At a point that is the log density
    of the Student-t distribution.

    Parameters
    ----------
    family : Family
        Whose kernel this is.
    inner : Kernel
        The kernel of the normal rows, without offset.
    constant : ndarray, shape (K,)
        ½ E[log|Λ|] − (p/2) log 2π, the largest log density of a normal row.
    width : int
        p, how many numbers of a row the scale multiplies.
    expected : dict of str to ndarray
        Expected natural parameters of the degrees of freedom.
    offset : ndarray, shape (K,)
        What each component adds to its log densities.
    """

    def __init__(
        self, family: Family, inner: Kernel, constant: Array, width: int, expected: Parameters, offset: Array
    ) -> None:
        self.dof, self.excess = expected["dof"], expected["excess"]
        self.inner, self.constant, self.width = inner, constant, width
        self.shape = 0.5 * (self.dof + width)
        half = 0.5 * self.dof
        self.largest = constant + self.excess + offset
        self.largest = self.largest + log_gamma_ratio(half, 0.5 * width) - 0.5 * width * np.log(half)
        super().__init__(family, inner.coefficients, inner.coordinates)

    def features(self, rows: Array) -> ScaledRows:
        """Return features of rows (n, d), with each row's distance from each component."""
        features = self.inner.features(rows)
        normal = self.inner.log_density(features, rows)
        return ScaledRows(features, np.maximum(2.0 * (self.constant[:, None] - normal), 0.0))

    def log_density(self, features: ScaledRows, rows: Array) -> Array:
        """Return log densities (K, n)."""
        return self.product(features)

    def product(self, features: ScaledRows) -> Array:
        """Return log densities (K, n)."""
        ratios = features.distances / self.dof[:, None]
        return np.asarray(self.largest[:, None] - self.shape[:, None] * np.log1p(ratios))

    def rates(self, features: ScaledRows) -> Array:
        """Return B (K, n), the rates of the gamma distributions of the scales."""
        return 0.5 * (self.dof[:, None] + features.distances)

    def scales(self, features: ScaledRows) -> tuple[Array, Array]:
        """Return E[u] and E[½ (u − 1 − log u)], shape (K, n), or (1, n) where the scales are drawn."""
        if features.drawn is not None:
            drawn = features.drawn[None]
            return drawn, 0.5 * (drawn - 1.0 - np.log(drawn))
        rates = self.rates(features)
        mean = self.shape[:, None] / rates
        return mean, 0.5 * (mean - 1.0 - digamma(self.shape)[:, None] + np.log(rates))

    def statistics(self, features: ScaledRows, responsibilities: Array) -> ProductStatistics:
        """Return expected statistics of rows and of scales under responsibilities (K, n)."""
        scales, excess = self.scales(features)
        n_rows = responsibilities.sum(axis=1)
        moments = self.inner.statistics(features.features, responsibilities * scales)
        own = ScaleStatistics(n_rows, (responsibilities * excess).sum(axis=1))
        return ProductStatistics((replace(moments, rows=n_rows), own))

    def filled(self, features: ScaledRows, assigned: Array, rng: np.random.Generator | None) -> ScaledRows:
        """Return the features of rows whose scales are drawn given the component assigned (K, n)."""
        if rng is None:
            raise ValueError("drawn scales need an rng")
        labels = assigned.argmax(axis=0)
        rates = np.take_along_axis(self.rates(features), labels[None], axis=0)[0]
        drawn = np.maximum(rng.standard_gamma(self.shape[labels]) / rates, np.finfo(float).tiny)
        return replace(features, drawn=drawn)

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Call rows whose distances overflow impossible, in place; return which."""
        far = np.flatnonzero(~np.isfinite(features.distances).all(axis=0))
        log_joint[:, far] = -np.inf
        return far
