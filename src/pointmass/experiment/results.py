"""The tidy table of a run, made from the stored fits and data alone."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pandas as pd

from pointmass.comparison import METRICS, TIDY_COLUMNS, MatchedFits, tidy_results
from pointmass.experiment.atomic import write_atomically
from pointmass.experiment.canonical import canonical_json
from pointmass.experiment.reading import CellGroup, RunFolder, StoredCell

__all__ = ["results_of", "write_results"]

_ABOUT_CELL = ("cell", "data", "model", "estimator", "repetition")
_VALUES = tuple(column for column in TIDY_COLUMNS if column != "method")


def results_of(run: RunFolder, matched: Iterable[MatchedFits | None] | None = None) -> pd.DataFrame:
    """Return one row for each number that a run knows.

    Columns ``cell, data, model, estimator, repetition``, one for each axis of the grid, ``status,
    uncertainty, parameter, component, index, metric, value, mc_error``. A cell that is not done has one row
    without value.

    Parameters
    ----------
    run : RunFolder
        The run.
    matched : iterable of MatchedFits or None, optional
        The fits of each group of the run, where they have been matched already.
    """
    groups = list(run.groups())
    fits = map(run.match, groups) if matched is None else matched
    axes = list(run.manifest["axes"])
    columns = [*_ABOUT_CELL, *axes, "status", *_VALUES]
    pairs = zip(groups, fits, strict=True)
    frames = [frame for group, own in pairs for frame in _group_frames(group, own, axes, _metrics(run))]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return table[columns]


def write_results(run: RunFolder) -> pd.DataFrame:
    """Make the table, write it as ``results.parquet`` and return it."""
    table = results_of(run)
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    write_atomically(run.path / "results.parquet", content.getvalue())
    return table


def _group_frames(
    group: CellGroup, matched: MatchedFits | None, axes: list[str], metrics: list[str]
) -> list[pd.DataFrame]:
    rows = _no_rows() if matched is None else tidy_results(matched, metrics)
    by_name = dict(list(rows.groupby("method", sort=False)))
    return [_cell_frame(cell, group, axes, by_name.get(cell.name)) for cell in group.cells]


def _cell_frame(cell: StoredCell, group: CellGroup, axes: list[str], rows: pd.DataFrame | None) -> pd.DataFrame:
    frame = _no_rows().reindex([0]) if rows is None else rows.copy()
    about: dict[str, Any] = dict(
        zip(_ABOUT_CELL, (cell.key, group.data, group.model, cell.estimator, cell.repetition), strict=True)
    )
    about |= {name: _plain(cell.axes.get(name)) for name in axes} | {"status": cell.status}
    for column, value in about.items():
        frame[column] = value
    return frame


def _plain(value: Any) -> Any:
    """Return an axis value as a table can hold it: a number, a word, or JSON."""
    return canonical_json(value) if isinstance(value, list | dict) else value


def _metrics(run: RunFolder) -> list[str]:
    names = run.manifest["metrics"]
    return list(METRICS) if names == "default" else [] if names == "none" else list(names)


def _no_rows() -> pd.DataFrame:
    types = {"component": "Int64", "value": "float64", "mc_error": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "object")) for name in TIDY_COLUMNS})
