"""The entries of a table: text, missing and infinite values are refused by place; coarse ones are noted."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models import MODEL_OF_MISSING_VALUES, Rows
from pointmass.numerics import Array

__all__ = ["float32_warning", "refuse_empty_columns", "refuse_not_finite", "refuse_text", "weight_warning"]

# Squares of deviations from the mean stay below the largest float64, 1.8e308.
_LARGEST = 1e152

# A mean weight beyond this, or below its inverse, is hardly meant as a number of copies.
_LARGEST_MEAN_WEIGHT = 1e12


def refuse_text(X: Any) -> None:
    """Raise `PointmassError` where a table holds text (numbers written as text too) or dates, naming the column."""
    for name, column in _other_columns(X):
        text = next((entry for entry in column if isinstance(entry, str | bytes)), None)
        if text is not None:
            raise PointmassError(
                f"column {name} of X holds text, such as {str(text)[:40]!r}; convert it to numbers or drop it"
            )
        if column.dtype.kind in "Mm":
            raise PointmassError(f"column {name} of X holds dates or times; convert it to numbers or drop it")


def _other_columns(X: Any) -> list[tuple[Any, Array]]:
    """Return the name and the entries of each column whose type is not numeric."""
    if hasattr(X, "iloc") and len(X.shape) == 2:
        other = [j for j, dtype in enumerate(X.dtypes) if dtype.kind not in "iufcb"]
        return [(repr(X.columns[j]), np.asarray(X.iloc[:, j])) for j in other]
    array = np.asarray(X)
    if array.dtype.kind in "iufcb" or array.ndim == 0:
        return []
    return [(str(j), column) for j, column in enumerate(array.reshape(len(array), -1).T)]


def refuse_not_finite(
    values: Array, names: Array | None, *, too_large: bool = True, name: str = "X", missing_cells: bool = False
) -> None:
    """Raise `PointmassError` at the first NaN or infinity, or where squares of values would overflow.

    With ``missing_cells`` a NaN is a cell that was not observed, and no fault.
    """
    finite = np.isfinite(values) | (missing_cells & np.isnan(values))
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        kind = "NaN" if np.isnan(values[row, column]) else "infinity"
        which = column if names is None else repr(names[column])
        whole = np.isnan(values[:, column]).all()
        where = f"column {which} is all NaN" if whole else f"first at row {row}, column {which}"
        remedy = "the column" if whole else "the rows"
        if name != "X":
            raise PointmassError(f"Input {name} contains {kind} (first at row {row}); drop the rows")
        other = f"use {MODEL_OF_MISSING_VALUES}"
        instead = "write NaN where nothing was observed" if missing_cells else other
        raise PointmassError(f"Input X contains {kind} ({where}); drop {remedy}, or {instead}")
    if too_large and (np.abs(values) > _LARGEST).any():
        raise PointmassError(f"{name} has values above {_LARGEST:g}, whose squares overflow; rescale the data")


def refuse_empty_columns(values: Array, names: Array | None) -> None:
    """Raise `PointmassError` where every cell of a column is missing, naming the column."""
    empty = np.flatnonzero(np.isnan(values).all(axis=0))
    if empty.size:
        which = empty[0] if names is None else repr(names[empty[0]])
        raise PointmassError(
            f"column {which} of X is all NaN: nothing can be learned of it; drop the column, or give the rows in which "
            "it was observed a weight above 0"
        )


def float32_warning(X: Any, values: Array) -> list[str]:
    """Return a sentence if the data came as float32 so far from zero that most distinct values are lost."""
    types = list(X.dtypes) if hasattr(X, "iloc") and len(X.shape) == 2 else [getattr(X, "dtype", None)]
    if np.float32 not in types:
        return []
    spread = values.std(axis=0)
    coarse = np.flatnonzero((spread > 0) & (np.abs(values).max(axis=0) * 2.0**-24 > 1e-2 * spread))
    if not coarse.size:
        return []
    kept = len(np.unique(values[:, coarse[0]]))
    return [f"X came as float32 and keeps {kept} distinct values in column {coarse[0]}; pass float64"]


def weight_warning(rows: Rows) -> list[str]:
    """Return a sentence if weights, which a posterior takes for copies of rows, are of an unlikely size."""
    mean = rows.total_weight / len(rows)
    if 1.0 / _LARGEST_MEAN_WEIGHT < mean < _LARGEST_MEAN_WEIGHT:
        return []
    return [
        f"sample_weight counts copies of rows: {rows.total_weight:.3g} of them stand against the prior here; "
        "rescale the weights if that is not meant"
    ]
