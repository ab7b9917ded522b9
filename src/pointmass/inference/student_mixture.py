"""Mixtures of multivariate Student-t distributions: what importance samplers propose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from pointmass.numerics import Array

__all__ = ["Student", "StudentMixture"]


@dataclass(frozen=True, eq=False)
class Student:
    """One multivariate Student-t distribution.

    Parameters
    ----------
    mean : ndarray, shape (D,)
        Centre.
    factor : ndarray, shape (D, D)
        Lower Cholesky factor of the scale matrix.
    dof : float
        Degrees of freedom.
    """

    mean: Array
    factor: Array
    dof: float

    @classmethod
    def of(cls, mean: Array, covariance: Array, dof: float, widening: float = 1.0) -> Student:
        """Return the distribution whose scale matrix is ``covariance`` times ``widening``."""
        return cls(mean, np.linalg.cholesky(widening * covariance), dof)

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return draws (size, D)."""
        noise = rng.standard_normal((size, len(self.mean)))
        noise /= np.sqrt(rng.chisquare(self.dof, size) / self.dof)[:, None]
        return np.asarray(self.mean + noise @ self.factor.T)

    def log_density(self, points: Array) -> Array:
        """Return the log density (S,) at points (S, D)."""
        d = len(self.mean)
        white = solve_triangular(self.factor, (points - self.mean).T, lower=True, check_finite=False)
        constant = gammaln(0.5 * (self.dof + d)) - gammaln(0.5 * self.dof) - 0.5 * d * np.log(self.dof * np.pi)
        constant -= np.log(np.diag(self.factor)).sum()
        return np.asarray(constant - 0.5 * (self.dof + d) * np.log1p((white**2).sum(axis=0) / self.dof))


@dataclass(frozen=True, eq=False)
class StudentMixture:
    """A mixture of Student-t distributions.

    Parameters
    ----------
    parts : sequence of Student
        Components.
    shares : ndarray
        Their weights, which sum to one.
    """

    parts: Sequence[Student]
    shares: Array

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return at least ``size`` draws, from each part as many as its share says: less noise than chance."""
        counts = np.ceil(np.asarray(self.shares) * size).astype(int)
        return np.concatenate([part.draw(int(count), rng) for part, count in zip(self.parts, counts, strict=True)])

    def log_density(self, points: Array) -> Array:
        """Return the log density (S,) at points (S, D)."""
        terms = [np.log(share) + part.log_density(points) for part, share in zip(self.parts, self.shares, strict=True)]
        return np.asarray(np.logaddexp.reduce(terms))
