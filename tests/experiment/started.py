"""A run in a process of its own, which a test may kill, limit or starve."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML


def timeless(table: pd.DataFrame) -> pd.DataFrame:
    """Return the tidy table without what a clock has measured."""
    return table[table["metric"] != "elapsed"].reset_index(drop=True)


class Started:
    """``pointmass run`` in a process of its own, all of whose descendants can be found.

    ``limits`` are those of `resource`, such as ``RLIMIT_FSIZE=20_000``.
    """

    def __init__(
        self, tree: dict[str, Any], folder: Path, config: Path | None = None, *, workers: int = 2, **limits: int
    ) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        config = config or folder.with_suffix(".yaml")
        with config.open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump(tree, stream)

        def limit() -> None:
            for name, size in limits.items():
                resource.setrlimit(getattr(resource, name), (size, size))

        self.process = subprocess.Popen(
            [sys.executable, "-m", "pointmass", "run", str(config), "-o", str(folder), "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "POINTMASS_TEST_MARK": self.mark},
            preexec_fn=limit if limits else None,  # noqa: PLW1509  (no threads here)
        )

    def wait_for_cells(self, count: int, within: float = 120.0) -> None:
        until = time.monotonic() + within
        while len(self.finished()) < count and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.01)

    def finished(self) -> dict[Path, int]:
        """Return the committed cells and when each was written."""
        return {path: path.stat().st_mtime_ns for path in (self.folder / "cells").glob("[!.]*.json")}

    def end(self, *signals: int) -> tuple[int, str, float]:
        """Send signals and return exit status, standard error and the seconds until the end."""
        began = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.1)
        errors = self.process.communicate(timeout=300)[1]
        return self.process.returncode, errors, time.monotonic() - began

    def descendants(self) -> Iterator[int]:
        for path in Path("/proc").iterdir():
            try:
                if path.name.isdigit() and self.mark.encode() in (path / "environ").read_bytes():
                    yield int(path.name)
            except OSError:
                continue

    def nothing_is_left(self, within: float = 5.0) -> bool:
        until = time.monotonic() + within
        while time.monotonic() < until:
            if not list(self.descendants()):
                return True
            time.sleep(0.05)
        return False
