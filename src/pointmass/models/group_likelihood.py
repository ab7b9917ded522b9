"""Likelihoods of targets in groups with normal effects, from the sums over each group."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaincinv

from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["balanced_maximum", "log_likelihoods", "log_predictive"]

_NODES = 64


def log_likelihoods(sums: Array, mean: Array, within: Array, between: Array) -> Array:
    r"""Return the log likelihood (S,) at S means and variances, effects integrated out.

    Of a group of n rows the deviations from its mean are of variance σ², and its mean is of variance σ_b² + σ²/n.

    Parameters
    ----------
    sums : ndarray, shape (G, 3)
        Σ (1, y, y²) of each group.
    mean, within, between : ndarray, shape (S,)
        μ, σ² and σ_b².
    """
    count, total, square = sums[sums[:, 0] > 0].T
    centre = total / count
    scatter = np.maximum(square - total * centre, 0.0).sum()
    own, noise = (np.asarray(array)[:, None] for array in (mean, within))
    variance = noise + count * np.asarray(between)[:, None]
    of_means = np.log(variance / noise) + count * (centre - own) ** 2 / variance
    of_noise = count.sum() * np.log(2.0 * np.pi * np.asarray(within)) + scatter / within
    return np.asarray(-0.5 * (of_noise + of_means.sum(axis=1)))


def balanced_maximum(sums: Array, floor: float) -> tuple[float, float, float] | None:
    """Return (μ, σ², σ_b²) at the maximum of the likelihood where every group has as many rows; else None.

    Reference: Searle, Casella and McCulloch (1992), *Variance Components*, section 3.7.
    """
    count, total, square = sums.T
    groups, n = len(count), float(count[0])
    if not (count == n).all() or n < 2:
        return None
    centre = total / n
    mean = float(centre.mean())
    scatter = float(np.maximum(square - total * centre, 0.0).sum())
    between = n * float(((centre - mean) ** 2).sum())
    within = scatter / (groups * (n - 1.0))
    variance = (between / groups - within) / n
    if variance <= floor:
        return mean, max((scatter + between) / (groups * n), floor), floor
    return mean, max(within, floor), variance


def log_predictive(level: Any, target: Array, mean: Array, variance: Array) -> Array:
    """Return the log density (n,) of targets whose effects are normal, averaged over the belief about level and noise.

    Parameters
    ----------
    level : TargetLevel or PointMass
        Belief about level and noise variance, in working coordinates.
    target, mean, variance : ndarray, shape (n,)
        Targets, and the mean and variance of the effect of each.
    """
    noise, spread, centre = _nodes(level)
    total = variance + noise[:, None] * (1.0 + spread)
    densities = -0.5 * (np.log(2.0 * np.pi * total) + (target - centre - mean) ** 2 / total)
    return np.asarray(np.logaddexp.reduce(densities, axis=0) - np.log(len(noise)))


def _nodes(level: Any) -> tuple[Array, float, float]:
    """Return noise variances of equal probability, and the level's variance in units of them, and its mean."""
    expected = level.expected_natural_parameters()
    spread, centre = float(expected["spread"].item()), float(expected["coefficients"].item())
    if isinstance(level, PointMass):
        return np.ravel(level.parameters["noise_variance"]), spread, centre
    probabilities = (np.arange(_NODES) + 0.5) / _NODES
    return np.ravel(level.scale / gammaincinv(level.shape, probabilities)), spread, centre
