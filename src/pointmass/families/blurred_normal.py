"""Normal densities times that of a normal error: what a measured value says of the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from pointmass.families.truncated import Truncated
from pointmass.numerics import Array

__all__ = ["BlurredNormal"]

# Five nodes give a normal variable's moments up to the ninth; products of statistics are of the fourth.
_NODES, _WEIGHTS = hermegauss(5)


@dataclass(frozen=True, eq=False)
class BlurredNormal(Truncated):
    """exp(constant − ½ log 2π − ½ P (z − c)²) N(y | z, v), for values y (n,) with errors of variance v (n,).

    Parameters
    ----------
    centre, precision, constant : ndarray, shape (K,)
        As `TruncatedNormal` has them.
    """

    centre: Array
    precision: Array
    constant: Array

    def log_mass(self, lower: Array, upper: Array) -> Array:
        """Return the log of the integral over z (K, n)."""
        precision = self.precision[:, None]
        total = 1.0 / precision + upper
        logs = -0.5 * (np.log(2.0 * np.pi * total) + (lower - self.centre[:, None]) ** 2 / total)
        return np.asarray(self.constant[:, None] - 0.5 * np.log(precision) + logs)

    def posterior(self, lower: Array, upper: Array, component: Array | int) -> tuple[Array, Array]:
        """Return mean and standard deviation (n,) of z given what was measured."""
        precision = self.precision[component]
        share = 1.0 / (1.0 + upper * precision)
        mean = lower + (1.0 - share) * (self.centre[component] - lower)
        return mean, np.sqrt(upper * share)

    def draws(self, lower: Array, upper: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return one draw (n,) of z from the components ``labels``."""
        mean, sd = self.posterior(lower, upper, labels)
        return np.asarray(mean + sd * rng.standard_normal(len(lower)))

    def nodes(self, lower: Array, upper: Array, component: int) -> tuple[Array, Array]:
        """Return points (n, Q) and weights that sum to one."""
        mean, sd = self.posterior(lower, upper, component)
        points = mean[:, None] + sd[:, None] * _NODES
        return points, np.broadcast_to(_WEIGHTS / _WEIGHTS.sum(), points.shape)
