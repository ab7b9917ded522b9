"""A plain tree of settings in which every value knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pointmass.errors import PointmassError
from pointmass.experiment.problems import Key, Place, dotted

__all__ = ["Document"]


@dataclass
class Document:
    """Settings and their places.

    Parameters
    ----------
    tree : object
        Dicts, lists, strings, numbers, booleans and None.
    source : str
        What to call the place of a value that has no line.
    places, key_places : dict from key to Place
        Where each value, and each key of a mapping, stands.

    Examples
    --------
    >>> document = Document({"model": "gaussian"}, "a mapping")
    >>> changed = document.replaced(("model", "gaussian", "covariance"), "full", Place("--set"))
    >>> changed.tree, str(changed.place(("model", "gaussian", "covariance")))
    ({'model': {'gaussian': {'covariance': 'full'}}}, '--set')
    """

    tree: Any
    source: str
    places: dict[Key, Place] = field(default_factory=dict)
    key_places: dict[Key, Place] = field(default_factory=dict)

    def place(self, key: Key) -> Place:
        """Return where a value stands, or the nearest thing around it that has a place."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.places:
                return self.places[key[:length]]
        return Place(self.source)

    def key_place(self, key: Key) -> Place:
        """Return where the last word of a key stands."""
        return self.key_places.get(key) or self.place(key)

    def replaced(self, key: Key, value: Any, place: Place) -> Document:
        """Return a copy with one value replaced or added; everything under it stands at ``place``.

        A bare name on the way is the name with no options: ``gaussian`` becomes ``{gaussian: {…}}``.

        Raises
        ------
        PointmassError
            The way leads through something that is not a mapping.
        """
        changed = Document(
            _with(self.tree, key, value),
            self.source,
            {known: where for known, where in self.places.items() if known[: len(key)] != key},
            {known: where for known, where in self.key_places.items() if known[: len(key)] != key},
        )
        for length in range(1, len(key) + 1):
            if length == len(key) or not self._has(key[:length]):
                changed.places[key[:length]] = changed.key_places[key[:length]] = place
        return changed

    def without(self, section: str) -> Document:
        """Return the document without one top-level key."""
        return Document(
            {name: value for name, value in self.tree.items() if name != section},
            self.source,
            {known: where for known, where in self.places.items() if known[:1] != (section,)},
            {known: where for known, where in self.key_places.items() if known[:1] != (section,)},
        )

    def _has(self, key: Key) -> bool:
        node = self.tree
        for part in key:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True


def _with(tree: Any, key: Key, value: Any, above: Key = ()) -> Any:
    """Return a tree that differs in one value and shares the rest."""
    if not key:
        return value
    part, rest = key[0], key[1:]
    if not isinstance(tree, dict):
        raise PointmassError(f"{dotted(above) or 'the top'} is {tree!r}, which has no key {part}", path=above)
    below = tree.get(part)
    if rest and below is None:
        below = {}
    elif rest and below == rest[0]:
        below = {below: {}}
    return {**tree, part: _with(below, rest, value, (*above, part))}
