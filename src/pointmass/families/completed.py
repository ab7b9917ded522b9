"""Features of rows whose hidden values have been drawn: complete-data statistics."""

from __future__ import annotations

from dataclasses import dataclass

from pointmass.numerics import Array

__all__ = ["Completed"]


@dataclass(frozen=True, eq=False)
class Completed:
    """What a kernel of coarse rows makes of them where a draw stands for what they hide.

    Parameters
    ----------
    statistics : ndarray, shape (S, n)
        Sufficient statistics of the completed rows.
    """

    statistics: Array
