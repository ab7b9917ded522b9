"""The work of a cell, done in a worker: data, model, fit, and what is worth keeping, as bytes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from pointmass.comparison.selection import Selected, climb, selected_to_datatree, selection_table
from pointmass.datasets import Dataset
from pointmass.errors import PointmassError
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.choosing import SELECT
from pointmass.experiment.grid import Cell
from pointmass.experiment.netcdf import tree_to_netcdf
from pointmass.experiment.plan import dataset_of
from pointmass.experiment.seeding import generator_from
from pointmass.experiment.stored_data import describe_data
from pointmass.models import Model, model_from_dict

__all__ = ["Task", "fit_cell"]

_DRAWS = 1  # the stream of randomness of what is stored, apart from that of the fit


@dataclass(frozen=True)
class Task:
    """A cell, where its data are, and the hash that they had when the run was planned."""

    cell: Cell
    digest: str
    folder: Path


def fit_cell(task: Task) -> bytes:
    """Do the work of one cell and return its DataTree as NetCDF.

    Raises
    ------
    PointmassError
        The data are not those that the run was planned with, or cannot be fitted.
    """
    cell, data = task.cell, dataset_of(task.cell, task.folder)
    if data.digest != task.digest:
        raise PointmassError("the data changed while the run went on; start it again")
    with warnings.catch_warnings(action="ignore"):  # a fit keeps its own warnings
        tree = _WORK.get(cell.method["type"], _fitted)(cell, data)
        return tree_to_netcdf(describe_data(tree, data))


def _arguments(data: Dataset) -> dict[str, Any]:
    return {"sample_weight": data.sample_weight, "labels": data.labels, "lengths": data.lengths}


def _options(cell: Cell) -> dict[str, Any]:
    return {name: value for name, value in cell.method.items() if name != "type"}


def _model(cell: Cell, data: Dataset) -> Model:
    return model_from_dict(cell.model).with_column_names(data.columns)


def _fitted(cell: Cell, data: Dataset) -> xr.DataTree:
    kind, model = ESTIMATORS[cell.method["type"]], _model(cell, data)
    fit = kind(model, rng=generator_from(cell.fit_entropy), **_options(cell)).fit(data.X, data.y, **_arguments(data))
    tree: xr.DataTree = fit.to_datatree(rng=generator_from(cell.fit_entropy, _DRAWS), uncertainty=cell.uncertainty)
    return tree


def _selected(cell: Cell, data: Dataset) -> xr.DataTree:
    options = _options(cell)
    numbers, criteria = options["n_components"], options["criteria"]
    given = {"X": data.X, **({} if data.y is None else {"y": data.y}), **_arguments(data)}
    rng = generator_from(cell.fit_entropy)
    rungs = climb(_model(cell, data), numbers, given, n_init=options["n_init"], rng=rng)
    return selected_to_datatree(Selected(selection_table(rungs, criteria), tuple(criteria)))


_WORK: dict[str, Callable[[Cell, Dataset], xr.DataTree]] = {SELECT: _selected}
"""What a cell does that is no estimator's fit."""
