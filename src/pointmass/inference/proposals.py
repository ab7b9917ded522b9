"""What importance samplers propose from: Student-t distributions, conjugate beliefs, and mixtures of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from pointmass.families.point_mass import conjugate_of
from pointmass.inference.log_joint import LogJoint
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array

__all__ = ["Believed", "Proposal", "ProposalMixture", "Student"]


class Proposal(Protocol):
    """A distribution of unconstrained coordinates."""

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return draws (size, D)."""

    def log_density(self, points: Array) -> Array:
        """Return the log density (S,) at points (S, D)."""


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

    @classmethod
    def about(cls, vectors: Array, dof: float) -> Student:
        """Return the distribution about draws (S, D), their covariance as scale matrix."""
        return cls.of(vectors.mean(axis=0), np.atleast_2d(np.cov(vectors.T)), dof)

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
class Believed:
    """Conjugate beliefs as they are, whose tails are those of the prior where they have learnt nothing.

    Parameters
    ----------
    model : Model
        The model.
    rows : Rows
        Data, for the units.
    beliefs : dict of str to belief
        A posterior of each block, in working coordinates; known blocks are point masses.
    """

    model: Model
    rows: Rows
    beliefs: Beliefs

    @cached_property
    def _joint(self) -> LogJoint:
        return LogJoint(self.model, self.rows, self.beliefs)

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return draws (size, D)."""
        drawn = {
            name: conjugate_of(belief).mapped_parameters(belief.parameter_draws(size, rng), self.rows.coordinates)
            for name, belief in self.beliefs.items()
        }
        return self._joint.unconstrain(self.model.public(drawn))

    def log_density(self, points: Array) -> Array:
        """Return the log density (S,) at points (S, D); −∞ where rounding leaves no parameters."""
        with np.errstate(all="ignore"):
            density = self._joint.log_prior_density(points)
        return np.where(np.isnan(density), -np.inf, density)


@dataclass(frozen=True, eq=False)
class ProposalMixture:
    """A mixture of proposals.

    Parameters
    ----------
    parts : sequence of Proposal
        Components.
    shares : ndarray
        Their weights, which sum to one.
    """

    parts: Sequence[Proposal]
    shares: Array

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return at least ``size`` draws, from each part as many as its share says: less noise than chance."""
        counts = np.ceil(np.asarray(self.shares) * size).astype(int)
        return np.concatenate([part.draw(int(count), rng) for part, count in zip(self.parts, counts, strict=True)])

    def log_density(self, points: Array) -> Array:
        """Return the log density (S,) at points (S, D)."""
        return np.asarray(np.logaddexp.reduce(self.log_parts(points)))

    def log_parts(self, points: Array) -> Array:
        """Return each part's log share of the density, (parts, S)."""
        pairs = zip(self.parts, self.shares, strict=True)
        return np.array([np.log(share) + part.log_density(points) for part, share in pairs])
