"""Labels of rows, given as whole numbers or as text, coded as integers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from pointmass.errors import PointmassError

__all__ = ["code_labels"]

_UNKNOWN = {"", "-1", "nan", "NaN"}
_LARGEST = 2**31 - 1


def code_labels(
    cells: Sequence[str], column: str, where: Callable[[int], str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the labels as integers and, where they were text, the name of each.

    Parameters
    ----------
    cells : sequence of n str
        Empty, -1 or NaN means unknown. If all others are numbers they are taken as they are; else they are
        names, coded 0, 1, … in sorted order.
    column : str
        The column's name, for messages.
    where : callable
        From a row's index to its place.

    Returns
    -------
    labels : array of shape (n,) of int
        -1 for unknown.
    names : tuple of str
        Empty for numbers.

    Raises
    ------
    PointmassError
        If a number is not whole, below -1 or above 2147483647.

    Examples
    --------
    >>> code_labels(["woman", "", "man"], "sex", where=str)
    (array([ 1, -1,  0]), ('man', 'woman'))
    >>> code_labels(["2", "-1", "0"], "component", where=str)
    (array([ 2, -1,  0]), ())
    """
    distinct = set(cells) - _UNKNOWN
    numbers = _all_numbers(distinct)
    if numbers is None:
        names = tuple(sorted(distinct))
        codes = {name: code for code, name in enumerate(names)}
    else:
        names, codes = (), _whole(numbers, cells, column, where)
    codes |= dict.fromkeys(_UNKNOWN, -1)
    return np.fromiter((codes[cell] for cell in cells), np.int64, len(cells)), names


def _all_numbers(cells: Collection[str]) -> dict[str, float] | None:
    try:
        return {cell: float(cell) for cell in cells}
    except ValueError:
        return None


def _whole(numbers: dict[str, float], cells: Sequence[str], column: str, where: Callable[[int], str]) -> dict[str, int]:
    for cell, number in numbers.items():
        if not -1 <= number <= _LARGEST or number != int(number):
            raise PointmassError(
                f"{where(cells.index(cell))}, column {column!r}: {cell!r} is no label; "
                "give whole numbers from 0, or -1 for unknown",
                path=("labels",),
            )
    return {cell: int(number) for cell, number in numbers.items()}
