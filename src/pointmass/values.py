"""Frozen values: validated when built, equal and hashable by content, readable, and convertible to plain trees."""

from __future__ import annotations

import json
import re
from abc import ABC
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cached_property
from typing import Any, Self

import numpy as np

__all__ = ["Value", "plain", "snake_case"]


def snake_case(name: str) -> str:
    """Return the registered name of a class: ``NormalInverseWishart`` is ``normal_inverse_wishart``.

    Examples
    --------
    >>> snake_case("HiddenMarkov")
    'hidden_markov'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plain(value: Any) -> Any:
    """Return ``value`` as a tree of dicts, lists, strings, numbers, booleans and None."""
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class Value(ABC):  # noqa: B024  (concrete values add abstract methods of their own kind)
    """Base of frozen dataclasses that are compared, hashed, printed and stored by content."""

    @classmethod
    def trusted(cls, **contents: Any) -> Self:
        """Build from fields known to be valid, without checks (for values made inside a sweep)."""
        value = object.__new__(cls)
        for name, content in contents.items():
            object.__setattr__(value, name, content)
        return value

    def options(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults."""
        options = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            default = field.default if field.default is not MISSING else None
            if field.default is MISSING or plain(value) != plain(default):
                options[field.name] = value
        return options

    def to_dict(self) -> Any:
        """Return the registered name, or one key (the name) with the options that are not defaults."""
        options = plain(self.options())
        name = snake_case(type(self).__name__)
        return {name: options} if options else name

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of, without what was computed and kept: use does not change a value."""
        own = type(self)
        return {n: c for n, c in self.__dict__.items() if not isinstance(getattr(own, n, None), cached_property)}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and json.dumps(plain(self)) == json.dumps(plain(other))

    def __hash__(self) -> int:
        return hash(json.dumps(plain(self)))

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={_readable(value)}" for name, value in self.options().items())
        return f"{type(self).__name__}({options})"


def _readable(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=6, separator=", ", threshold=20).replace("\n", "")
    return repr(value)
