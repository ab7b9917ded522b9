"""What criteria say of the number of components, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.comparison.selection.criteria import CRITERIA
from pointmass.comparison.selection.table import best_number
from pointmass.comparison.words import counted
from pointmass.comparison.words import number as in_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["measured", "passed_over", "preference", "selection_sentences"]

type _Row = dict[Any, Any]


def measured(table: pd.DataFrame, criteria: Sequence[str]) -> tuple[str, ...]:
    """Return the criteria that have a value for some number of components."""
    return tuple(name for name in criteria if table[name].notna().any())


def passed_over(table: pd.DataFrame, criterion: str) -> list[int]:
    """Return the numbers of components with a higher value than the preferred one, which a note speaks against."""
    best = table.loc[table["n_components"] == best_number(table, criterion), criterion].iloc[0]
    return [int(number) for number in table.loc[table[criterion] > best, "n_components"]]


def preference(table: pd.DataFrame, criterion: str) -> str:
    """Return the number that a criterion prefers, and those that it passed over."""
    over = ", ".join(map(str, passed_over(table, criterion)))
    best = best_number(table, criterion)
    return f"{best} (passed over: {over})" if over else str(best)


def selection_sentences(table: pd.DataFrame, criteria: Sequence[str]) -> tuple[str, ...]:
    """Return one sentence for each criterion that has values, and a warning for what it passed over.

    Parameters
    ----------
    table : pandas.DataFrame
        From `selection_table`.
    criteria : sequence of str
        Names of the criteria that it holds.
    """
    records: list[_Row] = table.to_dict("records")
    rows = {int(row["n_components"]): row for row in records}
    return tuple(
        _sentence(rows, name, best_number(table, name), passed_over(table, name)) for name in measured(table, criteria)
    )


def _sentence(rows: Mapping[int, _Row], criterion: str, best: int, over: list[int]) -> str:
    title = CRITERIA[criterion].title
    said = f"{title[:1].upper()}{title[1:]} prefers {counted(best, 'component')}{_lead(rows, criterion, best)}."
    return f"{said} {_warning(rows, criterion, best, over)}" if over else said


def _lead(rows: Mapping[int, _Row], criterion: str, best: int) -> str:
    """Return how far the next of the believed values lies below the best."""
    values = {
        number: float(row[criterion])
        for number, row in rows.items()
        if number != best and not row[f"{criterion}_note"] and np.isfinite(row[criterion])
    }
    if not values:
        return ""
    second = max(values, key=values.__getitem__)
    error = float(rows[second][f"{criterion}_difference_error"])
    spread = f" (± {in_words(error, 1)})" if np.isfinite(error) and error > 0.0 else ""
    return f", {rows[best][criterion] - values[second]:.1f} nats{spread} above {second}"


def _warning(rows: Mapping[int, _Row], criterion: str, best: int, over: list[int]) -> str:
    """Return what was passed over, by how much, and why: one bad row can hide a far better number."""
    told = [
        f"{number} (higher by {rows[number][criterion] - rows[best][criterion]:.1f} nats; "
        f"{rows[number][f'{criterion}_note']})"
        for number in over
    ]
    verb = "is" if len(told) == 1 else "are"
    return f"Passed over {verb} {', '.join(told)}: the better number may hide there, so see the other criteria."
