"""The small data sets that scikit-learn ships: no network is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.roles import Roles
from pointmass.datasets.readers.table import Table

__all__ = ["diabetes", "diabetes_patients", "iris", "wine"]


def iris(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = "species",
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return four measurements in cm of 150 irises of three species.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`. The labels are the ``species``; with ``labels=None`` they are in the truth alone.

    Returns
    -------
    Dataset
        The species are the truth's ``labels`` in any case.

    Notes
    -----
    Fisher, R. A. (1936). The use of multiple measurements in taxonomic problems. *Annals of Eugenics* 7,
    179-188; the copy in scikit-learn, which is R's and not the faulty one of the UCI repository.

    Examples
    --------
    >>> data = iris()
    >>> data.X.shape, data.label_names
    ((150, 4), ('setosa', 'versicolor', 'virginica'))
    """
    from sklearn.datasets import load_iris

    source = "Fisher (1936), Annals of Eugenics 7, 179-188, via scikit-learn"
    roles = Roles(columns, target, labels, weights, sequence)
    return _labelled(load_iris(), "iris", "species", source, roles)


def wine(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = "cultivar",
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return thirteen chemical measurements of 178 wines of three cultivars.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`. The labels are the ``cultivar``; with ``labels=None`` they are in the truth alone.

    Returns
    -------
    Dataset
        The cultivars are the truth's ``labels`` in any case.

    Notes
    -----
    Forina, M. et al. PARVUS: an extendible package for data exploration, classification and correlation.
    Institute of Pharmaceutical and Food Analysis and Technologies, Genoa; the copy in scikit-learn.

    Examples
    --------
    >>> wine(columns=["alcohol", "ash"]).X.shape
    (178, 2)
    """
    from sklearn.datasets import load_wine

    source = "Forina et al., PARVUS, via scikit-learn"
    roles = Roles(columns, target, labels, weights, sequence)
    return _labelled(load_wine(), "wine", "cultivar", source, roles)


def diabetes(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = "progression",
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return ten measurements of 442 diabetes patients and the progression of the disease a year later.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the target is ``progression``.

    Returns
    -------
    Dataset
        The features are centred and scaled to a sum of squares of 1, as scikit-learn ships them.

    Notes
    -----
    Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004). Least angle regression. *Annals of
    Statistics* 32, 407-499.

    Examples
    --------
    >>> data = diabetes()
    >>> data.X.shape, data.y[:2]
    ((442, 10), array([151.,  75.]))
    """
    from sklearn.datasets import load_diabetes

    loaded = load_diabetes()
    table = _table(loaded, {"progression": loaded.target}, {})
    roles = _resolved(loaded, table, Roles(columns, target, labels, weights, sequence))
    return table.dataset(roles, "diabetes", "Efron et al. (2004), Annals of Statistics 32, via scikit-learn")


def diabetes_patients(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = "progression",
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the same 442 diabetes patients as `diabetes`, measured in their own units.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the target is ``progression``.

    Returns
    -------
    Dataset
        ``sex`` is 0 or 1 (1 and 2 in the source, which does not say which is which); ``s3`` is HDL cholesterol, ``s5``
        the logarithm of triglycerides.

    Notes
    -----
    Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004). Least angle regression. *Annals of
    Statistics* 32, 407-499.

    Examples
    --------
    >>> diabetes_patients(columns=["sex", "bmi"]).X[:2]
    array([[ 1. , 32.1],
           [ 0. , 21.6]])
    """
    from sklearn.datasets import load_diabetes

    loaded = load_diabetes(scaled=False)
    loaded.data = loaded.data - np.eye(10)[loaded.feature_names.index("sex")]
    table = _table(loaded, {"progression": loaded.target}, {})
    roles = _resolved(loaded, table, Roles(columns, target, labels, weights, sequence))
    return table.dataset(roles, "diabetes_patients", "Efron et al. (2004), Annals of Statistics 32, via scikit-learn")


def _labelled(loaded: Any, name: str, label: str, source: str, roles: Roles) -> Dataset:
    table = _table(loaded, {}, {label: [str(loaded.target_names[code]) for code in loaded.target]})
    data = table.dataset(_resolved(loaded, table, roles), name, source)
    return replace(data, truth={"labels": table.coded(label)[0]})


def _table(loaded: Any, numbers: dict[str, Any], texts: dict[str, list[str]]) -> Table:
    features = zip(loaded.feature_names, np.asarray(loaded.data, np.float64).T, strict=True)
    return Table(dict(features) | numbers, texts, lambda row: f"row {row + 1}")


def _resolved(loaded: Any, table: Table, roles: Roles) -> Roles:
    return roles.resolve([*table.numbers, *table.texts], loaded.feature_names)
