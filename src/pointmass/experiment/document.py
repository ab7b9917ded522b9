"""A plain tree of settings in which every value knows its place."""

from __future__ import annotations

import copy
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
        changed = Document(copy.deepcopy(self.tree), self.source, dict(self.places), dict(self.key_places))
        for places in (changed.places, changed.key_places):
            for known in [known for known in places if known[: len(key)] == key]:
                del places[known]
        for length in range(1, len(key) + 1):
            if length == len(key) or not self._has(key[:length]):
                changed.places[key[:length]] = changed.key_places[key[:length]] = place
        _put(changed.tree, key, copy.deepcopy(value))
        return changed

    def _has(self, key: Key) -> bool:
        node = self.tree
        for part in key:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True


def _put(tree: Any, key: Key, value: Any) -> None:
    node = tree
    for depth, part in enumerate(key[:-1]):
        _require_mapping(node, key[:depth], part)
        below = node.get(part)
        if below is None:
            below = {}
        elif below == key[depth + 1]:
            below = {below: {}}
        node[part] = below
        node = below
    _require_mapping(node, key[:-1], key[-1])
    node[key[-1]] = value


def _require_mapping(node: Any, key: Key, part: str | int) -> None:
    if not isinstance(node, dict):
        raise PointmassError(f"{dotted(key) or 'the top'} is {node!r}, which has no key {part}", path=key)
