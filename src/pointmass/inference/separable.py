"""Rows of given components where no component knows of another: all assignments at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.family import divergence
from pointmass.families.point_mass import PointMass
from pointmass.inference.over_assignments import in_order, weighted_sum
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS, Inferred
from pointmass.models import Beliefs, DiscreteModel, Rows
from pointmass.numerics import Array

__all__ = ["Separable"]

_EMISSION = "emission"
_CHUNK = 1 << 14


class Separable:
    """Rows independent given the weights, components without a common parameter: log p = Σ_k g_k(rows of k) + latent.

    ``g_k`` is tabulated over all sets of rows, by the chain rule of exact predictive densities; the latent's part
    depends on the counts alone. Rows of known component are taken into the prior first.
    """

    fast = True

    def __init__(self, model: DiscreteModel, rows: Rows, prior: Beliefs) -> None:
        known = np.zeros(len(rows), dtype=bool) if rows.labels is None else rows.labels >= 0
        self.model, self.free = model, np.flatnonzero(~known)
        self.base, self.prior = _taken_in(model, rows.take(known), prior)
        self.rows = replace(rows.take(self.free), labels=None, weights=None)
        z = rows.coordinates.transform(self.rows.values)
        self._z, self._features = z, model.family.sufficient_statistics(z)

    def log_evidences(self, labels: Array) -> Array:
        """Return log p(rows, components) (A,)."""
        free = labels[:, self.free]
        powers = 1 << np.arange(len(self.free), dtype=np.int64)
        total = self.base + self._latent_evidences(_counts(free, self.model.n_components))
        tables: dict[str, Array] = {}
        for k in range(self.model.n_components):
            key = str([array[k].tolist() for array in self.prior[_EMISSION].hyperparameters().values()])
            if key not in tables:
                tables[key] = self._table(k)
            total = total + tables[key][(free == k) @ powers]
        return total

    def _table(self, component: int) -> Array:
        """Return the log evidence of every set of rows in one component, row i the i-th bit of the set's number."""
        table, sums = np.zeros(1), np.zeros((1, len(self._features)))
        for row, feature in enumerate(self._features.T):
            parts = [sums[start : start + _CHUNK] for start in range(0, len(sums), _CHUNK)]
            predictive = np.concatenate([self._predictive(part, component, row) for part in parts])
            table, sums = np.concatenate([table, table + predictive]), np.concatenate([sums, sums + feature])
        return table

    def _predictive(self, sums: Array, component: int, row: int) -> Array:
        """Return the log density of one row given each of several sets of rows of its component."""
        prior = self.prior[_EMISSION]
        if isinstance(prior, PointMass):
            kernel = self.model.family.kernel(prior, np.zeros(self.model.n_components), self.rows.coordinates)
            block = self.rows.values[row : row + 1]
            return np.full(len(sums), kernel.log_density(kernel.features(block), block)[component, 0])
        posterior = self._emission(sums, np.full(len(sums), component))
        return np.asarray(self.model.family.log_predictive(posterior, self._z[:, row : row + 1])[:, 0])

    def _emission(self, sums: Array, components: Array) -> Any:
        """Return the posterior of as many components as there are sums of statistics, each from its own prior."""
        prior: Any = self.prior[_EMISSION]
        stacked = prior.with_hyperparameters({name: a[components] for name, a in prior.hyperparameters().items()})
        return self.model.family.update(stacked, self.model.family.statistics_of(sums, len(self._z)))

    def _latent(self, counts: Array) -> Beliefs:
        """Return the posterior of the latent's blocks given counts (K,)."""
        units = [self.model.latent.statistics(Inferred(one[:, None], np.zeros(1))) for one in np.eye(len(counts))]
        sums = {
            name: sum(count * unit[name] for count, unit in zip(counts, units, strict=True))
            for name in self.model.latent.blocks
        }
        return {name: self._updated(name, part) for name, part in sums.items()}

    def _updated(self, name: str, part: Any) -> Any:
        own = self.prior[name]
        return own if isinstance(own, PointMass) else self.model.latent.update(name, own, part, self.prior)

    def _latent_evidences(self, counts: Array) -> Array:
        """Return the log probability of the components (A,) from their counts (A, K)."""
        distinct, place = np.unique(counts, axis=0, return_inverse=True)
        values = []
        for each in distinct:
            posterior = self._latent(each)
            offset = self.model.latent.offset(posterior)
            gap = sum(divergence(belief, self.prior[name]) for name, belief in posterior.items())
            values.append(float(each[each > 0] @ offset[each > 0]) - gap)
        return np.array(values)[place.ravel()]

    def draws(self, labels: Array, rng: np.random.Generator) -> dict[str, Parameters]:
        """Return one draw for each assignment."""
        free, k = labels[:, self.free], self.model.n_components
        emission: Any = self.prior[_EMISSION]
        if not isinstance(emission, PointMass):
            flat = self._stacked(free).parameter_draws(1, rng)
            own = {name: array.reshape(len(labels), k, *array.shape[2:]) for name, array in flat.items()}
        else:
            own = emission.parameter_draws(len(labels), rng)
        return {**self._latent_draws(_counts(free, k), rng), _EMISSION: own}

    def mean(self, labels: Array, probabilities: Array) -> dict[str, Parameters]:
        """Return the mean of the posteriors' means, block after block of assignments."""
        free, k = labels[:, self.free], self.model.n_components
        distinct, place = np.unique(_counts(free, k), axis=0, return_inverse=True)
        latent = ({name: belief.parameter_mean() for name, belief in self._latent(each).items()} for each in distinct)
        of_latent = weighted_sum(latent, np.bincount(place.ravel(), probabilities))
        if isinstance(self.prior[_EMISSION], PointMass):
            return {**of_latent, _EMISSION: self.prior[_EMISSION].parameter_mean()}
        emission: dict[str, Any] = {}
        for start in range(0, len(free), _CHUNK):
            some = free[start : start + _CHUNK]
            for name, array in self._stacked(some).parameter_mean().items():
                shaped = array.reshape(len(some), k, *array.shape[1:])
                part = np.tensordot(probabilities[start : start + _CHUNK], shaped, axes=1)
                emission[name] = emission.get(name, 0.0) + part
        return {**of_latent, _EMISSION: emission}

    def _stacked(self, free: Array) -> Any:
        """Return the posteriors of all components of some assignments, one assignment after the other."""
        k = self.model.n_components
        sums = np.stack([(free == component) @ self._features.T for component in range(k)], axis=1)
        return self._emission(sums.reshape(len(free) * k, -1), np.tile(np.arange(k), len(free)))

    def _latent_draws(self, counts: Array, rng: np.random.Generator) -> dict[str, Parameters]:
        distinct, place = np.unique(counts, axis=0, return_inverse=True)
        order = np.argsort(place.ravel(), kind="stable")
        parts: list[Mapping[str, Parameters]] = [
            {name: belief.parameter_draws(int(size), rng) for name, belief in self._latent(each).items()}
            for each, size in zip(distinct, np.bincount(place.ravel()), strict=True)
        ]
        return {
            name: {key: in_order([part[name][key] for part in parts], order) for key in parts[0][name]}
            for name in self.model.latent.blocks
        }


def _taken_in(model: DiscreteModel, known: Rows, prior: Beliefs) -> tuple[float, Beliefs]:
    """Return the log evidence of rows of known component, and the posterior that they leave."""
    if not len(known):
        return 0.0, prior
    sweep = Sweep(model, known, prior, identity, ASSIGNMENTS["soft"])
    posterior = sweep({name: belief.draw(np.random.default_rng(0)) for name, belief in prior.items()}).beliefs
    return sweep(posterior).objective, posterior


def _counts(labels: Array, k: int) -> Array:
    return np.stack([(labels == component).sum(axis=1) for component in range(k)], axis=1)
