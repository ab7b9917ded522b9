"""Reading YAML that a stranger may have written: small, shallow, plain data, with the place of every value.

The text is read as a stream of events, never by a recursive constructor, so that a deep or a huge file is
refused at the event that shows it. No tag, anchor or alias is accepted: nothing in a file can name code, and
nothing in it can grow.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from pointmass.datasets.readers.local_file import similar_file
from pointmass.errors import PointmassError
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Place, Problems
from pointmass.experiment.scalars import scalar

__all__ = ["read_file", "read_text"]

_LARGEST_FILE = 1_000_000
_DEEPEST = 40


def read_file(path: Path) -> Document:
    """Read a YAML file of at most 1 MB in UTF-8, with or without a byte order mark.

    Raises
    ------
    PointmassError
        The file cannot be read, is not UTF-8, or is not one plain YAML document.
    """
    name = str(path)
    if not path.is_file():
        what = "is not a regular file" if path.exists() else f"does not exist; {similar_file(path)}"
        raise PointmassError(f"{name}: this configuration {what}")
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise PointmassError(f"{name}: cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_FILE:
        raise PointmassError(f"{name}: a configuration may have 1 MB; this file is larger")
    return read_text(_decode(content, name), name)


def read_text(text: str, name: str) -> Document:
    """Read YAML from a string; ``name`` says in errors where it came from.

    Examples
    --------
    >>> document = read_text("data: {n: 10}", "study.yaml")
    >>> document.tree, str(document.place(("data", "n")))
    ({'data': {'n': 10}}, 'study.yaml:1:11')
    """
    reader = _Reader(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except (YAMLError, YAMLStreamError) as error:
        raise PointmassError(_syntax(error, name, text)) from None
    reader.problems.raise_if_any()
    return reader.document


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, byte = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise PointmassError(f"{name}:{line}: byte {byte} of this line is not UTF-8; save it as UTF-8") from None


def _syntax(error: Exception, name: str, text: str) -> str:
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    if "\\t" in what:
        what = "a tab cannot indent YAML; use spaces"
    mark = getattr(error, "problem_mark", None)
    if "expected ':'" in what:  # noticed on a later line; the key is where the reader began
        what, mark = "no ':' after this key", getattr(error, "context_mark", mark)
    if mark is not None:
        return f"{Place(name, mark.line + 1, mark.column + 1)}: this is not YAML: {what}"
    before = text[: getattr(error, "position", 0)]
    place = Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return f"{place}: this is not YAML: {what}"


class _Reader:
    """Builds the tree from events; ``open`` holds the mappings and lists that have not ended yet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.document = Document(None, name)
        self.problems = Problems()
        self.open: list[_Node] = []
        self.documents = 0

    def take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "a configuration is one document; remove the second (after ---)")
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.open.pop()
        elif isinstance(event, NodeEvent):
            self._take_node(event)

    def _take_node(self, event: Any) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self._refuse(event, "anchors (&) and aliases (*) are not accepted; write the value out")
        if event.tag is not None:
            self._refuse(event, f"tags are not accepted: {event.tag}")
        parent = self.open[-1] if self.open else None
        if parent is not None and parent.wants_key:
            self._take_key(parent, event)
        else:
            self._take_value(parent, event)

    def _take_key(self, parent: _Node, event: Any) -> None:
        if not isinstance(event, ScalarEvent):
            self._refuse(event, "a key must be a word")
        place, key = self._place(event), (*parent.key, event.value)
        if event.value in parent.value:
            first = self.document.key_place(key)
            self.problems.add(place, key, f"this key is given twice; the first is in line {first.line}")
        self.document.key_places[key] = place
        parent.pending = event.value

    def _take_value(self, parent: _Node | None, event: Any) -> None:
        key = parent.next_key() if parent else ()
        value = self._value(event, key)
        self.document.places[key] = self._place(event)
        if parent is None:
            self.document.tree = value
        else:
            parent.put(value)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            if len(self.open) >= _DEEPEST:
                self._refuse(event, f"nested more than {_DEEPEST} deep")
            self.open.append(_Node(value, key))

    def _value(self, event: Any, key: Key) -> Any:
        if isinstance(event, MappingStartEvent):
            return {}
        if isinstance(event, SequenceStartEvent):
            return []
        if event.style is not None:
            return event.value
        try:
            return scalar(event.value)
        except PointmassError as error:
            self.problems.add(self._place(event), key, str(error))
            return 0

    def _place(self, event: Event) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Event, message: str) -> None:
        raise PointmassError(f"{self._place(event)}: {message}")


class _Node:
    """A mapping or a list that is being filled."""

    def __init__(self, value: dict[str, Any] | list[Any], key: Key) -> None:
        self.value = value
        self.key = key
        self.pending: str | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.pending is None

    def next_key(self) -> Key:
        return (*self.key, len(self.value) if isinstance(self.value, list) else str(self.pending))

    def put(self, item: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(item)
        else:
            self.value[str(self.pending)] = item
            self.pending = None
