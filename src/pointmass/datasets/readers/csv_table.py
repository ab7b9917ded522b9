"""CSV files: UTF-8, comma-separated, with the columns' names in the first line."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.cells import fault_of, floats
from pointmass.datasets.readers.csv_records import Chunk, Records
from pointmass.datasets.readers.csv_text import open_text
from pointmass.datasets.readers.local_file import local_path, shown
from pointmass.datasets.readers.roles import Roles
from pointmass.datasets.readers.table import Table
from pointmass.errors import PointmassError

__all__ = ["csv_table", "read_csv"]


def read_csv(
    path: str | PathLike[str],
    columns: str | Sequence[str] | None = None,
    *,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    r"""Read a CSV file: UTF-8, commas between cells, decimal points, the columns' names in line 1.

    Parameters
    ----------
    path : str or path
        A local regular file of at most 2 GB.
    columns : str or sequence of str, optional
        The features; by default all columns without another role. Empty cells are NaN.
    target, labels, weights, sequence : str, optional
        Columns of the target, of known labels (-1 or empty is unknown; text is coded from 0 in sorted order),
        of the rows' weights, and of the name of the sequence a row belongs to.

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If the file or a cell cannot be read; the message names file, line and column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("height,sex\n171.5,man\n164,woman\n168,\n")
    >>> data = read_csv(path, labels="sex")
    >>> data.X.ravel(), data.labels, data.label_names
    (array([171.5, 164. , 168. ]), array([ 0,  1, -1]), ('man', 'woman'))
    """
    file = local_path(path)
    table, roles = csv_table(file, Roles(columns, target, labels, weights, sequence))
    return table.dataset(roles, name=file.stem, source=file.name)


def csv_table(path: Path, roles: Roles, features: Sequence[str] | None = None) -> tuple[Table, Roles]:
    r"""Read the columns that the roles name; return them with the roles resolved.

    Parameters
    ----------
    path : Path
    roles : Roles
    features : sequence of str, optional
        The default of the roles' columns; all columns if not given.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tiny.csv"
    >>> _ = path.write_text("a,b\n1,2\n")
    >>> table, roles = csv_table(path, Roles(columns="b"))
    >>> table.numbers, table.where(0).endswith("tiny.csv, line 2")
    ({'b': array([2.])}, True)
    """
    with open_text(path) as text:
        records = Records(text, path)
        resolved = roles.resolve(records.names, features)
        body = _Body(path, records.names, resolved)
        for chunk in records:
            body.add(chunk)
    return body.table(), resolved


class _Body:
    """The columns of interest, gathered chunk by chunk."""

    def __init__(self, path: Path, names: Sequence[str], roles: Roles) -> None:
        self._path = path
        self._numbers: dict[str, list[NDArray[np.float64]]] = {name: [] for name in roles.numbers}
        self._texts: dict[str, list[str]] = {name: [] for name in roles.texts}
        self._lines: list[NDArray[np.int64]] = []
        self._index = {name: j for j, name in enumerate(names)}

    def add(self, chunk: Chunk) -> None:
        by_column = list(zip(*chunk.records, strict=True))
        for name, parts in self._numbers.items():
            cells = by_column[self._index[name]]
            numbers = floats(cells)
            if numbers is None:
                raise self._fault(name, cells, chunk.lines)
            parts.append(numbers)
        for name, texts in self._texts.items():
            texts.extend(cell.strip() for cell in by_column[self._index[name]])
        self._lines.append(chunk.lines)

    def table(self) -> Table:
        if not self._lines:
            raise PointmassError(f"{shown(self._path)} has names but no rows: add at least one")
        lines = np.concatenate(self._lines)
        numbers = {name: np.concatenate(parts) for name, parts in self._numbers.items()}
        return Table(numbers, self._texts, lambda row: f"{shown(self._path)}, line {lines[row]}")

    def _fault(self, name: str, cells: Sequence[str], lines: NDArray[np.int64]) -> PointmassError:
        faults = ((line, fault_of(cell)) for line, cell in zip(lines, cells, strict=True))
        line, fault = next((line, fault) for line, fault in faults if fault is not None)
        return PointmassError(f"{shown(self._path)}, line {line}, column {name!r}: {fault}")
