"""Cells of text as numbers, and one sentence for each that is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isinf

import numpy as np
from numpy.typing import NDArray

__all__ = ["fault_of", "floats", "in_message"]

_COMMA_NUMBER = re.compile(r"[+-]?\d+(,\d+)+(\.\d+)?")


def floats(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the cells as float64, an empty one as NaN; None if one of them is no finite number.

    Examples
    --------
    >>> floats(["1.5", "", "-2e3"])
    array([ 1.5e+00,     nan, -2.0e+03])
    >>> floats(["1.5", "1e400"]) is None
    True
    """
    text = "".join(cells)
    if not text.isascii() or "_" in text:  # float() takes 1_000 and the digits of all scripts
        return None
    try:
        numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return _with_missing(cells)
    return None if np.isinf(numbers).any() else numbers


def fault_of(cell: str) -> str | None:
    """Return what is wrong with a cell as a number and what to do, None if nothing is.

    Examples
    --------
    >>> fault_of("1,5")
    "'1,5' is not a number; write decimals as 1.5 and thousands as 1000"
    >>> fault_of("1.5") is None
    True
    """
    if floats([cell]) is not None:
        return None
    if cell.isascii() and "_" not in cell and (overflow := _overflow(cell)) is not None:
        return f"{in_message(cell)} {overflow}"
    if _COMMA_NUMBER.fullmatch(cell.strip()):
        remedy = "write decimals as 1.5 and thousands as 1000"
    elif ";" in cell or "\t" in cell:
        remedy = "separate the columns by commas"
    else:
        remedy = "correct it, leave it empty if it is missing, write kinds as 0, 1, …, or choose other columns"
    return f"{in_message(cell)} is not a number; {remedy}"


def in_message(cell: str) -> str:
    """Return the cell in quotes, shortened.

    Examples
    --------
    >>> in_message("9" * 400)
    "'999999999999999999999999…' (400 characters)"
    """
    return repr(cell) if len(cell) <= 40 else f"{cell[:24] + '…'!r} ({len(cell)} characters)"


def _with_missing(cells: Sequence[str]) -> NDArray[np.float64] | None:
    try:
        numbers = [float(cell) if cell.strip() else np.nan for cell in cells]
    except ValueError:
        return None
    return None if any(map(isinf, numbers)) else np.array(numbers)


def _overflow(cell: str) -> str | None:
    try:
        infinite = isinf(float(cell))
    except ValueError:
        return None
    if not infinite:
        return None
    if "inf" in cell.lower():
        return "is not finite; correct it, or leave it empty if it is missing"
    return "is beyond the largest double, 1.8e308; rescale the column or leave it out"
