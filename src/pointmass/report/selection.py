"""What a report says of a choice of the number of components."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pointmass.comparison.selection import CRITERIA, Selected, best_number, measured, selection_sentences
from pointmass.comparison.words import number, percent
from pointmass.figures import SELECTION_FIGURES
from pointmass.report.drawings import Drawing, draw_selection
from pointmass.report.study import Choice
from pointmass.report.tables import Cell, Head, Table

__all__ = ["ChoiceView", "choice_view"]


@dataclass(frozen=True)
class ChoiceView:
    """A choice with all that is printed of it."""

    title: str
    sentences: tuple[str, ...]
    table: Table
    drawings: tuple[Drawing, ...]


def choice_view(choice: Choice, figures: tuple[str, ...] | None) -> ChoiceView | None:
    """Return what is printed of a choice; None where it did not come about."""
    selected = choice.selected
    if selected is None:
        return None
    names = None if figures is None else [name for name in figures if name in SELECTION_FIGURES]
    drawings = tuple(draw_selection(selected, names, f"{choice.slug}-"))
    return ChoiceView(choice.title, selection_sentences(selected.table, selected.criteria), _table(selected), drawings)


def _table(selected: Selected) -> Table:
    names = measured(selected.table, selected.criteria)
    best = {name: best_number(selected.table, name) for name in names}
    heads = (Head("components"), Head("log-likelihood"), Head("parameters"), Head("starts at the best"))
    rows = tuple(
        (*_facts(row), *(_criterion(row, name, best[name]) for name in names))
        for row in selected.table.to_dict("records")
    )
    caption = "Each number of components by each criterion (nats, larger is better); the best of each column is marked."
    return Table(caption, (*heads, *(Head(CRITERIA[name].title) for name in names)), rows)


def _facts(row: dict[Any, Any]) -> tuple[Cell, ...]:
    grown = "reached from a split of the fit before" if row["grown"] else ""
    status = "" if row["status"] == "converged" else row["status"]
    return (
        Cell(str(row["n_components"])),
        Cell(number(row["log_likelihood"], 7), status, exact=repr(row["log_likelihood"])),
        Cell(str(row["n_parameters"])),
        Cell(percent(row["share_at_best"]), grown),
    )


def _criterion(row: dict[Any, Any], name: str, best: int) -> Cell:
    value, error = row[name], row[f"{name}_error"]
    if not math.isfinite(value):
        return Cell("–", row[f"{name}_note"], faint=True)
    mark = " ← best" if row["n_components"] == best else ""
    spread = f"± {number(error, 2)}" if math.isfinite(error) and error > 0.0 else ""
    return Cell(f"{number(value, 7)}{mark}", spread, row[f"{name}_note"], repr(value))
