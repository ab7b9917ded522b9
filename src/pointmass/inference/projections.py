"""What stands for the parameters after an update: a point, the posterior, or a draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.families.factorised import factorised
from pointmass.families.family import Belief
from pointmass.families.point_mass import PointMass

__all__ = ["PROJECTIONS", "Projection", "draw", "identity", "mode", "product"]

type Projection = Callable[[Belief, Belief, float, np.random.Generator | None], Belief]


def mode(posterior: Belief, old: Belief, floor: float, rng: np.random.Generator | None) -> Belief:
    """Return the point mass at the mode.

    A component that no row belongs to has no mode under a flat prior; it keeps its old parameters.
    """
    point = posterior.mode(floor)
    if not isinstance(old, PointMass) or point is posterior:
        return point
    kept = {name: _keep(array, old.parameters[name]) for name, array in point.parameters.items()}
    return point.with_hyperparameters(kept)


def _keep(array: np.ndarray, old: np.ndarray) -> np.ndarray:
    lost = ~np.isfinite(array)
    return np.where(lost, old, array) if lost.any() else array


def identity(posterior: Belief, old: Belief, floor: float, rng: np.random.Generator | None) -> Belief:
    """Return the posterior itself."""
    return posterior


def product(posterior: Belief, old: Belief, floor: float, rng: np.random.Generator | None) -> Belief:
    """Return the nearest product of independent distributions; what is held known stays as it is."""
    return posterior if isinstance(posterior, PointMass) else factorised(posterior)


def draw(posterior: Belief, old: Belief, floor: float, rng: np.random.Generator | None) -> Belief:
    """Return the point mass at one draw from the posterior."""
    if rng is None:
        raise ValueError("drawing parameters needs an rng")
    return posterior.draw(rng)


PROJECTIONS: dict[str, Projection] = {"mode": mode, "identity": identity, "draw": draw, "product": product}
