"""New data as they might have been: rows drawn again, weighed again, or drawn from the fitted model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models import Rows
from pointmass.numerics import Array

__all__ = ["Resampling", "bayesian", "nonparametric", "parametric"]

type Resampling = Callable[[Any, Rows, np.random.Generator], Rows]


def nonparametric(fit: Any, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return as many independent units as there are, drawn with replacement (Efron 1979); labels go with rows.

    A weight is a number of copies: so many are in the urn.
    """
    weights = _unit_weights(rows)
    total = max(1, round(weights.sum()))
    counts = rng.multinomial(total, weights / weights.sum())
    return _weighted(rows, counts * (weights.sum() / total))


def bayesian(fit: Any, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return all independent units with exponential weights that sum to what they summed to (Rubin 1981).

    A unit of weight w stands for w copies, whose weights together are a Gamma(w) number.
    """
    weights = _unit_weights(rows)
    drawn = rng.standard_gamma(weights)
    return _weighted(rows, drawn * (weights.sum() / drawn.sum()))


def parametric(fit: Any, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return as many rows drawn from the fitted model; components are known, and cells missing, where they were."""
    lengths = (round(rows.total_weight),) if rows.lengths is None else rows.lengths
    given = np.split(_features(fit.model_, rows, sum(lengths)), np.cumsum(lengths)[:-1])
    parts = [fit.model_.sample(fit.estimate_, len(each), rng, each) for each in given]
    values, components = (np.concatenate(each) for each in zip(*parts, strict=True))
    values = fit.model_.masked(values, _copied(rows.values, rows, len(values)))
    labels = None
    if rows.labels is not None:
        labels = np.where(_copied(rows.labels >= 0, rows, len(values)), components, -1)
    return replace(rows, values=values, labels=labels, weights=None)


def _features(model: Any, rows: Rows, n: int) -> Array:
    """Return the features of n rows: each row's as often as its weight says, again from the first if there are few."""
    return _copied(model.features_and_target(rows.values)[0], rows, n)


def _copied(array: Array, rows: Rows, n: int) -> Array:
    """Return n entries of one array (rows, ...): each row's as often as its weight says, then from the first again."""
    copies = 1 if rows.weights is None else np.maximum(np.round(rows.weights), 0.0).astype(np.intp)
    index = np.repeat(np.arange(len(rows)), copies)
    return np.asarray(array[np.resize(index if index.size else np.arange(len(rows)), n)])


def _unit_weights(rows: Rows) -> Array:
    """Return the weight of each independent unit: of each row, or of each sequence."""
    if rows.n_units < 2:
        unit = "row" if rows.lengths is None else "sequence"
        raise PointmassError(
            f"the bootstrap draws independent units again, and one {unit} is one unit; use bootstrap_parametric"
        )
    if rows.lengths is None:
        return np.ones(len(rows)) if rows.weights is None else rows.weights
    starts = np.concatenate([[0], np.cumsum(rows.lengths)[:-1]])
    return np.ones(len(starts)) if rows.weights is None else rows.weights[starts]


def _weighted(rows: Rows, weights: Array) -> Rows:
    """Return the units of positive weight with their weights."""
    if rows.lengths is None:
        return replace(rows.take(weights > 0), weights=weights[weights > 0])
    each = np.repeat(weights, rows.lengths)
    return replace(rows.take(each > 0), weights=each[each > 0])
