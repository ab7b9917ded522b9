"""A table must suit the model: a fit that cannot come about is refused before any work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pointmass.comparison.words import counted
from pointmass.datasets import Dataset, build_dataset
from pointmass.errors import PointmassError
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Problems
from pointmass.models import FAMILIES_OF_MISSING_VALUES, Model
from pointmass.numerics import Array

__all__ = ["check_tables"]

_KINDS = ("csv", "parquet")


def check_tables(
    document: Document, data: Iterable[Mapping[str, Any]], models: Iterable[Model], folder: Path, problems: Problems
) -> None:
    """Note tables whose cells are empty, or hold what is no value of the model's family.

    Parameters
    ----------
    document : Document
        The configuration.
    data : iterable of mapping
        Settings of the data, at every point of the grid; data of other kinds are left alone.
    models : iterable of Model
        Models, at every point of the grid.
    folder : Path
        Where relative paths start.
    problems : Problems
        Receives what is wrong.
    """
    models = list(models)
    for tree in data:
        kind = next((kind for kind in _KINDS if kind in tree), None)
        if kind is None:
            continue
        table = build_dataset(tree, None, folder)
        for model in models:
            fault = _fault(table, model.with_column_names(table.columns))
            if fault:
                problems.add(document.place(("data", kind)), ("data", kind), f"{table.source}: {fault}")


def _fault(table: Dataset, model: Model) -> str:
    """Return why a model cannot be fitted to a table; nothing if it can."""
    blank = np.isnan(table.X)
    gaps = blank.all(axis=1)
    if model.is_sequential:
        blank = blank & ~gaps[:, None]  # a step without a value is no fault of a chain
    if blank.any() and not model.takes_missing:
        return _emptiness(table, blank)
    kept = ~gaps if table.sample_weight is None else ~gaps & (table.sample_weight > 0)
    rows = table.X if table.y is None or not model.is_conditional else np.column_stack([table.X, table.y])
    try:
        model.check(rows[kept])
    except PointmassError as error:
        return f"{error} (from 0: {_numbered(table.columns)})" if re.search(r"column \d", str(error)) else str(error)
    return ""


def _emptiness(table: Dataset, blank: Array) -> str:
    row, column = np.argwhere(blank)[0]
    rows = counted(int(blank.any(axis=1).sum()), "row")
    return (
        f"{rows} with an empty cell, the first in row {row + 1} below the names, column {table.columns[column]!r}; "
        f"fill or remove them, or use a model of missing values: {FAMILIES_OF_MISSING_VALUES}"
    )


def _numbered(names: tuple[str, ...]) -> str:
    return ", ".join(f"column {place} is {name!r}" for place, name in enumerate(names))
