"""One sweep: infer, update, project. Every method of the package is this function with other arguments."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from pointmass.families.family import divergence
from pointmass.families.point_mass import PointMass
from pointmass.inference.parallel import sum_blocks
from pointmass.inference.projections import Projection
from pointmass.latents.assignments import Assignment, drawn, soft
from pointmass.models import Beliefs, Model, Rows, Statistics

__all__ = ["Step", "Sweep"]


@dataclass(frozen=True, eq=False)
class Step:
    """What one sweep gives.

    Parameters
    ----------
    objective : float
        The objective (nats) at the belief that entered the sweep.
    beliefs : dict of str to belief
        The belief that leaves it.
    """

    objective: float
    beliefs: Beliefs


@dataclass(frozen=True, eq=False)
class Sweep:
    """The map of a belief to its successor, and the objective at the belief.

    The objective is Σ log normaliser − Σ KL(belief ‖ prior) with every constant kept: the ELBO of a posterior; for
    a point, −KL is the log prior density in the family's stated coordinates, or nothing where no prior is scored.

    Parameters
    ----------
    model : Model
        The model.
    rows : Rows
        Data, weights and known labels.
    prior : dict of str to belief
        Prior of each block, in working coordinates.
    project : callable
        What stands for the parameters (see `pointmass.inference.projections`).
    assignment : callable
        What stands for the components (see `pointmass.latents.assignments`).
    scored : bool
        Whether the prior is part of the objective; maximum likelihood leaves it out.
    """

    model: Model
    rows: Rows
    prior: Beliefs
    project: Projection
    assignment: Assignment
    scored: bool = True

    def __call__(self, beliefs: Beliefs, rng: np.random.Generator | None = None) -> Step:
        """Return the objective at ``beliefs`` and the belief that one sweep makes of it.

        An extrapolated belief can be no distribution at all; its objective is NaN.
        """
        if not all(belief.is_proper for belief in beliefs.values()):
            return Step(float("nan"), beliefs)
        return self._step(beliefs, rng)

    def _step(self, beliefs: Beliefs, rng: np.random.Generator | None) -> Step:
        """Return what a call does, for beliefs that are distributions."""
        statistics = self.infer(beliefs, rng)
        objective = statistics.log_normaliser - self.divergence(beliefs)
        return Step(objective, self.update(statistics, beliefs, rng))

    def infer(self, beliefs: Beliefs, rng: np.random.Generator | None = None) -> Statistics:
        """Return the expected statistics of all rows under ``beliefs``."""
        inference = self.model.infer(beliefs, self.rows.coordinates)

        def one(block: Rows, own: np.random.Generator | None) -> Statistics:
            return inference.statistics(block, self.assignment, own)

        return inference.complete(sum_blocks(one, self.rows, self._numbers_per_row, rng), self.assignment, rng)

    @cached_property
    def _numbers_per_row(self) -> int:
        return self.model.numbers_per_row(self.rows.values.shape[1])

    def with_latents(self, beliefs: Beliefs, statistics: Statistics | None = None) -> Beliefs:
        """Return the beliefs and those about latents that all rows share, given statistics or else the rows."""
        if not self.model.latent_blocks:
            return beliefs
        known = replace(self, assignment=soft).infer(beliefs) if statistics is None else statistics
        return {**beliefs, **self.model.latent_beliefs(beliefs, known, self.rows.coordinates)}

    def update(self, statistics: Statistics, beliefs: Beliefs, rng: np.random.Generator | None = None) -> Beliefs:
        """Return the projected conjugate posterior of each block, every block from the old beliefs."""
        posteriors = self.posteriors(statistics, beliefs, rng)
        return {name: self.project(own, beliefs[name], self.model.floor, rng) for name, own in posteriors.items()}

    def posteriors(
        self, statistics: Statistics, beliefs: Beliefs, rng: np.random.Generator | None = None
    ) -> dict[str, Any]:
        """Return the conjugate posterior of each block, every block from the old beliefs."""
        prior = self.prior_given(beliefs, rng)
        return {name: self.model.update(prior, statistics, beliefs, name) for name in self.model.blocks}

    def prior_given(self, beliefs: Beliefs, rng: np.random.Generator | None) -> Beliefs:
        """Return the prior of each block given what it may be mixed over: drawn where components are, else expected."""
        own = rng if self.assignment is drawn else None
        return {name: prior.given(cast(Any, beliefs[name]), own) for name, prior in self.prior.items()}

    def divergence(self, beliefs: Beliefs) -> float:
        """Return Σ KL(belief ‖ prior); for a point, minus the log prior density."""
        if not self.scored:
            return 0.0
        return float(sum(divergence(belief, self.prior[name]) for name, belief in beliefs.items()))

    def rounding(self, beliefs: Beliefs) -> float:
        """Return how large rounding errors of the objective may be at ``beliefs`` (nats)."""
        return self.rows.total_weight * self.model.rounding(beliefs)

    def as_kind[S: Sweep](self, kind: type[S], **options: Any) -> S:
        """Return the same sweep as one of another kind, such as `IncrementalSweep`, with that kind's own options."""
        return kind(**{each.name: getattr(self, each.name) for each in fields(Sweep)}, **options)

    @property
    def free_blocks(self) -> tuple[str, ...]:
        """The blocks that are not held known."""
        return tuple(name for name in self.model.blocks if not isinstance(self.prior[name], PointMass))
