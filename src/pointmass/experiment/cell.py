"""The work of a cell, done in a worker: data, model, fit, and what is worth keeping, as bytes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointmass.datasets import Dataset
from pointmass.errors import PointmassError
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.grid import Cell
from pointmass.experiment.netcdf import tree_to_netcdf
from pointmass.experiment.plan import dataset_of
from pointmass.experiment.seeding import generator_from
from pointmass.experiment.stored_data import describe_data
from pointmass.models import model_from_dict

__all__ = ["Task", "fit_cell"]

_DRAWS = 1  # the stream of randomness of what is stored, apart from that of the fit


@dataclass(frozen=True)
class Task:
    """A cell, where its data are, and the hash that they had when the run was planned."""

    cell: Cell
    digest: str
    folder: Path


def fit_cell(task: Task) -> bytes:
    """Fit one cell and return its DataTree as NetCDF.

    Raises
    ------
    PointmassError
        The data are not those that the run was planned with, or cannot be fitted.
    """
    data = dataset_of(task.cell, task.folder)
    if data.digest != task.digest:
        raise PointmassError("the data changed while the run went on; start it again")
    with warnings.catch_warnings(action="ignore"):  # a fit keeps its own warnings
        return tree_to_netcdf(_tree(task.cell, _fit(task.cell, data), data))


def _fit(cell: Cell, data: Dataset) -> Any:
    options = {name: value for name, value in cell.method.items() if name != "type"}
    estimator = ESTIMATORS[cell.method["type"]](
        model_from_dict(cell.model), rng=generator_from(cell.fit_entropy), **options
    )
    return estimator.fit(
        data.X,
        data.y,
        sample_weight=data.sample_weight,
        labels=data.labels,
        lengths=data.lengths,
    )


def _tree(cell: Cell, fit: Any, data: Dataset) -> Any:
    tree = fit.to_datatree(rng=generator_from(cell.fit_entropy, _DRAWS), uncertainty=cell.uncertainty)
    return describe_data(tree, data)
