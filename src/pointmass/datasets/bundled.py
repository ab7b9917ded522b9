"""Small data sets that come with the package as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.csv_table import csv_table
from pointmass.datasets.readers.roles import Roles

__all__ = ["earthquakes", "faithful"]

_FOLDER = Path(__file__).parent / "data"


def faithful(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return 272 eruptions of Old Faithful: their duration and the wait until the next, in minutes.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; both columns, ``eruptions`` and ``waiting``, are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Azzalini, A. and Bowman, A. W. (1990). A look at some data on the Old Faithful geyser. *Applied
    Statistics* 39, 357-365; as R's ``faithful``.

    Examples
    --------
    >>> data = faithful(columns="waiting")
    >>> data.X.shape, data.X[0, 0]
    ((272, 1), np.float64(79.0))
    """
    source = "Azzalini & Bowman (1990), Applied Statistics 39, 357-365, as R's faithful"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("faithful", ("eruptions", "waiting"), source, roles)


def earthquakes(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the number of earthquakes of magnitude 7 or more in the world, each year from 1900 to 2006.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the feature is ``count`` by default, and ``year`` is there to be asked for.

    Returns
    -------
    Dataset
        One sequence of 107 years.

    Notes
    -----
    Zucchini, W., MacDonald, I. L. and Langrock, R. (2016). *Hidden Markov Models for Time Series*, 2nd ed.,
    CRC Press, table 1.1; from the U.S. Geological Survey.

    Examples
    --------
    >>> data = earthquakes()
    >>> data.columns, data.X.shape
    (('count',), (107, 1))
    """
    source = "Zucchini, MacDonald & Langrock (2016), Hidden Markov Models for Time Series, from the USGS"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("earthquakes", ("count",), source, roles)


def _read(name: str, features: tuple[str, ...], source: str, roles: Roles) -> Dataset:
    table, resolved = csv_table(_FOLDER / f"{name}.csv", roles, features)
    return table.dataset(resolved, name, source)
