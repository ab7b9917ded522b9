"""Parquet files: columns of numbers, and of text for labels and sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import MEMORY_LIMIT
from pointmass.datasets.readers.local_file import local_path, open_local, shown
from pointmass.datasets.readers.roles import Roles
from pointmass.datasets.readers.table import Table
from pointmass.errors import PointmassError

__all__ = ["read_parquet"]


def read_parquet(
    path: str | PathLike[str],
    columns: str | Sequence[str] | None = None,
    *,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Read a Parquet file; only the columns that are needed are read.

    Parameters
    ----------
    path : str or path
        A local regular file.
    columns : str or sequence of str, optional
        The features; by default all columns without another role (and no index that pandas stored). Missing
        cells are NaN. All of float32 stay float32; everything else becomes float64.
    target, labels, weights, sequence : str, optional
        As for `read_csv`.

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If the file or a column cannot be read; the message names file, column and row.

    Examples
    --------
    >>> import tempfile, pyarrow, pyarrow.parquet
    >>> path = Path(tempfile.mkdtemp()) / "people.parquet"
    >>> pyarrow.parquet.write_table(pyarrow.table({"height": [171.5, None], "age": [20, 25]}), path)
    >>> read_parquet(path).X
    array([[171.5,  20. ],
           [  nan,  25. ]])
    """
    file = local_path(path)
    table, roles = _read(file, Roles(columns, target, labels, weights, sequence))
    return table.dataset(roles, name=file.stem, source=file.name)


def _read(path: Path, roles: Roles) -> tuple[Table, Roles]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with open_local(path) as file, ParquetFile(file) as source:
            resolved = _resolve(path, source, roles)
            wanted = [*resolved.numbers, *resolved.texts]
            data = source.read(columns=wanted)
            numbers = {name: _numbers(path, name, data.column(name)) for name in resolved.numbers}
            texts = {name: _texts(data.column(name)) for name in resolved.texts}
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        fault = f"{shown(path)} is no Parquet file that can be read ({reason})"
        raise PointmassError(f"{fault}: write it again") from None
    return Table(numbers, texts, lambda row: f"{shown(path)}, row {row + 1}"), resolved


def _resolve(path: Path, source: Any, roles: Roles) -> Roles:
    names = source.schema_arrow.names
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise PointmassError(f"{shown(path)} has {count} columns named {name!r}: give each its own name")
    if source.metadata.num_rows == 0:
        raise PointmassError(f"{shown(path)} has names but no rows: add at least one")
    # pandas stores the index of a filtered frame as a column of this name.
    resolved = roles.resolve(names, [name for name in names if not name.startswith("__index_level_")])
    _check_memory(path, source.metadata.num_rows, len([*resolved.numbers, *resolved.texts]))
    return resolved


def _check_memory(path: Path, rows: int, columns: int) -> None:
    if (size := 8 * rows * columns) > MEMORY_LIMIT:
        raise PointmassError(
            f"{shown(path)} has {rows} rows, so {columns} of its columns need {size / 1e9:.0f} GB: "
            f"choose fewer (the limit is {MEMORY_LIMIT / 1e9:.0f} GB)"
        )


def _numbers(path: Path, name: str, column: Any) -> NDArray[np.floating]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if not _is_number(kind):
        raise PointmassError(
            f"{shown(path)}, column {name!r} has type {kind}, not numbers: convert it or choose other columns"
        )
    wide = column if pyarrow.types.is_float32(kind) else column.cast(pyarrow.float64(), safe=False)
    numbers: NDArray[np.floating] = wide.to_numpy()
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise PointmassError(
            f"{shown(path)}, row {infinite[0] + 1}, column {name!r}: {numbers[infinite[0]]} is not finite; "
            "correct it, or make it null if it is missing"
        )
    return numbers


def _is_number(kind: Any) -> bool:
    from pyarrow import types

    tests = (types.is_floating, types.is_integer, types.is_boolean, types.is_decimal, types.is_null)
    return any(test(kind) for test in tests)


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]
