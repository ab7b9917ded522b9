"""The first line of a CSV file: the columns' names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pointmass.datasets.readers.cells import floats, in_message
from pointmass.errors import PointmassError

__all__ = ["check_names"]


def check_names(cells: Sequence[str], place: str) -> tuple[str, ...]:
    """Return the names, spaces around them dropped.

    Parameters
    ----------
    cells : sequence of str
        The cells of the first line.
    place : str
        The file and line, for messages.

    Raises
    ------
    PointmassError
        If there are none, if they are separated by something else than commas, if they are numbers, if a name
        is missing or if two are equal.

    Examples
    --------
    >>> check_names(["height", " sex"], "people.csv, line 1")
    ('height', 'sex')
    """
    names = tuple(cell.strip() for cell in cells)
    if not any(names):
        raise PointmassError(f"{place} is blank: put the columns' names there")
    if len(names) == 1 and (separator := next((mark for mark in ";\t|" if mark in names[0]), None)):
        raise PointmassError(
            f"{place} separates its cells by {separator!r}: write commas between cells and decimals as 1.5"
        )
    if floats(names) is not None and all(names):
        raise PointmassError(f"{place} holds numbers only: put the columns' names there")
    _refuse_equal(names, place)
    return names


def _refuse_equal(names: Sequence[str], place: str) -> None:
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        columns = " and ".join(str(j) for j, other in enumerate(names, start=1) if other == name)
        raise PointmassError(f"{place} names columns {columns} {in_message(name)}: give each its own name")
