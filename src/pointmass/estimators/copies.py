"""Rows whose components are drawn one by one: a weight is a number of copies, and each copy has its own component."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models import Rows
from pointmass.numerics import Array

__all__ = ["check_copies", "copied", "unknown"]

_LARGEST_TOTAL = 1e7


def unknown(rows: Rows) -> Array:
    """Return which rows (n,) have a component, or a cell, that is not known."""
    if rows.labels is None:
        return np.ones(len(rows), dtype=bool)
    hidden = np.isnan(rows.values).any(axis=1) & (True if rows.missing is None else ~rows.missing)
    return np.asarray((rows.labels < 0) | hidden)


def check_copies(method_name: str, rows: Rows) -> None:
    """Raise `PointmassError` where the weight of a row of unknown component is no number of copies."""
    if rows.weights is None:
        return
    weights = rows.weights[unknown(rows)]
    broken = weights[weights != np.round(weights)]
    if broken.size:
        raise PointmassError(
            f"{method_name} gives a component to each copy of a row, but sample_weight {broken[0]:g} is not a whole "
            "number; use whole numbers, label the row, or use NUTS or VB"
        )
    if weights.sum() > _LARGEST_TOTAL:
        raise PointmassError(
            f"{method_name} gives a component to each copy of a row, and the weights stand for {weights.sum():.3g} "
            "copies; use smaller weights, NUTS or VB"
        )


def copied(rows: Rows) -> Rows:
    """Return rows in which each copy that a weight stands for has a place of its own, so that it can have a label.

    Rows whose component is known keep their weights, whole or not.
    """
    if rows.weights is None:
        return rows
    free = unknown(rows)
    if rows.lengths is not None:
        return _copied_sequences(rows, rows.lengths, rows.weights)
    index = np.repeat(np.arange(len(rows)), np.where(free, rows.weights, 1).astype(np.intp))
    return replace(rows.take(index), weights=np.where(free, 1.0, rows.weights)[index])


def _copied_sequences(rows: Rows, lengths: Array, weights: Array) -> Rows:
    """Return whole sequences as often as their weights say."""
    starts = np.cumsum(lengths) - lengths
    chosen = np.repeat(np.arange(len(lengths)), np.maximum(np.round(weights[starts]), 1.0).astype(np.intp))
    index = np.concatenate([np.arange(starts[s], starts[s] + lengths[s]) for s in chosen])
    copies = replace(rows, lengths=None, weights=None).take(index)
    return replace(copies, lengths=lengths[chosen])
