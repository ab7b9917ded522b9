"""What affine maps of features and target do to a regression's coefficients."""

from __future__ import annotations

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array

__all__ = ["RegressionMap"]


class RegressionMap:
    """Coefficients of w on z in coordinates x = m + A z, y = c + s w, as those of y on x.

    Parameters
    ----------
    coordinates : Coordinates
        The map of rows (x, y), which does not mix the two.
    size : int
        Number of coefficients: one more than the features where there is an intercept, which comes first.
    """

    def __init__(self, coordinates: Coordinates, size: int) -> None:
        d = len(coordinates.shift) - 1
        scale = coordinates.scale
        full = scale if scale.ndim == 2 else np.diag(np.broadcast_to(scale, (d + 1,)))
        self.intercept = size == d + 1
        self.shift, self.level = coordinates.shift[:-1], float(coordinates.shift[-1])
        self.scale, self.target = np.tril(full[:-1, :-1]), float(full[-1, -1])

    @classmethod
    def of_features(cls, coordinates: Coordinates, size: int) -> RegressionMap:
        """Return the map for what depends on the features alone, such as logits: the target's units play no part."""
        made = cls(coordinates, size)
        made.level, made.target = 0.0, 1.0
        return made

    def coefficients(self, working: Array) -> Array:
        """Return coefficients (..., p) of y on x: slopes s A⁻ᵀ b, and what the shifts add to the intercept."""
        inner = working[..., 1:] if self.intercept else working
        slopes = self.target * np.linalg.solve(self.scale.T, inner[..., None])[..., 0]
        if not self.intercept:
            return np.asarray(slopes)
        first = self.level + self.target * working[..., 0] - (slopes * self.shift).sum(-1)
        return np.concatenate([first[..., None], slopes], axis=-1)

    def factor(self, working: Array) -> Array:
        """Return the Cholesky factor (..., p, p) of the precision: ((1, 0), (m, A)) times that of b."""
        if not self.intercept:
            return np.asarray(self.scale @ working)
        p = working.shape[-1]
        left = np.zeros((p, p))
        left[0, 0], left[1:, 0], left[1:, 1:] = 1.0, self.shift, self.scale
        return np.asarray(left @ working)
