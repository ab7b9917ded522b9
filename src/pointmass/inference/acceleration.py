"""Extrapolation of a slowly converging sweep in unconstrained coordinates; the loop guards every proposal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from pointmass.numerics import Array

__all__ = ["ACCELERATIONS", "Accelerator", "Anderson", "Plain", "Squarem"]


class Accelerator(Protocol):
    """Proposes the next vector from the last one and its image under the sweep."""

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the next vector to try."""

    def restart(self) -> None:
        """Forget the past: the last proposal was refused."""

    def rate(self) -> float:
        """Return an estimate of the plain sweep's rate of convergence; 0 where nothing is known."""


class Plain:
    """No extrapolation: the image itself."""

    def __init__(self) -> None:
        self._residual, self._rate = 0.0, 0.0

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the image."""
        residual = float(np.linalg.norm(image - vector))
        self._rate = residual / self._residual if self._residual > 0 else 0.0
        self._residual = residual
        return image

    def restart(self) -> None:
        """Do nothing: a plain sweep is never refused."""

    def rate(self) -> float:
        """Return the ratio of the last two steps' lengths."""
        return self._rate


class Anderson:
    """Anderson acceleration: the combination of the last images whose residual is smallest.

    Parameters
    ----------
    depth : int
        How many differences are combined.

    References
    ----------
    Anderson (1965), *Journal of the ACM* 12; Walker and Ni (2011), *SIAM Journal on Numerical Analysis* 49.
    """

    def __init__(self, depth: int = 5) -> None:
        self.depth = depth
        self._vectors: list[Array] = []
        self._images: list[Array] = []

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the extrapolated vector, or the image while there is no history."""
        self._vectors.append(vector)
        self._images.append(image)
        del self._vectors[: -self.depth - 1], self._images[: -self.depth - 1]
        if len(self._vectors) == 1:
            return image
        images = np.diff(self._images, axis=0)
        residuals = images - np.diff(self._vectors, axis=0)
        weights = np.linalg.lstsq(residuals.T, image - vector, rcond=1e-10)[0]
        return np.asarray(image - weights @ images)

    def restart(self) -> None:
        """Forget the history."""
        self._vectors.clear()
        self._images.clear()

    def rate(self) -> float:
        """Return the largest modulus of the sweep's Jacobian on the span of the history (Ritz value)."""
        if len(self._vectors) < 2:
            return 0.0
        steps, images = np.diff(self._vectors, axis=0), np.diff(self._images, axis=0)
        restricted = np.linalg.lstsq(steps.T, images.T, rcond=1e-8)[0]
        return float(np.abs(np.linalg.eigvals(restricted)).max())


class Squarem:
    """Squared extrapolation: two plain sweeps set the length of one long step.

    References
    ----------
    Varadhan and Roland (2008), *Scandinavian Journal of Statistics* 35, scheme S3.
    """

    def __init__(self) -> None:
        self._history: list[Array] = []
        self._rate = 0.0

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the image after the first sweep of a cycle and after the long step, the long step between."""
        if len(self._history) != 2:
            self._history = [vector, image]
            return image
        start, middle = self._history
        self._history = []
        first, second = middle - start, image - middle
        change = second - first
        bend, length = float(np.linalg.norm(change)), float(np.linalg.norm(first))
        # A step right after a long one is no power iteration yet: the slow direction shows over several cycles.
        self._rate = max(float(np.linalg.norm(second)) / length if length > 0 else 0.0, 0.99 * self._rate)
        factor = max(length / bend, 1.0) if bend > 0 else 1.0
        self._history = [start, middle, image]
        return np.asarray(start + 2.0 * factor * first + factor**2 * change)

    def restart(self) -> None:
        """Begin a new cycle."""
        self._history = []

    def rate(self) -> float:
        """Return the ratio of the lengths of the cycle's two plain steps."""
        return self._rate


ACCELERATIONS: dict[str, Callable[[], Accelerator]] = {
    "none": Plain,
    "anderson": Anderson,
    "squarem": Squarem,
}
