"""The text of a CSV file: UTF-8 without zero bytes, or the place of what is not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pointmass.datasets.readers.local_file import SIZE_LIMIT, open_local, shown
from pointmass.errors import PointmassError

__all__ = ["open_text"]

_HEAD = 2**20


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a local file as text, a byte order mark skipped, line ends as they are.

    Raises
    ------
    PointmassError
        If the file cannot be read, is too large, is no text, or holds bytes that are not UTF-8: also while
        the text is read.
    """
    with open_local(path, limit=SIZE_LIMIT) as file:
        _refuse_binary(path, file.read(_HEAD))
        file.seek(0)
        try:
            with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
                yield text
        except UnicodeDecodeError:
            raise _first_bad_byte(path) from None


def _refuse_binary(path: Path, head: bytes) -> None:
    if head.startswith(b"PAR1"):
        raise PointmassError(f"{shown(path)} is a Parquet file: read it as one")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PointmassError(f"{shown(path)}, line 1, byte 1 is not UTF-8 but UTF-16: save the file as UTF-8")
    if (zero := head.find(b"\0")) >= 0:
        line = head.count(b"\n", 0, zero) + 1
        raise PointmassError(f"{shown(path)}, line {line} holds a zero byte: save the table as UTF-8 text")
    if len(head) == _HEAD and b"\n" not in head and b"\r" not in head:
        raise PointmassError(f"{shown(path)}, line 1 is longer than 1 MB: put each row on a line of its own")


def _first_bad_byte(path: Path) -> PointmassError:
    with open_local(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                place = f"{shown(path)}, line {number}, byte {error.start + 1}"
                fault = f"{place} is not UTF-8 (0x{line[error.start]:02x})"
                return PointmassError(f"{fault}: save the file as UTF-8")
    return PointmassError(f"{shown(path)} changed while it was read: read it again")
