"""What a registered thing accepts: read from the signature of its constructor, or of the function it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["options_of", "without_defaults"]

_NOT_OPTIONS = frozenset({"self", "model", "rng", "random_state"})


def options_of(thing: Callable[..., Any]) -> dict[str, Any]:
    """Return the names and defaults of the options; the model and the seeds are not options.

    Examples
    --------
    >>> def heights(n=1000, *, rng=None): ...
    >>> options_of(heights)
    {'n': 1000}
    """
    parameters = inspect.signature(thing).parameters.values()
    return {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.name not in _NOT_OPTIONS
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def without_defaults(thing: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that say something: those equal to their defaults are left out.

    Examples
    --------
    >>> def heights(n=1000, *, rng=None): ...
    >>> without_defaults(heights, {"n": 1000}), without_defaults(heights, {"n": 500})
    ({}, {'n': 500})
    """
    defaults = options_of(thing)
    return {name: value for name, value in given.items() if not _same(value, defaults.get(name, ...))}


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
