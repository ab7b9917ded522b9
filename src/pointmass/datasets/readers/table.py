"""From the columns of a table and their roles to a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.labels import code_labels
from pointmass.datasets.readers.roles import Roles
from pointmass.errors import PointmassError

__all__ = ["Table"]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, and where in the file each row stands.

    Parameters
    ----------
    numbers : mapping of str to array of shape (n,)
        Columns of numbers, NaN for missing ones.
    texts : mapping of str to sequence of n str
        Columns of text, "" for missing ones.
    where : callable
        From a row's index to its place, such as ``"people.csv, line 3"``.

    Examples
    --------
    >>> table = Table({"a": np.array([1.0, 2.0])}, {"kind": ["x", "y"]}, where=lambda row: f"row {row + 1}")
    >>> data = table.dataset(Roles(columns=("a",), labels="kind"), name="tiny")
    >>> data.labels, data.label_names
    (array([0, 1]), ('x', 'y'))
    """

    numbers: Mapping[str, NDArray[np.floating]]
    texts: Mapping[str, Sequence[str]]
    where: Callable[[int], str]

    def dataset(self, roles: Roles, name: str, source: str = "") -> Dataset:
        """Return the data set in which each column has its role.

        Raises
        ------
        PointmassError
            If a label, a weight or a sequence is impossible.
        """
        X = np.column_stack([self.numbers[column] for column in roles.columns or ()])
        X.setflags(write=False)
        labels, label_names = (None, ()) if roles.labels is None else self.coded(roles.labels)
        return Dataset(
            X,
            y=None if roles.target is None else self.numbers[roles.target].astype(np.float64),
            labels=labels,
            lengths=None if roles.sequence is None else self._lengths(roles.sequence),
            columns=tuple(roles.columns or ()),
            name=name,
            source=source,
            sample_weight=None if roles.weights is None else self._weights(roles.weights),
            label_names=label_names,
        )

    def coded(self, column: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return a column of labels as integers, and the labels' names if they are text."""
        return code_labels(self.texts[column], column, self.where)

    def _weights(self, column: str) -> NDArray[np.float64]:
        weights = self.numbers[column].astype(np.float64)
        wrong = np.flatnonzero(~(weights >= 0))
        if wrong.size:
            raise PointmassError(
                f"{self.where(int(wrong[0]))}, column {column!r}: {weights[wrong[0]]:g} is no weight; "
                "give a number that is not negative",
                path=("weights",),
            )
        return weights

    def _lengths(self, column: str) -> NDArray[np.int64]:
        seen: set[str] = set()
        lengths: list[int] = []
        for name, rows in groupby(self.texts[column]):
            if not name or name in seen:
                place = f"{self.where(sum(lengths))}, column {column!r}"
                fault = f"sequence {name!r} comes back after another" if name else "the sequence is missing"
                remedy = "put the rows of one sequence together" if name else "name it"
                raise PointmassError(f"{place}: {fault}; {remedy}", path=("sequence",))
            seen.add(name)
            lengths.append(sum(1 for _ in rows))
        return np.array(lengths, dtype=np.int64)
