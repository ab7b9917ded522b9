"""A regression explains a target: the data of a study must have one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pointmass.datasets import GENERATORS, check_dataset_config
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Problems
from pointmass.models import Model

__all__ = ["check_targets"]

_TABLES = ("csv", "parquet")


def check_targets(
    document: Document, data: Iterable[Mapping[str, Any]], models: Iterable[Model], folder: Path, problems: Problems
) -> None:
    """Note data without a target where a model explains one.

    Parameters
    ----------
    document : Document
        The configuration.
    data : iterable of mapping
        Settings of the data, at every point of the grid.
    models : iterable of Model
        Models, at every point of the grid.
    folder : Path
        Where relative paths start.
    problems : Problems
        Receives what is wrong.
    """
    conditional = next((model for model in models if model.is_conditional), None)
    if conditional is None:
        return
    for tree in data:
        if not _has_target(tree, folder):
            key, message = _lacking(tree, repr(conditional), folder)
            problems.add(document.place(key), key, message)


def _has_target(tree: Mapping[str, Any], folder: Path) -> bool:
    return "target" in tree or (not set(_TABLES) & set(tree) and check_dataset_config(tree, folder).y is not None)


def _lacking(tree: Mapping[str, Any], model: str, folder: Path) -> tuple[Key, str]:
    """Return the key to mend, and what to do."""
    if "generator" in tree:
        others = ", ".join(name for name in GENERATORS if _has_target({"generator": name}, folder))
        message = f"{tree['generator']} draws no target, which {model} explains; these do: {others}"
        return ("data", "generator"), message
    return ("data", "target"), f"is missing: {model} explains a target; name its column"
