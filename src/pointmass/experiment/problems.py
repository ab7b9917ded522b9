"""What is wrong with a configuration: every problem at its place, all of them in one error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from pointmass.errors import PointmassError

__all__ = ["Key", "Place", "Problems", "dotted", "hint"]

Key = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands in a source: its name and, for a file, line and column, counted from 1.

    ``names_key`` is true of an option of the command line that stands for one key, which needs no naming beside it.

    Examples
    --------
    >>> str(Place("study.yaml", 3, 7)), str(Place("--set seed=x"))
    ('study.yaml:3:7', '--set seed=x')
    """

    source: str
    line: int = 0
    column: int = 0
    names_key: bool = False

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass
class Problems:
    """A list of problems that ends in one :class:`~pointmass.PointmassError`, or in none.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.add(Place("study.yaml", 3, 7), ("data", "n"), "must be at least 1, got 0")
    >>> problems.raise_if_any()
    Traceback (most recent call last):
    pointmass.errors.PointmassError: study.yaml:3:7: data.n: must be at least 1, got 0
    """

    found: dict[tuple[Place, str, str], Key] = field(default_factory=dict)

    def add(self, place: Place, key: Key, message: str) -> None:
        """Note one problem; the same one at the same place counts once."""
        self.found.setdefault((place, dotted(key), message), key)

    @property
    def sections(self) -> set[str | int]:
        """The top-level keys that have a problem."""
        return {key[0] for key in self.found.values() if key}

    def raise_if_any(self) -> None:
        """Raise all problems, one a line, in the order of their places; what is wrong of a whole axis, once."""
        if not self.found:
            return
        first: dict[tuple[str, str], Place] = {}
        for place, key, text in sorted(self.found):
            first.setdefault((key, text), place)
        lines = [
            ": ".join(filter(None, (str(place), "" if place.names_key else key, text)))
            for (key, text), place in first.items()
        ]
        raise PointmassError("\n".join(lines), path=next(iter(self.found.values())))


def dotted(key: Key) -> str:
    """Return a key as it is written on the command line.

    Examples
    --------
    >>> dotted(("model", "mixture", "n_components"))
    'model.mixture.n_components'
    """
    return ".".join(str(part) for part in key)


def hint(name: object, known: Iterable[str]) -> str:
    """Return what the writer may have meant: the nearest known name, or all of them if none is near.

    Examples
    --------
    >>> hint("n_init_", ["n_init", "tol"]), hint("zzz", ["n_init", "tol"])
    ('did you mean n_init?', 'known are n_init, tol')
    """
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(names)}" if names else "none is known here"
