"""The E-step of coefficients that all rows share: inferred once, from the sums over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.normal_coefficients import NormalCoefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.latents.assignments import Assignment, drawn, hard, soft
from pointmass.models.base import Beliefs, Inference
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array, cholesky_log_determinant, pair_products

__all__ = ["COEFFICIENTS", "SharedCoefficients"]

COEFFICIENTS = "coefficients"
_SUMS = "sums"


def _moments(belief: NormalCoefficients, rng: np.random.Generator | None) -> tuple[Array, Array]:
    return belief.mean[0], belief.covariance[0]


def _mode(belief: NormalCoefficients, rng: np.random.Generator | None) -> tuple[Array, Array]:
    return belief.mean[0], np.zeros_like(belief.factor[0])


def _draw(belief: NormalCoefficients, rng: np.random.Generator | None) -> tuple[Array, Array]:
    if rng is None:
        raise ValueError("drawn coefficients need an rng")
    return belief.parameter_draws(1, rng)[COEFFICIENTS][0, 0], np.zeros_like(belief.factor[0])


# What stands for the coefficients: their posterior, its mode, or a draw.
_STAND_FOR: dict[Assignment, Callable[[NormalCoefficients, np.random.Generator | None], tuple[Array, Array]]] = {
    soft: _moments,
    hard: _mode,
    drawn: _draw,
}


@dataclass(frozen=True, eq=False)
class SharedCoefficients(Inference):
    """The normal posterior of coefficients under a noise precision and a precision of each coefficient.

    Parameters
    ----------
    noise : dict
        E[τ] and E[log τ] of the noise.
    weights : dict
        E[λ] and E[log λ] (p,) of each coefficient's prior.
    beliefs : dict of str to belief
        Where they come from; with ``coefficients`` among them where a fit has stored these.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    noise: dict[str, float]
    weights: dict[str, Array]
    beliefs: Beliefs
    coordinates: Coordinates

    def statistics(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None) -> Statistics:
        """Return the products of each pair of (1, z, w), summed over a block of rows."""
        columns = np.concatenate([np.ones((1, len(block))), self.coordinates.transform(block.values)])
        products = pair_products(columns)
        sums = products.sum(1) if block.weights is None else products @ block.weights
        return Statistics({_SUMS: RegressionMoments(sums[None], np.zeros((1, len(columns) - 1)))}, 0.0)

    def complete(
        self, statistics: Statistics, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> Statistics:
        """Return expected squares of residuals and coefficients, and the log normaliser of all rows together."""
        moments = statistics.parts[_SUMS]
        belief = self.posterior(moments)
        mean, covariance = _STAND_FOR[assignment](belief, rng)
        gram = moments.gram[0]
        line = np.concatenate([-mean, np.ones(1)])
        inner = gram[-len(line) :, -len(line) :]
        residual = line @ inner @ line + (inner[:-1, :-1] * covariance).sum()
        parts = {
            "noise_precision": (float(moments.count[0]), np.array([[residual]])),
            "weight_precision": mean**2 + np.diag(covariance),
            COEFFICIENTS: belief,
        }
        return Statistics(parts, self.log_normaliser(moments, belief))

    def posterior(self, moments: RegressionMoments) -> NormalCoefficients:
        """Return the posterior of the coefficients (Bishop 2006, equations 3.53 and 3.54)."""
        inner = self._inner(moments)
        precision = self.noise["precision"] * inner[:-1, :-1] + np.diag(self.weights["precision"])
        factor = np.linalg.cholesky(precision)
        right = self.noise["precision"] * inner[:-1, -1]
        mean = np.linalg.solve(factor.T, np.linalg.solve(factor, right))
        return NormalCoefficients.trusted(mean=mean[None], factor=factor[None])

    def _inner(self, moments: RegressionMoments) -> Array:
        size = len(self.weights["precision"]) + 1
        return np.asarray(moments.gram[0, -size:, -size:])

    def log_normaliser(self, moments: RegressionMoments, belief: NormalCoefficients) -> float:
        """Return log ∫ exp E[log p(y, β)] dβ; at known precisions the log evidence (Bishop 2006, equation 3.86)."""
        inner = self._inner(moments)
        line = np.concatenate([-belief.mean[0], np.ones(1)])
        squares = self.noise["precision"] * (line @ inner @ line)
        squares += (self.weights["precision"] * belief.mean[0] ** 2).sum()
        logs = self.weights["log_precision"].sum() - float(cholesky_log_determinant(belief.factor[0]))
        count = float(moments.count[0])
        return float(0.5 * (count * (self.noise["log_precision"] - np.log(2.0 * np.pi)) + logs - squares))

    def responsibilities(
        self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array]:
        """Return ones, and the log density of each target at the coefficients that the beliefs hold."""
        expected = self.beliefs[COEFFICIENTS].expected_natural_parameters()
        z = self.coordinates.transform(block.values)
        p = expected["coefficients"].shape[-1]
        design = np.concatenate([np.ones((1, len(block))), z[:-1]])[-p:]
        residual = z[-1] - expected["coefficients"][0] @ design
        squares = residual**2 + np.einsum("in,ij,jn->n", design, expected["spread"][0], design)
        density = 0.5 * (self.noise["log_precision"] - np.log(2.0 * np.pi) - self.noise["precision"] * squares)
        return np.ones((1, len(block))), np.asarray(density)
