"""The manifest: what a run is, which cells it has and what made it; written first, and again when it ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pointmass.experiment.atomic import write_atomically
from pointmass.experiment.canonical import content_hash
from pointmass.experiment.config import Config
from pointmass.experiment.plan import PlannedCell
from pointmass.experiment.provenance import environment, made_by
from pointmass.experiment.store import Store

__all__ = ["write_manifest"]


def write_manifest(store: Store, config: Config, planned: Sequence[PlannedCell], finished: bool, workers: int) -> None:
    """Write ``manifest.json``, without path, user or host; ``environment`` alone differs between equal runs.

    Parameters
    ----------
    store : Store
    config : Config
    planned : sequence of PlannedCell
        The cells of the run, in order.
    finished : bool
        Whether every cell has been tried.
    workers : int
        How many processes computed them.
    """
    manifest: dict[str, Any] = {
        "name": config.name,
        "config": config.tree,
        "config_sha256": content_hash(config.tree).hex(),
        "seed": config.settings.seed,
        "reference": _reference(config, planned),
        "metrics": _names(config.settings.metrics),
        "figures": _names(config.settings.figures),
        "axes": {axis.name: list(axis.values) for axis in config.axes},
        "finished": finished,
        "cells": [_entry(cell) for cell in planned],
        "made_by": made_by(),
        "environment": {
            **environment(),
            "workers": workers,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    content = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(store.path / "manifest.json", content.encode())


def _reference(config: Config, planned: Sequence[PlannedCell]) -> str | None:
    """Return the name under which the reference is fitted: its own, or that of an estimator that is the same."""
    twins = {name: cell.cell.estimator for cell in planned for name in cell.twins}
    return twins.get(config.reference or "", config.reference)


def _entry(planned: PlannedCell) -> dict[str, Any]:
    entropy = {"data": planned.cell.data_entropy, "fit": planned.cell.fit_entropy}
    return {"key": planned.key, **planned.describe(), "axes": planned.cell.axes, "entropy": entropy}


def _names(choice: str | tuple[str, ...]) -> str | list[str]:
    return choice if isinstance(choice, str) else list(choice)
