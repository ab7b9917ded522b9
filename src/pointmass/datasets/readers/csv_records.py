"""The records of a CSV text in chunks, each record with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.readers.csv_header import check_names
from pointmass.datasets.readers.local_file import shown
from pointmass.errors import PointmassError

__all__ = ["Chunk", "Records"]

_CHUNK = 1024  # records; larger ones leave the cache and are slower


@dataclass(frozen=True)
class Chunk:
    """Some records of equal width.

    Parameters
    ----------
    records : list of list of str
    lines : array of int
        The line in which each record starts, counted from 1.
    """

    records: list[list[str]]
    lines: NDArray[np.int64]


class Records:
    r"""The names and the records of a CSV text.

    Parameters
    ----------
    text : text file
        Opened with its line ends kept.
    path : Path
        Its path, for messages.

    Raises
    ------
    PointmassError
        From every method: if a line has too few or too many cells, is blank, or breaks the rules of quoting.

    Examples
    --------
    >>> import io
    >>> records = Records(io.StringIO("a,b\n1,2\n3,4\n"), Path("tiny.csv"))
    >>> records.names
    ('a', 'b')
    >>> [chunk.records for chunk in records]
    [[['1', '2'], ['3', '4']]]
    """

    def __init__(self, text: TextIO, path: Path) -> None:
        self._reader = csv.reader(text, skipinitialspace=True, strict=True)
        self._path = path
        self.names = check_names(next(iter(self._next(1)), []), self._place(1))

    def __iter__(self) -> Iterator[Chunk]:
        blank: int | None = None
        while chunk := self._chunk():
            content = _without_blank_end(chunk.records)
            if content and blank is not None:
                raise self._blank(blank)
            if blank is None and len(content) < len(chunk.records):
                blank = int(chunk.lines[len(content)])
            if content:
                self._check_widths(content, chunk.lines)
                yield Chunk(content, chunk.lines[: len(content)])

    def _chunk(self) -> Chunk | None:
        before = self._reader.line_num
        records = self._next(_CHUNK)
        return Chunk(records, _lines(records, before, self._reader.line_num)) if records else None

    def _next(self, count: int) -> list[list[str]]:
        try:
            return list(islice(self._reader, count))
        except csv.Error as error:
            fault = f"{self._place(self._reader.line_num)} breaks the rules of CSV ({error})"
            raise PointmassError(f"{fault}: check its quotation marks") from None

    def _check_widths(self, records: Sequence[Sequence[str]], lines: NDArray[np.int64]) -> None:
        width = len(self.names)
        if set(map(len, records)) != {width}:
            at = next(i for i, record in enumerate(records) if len(record) != width)
            raise self._ragged(records[at], int(lines[at]))

    def _ragged(self, record: Sequence[str], line: int) -> PointmassError:
        if not record:
            return self._blank(line)
        if len(record) > len(self.names):
            remedy = "if commas mark decimals or thousands, write 1.5 and 1000"
        elif any(";" in cell for cell in record):
            remedy = "write commas, not ';', between cells"
        else:
            remedy = "give one cell a column, empty if it is missing"
        fault = f"has {len(record)} cells where line 1 names {len(self.names)} columns"
        return PointmassError(f"{self._place(line)} {fault}: {remedy}")

    def _blank(self, line: int) -> PointmassError:
        return PointmassError(f"{self._place(line)} is blank: delete it, or write NaN if the row is missing")

    def _place(self, line: int) -> str:
        return f"{shown(self._path)}, line {line}"


def _without_blank_end(records: list[list[str]]) -> list[list[str]]:
    end = len(records)
    while end and not records[end - 1]:
        end -= 1
    return records[:end]


def _lines(records: Sequence[Sequence[str]], before: int, after: int) -> NDArray[np.int64]:
    """Return the line each record starts in, when they take the lines before + 1 … after."""
    if after - before == len(records):
        return np.arange(before + 1, after + 1)
    heights = [1 + sum(map(_breaks, record)) for record in records]
    return np.array(list(accumulate(heights[:-1], initial=before + 1)), dtype=np.int64)


def _breaks(cell: str) -> int:
    return cell.replace("\r\n", "\n").replace("\r", "\n").count("\n")
