"""Tables as CSV that a spreadsheet shows and never obeys."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["to_csv"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV in UTF-8; text that a spreadsheet would take for a formula gets an apostrophe.

    Parameters
    ----------
    table : DataFrame
        Numbers are written as they are, with all their digits.

    Examples
    --------
    >>> to_csv(pd.DataFrame({"name": ["=1+1", "iris"], "value": [-1.5, 2.0]})).decode().splitlines()
    ['name,value', "'=1+1,-1.5", 'iris,2.0']
    """
    guarded = table.rename(columns=_guarded)
    texts = [name for name, column in guarded.items() if not pd.api.types.is_numeric_dtype(column)]
    guarded = guarded.assign(**{str(name): guarded[name].map(_guarded) for name in texts})
    return guarded.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
