"""Every assignment of rows to components, one for each set that permutations of equal components make of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import reduce
from math import factorial

import numpy as np

from pointmass.numerics import Array

__all__ = ["Labellings", "labellings", "rows_within"]


@dataclass(frozen=True, eq=False)
class Labellings:
    """Assignments that no permitted permutation carries into each other.

    Parameters
    ----------
    labels : ndarray of int, shape (A, n)
        The component of each row.
    log_counts : ndarray, shape (A,)
        Log of how many assignments each one stands for.
    """

    labels: Array
    log_counts: Array


def rows_within(groups: Array, largest: int) -> int:
    """Return how many rows of unknown component have at most ``largest`` assignments, up to permutations.

    Parameters
    ----------
    groups : ndarray of int, shape (K,)
        Components of one group may be permuted.
    largest : int
        Number of assignments.
    """
    sizes = np.unique(groups, return_counts=True)[1]
    if len(groups) == 1:
        return int(np.iinfo(np.int64).max)
    states: Counter[tuple[int, ...]] = Counter({(0,) * len(sizes): 1})
    rows = 0
    while (states := _one_more(states, sizes)).total() <= largest:
        rows += 1
    return rows


def _one_more(states: Counter[tuple[int, ...]], sizes: Array) -> Counter[tuple[int, ...]]:
    """Return how many assignments of one more row use so many components of each group."""
    following: Counter[tuple[int, ...]] = Counter()
    for used, count in states.items():
        for group, size in enumerate(sizes):
            following[used] += count * used[group]
            if used[group] < size:
                following[(*used[:group], used[group] + 1, *used[group + 1 :])] += count
    return +following


def labellings(known: Array, groups: Array) -> Labellings:
    """Return all assignments that agree with the known labels, up to permutations within the groups.

    Of the assignments that such permutations carry into each other the one is kept in which the components of a group
    appear in their order: a restricted growth string (Knuth 2011, *The Art of Computer Programming* 4A, 7.2.1.5).

    Parameters
    ----------
    known : ndarray of int, shape (n,)
        Known components, −1 for unknown.
    groups : ndarray of int, shape (K,)
        Components of one group may be permuted; one with a known row is alone in its group.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass.inference.labellings import labellings
    >>> found = labellings(np.array([-1, -1, -1]), np.array([0, 0]))
    >>> found.labels.tolist(), np.exp(found.log_counts).round().tolist()
    ([[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1]], [2.0, 2.0, 2.0, 2.0])
    """
    labels = reduce(lambda found, label: _extended(found, int(label), groups), known, np.zeros((1, 0), dtype=np.int8))
    used = np.stack([(labels == k).any(axis=1) for k in range(len(groups))], axis=1)
    log_counts = np.zeros(len(labels))
    for group in np.unique(groups):
        size = int((groups == group).sum())
        logs = np.log([factorial(size) // factorial(size - m) for m in range(size + 1)])
        log_counts += logs[used[:, groups == group].sum(axis=1)]
    order = np.lexsort(labels.T[::-1]) if labels.size else slice(None)
    return Labellings(labels[order], log_counts[order])


def _extended(labels: Array, known: int, groups: Array) -> Array:
    """Return the assignments with one more row."""
    parts = []
    for k in range(len(groups)) if known < 0 else (known,):
        before = np.flatnonzero(groups[:k] == groups[k])
        allowed = np.ones(len(labels), dtype=bool)
        if known < 0 and before.size:
            allowed = (labels == before[-1]).any(axis=1)
        parts.append(np.concatenate([labels[allowed], np.full((int(allowed.sum()), 1), k, dtype=np.int8)], axis=1))
    return np.concatenate(parts)
