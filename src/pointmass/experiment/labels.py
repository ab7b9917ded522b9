"""Short names for data, models and cells, as tables and messages show them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

__all__ = ["axes_label", "data_label", "source_name", "tree_label"]


def tree_label(tree: Any) -> str:
    """Return a tree of names and options as a call.

    Examples
    --------
    >>> tree_label({"mixture": {"family": {"gaussian": {"covariance": "full"}}, "n_components": 2}})
    'mixture(family=gaussian(covariance=full), n_components=2)'
    """
    if isinstance(tree, dict) and len(tree) == 1:
        name, options = next(iter(tree.items()))
        return _call(name, options) if isinstance(options, dict) else f"{name}={tree_label(options)}"
    if isinstance(tree, dict):
        return "{" + _arguments(tree) + "}"
    if isinstance(tree, list):
        return f"[{', '.join(tree_label(item) for item in tree)}]"
    return str(tree)


def data_label(data: dict[str, Any]) -> str:
    """Return a short name of the data.

    Examples
    --------
    >>> data_label({"generator": "heights", "n": 500}), data_label({"csv": "survey/people.csv"})
    ('heights(n=500)', 'people')
    """
    if "generator" in data:
        return _call(data["generator"], {name: value for name, value in data.items() if name != "generator"})
    return source_name(data)


def source_name(data: dict[str, Any]) -> str:
    """Return the generator, the data set or the stem of the file.

    Examples
    --------
    >>> source_name({"generator": "heights", "n": 500}), source_name({"dataset": "iris"})
    ('heights', 'iris')
    """
    if "generator" in data or "dataset" in data:
        return str(data.get("generator") or data["dataset"])
    return PurePath(data.get("csv") or data["parquet"]).stem


def axes_label(axes: dict[str, Any]) -> str:
    """Return a point of the grid.

    Examples
    --------
    >>> axes_label({"data.n": 500, "model.mixture.n_components": 2})
    'n=500, n_components=2'
    """
    return ", ".join(f"{name.rpartition('.')[2]}={tree_label(value)}" for name, value in axes.items())


def _call(name: str, options: dict[str, Any]) -> str:
    return f"{name}({_arguments(options)})" if options else name


def _arguments(options: dict[str, Any]) -> str:
    return ", ".join(f"{name}={tree_label(value)}" for name, value in options.items())
