"""Ratios of two methods' standard deviations, number by number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pointmass.comparison.labels import Element, elements
from pointmass.comparison.matched import MatchedFits
from pointmass.comparison.safety import at
from pointmass.numerics import Array

__all__ = ["sd_ratios"]


def sd_ratios(matched: MatchedFits, own: Mapping[str, Array], other: Mapping[str, Array]) -> dict[Element, float]:
    """Return ``own`` over ``other`` for every number that has both, finite and positive."""
    found = {}
    for element in elements(matched):
        above, below = (at(arrays, element.parameter, element.position) for arrays in (own, other))
        if np.isfinite(above) and np.isfinite(below) and above > 0 and below > 0:
            found[element] = above / below
    return found
