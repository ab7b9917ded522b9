"""What a run has to do: its cells with their keys, each once, and which of them are done already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pointmass.datasets import Dataset, build_dataset
from pointmass.experiment.canonical import canonical_json
from pointmass.experiment.config import Config
from pointmass.experiment.grid import Cell, cell_key, cells_of
from pointmass.experiment.seeding import generator_from

__all__ = ["PlannedCell", "dataset_of", "plan"]


@dataclass(frozen=True)
class PlannedCell:
    """A cell with what identifies it.

    Parameters
    ----------
    cell : Cell
    digest : str
        Hash of its data.
    key : str
        Hash of everything that determines its result.
    twins : tuple of str
        Names of other estimators that ask for the same result.
    """

    cell: Cell
    digest: str
    key: str
    twins: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Return what the records and the manifest say of the cell."""
        cell = self.cell
        return {
            "data": cell.data,
            "data_sha256": self.digest,
            "model": cell.model,
            "estimator": cell.estimator,
            "method": cell.method,
            "uncertainty": list(cell.uncertainty),
            "repetition": cell.repetition,
            "seed": cell.seed,
        }


def dataset_of(cell: Cell, folder: Path) -> Dataset:
    """Return the data of a cell, made anew from its settings and its seed.

    Raises
    ------
    PointmassError
        The file cannot be read, or the settings are impossible.
    """
    return build_dataset(cell.data, generator_from(cell.data_entropy), folder)


def plan(config: Config) -> list[PlannedCell]:
    """Return the cells of a study in order; of equal ones, the first.

    Raises
    ------
    PointmassError
        Data cannot be made.
    """
    planned: dict[str, PlannedCell] = {}
    for cell, digest in _with_digests(config):
        key = cell_key(cell, digest)
        first = planned.setdefault(key, PlannedCell(cell, digest, key))
        if first.cell is not cell:
            planned[key] = replace(first, twins=(*first.twins, cell.estimator))
    return list(planned.values())


def _with_digests(config: Config) -> Iterator[tuple[Cell, str]]:
    known: dict[str, str] = {}
    for cell in cells_of(config):
        identity = canonical_json([cell.data, cell.data_entropy])
        if identity not in known:
            known[identity] = dataset_of(cell, config.folder).digest
        yield cell, known[identity]
