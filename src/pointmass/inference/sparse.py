"""Sparse EM: between full sweeps, responsibilities that are small stay as they are and cost nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pointmass.inference.expected_log_density import expected_log_density
from pointmass.inference.sweep import Step, Sweep
from pointmass.latents.assignments import clamp, soft
from pointmass.latents.latent import Inferred
from pointmass.models import Beliefs, Statistics
from pointmass.numerics import Array

__all__ = ["SparseSweep"]


@dataclass
class _Frozen:
    """What the last full sweep left: which components are looked at, and the statistics of the others."""

    turn: int = 0
    features: Array | None = None
    active: list[Array] = field(default_factory=list)
    responsibilities: Array = field(default_factory=lambda: np.zeros((0, 0)))
    statistics: Statistics = field(default_factory=lambda: Statistics({}, 0.0))
    constant: float = 0.0


@dataclass(frozen=True, eq=False)
class SparseSweep(Sweep):
    """A sweep whose E-step looks only at the components that were plausible for a row at the last full sweep.

    The responsibilities of the others, each below a threshold, keep their values, and those looked at share the rest.
    The objective is the free energy Σ r (log p(x, z) − log r) − KL(belief ‖ prior): no sweep lowers it, full or not,
    and at a full one it is the batch objective.

    Parameters
    ----------
    threshold : float
        Responsibilities below this are frozen.
    period : int
        Every so many sweeps one is full.
    visited : list of int or None
        Takes the number of densities, of one component for one row, that each sweep evaluates.

    References
    ----------
    Neal and Hinton (1998), in *Learning in Graphical Models*, section 5.
    """

    threshold: float = 1e-5
    period: int = 10
    visited: list[int] | None = None
    _frozen: _Frozen = field(default_factory=_Frozen)

    def _step(self, beliefs: Beliefs, rng: np.random.Generator | None) -> Step:
        """Return the free energy at ``beliefs`` and the belief that one full or sparse sweep makes of it."""
        full = self._frozen.turn % self.period == 0
        self._frozen.turn += 1
        statistics = (self._full if full else self._sparse)(beliefs)
        if self.visited is not None:
            size = self.model.n_components * len(self.rows)
            self.visited.append(size if full else sum(map(len, self._frozen.active)))
        return Step(statistics.log_normaliser - self.divergence(beliefs), self.update(statistics, beliefs))

    def _full(self, beliefs: Beliefs) -> Statistics:
        """Return the statistics of a batch sweep, and note what is small."""
        inference: Any = self.model.infer(beliefs, self.rows.coordinates)
        held = self._frozen
        held.features, log_joint = inference.densities(self.rows)
        clamp(log_joint, self.rows.labels)
        responsibilities, log_normaliser = soft(log_joint.copy())
        small = responsibilities < self.threshold
        held.active = [np.flatnonzero(~row) for row in small]
        held.responsibilities = np.where(small, responsibilities, 0.0)
        held.statistics = self._gathered(inference, held.responsibilities, _terms(held.responsibilities, log_joint))
        held.constant = held.statistics.log_normaliser - self._expected(beliefs, held.statistics)
        return self._gathered(inference, responsibilities, log_normaliser)

    def _sparse(self, beliefs: Beliefs) -> Statistics:
        """Return the statistics of a sweep over what is not small; the rest moves with the parameters alone."""
        inference: Any = self.model.infer(beliefs, self.rows.coordinates)
        held = self._frozen
        log_joint = np.full(held.responsibilities.shape, -np.inf)
        for component, rows in enumerate(held.active):
            log_joint[component, rows] = inference.density(component, held.features, self.rows, rows)
        share = 1.0 - held.responsibilities.sum(axis=0)
        looked_at, log_normaliser = soft(log_joint)
        free_energy = share * (log_normaliser - np.log(share))
        found = self._gathered(inference, looked_at * share + held.responsibilities, free_energy)
        frozen = held.constant + self._expected(beliefs, held.statistics)
        return Statistics(found.parts, found.log_normaliser + frozen)

    def _gathered(self, inference: Any, responsibilities: Array, log_normaliser: Array) -> Statistics:
        inferred = Inferred(responsibilities, log_normaliser).weighted(self.rows.weights, None)
        gathered: Statistics = inference.gather(self._frozen.features, inferred, self.rows)
        return gathered

    def _expected(self, beliefs: Beliefs, statistics: Statistics) -> float:
        """Return what ``statistics`` add to the expected log density under ``beliefs``."""
        return expected_log_density(self.model.frame(beliefs, self.rows.coordinates), beliefs, statistics)


def _terms(responsibilities: Array, log_joint: Array) -> Array:
    """Return Σ r (log p − log r) of each row (n,), over the components whose r is positive."""
    positive = responsibilities > 0
    terms = np.where(positive, log_joint, 0.0) - np.log(np.where(positive, responsibilities, 1.0))
    return np.asarray((responsibilities * terms).sum(axis=0))
