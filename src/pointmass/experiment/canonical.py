"""One spelling for each tree of settings, so that equal settings have equal hashes on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical_json", "content_hash"]


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys, no spaces and ASCII letters only.

    Parameters
    ----------
    value : object
        Dicts with string keys, lists, tuples, strings, finite numbers, booleans and None. A whole
        number is written alike whether it came as ``1`` or as ``1.0``.

    Raises
    ------
    ValueError
        A number is infinite or not a number.

    Examples
    --------
    >>> canonical_json({"n": 500.0, "generator": "heights"})
    '{"generator":"heights","n":500}'
    """
    return json.dumps(_whole(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(value: Any) -> bytes:
    """Return the SHA-256 of the canonical JSON, 32 bytes.

    Examples
    --------
    >>> content_hash({"a": 1, "b": 2}) == content_hash({"b": 2.0, "a": 1})
    True
    """
    return hashlib.sha256(canonical_json(value).encode("ascii")).digest()


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
