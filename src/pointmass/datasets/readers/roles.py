"""Which column of a table does what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from pointmass.datasets.options import unknown_name
from pointmass.errors import PointmassError

__all__ = ["Roles"]


@dataclass(frozen=True)
class Roles:
    """Names of the columns that become X, y, labels, weights and sequences.

    Parameters
    ----------
    columns : str or sequence of str, optional
        The features; by default all columns that have no other role.
    target : str, optional
        The target of a regression.
    labels : str, optional
        Known components: whole numbers from 0, or text (coded from 0 in sorted order); -1 or empty is
        unknown.
    weights : str, optional
        Weights of the rows, not negative.
    sequence : str, optional
        Name of the sequence that each row belongs to; rows of one sequence are neighbours.

    Examples
    --------
    >>> roles = Roles(target="y").resolve(["a", "b", "y"])
    >>> roles.columns, list(roles.numbers), list(roles.texts)
    (('a', 'b'), ['a', 'b', 'y'], [])
    """

    columns: str | Sequence[str] | None = None
    target: str | None = None
    labels: str | None = None
    weights: str | None = None
    sequence: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            object.__setattr__(self, "columns", (self.columns,))
        elif self.columns is not None:
            object.__setattr__(self, "columns", _names(self.columns))
        for role in ("target", "labels", "weights", "sequence"):
            _check_name(role, getattr(self, role))

    def resolve(self, names: Sequence[str], features: Sequence[str] | None = None) -> Roles:
        """Return the roles with all columns chosen, checked against a table's names.

        Parameters
        ----------
        names : sequence of str
            The table's columns.
        features : sequence of str, optional
            The columns to choose from by default; all of them if not given.

        Raises
        ------
        PointmassError
            If a name is not in the table or has two roles, or no column is left; ``path`` is the role.
        """
        for role, name in self._chosen():
            if name not in names:
                raise unknown_name("column", name, names, path=(role,))
        columns = self.columns
        if columns is None:
            others = {name for _, name in self._chosen()}
            columns = tuple(name for name in (features or names) if name not in others)
        resolved = replace(self, columns=columns)
        resolved._refuse_conflicts()
        return resolved

    @property
    def numbers(self) -> Iterator[str]:
        """Names of the columns that must hold numbers."""
        yield from self.columns or ()
        yield from (name for name in (self.target, self.weights) if name is not None)

    @property
    def texts(self) -> Iterator[str]:
        """Names of the columns that may hold any text."""
        yield from (name for name in (self.labels, self.sequence) if name is not None)

    def _chosen(self) -> Iterator[tuple[str, str]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                yield field.name, value
            elif value is not None:
                yield from ((field.name, name) for name in value)

    def _refuse_conflicts(self) -> None:
        if not self.columns:
            raise PointmassError("no column is left for X: name at least one", path=("columns",))
        if "" in self.columns:  # the row numbers that R and pandas write
            raise PointmassError("a column without a name would be in X: choose columns", path=("columns",))
        name, count = Counter(name for _, name in self._chosen()).most_common(1)[0]
        if count > 1:
            roles = [role for role, chosen in self._chosen() if chosen == name]
            where = " and ".join(dict.fromkeys(roles))
            raise PointmassError(f"column {name!r} is named twice, in {where}: keep one", path=(roles[-1],))


def _check_name(role: str, name: object) -> None:
    if name is not None and not isinstance(name, str):
        raise PointmassError(f"{role} must name a column, got {name!r}: write it as text", path=(role,))


def _names(columns: Iterable[str]) -> tuple[str, ...]:
    try:
        names = tuple(columns)
    except TypeError:
        raise PointmassError(f"columns must be a list of names, got {columns!r}", path=("columns",)) from None
    for name in names:
        _check_name("columns", name)
        if name is None:
            raise PointmassError("columns holds an empty name: leave it out", path=("columns",))
    return names
