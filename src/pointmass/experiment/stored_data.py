"""The data of a cell inside its file, so that a report needs nothing else; large data by name only."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from pointmass.datasets import Dataset

__all__ = ["dataset_from", "describe_data"]

_LARGEST = 2_000_000  # numbers: 16 MB, and a report draws no more
_GROUP = "observed_data"


def describe_data(tree: xr.DataTree, data: Dataset) -> xr.DataTree:
    """Add to a fit's tree what its data are: name, source, columns and truth, and the rows if they are few.

    Group ``observed_data`` has ``X`` (row, feature) and, where they exist, ``y``, ``labels``,
    ``sample_weight`` and ``true_labels`` (row).
    """
    truth = {name: value for name, value in (data.truth or {}).items() if name != "labels"}
    about = {
        "name": data.name,
        "source": data.source,
        "columns": list(data.columns),
        "label_names": list(data.label_names),
        "n": len(data.X),
        "sha256": data.digest,
        "truth": {name: np.asarray(value).tolist() for name, value in truth.items()} if data.truth else None,
    }
    tree.attrs["dataset"] = json.dumps(about)
    if data.X.size <= _LARGEST:
        tree[_GROUP] = xr.DataTree(_rows(data))
    return tree


def dataset_from(tree: xr.DataTree) -> Dataset | None:
    """Return the data of a stored fit, or None where they were too large to be kept."""
    if _GROUP not in tree.children:
        return None
    about = json.loads(tree.attrs["dataset"])
    arrays = {name: variable.to_numpy() for name, variable in tree[_GROUP].data_vars.items()}
    truth = None
    if about["truth"] is not None:
        labels = {"labels": arrays["true_labels"]} if "true_labels" in arrays else {}
        truth = {**{name: np.asarray(value) for name, value in about["truth"].items()}, **labels}
    return Dataset(
        arrays["X"],
        y=arrays.get("y"),
        labels=arrays.get("labels"),
        lengths=arrays.get("lengths"),
        columns=tuple(about["columns"]),
        truth=truth,
        name=about["name"],
        source=about["source"],
        sample_weight=arrays.get("sample_weight"),
        label_names=tuple(about["label_names"]),
    )


def _rows(data: Dataset) -> xr.Dataset:
    columns = {"y": data.y, "labels": data.labels, "sample_weight": data.sample_weight}
    columns["true_labels"] = (data.truth or {}).get("labels")
    variables: dict[str, Any] = {"X": (("row", "feature"), data.X)}
    variables |= {name: (("row",), value) for name, value in columns.items() if value is not None}
    if data.lengths is not None:
        variables["lengths"] = (("sequence",), data.lengths)
    return xr.Dataset(variables)
