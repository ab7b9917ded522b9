"""Extrapolation of a slowly converging sweep in unconstrained coordinates; the loop guards every proposal."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pointmass.inference.sweep import Sweep
from pointmass.numerics import Array

__all__ = ["Accelerator", "Anderson", "Plain", "Squarem"]


class Accelerator(Protocol):
    """Proposes the next vector from the last one and its image under the sweep.

    Attributes
    ----------
    spent : int
        Evaluations of the sweep, or of its derivative in one direction, that proposals have cost so far.
    """

    spent: int

    def repeated(self, sweep: Sweep) -> Sweep:
        """Return the sweep that is repeated: the one given, or a quicker one with the same fixed points."""

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the next vector to try."""

    def retreat(self, image: Array) -> Array:
        """Return what to try after a refusal; in the end ``image`` itself, the last accepted vector's."""

    def rate(self) -> float:
        """Return an estimate of the plain sweep's rate of convergence; 0 where nothing is known."""

    def remaining(self) -> float:
        """Return the predicted gain still to come (nats); infinite where only past gains tell."""


class Unforeseen:
    """What accelerators share that know the sweep's past alone: no evaluations of their own, no forecast."""

    spent = 0

    def repeated(self, sweep: Sweep) -> Sweep:
        """Return the sweep itself."""
        return sweep

    def remaining(self) -> float:
        """Return infinity: past gains tell."""
        return np.inf


class Plain(Unforeseen):
    """No extrapolation: the image itself."""

    def __init__(self) -> None:
        self._residual, self._rate = 0.0, 0.0

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the image."""
        residual = float(np.linalg.norm(image - vector))
        self._rate = residual / self._residual if self._residual > 0 else 0.0
        self._residual = residual
        return image

    def retreat(self, image: Array) -> Array:
        """Return the image: a plain sweep proposes nothing else."""
        return image

    def rate(self) -> float:
        """Return the ratio of the last two steps' lengths."""
        return self._rate


class Anderson(Unforeseen):
    """Anderson acceleration in its projected form, which leaves saddles instead of returning to them.

    The last steps span a small space on which the sweep's Jacobian J is known. There a fixed point of the sweep is
    solved for; along each eigenvector with eigenvalue λ the sweep's own step is lengthened by 1 / (1 − λ). Where λ
    exceeds one the sweep runs away from a saddle, and the solution would lead back to it: the factor is 1 / |1 − λ|.

    Parameters
    ----------
    depth : int
        How many past steps span the space.

    References
    ----------
    Anderson (1965), *Journal of the ACM* 12; Shroff and Keller (1993), *SIAM Journal on Numerical Analysis* 30, for
    the projection; Dauphin et al. (2014), *Advances in Neural Information Processing Systems* 27, for the sign.
    """

    def __init__(self, depth: int = 5) -> None:
        self.depth = depth
        self._vectors: list[Array] = []
        self._images: list[Array] = []
        self._rate = 0.0
        self._refusals = 0
        self._beyond = np.zeros(0)

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the extrapolated vector, or the image while there is no history."""
        self._refusals = 0
        self._vectors.append(vector)
        self._images.append(image)
        del self._vectors[: -self.depth - 1], self._images[: -self.depth - 1]
        steps = np.diff(self._vectors, axis=0).T
        lengths = np.sqrt((steps**2).sum(0))
        if not (lengths > 0).any():
            return image
        moved = lengths > 0
        basis, jacobian = _restricted(
            steps[:, moved] / lengths[moved], np.diff(self._images, axis=0).T[:, moved] / lengths[moved]
        )
        return self._lengthened(image - vector, basis, jacobian, image)

    def _lengthened(self, residual: Array, basis: Array, jacobian: Array, image: Array) -> Array:
        values, vectors = np.linalg.eig(jacobian)
        self._rate = float(np.abs(values).max())
        gap = np.where(values == 1.0, np.finfo(float).eps, 1.0 - values)
        factors = np.where(values.real > 1.0, 1.0 / np.abs(gap), 1.0 / gap)
        inside = basis.T @ residual
        # Eigenvectors of a defective Jacobian are dependent: their least-squares solution still exists.
        weights = np.linalg.lstsq(vectors, inside.astype(vectors.dtype), rcond=1e-12)[0]
        solved = (vectors @ (factors * weights)).real
        self._beyond = basis @ (solved - inside)
        return np.asarray(image + self._beyond)

    def retreat(self, image: Array) -> Array:
        """Return a tenth, then a hundredth, of the step beyond the image, then the image.

        The history stays: it is true of the sweep wherever the refused proposal led.
        """
        self._refusals += 1
        return image if self._refusals > _MOST_REFUSALS else image + 0.1**self._refusals * self._beyond

    def rate(self) -> float:
        """Return the largest modulus of the Jacobian's eigenvalues on the space of the last steps."""
        return self._rate


_MOST_REFUSALS = 2

# Directions in which the last steps hardly differ carry rounding instead of curvature.
_DISTINCT = 1e-3


def _restricted(steps: Array, images: Array) -> tuple[Array, Array]:
    """Return an orthonormal basis of the steps and the sweep's Jacobian on it, from steps and their images."""
    left, sizes, right = np.linalg.svd(steps, full_matrices=False)
    kept = sizes > _DISTINCT * sizes[0]
    basis = left[:, kept]
    return basis, basis.T @ images @ (right[kept].T / sizes[kept])


class Squarem(Unforeseen):
    """Squared extrapolation: two plain sweeps set the length of one long step.

    The longest step allowed grows when it is used and accepted, and shrinks when it is refused.

    References
    ----------
    Varadhan and Roland (2008), *Scandinavian Journal of Statistics* 35, scheme S3.
    """

    def __init__(self) -> None:
        self._first: tuple[Array, Array] | None = None
        self._rate = 0.0
        self._longest = 4.0
        self._stretched = False

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the image after the first sweep of a cycle and after the long step, the long step between."""
        if self._stretched:
            self._longest *= 4.0
        if self._first is None:
            self._first = (vector, image)
            self._stretched = False
            return image
        start, middle = self._first
        self._first = None
        return self._long_step(start, middle - start, image - middle)

    def _long_step(self, start: Array, first: Array, second: Array) -> Array:
        change = second - first
        bend, length = float(np.linalg.norm(change)), float(np.linalg.norm(first))
        wanted = max(length / bend, 1.0) if bend > 0 else 1.0
        # The factor is 1 / (1 − λ) of the direction that dominates; the slowest one shows over several cycles.
        self._rate = max(1.0 - 1.0 / wanted, 1.0 - 1.02 * (1.0 - self._rate))
        self._stretched = wanted >= self._longest
        factor = min(wanted, self._longest)
        return np.asarray(start + 2.0 * factor * first + factor**2 * change)

    def retreat(self, image: Array) -> Array:
        """Return the image, allow only shorter steps from now on and begin a new cycle."""
        self._longest = max(self._longest / 4.0, 1.0)
        self._first, self._stretched = None, False
        return image

    def rate(self) -> float:
        """Return the rate that the longest of the late steps stand for."""
        return self._rate
