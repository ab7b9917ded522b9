"""Rows of given components in any discrete model: one conjugate posterior for each assignment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.over_assignments import in_order, weighted_sum
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Beliefs, DiscreteModel, Rows
from pointmass.numerics import Array

__all__ = ["OneByOne"]


class OneByOne:
    """Any discrete model: with every component known the bound at the exact posterior is the log evidence."""

    fast = False

    def __init__(self, model: DiscreteModel, rows: Rows, prior: Beliefs) -> None:
        self.model, self.rows, self.prior = model, rows, prior
        self._anywhere = {name: belief.draw(np.random.default_rng(0)) for name, belief in prior.items()}

    def _posterior(self, labels: Array) -> tuple[Sweep, Beliefs]:
        rows = replace(self.rows, labels=labels.astype(np.intp))
        sweep = Sweep(self.model, rows, self.prior, identity, ASSIGNMENTS["soft"])
        return sweep, sweep(self._anywhere).beliefs

    def log_evidences(self, labels: Array) -> Array:
        """Return log p(rows, components) (A,)."""
        pairs = (self._posterior(each) for each in labels)
        return np.array([sweep(posterior).objective for sweep, posterior in pairs])

    def draws(self, labels: Array, rng: np.random.Generator) -> dict[str, Parameters]:
        """Return one draw for each assignment."""
        distinct, place = np.unique(labels, axis=0, return_inverse=True)
        order = np.argsort(place.ravel(), kind="stable")
        parts = []
        for each, count in zip(distinct, np.bincount(place.ravel()), strict=True):
            posterior = self._posterior(each)[1]
            parts.append({name: belief.parameter_draws(int(count), rng) for name, belief in posterior.items()})
        return {
            name: {key: in_order([part[name][key] for part in parts], order) for key in parts[0][name]}
            for name in parts[0]
        }

    def mean(self, labels: Array, probabilities: Array) -> dict[str, Parameters]:
        """Return the mean of the posteriors' means."""
        means = (
            {name: belief.parameter_mean() for name, belief in self._posterior(each)[1].items()} for each in labels
        )
        return weighted_sum(means, probabilities)
