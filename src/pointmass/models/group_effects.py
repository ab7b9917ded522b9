"""The E-step of effects of groups, each shared by the rows of its group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.regression_moments import RegressionMoments
from pointmass.families.target_level import NormalEffects
from pointmass.latents.assignments import Assignment, drawn
from pointmass.models.base import Beliefs, Inference
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["EFFECTS", "GROUP_VARIANCE", "OBSERVATION", "SUMS", "GroupEffects", "places_of"]

OBSERVATION, GROUP_VARIANCE, EFFECTS, SUMS = "observation", "group_variance", "effects", "sums"


def places_of(features: Array, groups: Array) -> Array:
    """Return which group (n,) each row of features (n, d) belongs to, of groups (G, d); G for one that is new."""
    own = np.unique(np.concatenate([groups, features]), axis=0, return_inverse=True)[1].ravel()
    place = np.full(own.max() + 1, len(groups))
    place[own[: len(groups)]] = np.arange(len(groups))
    return np.asarray(place[own[len(groups) :]])


@dataclass(frozen=True, eq=False)
class GroupEffects(Inference):
    """The normal posterior of each group's effect, given the level, the noise and the variance of effects.

    Parameters
    ----------
    groups : ndarray, shape (G, d)
        The features that the rows of each group have.
    beliefs : dict of str to belief
        Of level and noise, and of the variance of effects; with ``effects`` where a fit has stored these.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    groups: Array
    beliefs: Beliefs
    coordinates: Coordinates

    @cached_property
    def level(self) -> Parameters:
        """The expected level, noise precision and its logarithm, and the level's variance in units of the noise."""
        expected = self.beliefs[OBSERVATION].expected_natural_parameters()
        return {name: np.asarray(array).reshape(()) for name, array in expected.items()}

    @cached_property
    def weight(self) -> Parameters:
        """The expected precision of effects, and its logarithm."""
        expected = self.beliefs[GROUP_VARIANCE].expected_natural_parameters()
        return {name: np.asarray(array).reshape(()) for name, array in expected.items()}

    def places(self, block: Rows) -> tuple[Array, Array]:
        """Return the group and the working target (n,) of each row."""
        unit = np.broadcast_to(self.coordinates.scale, self.coordinates.shift.shape)[-1]
        target = (block.values[:, -1] - self.coordinates.shift[-1]) / unit
        return places_of(block.values[:, :-1], self.groups), target

    def statistics(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None) -> Statistics:
        """Return Σ (1, y, y²) of each group (G, 3), over a block of rows."""
        places, target = self.places(block)
        weights = np.ones(len(block)) if block.weights is None else block.weights
        products = np.stack([np.ones_like(target), target, target**2], axis=1) * weights[:, None]
        sums = np.zeros((len(self.groups) + 1, 3))
        np.add.at(sums, places, products)
        return Statistics({SUMS: sums[:-1]}, 0.0)

    def moments(self, sums: Array) -> tuple[Array, Array]:
        """Return the mean and the variance (G,) of each effect."""
        noise = self.level["precision"]
        precision = noise * sums[:, 0] + self.weight["precision"]
        return noise * (sums[:, 1] - self.level["coefficients"] * sums[:, 0]) / precision, 1.0 / precision

    def posterior(self, sums: Array) -> NormalEffects:
        """Return the posterior of the effects."""
        mean, variance = self.moments(sums)
        return NormalEffects.trusted(mean=mean[None], factor=np.diag(1.0 / np.sqrt(variance))[None])

    def complete(
        self, statistics: Statistics, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> Statistics:
        """Return what is left of the targets, squares of effects, and the log normaliser of all rows together."""
        sums = statistics.parts[SUMS]
        mean, variance = self.moments(sums)
        normaliser = self.log_normaliser(sums, mean, variance)
        if assignment is drawn:
            if rng is None:
                raise ValueError("drawn effects need an rng")
            mean, variance = mean + np.sqrt(variance) * rng.standard_normal(mean.shape), np.zeros_like(variance)
        squares = mean**2 + variance
        count, total, square = sums.T
        left = [count.sum(), (total - count * mean).sum(), (square - 2.0 * mean * total + count * squares).sum()]
        parts = {
            OBSERVATION: RegressionMoments(np.array([left]), np.zeros((1, 1))),
            GROUP_VARIANCE: (float(len(sums)), np.array([[squares.sum()]])),
            SUMS: sums,
        }
        return Statistics(parts, normaliser)

    def log_normaliser(self, sums: Array, mean: Array, variance: Array) -> float:
        """Return log ∫ exp E[log p(y, effects)] d effects; at known parameters the log likelihood."""
        level, noise, weight = self.level["coefficients"], self.level, self.weight
        count, total, square = sums.T
        squares = noise["precision"] * (square - 2.0 * level * total + count * level**2) + count * noise["spread"]
        logs = count * (noise["log_precision"] - np.log(2.0 * np.pi)) + weight["log_precision"] + np.log(variance)
        return float(0.5 * (logs - squares + mean**2 / variance).sum())

    def responsibilities(
        self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array]:
        """Return ones, and the expected log density of each target at the effects that the beliefs hold."""
        places, target = self.places(block)
        mean, variance = self.of_each(places)
        noise = self.level
        squares = noise["precision"] * ((target - noise["coefficients"] - mean) ** 2 + variance) + noise["spread"]
        density = 0.5 * (noise["log_precision"] - np.log(2.0 * np.pi) - squares)
        return np.ones((1, len(block))), np.asarray(density)

    def of_each(self, places: Array) -> tuple[Array, Array]:
        """Return the mean and the variance (n,) of each row's effect; of a new group those of any."""
        expected = self.beliefs[EFFECTS].expected_natural_parameters()
        mean = np.append(expected["coefficients"][0], 0.0)
        variance = np.append(np.diag(expected["spread"][0]), 1.0 / self.weight["precision"])
        return mean[places], variance[places]
