"""Sums and draws over many assignments of rows to components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["in_order", "weighted_sum"]


def weighted_sum(parts: Iterable[Mapping[str, Parameters]], weights: Array) -> dict[str, Parameters]:
    """Return Σ weight · part, array by array."""
    total: dict[str, dict[str, Any]] = {}
    for weight, part in zip(weights, parts, strict=True):
        for name, arrays in part.items():
            block = total.setdefault(name, {})
            for key, array in arrays.items():
                block[key] = block.get(key, 0.0) + weight * array
    return total


def in_order(parts: list[Array], order: Array) -> Array:
    """Return draws of distinct assignments, one after the other, at the places that asked for them."""
    joined = np.concatenate(parts)
    result = np.empty_like(joined)
    result[order] = joined
    return result
