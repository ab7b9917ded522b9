"""Steps of a sequence that were not observed: they say nothing of their component, and nothing is learned from them."""

from __future__ import annotations

import numpy as np

from pointmass.numerics import Array

__all__ = ["seen", "spread"]


def spread(observed: Array, missing: Array | None) -> Array:
    """Return arrays (..., n) with those of the observed rows in their places, and zeros where a row is missing."""
    if missing is None:
        return observed
    everywhere = np.zeros((*observed.shape[:-1], len(missing)))
    everywhere[..., ~missing] = observed
    return everywhere


def seen(everywhere: Array, missing: Array | None) -> Array:
    """Return the entries (..., ·) of the observed rows of arrays (..., n)."""
    return everywhere if missing is None else np.ascontiguousarray(everywhere[..., ~missing])
