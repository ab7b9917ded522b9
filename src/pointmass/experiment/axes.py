"""What a grid varies: each axis is one dotted key with the values that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Any

from pointmass.errors import PointmassError
from pointmass.experiment.canonical import canonical_json
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Place, Problems, hint

__all__ = ["Axis", "Coordinates", "read_axes", "variants"]

_VARIABLE = ("seed", "data", "model", "estimators")

Coordinates = dict[str, Any]


@dataclass(frozen=True)
class Axis:
    """One axis of a grid.

    Parameters
    ----------
    name : str
        The dotted key, also the name of the column in the results.
    key : tuple of str
        The same key in parts.
    values : tuple
        The values, in order, each once.
    places : tuple of Place
        Where each value stands.
    repeated : int
        How many values were given again; they are merged.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[Any, ...]
    places: tuple[Place, ...]
    repeated: int = 0

    @property
    def section(self) -> tuple[str, ...]:
        """What the axis belongs to: ``("data",)``, or ``("estimators", "em")`` for one estimator's option."""
        return self.key[:2] if self.key[0] == "estimators" else self.key[:1]


def read_axes(document: Document, problems: Problems) -> tuple[Axis, ...]:
    """Return the axes under ``grid:``; what is not an axis is noted and left out."""
    grid = document.tree.get("grid")
    if not isinstance(grid, dict):
        return ()
    axes = [_axis(document, name, values, problems) for name, values in grid.items()]
    return tuple(axis for axis in axes if axis is not None)


def _axis(document: Document, name: str, values: Any, problems: Problems) -> Axis | None:
    key, here = tuple(name.split(".")), ("grid", name)
    fault = _key_fault(key, document.tree.get("estimators"))
    if fault:
        problems.add(document.key_place(here), here, fault)
    if fault or not isinstance(values, list) or not values:
        return None
    first = {canonical_json(value): index for index, value in reversed(list(enumerate(values)))}
    distinct = sorted(first.values())
    places = tuple(document.place((*here, index)) for index in distinct)
    return Axis(name, key, tuple(values[index] for index in distinct), places, len(values) - len(distinct))


def _key_fault(key: tuple[str, ...], estimators: Any) -> str | None:
    if key[0] not in _VARIABLE or "" in key or (key[0] == "seed") != (len(key) == 1):
        near = f"; did you mean {meant[0]}?" if (meant := get_close_matches(key[0], _VARIABLE, n=1)) else ""
        return f"a grid varies seed, or keys below {', '.join(_VARIABLE[1:])}, such as data.n{near}"
    if key[0] == "estimators" and isinstance(estimators, dict) and key[1] not in estimators:
        return f"the study has no estimator {key[1]}; {hint(key[1], estimators)}"
    return None


def variants(document: Document, axes: Iterable[Axis]) -> Iterator[tuple[Coordinates, Document]]:
    """Yield the document with every combination of the axes' values put in, and the coordinates of each.

    Raises
    ------
    PointmassError
        An axis leads through something that is not a mapping.

    Examples
    --------
    >>> document = Document({"data": {"n": 1}, "grid": {"data.n": [10, 20]}}, "a mapping")
    >>> axes = read_axes(document, Problems())
    >>> [(coordinates, variant.tree["data"]) for coordinates, variant in variants(document, axes)]
    [({'data.n': 10}, {'n': 10}), ({'data.n': 20}, {'n': 20})]
    """
    axes = list(axes)
    for choice in product(*(range(len(axis.values)) for axis in axes)):
        variant = document
        for axis, index in zip(axes, choice, strict=True):
            variant = _replaced(variant, axis, index)
        yield {axis.name: axis.values[index] for axis, index in zip(axes, choice, strict=True)}, variant


def _replaced(document: Document, axis: Axis, index: int) -> Document:
    try:
        return document.replaced(axis.key, axis.values[index], axis.places[index])
    except PointmassError as error:
        raise PointmassError(f"{axis.places[index]}: grid.{axis.name}: {error}", path=axis.key) from None
