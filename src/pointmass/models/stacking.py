"""Many points of one emission as one belief with as many more components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.expected import Expected
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief
    from pointmass.families.point_mass import PointMass

__all__ = ["repeated", "stacked"]


def stacked(emission: PointMass) -> Expected:
    """Return the components of S draws as K · S components of one belief, component by component."""
    expected = emission.expected_natural_parameters()
    return Expected({name: _component_first(array) for name, array in expected.items()})


def repeated(emission: Belief, size: int) -> Expected:
    """Return each component of a belief ``size`` times over, component by component."""
    expected = emission.expected_natural_parameters()
    return Expected({name: np.repeat(array, size, axis=0) for name, array in expected.items()})


def _component_first(array: Array) -> Array:
    moved = np.swapaxes(array, 0, 1)
    return np.ascontiguousarray(moved).reshape(-1, *moved.shape[2:])
