"""The E-step of coefficients that all rows share: inferred once, from the sums over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.latents.assignments import Assignment, drawn, soft
from pointmass.models.base import Beliefs, Inference
from pointmass.models.coefficient_groups import CoefficientGroups
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array, cholesky_log_determinant, pair_products

__all__ = ["COEFFICIENTS", "NOISE", "SUMS", "WEIGHTS", "SharedCoefficients", "design_of"]

NOISE, WEIGHTS, COEFFICIENTS, SUMS = "noise_precision", "weight_precision", "coefficients", "sums"


def _moments(belief: NormalCoefficients, rng: np.random.Generator | None) -> tuple[Array, Array]:
    return belief.mean[0], belief.covariance[0]


def _draw(belief: NormalCoefficients, rng: np.random.Generator | None) -> tuple[Array, Array]:
    if rng is None:
        raise ValueError("drawn coefficients need an rng")
    return belief.parameter_draws(1, rng)[COEFFICIENTS][0, 0], np.zeros_like(belief.factor[0])


# What stands for the coefficients: their posterior, or a draw.
_STAND_FOR: dict[Assignment, Callable[[NormalCoefficients, np.random.Generator | None], tuple[Array, Array]]] = {
    soft: _moments,
    drawn: _draw,
}


def design_of(z: Array, p: int) -> Array:
    """Return the design (p, n) of features in working coordinates (d, n), a row of ones first where p is d + 1."""
    return np.concatenate([np.ones((1, z.shape[1])), z])[-p:]


@dataclass(frozen=True, eq=False)
class SharedCoefficients(Inference):
    """The normal posterior of coefficients under a noise precision and a precision of each coefficient.

    Parameters
    ----------
    groups : CoefficientGroups
        Which coefficients share a precision.
    beliefs : dict of str to belief
        Of the precisions; with ``coefficients`` among them where a fit has stored these.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    groups: CoefficientGroups
    beliefs: Beliefs
    coordinates: Coordinates

    @cached_property
    def noise(self) -> dict[str, float]:
        """E[τ] and E[log τ] of the noise."""
        return {name: float(a.item()) for name, a in self.beliefs[NOISE].expected_natural_parameters().items()}

    @cached_property
    def weights(self) -> Parameters:
        """E[λ] and E[log λ] (p,) of each coefficient's prior."""
        return self.groups.of_each(dict(self.beliefs[WEIGHTS].expected_natural_parameters()))

    def statistics(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None) -> Statistics:
        """Return the products of each pair of (1, z, w), summed over a block of rows."""
        columns = np.concatenate([np.ones((1, len(block))), self.coordinates.transform(block.values)])
        products = pair_products(columns)
        sums = products.sum(1) if block.weights is None else products @ block.weights
        return Statistics({SUMS: RegressionMoments(sums[None], np.zeros((1, len(columns) - 1)))}, 0.0)

    def complete(
        self, statistics: Statistics, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> Statistics:
        """Return expected squares of residuals and coefficients, and the log normaliser of all rows together."""
        moments = statistics.parts[SUMS]
        belief = self.posterior(moments)
        mean, covariance = _STAND_FOR[assignment](belief, rng)
        line, inner = np.append(-mean, 1.0), self.inner(moments)
        residual = line @ inner @ line + (inner[:-1, :-1] * covariance).sum()
        squares = self.groups.summed(mean**2 + np.diag(covariance))
        parts = {
            NOISE: (float(moments.count[0]), np.array([[residual]])),
            WEIGHTS: (self.groups.sizes, squares[None]),
            SUMS: moments,
        }
        return Statistics(parts, self.log_normaliser(moments, belief))

    def posterior(self, moments: RegressionMoments) -> NormalCoefficients:
        """Return the posterior of the coefficients (Bishop 2006, equations 3.53 and 3.54)."""
        inner, noise = self.inner(moments), self.noise["precision"]
        factor = np.linalg.cholesky(noise * inner[:-1, :-1] + np.diag(self.weights["precision"]))
        mean = np.linalg.solve(factor.T, np.linalg.solve(factor, noise * inner[:-1, -1]))
        return NormalCoefficients.trusted(mean=mean[None], factor=factor[None])

    def inner(self, moments: RegressionMoments) -> Array:
        """Return the products (p + 1, p + 1) of design and target, the target last."""
        size = self.groups.members.shape[1] + 1
        return np.asarray(moments.gram[0, -size:, -size:])

    def log_normaliser(self, moments: RegressionMoments, belief: NormalCoefficients) -> float:
        """Return log ∫ exp E[log p(y, β)] dβ; at known precisions the log evidence (Bishop 2006, equation 3.86)."""
        noise, weights = self.noise, self.weights
        line = np.append(-belief.mean[0], 1.0)
        squares = noise["precision"] * (line @ self.inner(moments) @ line)
        squares += (weights["precision"] * belief.mean[0] ** 2).sum()
        logs = weights["log_precision"].sum() - float(cholesky_log_determinant(belief.factor[0]))
        count = float(moments.count[0])
        return float(0.5 * (count * (noise["log_precision"] - np.log(2.0 * np.pi)) + logs - squares))

    def responsibilities(
        self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array]:
        """Return ones, and the log density of each target at the coefficients that the beliefs hold."""
        expected, noise = self.beliefs[COEFFICIENTS].expected_natural_parameters(), self.noise
        z = self.coordinates.transform(block.values)
        design = design_of(z[:-1], expected["coefficients"].shape[-1])
        residual = z[-1] - expected["coefficients"][0] @ design
        squares = residual**2 + np.einsum("in,ij,jn->n", design, expected["spread"][0], design)
        density = 0.5 * (noise["log_precision"] - np.log(2.0 * np.pi) - noise["precision"] * squares)
        return np.ones((1, len(block))), np.asarray(density)
