"""The incremental schedule: one block of rows has its statistics exchanged, and the parameters move at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add

import numpy as np

from pointmass.inference.expected_log_density import expected_log_density
from pointmass.inference.sweep import Step, Sweep
from pointmass.models import Beliefs, Rows, Statistics
from pointmass.models.frame import Frame

__all__ = ["IncrementalSweep"]


@dataclass
class _Held:
    """What one pass leaves to the next: each block's statistics and entropy, and where the parameters are."""

    parts: list[Statistics] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    beliefs: Beliefs | None = None
    free_energy: float = -np.inf


@dataclass(frozen=True, eq=False)
class IncrementalSweep(Sweep):
    """One pass over blocks of rows, the parameters updated after each block from the statistics of all.

    A call at the belief that the last call left goes on from there; a call at any other is a batch sweep. The objective
    is Neal and Hinton's free energy of the belief and of the assignments held: Σ over blocks of E[log p] plus their
    entropy, minus KL(belief ‖ prior). No partial step lowers it, and at a fixed point it is the batch objective.

    Parameters
    ----------
    n_blocks : int
        Number of blocks, rows permitting.
    trace : list of float or None
        Takes the free energy after each partial step.

    References
    ----------
    Neal and Hinton (1998), in *Learning in Graphical Models*; Hughes and Sudderth (2013), *Advances in Neural
    Information Processing Systems* 26, for posteriors.
    """

    n_blocks: int = 20
    trace: list[float] | None = None
    _held: _Held = field(default_factory=_Held)

    def _step(self, beliefs: Beliefs, rng: np.random.Generator | None) -> Step:
        """Return the free energy at ``beliefs`` and the belief after one pass."""
        if beliefs is not self._held.beliefs:
            return self._first(beliefs)
        entered = self._held.free_energy
        return Step(entered, self._pass(beliefs))

    @cached_property
    def _blocks(self) -> list[Rows]:
        return list(self.rows.blocks(max(1, -(-len(self.rows) // self.n_blocks))))

    def _first(self, beliefs: Beliefs) -> Step:
        """Return a batch sweep, whose statistics are kept block by block."""
        frame = self.model.frame(beliefs, self.rows.coordinates)
        found = list(self._visited(beliefs, frame))
        self._held.parts, self._held.entropies = [one for one, _ in found], [entropy for _, entropy in found]
        total = reduce(add, self._held.parts)
        objective = total.log_normaliser - self.divergence(beliefs)
        return Step(objective, self._leave(total, beliefs, frame))

    def _visited(self, beliefs: Beliefs, frame: Frame) -> Iterator[tuple[Statistics, float]]:
        inference = self.model.infer(beliefs, self.rows.coordinates)
        for block in self._blocks:
            statistics = inference.statistics(block, self.assignment)
            yield statistics, statistics.log_normaliser - expected_log_density(frame, beliefs, statistics)

    def _pass(self, beliefs: Beliefs) -> Beliefs:
        frame = self.model.frame(beliefs, self.rows.coordinates)
        total = reduce(add, self._held.parts)
        for place, block in enumerate(self._blocks):
            new = self.model.infer(beliefs, self.rows.coordinates).statistics(block, self.assignment)
            known = expected_log_density(frame, beliefs, new)
            total = total + self._held.parts[place] * -1.0 + new
            self._held.parts[place], self._held.entropies[place] = new, new.log_normaliser - known
            beliefs = self._leave(total, beliefs, frame)
        return beliefs

    def _leave(self, total: Statistics, beliefs: Beliefs, frame: Frame) -> Beliefs:
        """Return the belief that all statistics make, its free energy noted."""
        self._held.beliefs = left = self.update(total, beliefs)
        expected = expected_log_density(frame, left, total)
        self._held.free_energy = expected + sum(self._held.entropies) - self.divergence(left)
        if self.trace is not None:
            self.trace.append(self._held.free_energy)
        return left
