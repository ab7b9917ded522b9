"""Folders of runs, made without worker processes, in any state that a run can be left in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pointmass.experiment.cell import Task, fit_cell
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.manifest import write_manifest
from pointmass.experiment.plan import plan
from pointmass.experiment.record import CellRecord
from pointmass.experiment.store import Store


def config(**changes: Any) -> dict[str, Any]:
    return {
        "name": "study",
        "seed": 3,
        "data": {"generator": "heights", "n": 200},
        "model": {"mixture": {"family": "gaussian", "n_components": 2}},
        "estimators": {"em": {"n_init": 3}, "vb": {"n_init": 2}},
    } | changes


def make_run(
    folder: Path, study: dict[str, Any] | Config, states: tuple[str, ...] = ("done",), reason: str = ""
) -> Path:
    """Write the folder of a run whose cells have the given states, in turn; ``missing`` writes none."""
    loaded = load_config(study)
    planned = plan(loaded)
    store = Store(folder)
    store.prepare()
    write_manifest(store, loaded, planned, finished="missing" not in states, workers=1)
    for place, cell in enumerate(planned):
        state = states[place % len(states)]
        if state == "missing":
            continue
        fit = fit_cell(Task(cell.cell, cell.digest, loaded.folder)) if state == "done" else None
        store.commit(CellRecord(cell.key, state, cell.describe(), reason=reason if fit is None else ""), fit)
    return folder
