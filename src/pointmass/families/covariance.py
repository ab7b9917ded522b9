"""The structures of covariances, by the shape of their precisions."""

from __future__ import annotations

from pointmass.families.pair_products import PAIRS
from pointmass.families.squared_norm import SquaredNorm
from pointmass.families.squares import Squares
from pointmass.families.structure import Structure

__all__ = ["structure_of"]

_STRUCTURES: dict[int, Structure] = {3: PAIRS, 2: Squares(), 1: SquaredNorm()}


def structure_of(axes: int) -> Structure:
    """Return the structure whose precisions have so many axes: (K, d, d), (K, d) or (K,)."""
    return _STRUCTURES[axes]
