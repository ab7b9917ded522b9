"""Checking a document against the shape of a configuration, in the words of the one who wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Problems, hint
from pointmass.experiment.settings import DATA_SETTINGS, SelectSettings, Settings

__all__ = ["check_shape"]

_UNIONS = {("data",), ("model",), ("uncertainty",), ("metrics",), ("figures",)}
_NAME_RULE = "must be a name: a letter, then at most 63 letters, digits, _ or -"

_WORDING: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "int_type": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "string_type": lambda _: "must be text (quote it)",
    "string_too_short": lambda _: "must not be empty",
    "string_pattern_mismatch": lambda _: _NAME_RULE,
    "dict_type": lambda _: "must be a mapping (key: value)",
    "model_type": lambda _: "must be a mapping (key: value)",
    "model_attributes_type": lambda _: "must be a mapping (key: value)",
    "list_type": lambda _: "must be a list",
    "tuple_type": lambda _: "must be a list",
    "too_short": lambda _: "must not be empty",
    "literal_error": lambda context: f"must be {context['expected']} or a list of names",
    "greater_than": lambda context: f"must be above {context['gt']:g}",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "less_than": lambda context: f"must be below {context['lt']}",
}


def check_shape(document: Document, problems: Problems) -> Settings | None:
    """Return the settings, or None after noting each thing that has not the right shape."""
    try:
        return Settings.model_validate_json(json.dumps(document.tree, allow_nan=False))
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _note(document, problems, details)
    return None


def _note(document: Document, problems: Problems, details: ErrorDetails) -> None:
    key = _key_of(details["loc"])
    if details["type"] == "extra_forbidden":
        known = _known_keys(key[:-1], document.tree)
        problems.add(document.key_place(key), key, f"there is no such key; {hint(key[-1], known)}")
    elif details["type"] == "missing":
        problems.add(document.place(key), key, "is missing")
    elif "[key]" in details["loc"]:
        problems.add(document.key_place(key), key, f"{_NAME_RULE}, got {_shown(details['input'])}")
    else:
        problems.add(document.place(key), key, _message(details))


def _key_of(location: tuple[int | str, ...]) -> Key:
    """Return the location without what pydantic adds to it: the tag of a union, the mark of a key."""
    parts = location[:1] + location[2:] if location[:1] in _UNIONS else location
    return tuple(part for part in parts if part != "[key]")


def _known_keys(parent: Key, tree: Any) -> list[str]:
    if parent == ("select",):
        return list(SelectSettings.model_fields)
    if parent != ("data",):
        return list(Settings.model_fields)
    source = next(source for source in DATA_SETTINGS if source in tree["data"])
    return list(DATA_SETTINGS[source].model_fields)


def _message(details: ErrorDetails) -> str:
    wording = _WORDING.get(details["type"])
    if wording is None:
        return details["msg"]
    return f"{wording(details.get('ctx', {}))}, got {_shown(details['input'])}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
