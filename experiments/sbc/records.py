"""Results of long runs, one JSON line each, appended as they are found: the same command goes on where it stopped."""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def read(file: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file, compressed or not; a last line that was cut off is none."""
    text = _text(file) if file.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _text(file: Path) -> str:
    return lzma.decompress(file.read_bytes()).decode() if file.suffix == ".xz" else file.read_text(encoding="utf-8")


def measure_missing(
    file: Path, tasks: Iterable[dict[str, Any]], measure: Callable[..., dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return every record, after measuring what the file does not hold yet.

    Parameters
    ----------
    file : Path
        Where the records are.
    tasks : iterable of dict
        Keywords of ``measure``, which a record begins with.
    measure : callable
        Returns what a record says beyond its task.
    """
    done = read(file)
    _cut(file, done)
    keys = {json.dumps(record["task"]) for record in done}
    with file.open("a", encoding="utf-8") as stream:
        for task in tasks:
            if json.dumps(task) not in keys:
                done.append({"task": task, **measure(**task)})
                stream.write(json.dumps(done[-1]) + "\n")
                stream.flush()
    return done


def _cut(file: Path, done: list[dict[str, Any]]) -> None:
    """Take away a last line that was cut off when the run was killed."""
    if file.exists():
        size = sum(len((json.dumps(record) + "\n").encode()) for record in done)
        os.truncate(file, size)
