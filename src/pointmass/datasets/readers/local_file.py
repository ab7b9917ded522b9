"""Opening a file safely: a local regular file that holds data and no code."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pointmass.errors import PointmassError

__all__ = ["SIZE_LIMIT", "local_path", "open_local", "shown", "similar_file"]

#: Bytes that a CSV file may have.
SIZE_LIMIT = 2 * 10**9

_MOST_NAMES = 10_000  # of a folder that are looked at for one like a name that is not there

#: Kinds of file that are refused by their suffix; some of them run code when they are opened.
_FOREIGN = {
    ".joblib": "a pickle",
    ".mat": "a MATLAB file",
    ".npy": "a NumPy file",
    ".npz": "a NumPy archive",
    ".pickle": "a pickle",
    ".pkl": "a pickle",
    ".rda": "an R file",
    ".rdata": "an R file",
    ".rds": "an R file",
    ".xls": "a spreadsheet",
    ".xlsx": "a spreadsheet",
}


def local_path(path: object, base: str | os.PathLike[str] | None = None) -> Path:
    """Return the path, relative ones under ``base``; refuse URLs and what is no path.

    ``~`` and ``$`` are not expanded.

    Examples
    --------
    >>> local_path("people.csv", "data").as_posix()
    'data/people.csv'
    >>> local_path("https://example.org/people.csv")
    Traceback (most recent call last):
    pointmass.errors.PointmassError: 'https://example.org/people.csv' is a URL: download it first
    """
    if not isinstance(path, str | os.PathLike):
        raise PointmassError(f"a path must be text, got {path!r}: give the name of a local file")
    text = os.fspath(path)
    if not isinstance(text, str) or not text or "\0" in text:
        raise PointmassError(f"{text!r} is no path: give the name of a local file")
    if "://" in text:
        raise PointmassError(f"{text!r} is a URL: download it first")
    return Path(base or "") / text


def shown(path: Path) -> str:
    """Return the path for a message, the home folder as ``~``."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def similar_file(path: Path) -> str:
    """Return what to do about a file that is not there: the file beside it that was meant, if one has a like name."""
    try:
        names = [entry.name for entry in islice(path.parent.iterdir(), _MOST_NAMES)]
    except (OSError, ValueError):
        names = []
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "check the path"


@contextmanager
def open_local(path: Path, limit: int | None = None) -> Iterator[BinaryIO]:
    """Open a regular file that is not empty and not above ``limit`` bytes, for reading bytes.

    Devices, pipes, sockets and folders are refused without waiting for them.

    Raises
    ------
    PointmassError
        If the file is missing, of another kind, empty or too large.
    """
    try:
        _refuse_unless_regular(path, os.stat(path).st_mode)
        # A pipe may have taken the file's place since: without O_NONBLOCK, opening it would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        reason = error.strerror or "cannot be opened"
        remedy = similar_file(path) if isinstance(error, FileNotFoundError) else "check the path"
        raise PointmassError(f"{shown(path)} cannot be read ({reason}): {remedy}") from None
    with os.fdopen(descriptor, "rb") as file:
        opened = os.fstat(descriptor)
        _refuse_unless_regular(path, opened.st_mode)
        _check_size(path, opened.st_size, limit)
        yield file


def _refuse_unless_regular(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise PointmassError(f"{shown(path)} is a folder: name a file in it")
    if not stat.S_ISREG(mode):
        raise PointmassError(f"{shown(path)} is a device or a pipe: copy its data into a regular file")
    if (kind := _FOREIGN.get(path.suffix.lower())) is not None:
        raise PointmassError(f"{shown(path)} is {kind}, which is never opened: save it as CSV or Parquet")


def _check_size(path: Path, size: int, limit: int | None) -> None:
    if size == 0:
        raise PointmassError(f"{shown(path)} is empty: it needs the columns' names and at least one row")
    if limit is not None and size > limit:
        raise PointmassError(
            f"{shown(path)} has {size / 1e9:.1f} GB, above the limit of {limit / 1e9:.0f} GB: "
            "save it as Parquet and choose the columns that are needed"
        )
