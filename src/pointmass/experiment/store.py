"""The folder of a run: cells that are committed one by one, and everything that is rebuilt from them.

A cell is two files. ``cells/<key>.nc`` holds the fit; ``cells/<key>.json`` is written after it, says what
became of the cell and holds the SHA-256 of the first: it is the commit. Nothing in the folder can hold code.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr

from pointmass.comparison.selection import is_selection, selected_from
from pointmass.errors import PointmassError
from pointmass.estimators import load_fit
from pointmass.experiment.atomic import remove_leftovers, write_atomically
from pointmass.experiment.lock import LOCK_NAMES
from pointmass.experiment.netcdf import tree_from_netcdf
from pointmass.experiment.record import CellRecord, OtherFormat

__all__ = ["DERIVED", "Store", "Unreadable"]

DERIVED = ("manifest.json", "results.parquet", "report.html", "report.md", "figures", "tables")
_OWN = {*DERIVED, *LOCK_NAMES, "cells", "corrupt", "config.yaml"}
_SIGNS = ("manifest.json", "cells", LOCK_NAMES[0])


class Unreadable(PointmassError):
    """A stored fit is what was written, but nothing here can read it."""


class Store:
    """Reads and writes the folder of a run.

    Parameters
    ----------
    path : Path
        The folder; :meth:`prepare` makes it.

    Examples
    --------
    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()) / "run")
    >>> store.prepare()
    >>> record = CellRecord("0" * 32, "failed", {"estimator": "em"}, reason="ValueError: bad")
    >>> store.commit(record)
    >>> store.record("0" * 32).reason
    'ValueError: bad'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cells = path / "cells"

    def prepare(self) -> None:
        """Make the folder, and try that it can be written.

        Raises
        ------
        PointmassError
            It is a file, holds things that no run put there, or cannot be written.
        """
        try:
            if self.path.exists() and not self.path.is_dir():
                what = "the results need a folder, and this is a file"
                raise PointmassError(f"{self.path}: {what}; choose another with -o")
            self._refuse_foreign()
            self.cells.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path / ".probe", b"")
            (self.path / ".probe").unlink()
        except OSError as error:
            raise PointmassError(f"{self.path}: cannot write here ({error.strerror}); choose another with -o") from None

    def clear(self) -> None:
        """Remove the cells and all that was made from them."""
        for name in (*DERIVED, "cells"):
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.cells.mkdir()

    def tidy(self) -> None:
        """Remove what a killed writer left half written."""
        for folder in (self.path, self.cells):
            remove_leftovers(folder)

    def commit(self, record: CellRecord, fit: bytes | None = None) -> None:
        """Write a cell: the fit if there is one, then the record with its hash."""
        if fit is not None:
            write_atomically(self.fit_path(record.key), fit)
            record = record.with_fit(_sha256(fit))
        else:
            self.fit_path(record.key).unlink(missing_ok=True)
        write_atomically(self.record_path(record.key), record.to_json())

    def record(self, key: str) -> CellRecord | None:
        """Return what became of a cell, or None if it has not been run or its record is damaged."""
        try:
            return CellRecord.from_json(self.record_path(key).read_bytes())
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def fit_bytes(self, record: CellRecord) -> bytes:
        """Return the stored fit of a cell that is done.

        Raises
        ------
        PointmassError
            It is missing, or its content is not what was written.
        """
        path = self.fit_path(record.key)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PointmassError(f"{path}: cannot be read ({error.strerror}); run the study again") from None
        if _sha256(content) != record.sha256:
            raise PointmassError(f"{path}: damaged, its content is not what was written; run the study again")
        return content

    def fit_tree(self, record: CellRecord) -> xr.DataTree:
        """Return the stored fit as an ``xarray.DataTree`` in memory.

        Raises
        ------
        PointmassError
            It is missing, damaged, or of a layout that cannot be read here.
        """
        content = self.fit_bytes(record)
        with self._readable(record):
            return tree_from_netcdf(content)

    def restore(self, record: CellRecord, tree: xr.DataTree) -> Any:
        """Return the fitted estimator, or the selection, that the tree of a cell holds.

        Raises
        ------
        Unreadable
            Another version of pointmass or of a library wrote it, and it cannot be read here.
        """
        with self._readable(record):
            return selected_from(tree) if is_selection(tree) else load_fit(tree)

    def settle(self, key: str, is_ours: Callable[[CellRecord], bool] | None = None) -> tuple[CellRecord | None, str]:
        """Return the record of a finished cell, or None where it must run (again), and a warning if any.

        A cell that is damaged, or whole but not to be read here, is moved to ``corrupt/``. Every fit's hash is
        checked; it is opened, which takes much longer, unless ``is_ours`` says that the same pointmass wrote it.
        """
        if not self.record_path(key).exists():
            return None, ""
        try:
            record = CellRecord.from_json(self.record_path(key).read_bytes())
            if record.status != "done":
                return None, ""
            self.fit_bytes(record)
            if is_ours is None or not is_ours(record):
                self.restore(record, self.fit_tree(record))
        except (OtherFormat, Unreadable) as error:
            return None, self._quarantine(key, f"is of another version ({error})")
        except (OSError, ValueError, TypeError, KeyError):
            return None, self._quarantine(key, "was damaged")
        return record, ""

    def record_path(self, key: str) -> Path:
        """Return where a cell's record is."""
        return self.cells / f"{key}.json"

    def fit_path(self, key: str) -> Path:
        """Return where a cell's fit is."""
        return self.cells / f"{key}.nc"

    @contextmanager
    def _readable(self, record: CellRecord) -> Iterator[None]:
        """Turn whatever a reader of an older or newer file raises into one error that says what to do."""
        try:
            yield
        except Exception as error:
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            path = self.fit_path(record.key)
            raise Unreadable(f"{path}: cannot be read here, {cause}; run the study again") from error

    def _quarantine(self, key: str, matter: str) -> str:
        corrupt = self.path / "corrupt"
        corrupt.mkdir(exist_ok=True)
        for path in (self.record_path(key), self.fit_path(key)):
            if path.exists():
                path.replace(corrupt / path.name)
        return f"cell {key} {matter}; it is moved to {corrupt} and computed again"

    def _refuse_foreign(self) -> None:
        if not self.path.is_dir() or any((self.path / sign).exists() for sign in _SIGNS):
            return
        foreign = sorted(entry.name for entry in self.path.iterdir() if entry.name not in _OWN)
        if foreign:
            shown = ", ".join(foreign[:5]) + (", …" if len(foreign) > 5 else "")
            raise PointmassError(f"{self.path}: this folder is not empty ({shown}); choose another with -o")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
