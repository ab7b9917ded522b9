"""Data sets by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pointmass.datasets.bundled import BUNDLED
from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators import GENERATORS
from pointmass.datasets.options import check_keywords, unknown_name
from pointmass.datasets.scikit_learn import diabetes, diabetes_patients, iris, wine

__all__ = ["DATASETS", "load_dataset", "registered"]

type _Loader = Callable[..., Dataset]

DATASETS: dict[str, Callable[..., Dataset]] = {
    **BUNDLED,
    "iris": iris,
    "wine": wine,
    "diabetes": diabetes,
    "diabetes_patients": diabetes_patients,
}


def load_dataset(name: str, **options: Any) -> Dataset:
    """Return a data set by its name: a bundled one, one of scikit-learn's, or one that is drawn.

    Parameters
    ----------
    name : str
        A key of `DATASETS` or of `GENERATORS`.
    **options
        ``columns``, ``target``, ``labels``, ``weights``, ``sequence`` as for `read_csv`; for a generator its
        own options and ``rng``.

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If the name or an option is unknown or impossible.

    Examples
    --------
    >>> load_dataset("faithful")
    Dataset(name='faithful', n=272, columns=('eruptions', 'waiting'))
    >>> load_dataset("heights", n=100, rng=0)
    Dataset(name='heights', n=100, columns=('height',))
    """
    load = registered("data set", name, DATASETS | GENERATORS)
    check_keywords(name, load, options)
    return load(**options)


def registered(what: str, name: object, registry: Mapping[str, _Loader]) -> _Loader:
    """Return a registry's entry; an unknown name gets a hint of the nearest one.

    Examples
    --------
    >>> registered("data set", "irsi", DATASETS)
    Traceback (most recent call last):
    pointmass.errors.PointmassError: there is no data set 'irsi': did you mean 'iris'?
    """
    if not isinstance(name, str) or name not in registry:
        raise unknown_name(what, name, registry)
    return registry[name]
