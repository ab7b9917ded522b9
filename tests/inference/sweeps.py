"""Sweeps ready to be repeated, in the data's own units or in working coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.inference.projections import PROJECTIONS
from pointmass.inference.sweep import Step, Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Beliefs, Model, Rows, as_model


@dataclass(frozen=True)
class Bench:
    """A sweep with the way to public parameters and back."""

    model: Model
    rows: Rows
    sweep: Sweep

    def at(self, theta: dict[str, Any]) -> Beliefs:
        """Point beliefs in working coordinates at public parameters."""
        points = self.model.points(self.model.native(theta), self.sweep.prior)
        return {name: point.mapped(self.rows.coordinates.inverse) for name, point in points.items()}

    def posterior(self, responsibilities: np.ndarray) -> Beliefs:
        """The update from responsibilities (n, K), projected."""
        weak = self.model.weak_prior(self.rows.values, self.rows.weights)
        working = {name: belief.mapped(self.rows.coordinates.inverse) for name, belief in weak.items()}
        statistics = self.model.collect(responsibilities.T, self.rows, working)
        return self.sweep.update(statistics, working)

    def public(self, beliefs: Beliefs) -> dict[str, np.ndarray]:
        original = {name: belief.mapped(self.rows.coordinates) for name, belief in beliefs.items()}
        return self.model.public({name: belief.parameter_mean() for name, belief in original.items()})

    def objective(self, step: Step) -> float:
        """The objective in the data's units, for sweeps that score no prior."""
        return step.objective - self.rows.total_weight * self.rows.coordinates.log_determinant


METHODS = {"em": ("mode", False), "map": ("mode", True), "vb": ("identity", True)}


def bench(
    model: Any,
    values: np.ndarray,
    method: str = "em",
    *,
    assignments: str = "soft",
    weights=None,
    labels=None,
    lengths=None,
    working: bool = True,
) -> Bench:
    model = as_model(model)
    project, scored = METHODS[method]
    values = np.asarray(values, dtype=float)
    coordinates = model.coordinates(values, weights) if working else Coordinates.identity(values.shape[1])
    prior = model.prior(values, weights) if scored else model.flat_prior(values.shape[1])
    inside = {name: belief.mapped(coordinates.inverse) for name, belief in prior.items()}
    rows = Rows(values, coordinates, weights, labels, lengths)
    return Bench(model, rows, Sweep(model, rows, inside, PROJECTIONS[project], ASSIGNMENTS[assignments], scored))
