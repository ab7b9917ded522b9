"""Which rows a sweep visits before the parameters move: all, block after block, or blocks with decaying steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar, Protocol

import numpy as np

from pointmass.inference.acceleration import Accelerator, Plain
from pointmass.inference.coordinate_ascent import Ascent, ascend
from pointmass.inference.incremental import IncrementalSweep
from pointmass.inference.sparse import SparseSweep
from pointmass.inference.stochastic import stochastic_passes
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs

__all__ = ["SCHEDULES", "Batch", "Climb", "Incremental", "Schedule", "Sparse", "Stochastic"]


@dataclass(frozen=True)
class Climb:
    """An ascent that is to be made.

    Parameters
    ----------
    sweep : Sweep
        The batch sweep.
    start : dict of str to belief
        First belief.
    accelerator : callable
        Makes the accelerator of a batch schedule.
    tol : float
        Predicted gain (nats) at which to stop.
    max_iter : int
        Largest number of passes over the rows.
    rng : numpy.random.Generator
        Source of randomness.
    on_step : callable
        Called with the ascent after each sweep.
    """

    sweep: Sweep
    start: Beliefs
    accelerator: Callable[[], Accelerator]
    tol: float
    max_iter: int
    rng: np.random.Generator
    on_step: Callable[[Ascent], None]

    def by(self, sweep: Sweep, accelerator: Accelerator) -> Ascent:
        """Return the ascent of the one loop with another sweep."""
        return ascend(
            sweep,
            self.start,
            accelerator,
            tol=self.tol,
            max_iter=self.max_iter,
            rng=self.rng,
            on_step=self.on_step,
        )

    def of_free_energy(self, kind: type[Sweep], **options: Any) -> Ascent:
        """Return the plain ascent of a sweep with a free energy, and at its end the batch objective."""
        shorter = replace(self, max_iter=max(1, self.max_iter - 1))  # the batch sweep at the end counts too
        ascent = shorter.by(self.sweep.as_kind(kind, **options), Plain())
        if not ascent.lost and ascent.history:
            began = time.perf_counter()
            ascent.objective = self.sweep(ascent.beliefs).objective
            ascent.history.append(ascent.objective)
            ascent.seconds.append(ascent.seconds[-1] + time.perf_counter() - began)
            ascent.n_evaluations += 1
        return ascent


class Schedule(Protocol):
    """How an ascent goes through the rows.

    Attributes
    ----------
    ends_at_rest : bool
        Whether it goes on until the batch sweep leaves the belief as it is.
    """

    ends_at_rest: ClassVar[bool]

    def ascend(self, climb: Climb) -> Ascent:
        """Return the ascent."""


@dataclass(frozen=True)
class Batch:
    """Every sweep visits all rows; the only schedule that is accelerated."""

    ends_at_rest: ClassVar[bool] = True

    def ascend(self, climb: Climb) -> Ascent:
        """Return the accelerated ascent."""
        return climb.by(climb.sweep, climb.accelerator())


@dataclass(frozen=True)
class Incremental:
    """Parameters move after each block, from the statistics of all blocks (`IncrementalSweep`).

    Parameters
    ----------
    blocks : int
        Number of blocks.
    """

    ends_at_rest: ClassVar[bool] = True
    blocks: int = 20

    def ascend(self, climb: Climb) -> Ascent:
        """Return the ascent of the free energy."""
        return climb.of_free_energy(IncrementalSweep, n_blocks=self.blocks)


@dataclass(frozen=True)
class Sparse:
    """What ``assignments="sparse"`` means: small responsibilities rest between full sweeps (`SparseSweep`)."""

    ends_at_rest: ClassVar[bool] = True

    def ascend(self, climb: Climb) -> Ascent:
        """Return the ascent of the free energy."""
        return climb.of_free_energy(SparseSweep)


@dataclass(frozen=True)
class Stochastic:
    """Decaying steps after random blocks: online EM with a point, stochastic variational inference with a posterior.

    They come near an optimum, never to rest at it.

    Parameters
    ----------
    blocks : int
        Number of blocks.
    passes : int
        Passes over the rows.
    forgetting : float
        Exponent of the decay, above 0.5 and at most 1.
    """

    ends_at_rest: ClassVar[bool] = False
    blocks: int = 20
    passes: int = 20
    forgetting: float = 0.7

    def ascend(self, climb: Climb) -> Ascent:
        """Return where so many passes lead, with the batch objective there: noise has no objective of its own."""
        passes, began = min(self.passes, max(1, climb.max_iter - 2)), time.perf_counter()
        visited = stochastic_passes(
            climb.sweep, climb.start, climb.rng, n_blocks=self.blocks, forgetting=self.forgetting
        )
        *_, last = islice(visited, passes)
        final = ascend(climb.sweep, last, Plain(), tol=0.0, max_iter=1, rng=climb.rng)
        final.n_evaluations = passes + 2  # with the first statistics and the last objective
        final.seconds = [time.perf_counter() - began for _ in final.history]
        return final


SCHEDULES: dict[str, type[Any]] = {"batch": Batch, "incremental": Incremental, "stochastic": Stochastic}
