"""The table of a selection as a tree that a file can hold, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Selected", "is_selection", "selected_from", "selected_to_datatree"]

_HOLDS = "selection"


@dataclass(frozen=True, eq=False)
class Selected:
    """What is kept of a selection.

    Parameters
    ----------
    table : pandas.DataFrame
        From `selection_table`.
    criteria : tuple of str
        Names of the criteria that it holds.
    """

    table: pd.DataFrame
    criteria: tuple[str, ...]


def selected_to_datatree(selected: Selected) -> xr.DataTree:
    """Return the table and the criteria's names as attributes of an empty tree."""
    import xarray as xr

    table = selected.table.astype(object).where(selected.table.notna(), None)  # JSON has no NaN
    columns = {str(name): column.tolist() for name, column in table.items()}
    attrs = {"holds": _HOLDS, "criteria": json.dumps(selected.criteria), "table": json.dumps(columns)}
    return xr.DataTree(xr.Dataset(attrs=attrs))


def is_selection(tree: xr.DataTree) -> bool:
    """Return whether a tree holds a selection, not a fit."""
    return bool(tree.attrs.get("holds") == _HOLDS)


def selected_from(tree: xr.DataTree) -> Selected:
    """Return what `selected_to_datatree` kept."""
    import pandas as pd

    criteria = tuple(json.loads(tree.attrs["criteria"]))
    table = pd.DataFrame(json.loads(tree.attrs["table"]))
    numbers = [f"{name}{ending}" for name in criteria for ending in ("", "_error", "_difference_error")]
    return Selected(table.astype(dict.fromkeys(numbers, float)), criteria)
