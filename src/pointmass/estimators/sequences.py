"""Sequences at the border: their lengths, the weights that their rows share, and steps that were not observed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models import Rows
from pointmass.numerics import Array

__all__ = ["check_lengths", "check_sequence_weights", "longest_sequence", "missing_steps", "with_missing_targets"]


def check_lengths(lengths: Any, n: int, sequential: bool) -> Array | None:
    """Return the lengths (m,) of the sequences that n rows form, or None where rows are independent.

    Raises
    ------
    PointmassError
        If they are given to a model without sequences, are no positive integers, or do not sum to n.
    """
    if not sequential:
        if lengths is not None:
            raise PointmassError("lengths are for models of chains, such as hidden Markov models; leave them out")
        return None
    if lengths is None:
        return np.array([n])
    try:
        array = np.asarray(lengths)
        whole = array.ndim == 1 and array.size and array.dtype.kind in "iuf" and bool((array == np.round(array)).all())
    except ValueError:
        whole = False
    if not whole:
        raise PointmassError(f"lengths must be one integer for each sequence, got {lengths!r}")
    if (array < 1).any():
        place = int(np.flatnonzero(array < 1)[0])
        raise PointmassError(f"lengths must be at least 1, got {array[place]:g} for sequence {place}; leave it out")
    if int(array.sum()) != n:
        raise PointmassError(f"lengths sum to {int(array.sum())}, but X has {n} rows: they must agree")
    return array.astype(np.intp)


def check_sequence_weights(rows: Rows) -> None:
    """Raise `PointmassError` where rows of one sequence have different weights."""
    if rows.lengths is None or rows.weights is None:
        return
    first = np.repeat(rows.weights[np.cumsum(rows.lengths) - rows.lengths], rows.lengths)
    broken = np.flatnonzero(rows.weights != first)
    if broken.size:
        row = int(broken[0])
        raise PointmassError(
            f"sample_weight changes within a sequence ({first[row]:g} at its start, {rows.weights[row]:g} at row "
            f"{row}): a transition belongs to two rows, so that only whole sequences have weights; make a step that "
            "should not count missing (NaN)"
        )


def longest_sequence(rows: Rows) -> int:
    """Return how many rows a block has at least: the longest sequence, or one row."""
    return 1 if rows.lengths is None else int(rows.lengths.max())


def missing_steps(values: Array) -> Array | None:
    """Return which rows (n,) are NaN in every column, or None if none is."""
    missing = np.isnan(values).all(axis=1)
    return missing if missing.any() else None


def with_missing_targets(rows: Array) -> Array:
    """Return rows (n, d) of a regression, target last, in which a step without a target is one that was not observed.

    Features alone tell nothing of a state. A target without its features has no density and is refused.
    """
    alone = np.flatnonzero(np.isnan(rows[:, 0]) & ~np.isnan(rows[:, -1]))
    if alone.size:
        raise PointmassError(
            f"X is NaN at row {alone[0]}, y is not: a target without its features says nothing; make y NaN there too, "
            "if the step was not observed"
        )
    return np.where(np.isnan(rows[:, -1:]), np.nan, rows)
