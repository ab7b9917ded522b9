"""What a latent that looks at features sees of a row: a constant and the features."""

from __future__ import annotations

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.latents.latent import Latent
from pointmass.models.rows import Rows
from pointmass.numerics import Array

__all__ = ["row_design"]


def row_design(latent: Latent, block: Rows, coordinates: Coordinates) -> Array | None:
    """Return a constant and the features (p, n) of rows whose last column is a target, in working coordinates.

    Parameters
    ----------
    latent : Latent
        None is returned where it does not look at features.
    block : Rows
        Rows.
    coordinates : Coordinates
        Working coordinates.
    """
    if not latent.looks_at_features:
        return None
    return np.concatenate([np.ones((1, len(block))), coordinates.transform(block.values)[:-1]])
