"""The meaning of a plain word in YAML 1.2 (core schema): ``no`` is a word, ``1e-6`` a number, ``010`` ten."""

from __future__ import annotations

import math
import re

from pointmass.errors import PointmassError

__all__ = ["Scalar", "scalar"]

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_INTEGER = 400


def scalar(text: str) -> Scalar:
    """Return what an unquoted word means.

    Raises
    ------
    PointmassError
        The word is an infinite number, not a number, or an integer of more than 400 digits.

    Examples
    --------
    >>> scalar("1e-6"), scalar("no"), scalar("010"), scalar("12:30:45"), scalar("~")
    (1e-06, 'no', 10, '12:30:45', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return _integer(text, 0)
    if _NOT_FINITE.fullmatch(text):
        raise PointmassError(f"numbers must be finite, got {text}")
    return _finite(text) if _FLOAT.fullmatch(text) else text


def _integer(text: str, base: int) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise PointmassError(f"this integer has {len(text)} digits; no setting needs as many")
    return int(text, base)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise PointmassError(f"{text} is beyond the largest number that can be stored")
    return value
