"""From the ``data`` tree of a configuration to a data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.catalogue import DATASETS, registered
from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators import GENERATORS
from pointmass.datasets.options import as_count, check_keywords, check_memory
from pointmass.datasets.readers import read_csv, read_parquet
from pointmass.datasets.readers.local_file import local_path
from pointmass.datasets.readers.roles import Roles
from pointmass.errors import PointmassError

__all__ = ["build_dataset", "check_dataset_config"]

type _Base = str | PathLike[str] | None

_READERS = {"csv": read_csv, "parquet": read_parquet}
_SOURCES = ("generator", "csv", "parquet", "dataset")


def build_dataset(
    config: Mapping[str, Any],
    rng: np.random.Generator | int | None = None,
    base_path: _Base = None,
) -> Dataset:
    """Return the data set that a configuration describes.

    Parameters
    ----------
    config : mapping
        Exactly one of ``generator``, ``csv``, ``parquet`` and ``dataset``. For a generator the other keys are
        its options and ``columns``; else they are ``columns``, ``target``, ``labels``, ``weights`` and
        ``sequence``. A fit is told labels only if the configuration has ``labels``: those of a named data set
        are otherwise in its truth alone.
    rng : numpy.random.Generator, int or None
        Source of randomness of a generator.
    base_path : path, optional
        Folder that relative paths start from; the working folder by default.

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If the tree or the data are wrong; ``path`` leads to the key within ``config``.

    Examples
    --------
    >>> build_dataset({"generator": "heights", "n": 100}, rng=0)
    Dataset(name='heights', n=100, columns=('height',))
    >>> build_dataset({"dataset": "iris", "columns": "petal width (cm)"}).X.shape
    (150, 1)
    """
    source = _source(config)
    options = {str(key): value for key, value in config.items() if key != source}
    if source == "generator":
        return _generate(config[source], options, rng)
    if source == "dataset":
        return _load(config[source], options)
    return _read(source, config[source], options, base_path)


def check_dataset_config(config: Mapping[str, Any], base_path: _Base = None) -> Dataset:
    """Refuse what `build_dataset` would refuse, before any work; a generator draws one row only, which is returned.

    Raises
    ------
    PointmassError
        As `build_dataset`.

    Examples
    --------
    >>> check_dataset_config({"generator": "heights", "n": 0})
    Traceback (most recent call last):
    pointmass.errors.PointmassError: n must be at least 1, got 0: raise it
    """
    if _source(config) != "generator" or "n" not in config:
        return build_dataset(config, 0, base_path)
    n = as_count("n", config["n"])
    one = build_dataset(dict(config) | {"n": 1}, 0)
    check_memory(n=n, dimension=one.X.shape[1])
    return one


def _source(config: Mapping[str, Any]) -> str:
    given = [key for key in _SOURCES if key in config]
    if len(given) != 1:
        got = " and ".join(given) or "none of them"
        raise PointmassError(f"data needs exactly one of {', '.join(_SOURCES)}, got {got}: keep one")
    return given[0]


def _generate(name: object, options: dict[str, Any], rng: object) -> Dataset:
    with _under("generator"):
        generator = registered("generator", name, GENERATORS)
    columns = options.pop("columns", None)
    if "rng" in options:
        raise PointmassError("rng is no option of data: set the run's seed", path=("rng",))
    check_keywords(str(name), generator, options)
    data = generator(**options, rng=rng)
    return data if columns is None else _with_columns(data, columns)


def _load(name: object, options: dict[str, Any]) -> Dataset:
    with _under("dataset"):
        load = registered("data set", name, DATASETS)
    check_keywords(str(name), load, options)
    with _under("dataset"):
        return load(**({"labels": None} | options))


def _read(source: str, path: object, options: dict[str, Any], base_path: _Base) -> Dataset:
    reader = _READERS[source]
    check_keywords(source, Roles, options)
    with _under(source):
        return reader(local_path(path, base_path), **options)


def _with_columns(data: Dataset, columns: Any) -> Dataset:
    """Return some columns of normal data; the marginal's mean and covariance are the truth's own parts."""
    chosen = Roles(columns).resolve(data.columns).columns or ()
    index = [data.columns.index(column) for column in chosen]
    truth = {name: _marginal(name, value, index) for name, value in (data.truth or {}).items()}
    return replace(data, X=data.X[:, index], columns=tuple(chosen), truth=truth)


def _marginal(name: str, value: NDArray[Any], index: list[int]) -> NDArray[Any]:
    if name == "mean":
        return value[..., index]
    return value[..., index, :][..., index] if name == "covariance" else value


@contextmanager
def _under(key: str) -> Iterator[None]:
    """Give an error without a path the key of the configuration that it belongs to."""
    try:
        yield
    except PointmassError as error:
        raise (error if error.path else error.under(key)) from None
