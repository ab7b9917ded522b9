"""Beliefs as vectors of unconstrained coordinates, and back."""

from __future__ import annotations

import numpy as np

from pointmass.families.constraints import CONSTRAINTS, constrain, unconstrain
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["pack", "unpack"]


def pack(beliefs: Beliefs, blocks: tuple[str, ...]) -> Array:
    """Return the unconstrained coordinates of the named blocks, one vector."""
    parts = [unconstrain(beliefs[name].hyperparameters(), beliefs[name].constraints) for name in blocks]
    return np.concatenate(parts) if parts else np.zeros(0)


def unpack(vector: Array, like: Beliefs, blocks: tuple[str, ...]) -> Beliefs:
    """Return the beliefs with these coordinates; other blocks are those of ``like``."""
    beliefs, start = dict(like), 0
    for name in blocks:
        arrays, kinds = like[name].hyperparameters(), like[name].constraints
        size = sum(CONSTRAINTS[kind].size(np.shape(arrays[key])) for key, kind in kinds.items())
        beliefs[name] = like[name].with_hyperparameters(constrain(vector[start : start + size], arrays, kinds))
        start += size
    return beliefs
