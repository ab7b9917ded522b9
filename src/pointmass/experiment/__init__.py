"""Running a study: its configuration, its cells, their workers and the folder that keeps the results."""

from __future__ import annotations

from pointmass.experiment.config import Config, load_config
from pointmass.experiment.reading import CellGroup, RunFolder, StoredCell, open_run
from pointmass.experiment.runner import Run, RunStopped, run

__all__ = [
    "CellGroup",
    "Config",
    "Run",
    "RunFolder",
    "RunStopped",
    "StoredCell",
    "load_config",
    "open_run",
    "run",
]
