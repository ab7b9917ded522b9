"""Reading a run from its folder alone: its cells, their fits and their data, today or in a year."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointmass.comparison import Failure, MatchedFits, match_fits
from pointmass.datasets import Dataset
from pointmass.errors import PointmassError
from pointmass.experiment.canonical import canonical_json
from pointmass.experiment.choosing import SELECT
from pointmass.experiment.labels import axes_label, data_label, tree_label
from pointmass.experiment.record import CellRecord
from pointmass.experiment.store import Store
from pointmass.experiment.stored_data import dataset_from

__all__ = ["CellGroup", "RunFolder", "StoredCell", "open_run"]


@dataclass(frozen=True)
class StoredCell:
    """One cell of a run.

    Parameters
    ----------
    key, estimator, repetition
        As in the manifest.
    data, model : tree
        Their settings.
    axes : dict
        The values of the grid's axes here.
    record : CellRecord or None
        What became of it; None if it has not been run.
    """

    key: str
    data: dict[str, Any]
    model: Any
    estimator: str
    method: dict[str, Any]
    repetition: int
    seed: int
    axes: dict[str, Any]
    record: CellRecord | None

    @property
    def status(self) -> str:
        """``done``, ``failed``, ``timeout``, ``killed``, or ``missing``."""
        return self.record.status if self.record else "missing"

    @property
    def reason(self) -> str:
        """Why it is not done; empty if it is."""
        return self.record.reason if self.record else "it has not been run yet"

    @property
    def is_selection(self) -> bool:
        """Whether it chooses a number of components."""
        return bool(self.method["type"] == SELECT)

    @property
    def own_axes(self) -> dict[str, Any]:
        """The axes that vary this estimator alone."""
        return {name: value for name, value in self.axes.items() if name.startswith("estimators.")}

    @property
    def shared_axes(self) -> dict[str, Any]:
        """The axes that vary the data, the model or the seed."""
        return {name: value for name, value in self.axes.items() if not name.startswith("estimators.")}

    @property
    def name(self) -> str:
        """The estimator's name among the fits of the same data, such as ``em`` or ``em (n_init=1)``."""
        return f"{self.estimator} ({axes_label(self.own_axes)})" if self.own_axes else self.estimator


@dataclass(frozen=True)
class CellGroup:
    """The cells that fit the same model to the same data, to be compared with each other.

    Parameters
    ----------
    cells : tuple of StoredCell
        In the order of the configuration.
    """

    cells: tuple[StoredCell, ...]

    @property
    def data(self) -> str:
        """Short name of the data."""
        return data_label(self.cells[0].data)

    @property
    def model(self) -> str:
        """Short name of the model."""
        return tree_label(self.cells[0].model)

    @property
    def repetition(self) -> int:
        """Which repetition, from 0."""
        return self.cells[0].repetition

    @property
    def axes(self) -> dict[str, Any]:
        """The values of the axes that the cells share."""
        return self.cells[0].shared_axes


class RunFolder:
    """A run as its folder has it.

    Parameters
    ----------
    path : Path
        The folder.
    manifest : dict
        The content of ``manifest.json``.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self._store = Store(path)
        self.cells: tuple[StoredCell, ...] = tuple(self._stored(entry) for entry in manifest["cells"])

    def groups(self) -> Iterator[CellGroup]:
        """Yield the cells that belong together, in order."""
        groups: dict[str, list[StoredCell]] = {}
        for cell in (cell for cell in self.cells if not cell.is_selection):
            identity = canonical_json([cell.data, cell.model, cell.repetition, cell.seed, cell.shared_axes])
            groups.setdefault(identity, []).append(cell)
        return (CellGroup(tuple(cells)) for cells in groups.values())

    def selections(self) -> list[StoredCell]:
        """Return the cells that choose a number of components, in order."""
        return [cell for cell in self.cells if cell.is_selection]

    def fit(self, cell: StoredCell) -> Any:
        """Return the fitted estimator of a cell that is done, which predicts and scores; or its selection.

        Raises
        ------
        PointmassError
            The cell is not done, or its file is damaged or of another version.
        """
        return self._open(cell)[1]

    def dataset(self, cell: StoredCell) -> Dataset | None:
        """Return the data of a cell that is done; None where they were too large to be kept."""
        return dataset_from(self._store.fit_tree(_record_of(cell)))

    def match(self, group: CellGroup) -> MatchedFits | None:
        """Return the fits of a group in one order of components; None if not one of them is done."""
        done = [cell for cell in group.cells if cell.status == "done"]
        if not done:
            return None
        opened = {cell.name: self._open(cell) for cell in done}
        judges = [cell.name for cell in group.cells if cell.estimator == self.manifest["reference"]]
        return match_fits(
            {name: fit for name, (_, fit) in opened.items()},
            reference=judges[0] if judges else None,
            data=dataset_from(opened[done[0].name][0]),
            failures=[Failure(cell.name, cell.status, cell.reason) for cell in group.cells if cell not in done],
        )

    def _open(self, cell: StoredCell) -> tuple[Any, Any]:
        """Return the tree and the fitted estimator of a cell that is done."""
        record = _record_of(cell)
        tree = self._store.fit_tree(record)
        return tree, self._store.restore(record, tree)

    def _stored(self, entry: dict[str, Any]) -> StoredCell:
        names = ("key", "data", "model", "estimator", "method", "repetition", "seed", "axes")
        return StoredCell(**{name: entry[name] for name in names}, record=self._store.record(entry["key"]))


def _record_of(cell: StoredCell) -> CellRecord:
    if cell.record is None or cell.status != "done":
        raise PointmassError(f"cell {cell.key} ({cell.name}) has no fit: {cell.status}, {cell.reason}")
    return cell.record


def open_run(path: str | Path) -> RunFolder:
    """Open the folder of a run, finished or not.

    Raises
    ------
    PointmassError
        It is not the folder of a run.
    """
    path = Path(path)
    try:
        return RunFolder(path, json.loads((path / "manifest.json").read_bytes()))
    except OSError as error:
        raise PointmassError(f"{path}: no results of a run are here (manifest.json: {error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise PointmassError(f"{path / 'manifest.json'}: damaged ({error}); run the study again") from None
