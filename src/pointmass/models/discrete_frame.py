"""Derivatives of the E-step of a discrete latent and a family."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.latents.assignments import clamp, soft
from pointmass.latents.latent import Inferred
from pointmass.models.base import Beliefs
from pointmass.models.frame import Frame
from pointmass.models.missing import seen, spread
from pointmass.models.rows import Rows
from pointmass.models.stacking import repeated, stacked
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.coordinates import Coordinates
    from pointmass.families.point_mass import PointMass
    from pointmass.models.discrete import DiscreteInference, DiscreteModel

__all__ = ["DiscreteFrame"]

_EMISSION = "emission"

# Numbers that a derivative holds at once: a long sequence cannot be cut, so it has fewer directions at a time.
_LARGEST = 1 << 26


class DiscreteFrame(Frame):
    """The latent's own statistics, then those of each component, at one belief."""

    def __init__(self, model: DiscreteModel, beliefs: Beliefs, coordinates: Coordinates) -> None:
        self.latent, self.family, self.beliefs = model.latent, model.family, beliefs
        self.n_columns = len(coordinates.shift)
        self.emission = model.family.frame(beliefs[_EMISSION], self.n_columns)
        self._infer_at = partial(model.infer, beliefs, coordinates)

    def turned(self, posteriors: Beliefs) -> DiscreteFrame:
        """Return the frame with the family's frame turned."""
        found = copy(self)
        found.emission = self.emission.turned(posteriors[_EMISSION])
        return found

    @property
    def leaves_untold(self) -> bool:
        """Return the family's answer."""
        return bool(self.emission.leaves_untold)

    @cached_property
    def inference(self) -> DiscreteInference:
        """The E-step."""
        return self._infer_at()

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Numbers of components and of the family's statistics."""
        return tuple(self.emission.coefficients(self.beliefs[_EMISSION]).shape)

    @cached_property
    def own(self) -> int:
        """How many statistics are the latent's."""
        return len(self.latent.coefficients(self.beliefs))

    @property
    def size(self) -> int:
        """Return p, how many statistics there are."""
        return self.own + int(np.prod(self.shape))

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return the latent's coefficients, then the family's."""
        emission = self.emission.coefficients(beliefs[_EMISSION])
        return np.concatenate([self.latent.coefficients(beliefs), emission.ravel()])

    def coefficients_at(self, points: Mapping[str, PointMass]) -> Array:
        """Return the latent's coefficients, then the family's, at each of S points: shape (S, p)."""
        emission = points[_EMISSION]
        size = len(next(iter(emission.parameters.values())))
        frame = self.family.frame(repeated(self.beliefs[_EMISSION], size), self.n_columns)
        each = frame.coefficients(stacked(emission))
        of_points = np.swapaxes(each.reshape(-1, size, each.shape[1]), 0, 1).reshape(size, -1)
        own = self.latent.coefficients(points)
        return np.concatenate([np.broadcast_to(own, (size, own.shape[-1])), of_points], axis=1)

    def totals(self, statistics: Statistics) -> Array:
        """Return the latent's expected statistics, then the family's."""
        emission = self.emission.sums(statistics.parts[_EMISSION])
        return np.concatenate([self.latent.totals(statistics.parts, self.beliefs), emission.ravel()])

    def shifted(self, statistics: Statistics, step: Array) -> Statistics:
        """Return the statistics moved by ``step`` (p,)."""
        parts: dict[str, Any] = self.latent.shifted(statistics.parts, step[: self.own])
        move = self.emission.statistics(step[self.own :].reshape(self.shape))
        parts[_EMISSION] = move + statistics.parts[_EMISSION]
        return Statistics(parts, statistics.log_normaliser)

    def steps(self, statistics: Statistics) -> Array:
        """Return the latent's steps, and the family's."""
        emission = self.emission.steps(self.emission.sums(statistics.parts[_EMISSION]))
        return np.concatenate([self.latent.steps(statistics.parts, self.beliefs), emission.ravel()])

    def numbers_per_row(self, directions: int) -> int:
        """Return the size of the moves of the log densities and of one component's statistics."""
        return int((3 * directions + 2) * self.shape[0] + 3 * self.shape[1])

    def _infer(self, block: Rows) -> tuple[Any, Inferred, Array]:
        """Return the kernel's features, what stands for components, and log joint densities (K, n)."""
        design = self.inference.design(block)
        features, log_joint = self.inference.densities(block, design)
        clamp(log_joint, block.labels)
        inferred = self.latent.infer(log_joint.copy(), self.beliefs, soft, None, block.lengths)
        return features, inferred._replace(design=design), log_joint

    def _expected(self, features: Any) -> list[Array]:
        """Return each component's expected statistics (S, ·)."""
        return [self.emission.features(features, k) for k in range(self.shape[0])]

    def derivative(self, block: Rows, directions: Array) -> Array:
        """Return ∂s/∂c · direction of a block of rows, shape (B, p)."""
        features, inferred, log_joint = self._infer(block)
        expected = self._expected(features)
        shares = seen(inferred.weighted(block.weights, block.lengths).responsibilities, block.missing)
        together = max(1, _LARGEST // (self.numbers_per_row(1) * max(1, len(block))))
        parts = []
        for some in (directions[start : start + together] for start in range(0, len(directions), together)):
            change = self._derivative(block, some, expected, inferred, log_joint)
            hidden = self.emission.hidden(features, shares, some[:, self.own :].reshape(-1, *self.shape))
            change[:, self.own :] += hidden.reshape(len(some), -1)
            parts.append(change)
        return np.concatenate(parts)

    def prior_derivative(self, prior: Beliefs, directions: Array) -> Array:
        """Return the family's answer for its own statistics."""
        change = np.zeros_like(directions)
        emission = directions[:, self.own :].reshape(-1, *self.shape)
        found = self.emission.prior_derivative(prior[_EMISSION], emission)
        change[:, self.own :] = found.reshape(len(directions), -1)
        return change

    def _derivative(
        self, block: Rows, directions: Array, features: list[Array], inferred: Inferred, log_joint: Array
    ) -> Array:
        own, emission = directions[:, : self.own], directions[:, self.own :].reshape(-1, *self.shape)
        moves = np.stack([emission[:, k] @ each for k, each in enumerate(features)], axis=1)
        shifts, own_change = self.latent.derivative(
            inferred.responsibilities,
            log_joint.copy(),
            spread(moves, block.missing),
            own,
            self.beliefs,
            block.weights,
            block.lengths,
            inferred.design,
        )
        shifts = seen(shifts, block.missing)
        change = np.stack([shifts[:, k] @ each.T for k, each in enumerate(features)], axis=1)
        return np.concatenate([own_change, change.reshape(len(directions), -1)], axis=1)

    def scores(self, block: Rows) -> Array:
        """Return the expected statistics of each row, or of each sequence: shape (units, p)."""
        features, inferred, _ = self._infer(block)
        own = self.latent.unit_totals(inferred, self.beliefs, block.lengths)
        shares = seen(inferred.responsibilities, block.missing)
        parts = [spread(shares[k] * each, block.missing) for k, each in enumerate(self._expected(features))]
        if block.lengths is not None:
            first = np.cumsum(block.lengths) - block.lengths
            parts = [np.add.reduceat(part, first, axis=1) for part in parts]
        return np.concatenate([own, *(part.T for part in parts)], axis=1)

    def unit_weights(self, block: Rows) -> Array:
        """Return the weight of each row, or of each sequence."""
        weights = np.ones(len(block)) if block.weights is None else block.weights
        return weights if block.lengths is None else weights[np.cumsum(block.lengths) - block.lengths]
