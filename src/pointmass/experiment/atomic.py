"""Writing a file so that a reader, or a crash at any moment, finds the old content or the new."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["TEMPORARY_PREFIX", "remove_leftovers", "write_atomically"]

TEMPORARY_PREFIX = ".writing-"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file: a temporary name in the same folder, fsync, rename, fsync of the folder.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    content : bytes
        What it will hold.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; the old file, if any, is untouched.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed writer left in a folder."""
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
