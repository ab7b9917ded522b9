"""How the columns of the data are shared out among the parts of a product, by number or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.family import Family

__all__ = ["checked_columns", "in_order_of_columns", "named_columns"]

type Columns = dict[str, tuple[Any, ...]]


def checked_columns(given: Any, families: Mapping[str, Family]) -> Columns:
    """Return the columns of each part, each column in exactly one; None is one column each, in order."""
    if given is None:
        return {name: (number,) for number, name in enumerate(families)}
    if not isinstance(given, Mapping) or set(given) != set(families):
        raise PointmassError(
            f"Product: columns must be a dict with {', '.join(families)}, got {given!r}", path=("columns",)
        )
    columns = {name: _numbers_or_names(name, given[name]) for name in families}
    kinds = {type(one) for one in chain.from_iterable(columns.values())}
    if kinds == {str}:
        return columns
    if len(kinds) > 1:
        raise PointmassError(f"Product: give all columns by number or all by name, got {given!r}", path=("columns",))
    _check_shares(columns, given)
    return columns


def named_columns(columns: Columns, names: Sequence[str] | None) -> Columns:
    """Return columns given by name as numbers, in data whose columns are called ``names``.

    Raises
    ------
    PointmassError
        If the data have no names, or none of this name.
    """
    if names is None:
        raise PointmassError(
            "Product: the columns are given by name, and the data have none; fit a DataFrame, or give their numbers",
            path=("columns",),
        )
    places = {str(name): number for number, name in enumerate(names)}
    for part, own in columns.items():
        for one in (one for one in own if one not in places):
            close = get_close_matches(str(one), places, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(places)}"
            raise PointmassError(f"Product: the data have no column {one!r}; {hint}", path=("columns", part))
    found = {part: tuple(places[str(one)] for one in own) for part, own in columns.items()}
    left = set(places) - set(chain.from_iterable(columns.values()))
    if left:
        raise PointmassError(
            f"Product: no part has the columns {', '.join(map(repr, sorted(left)))}; give them to one, or leave them "
            "out of the data",
            path=("columns",),
        )
    _check_shares(found, columns)
    return found


def _check_shares(columns: Columns, given: Any) -> None:
    used = sorted(chain.from_iterable(columns.values()))
    if used != list(range(len(used))):
        raise PointmassError(
            f"Product: every column from 0 on must belong to exactly one part, got {given!r}", path=("columns",)
        )


def _numbers_or_names(name: str, given: Any) -> tuple[Any, ...]:
    listed = [given] if isinstance(given, int | np.integer | str) else given
    if not isinstance(listed, list | tuple | range | np.ndarray) or not len(listed) or not all(map(_is_one, listed)):
        raise PointmassError(
            f"Product: the columns of {name!r} must be numbers of columns, counted from 0, or names, got {given!r}",
            path=("columns", name),
        )
    return tuple(str(one) if isinstance(one, str) else int(one) for one in listed)


def _is_one(column: Any) -> bool:
    if isinstance(column, str):
        return bool(column)
    return not isinstance(column, bool) and isinstance(column, int | np.integer) and bool(column >= 0)


def in_order_of_columns(families: dict[str, Family], columns: Columns) -> tuple[dict[str, Family], Columns]:
    """Return both in the order of the parts' first columns: how a product was written changes nothing."""
    names = sorted(families, key=lambda name: columns[name][0])
    return {name: families[name] for name in names}, {name: columns[name] for name in names}
