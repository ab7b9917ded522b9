"""The optima that restarts found: how many there are, how high, and how often each was reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PROPER", "SAME", "Optimum", "atlas"]

PROPER = frozenset({"converged", "boundary"})
"""Statuses of an end that is a proper maximum, inside the space of parameters or on its boundary."""

SAME = 1e-2
"""Ends closer than this (nats) are one optimum."""


@dataclass(frozen=True)
class Optimum:
    """One optimum of a fit's restarts.

    Parameters
    ----------
    objective : float
        The highest objective of the starts that ended there (nats).
    count : int
        How many did.
    share : float
        Their share of all starts.
    status : str
        What kind of end it is: ``converged``, ``boundary``, ``saddle``, ``degenerate`` or ``max_iter``.
    """

    objective: float
    count: int
    share: float
    status: str


def atlas(restarts: Sequence[Mapping[str, Any]]) -> tuple[Optimum, ...]:
    """Return the distinct optima of restarts, the highest of each status first, proper ones before the others.

    Parameters
    ----------
    restarts : list of dict
        ``objective`` and ``status`` of each start. Ends of one status closer than 0.01 nats are one optimum.

    Examples
    --------
    >>> from pointmass.estimators.atlas import atlas
    >>> ends = [{"objective": value, "status": "converged"} for value in (-10.0, -12.5, -10.001)]
    >>> [(one.objective, one.count) for one in atlas(ends)]
    [(-10.0, 2), (-12.5, 1)]
    """
    found: list[Optimum] = []
    for status in sorted({str(one["status"]) for one in restarts}, key=_rank):
        ends = np.sort([one["objective"] for one in restarts if one["status"] == status])[::-1]
        cuts = np.flatnonzero(~(-np.diff(ends) <= SAME)) + 1
        for group in np.split(ends, cuts):
            found.append(Optimum(float(group[0]), len(group), len(group) / len(restarts), status))
    return tuple(found)


def _rank(status: str) -> tuple[bool, str]:
    return status not in PROPER, status
