"""One row for each section of a run with many: what a reader needs to choose where to look."""

from __future__ import annotations

import math

from pointmass.comparison import MatchedFits, estimates
from pointmass.comparison.words import number
from pointmass.report.study import Section
from pointmass.report.tables import Cell, Head, Table

__all__ = ["summary_table"]


def summary_table(sections: tuple[Section, ...]) -> Table:
    """Return, for each section, how many fits are done, what judges them and how wide their intervals are."""
    kinds = list(dict.fromkeys(kind for section in sections for kind in _ratios(section.matched)))
    heads = [Head("section"), Head("fits done"), Head("reference")]
    heads += [
        Head(f"{label}, {kind.replace('_', ' ')}", "sd × reference, least to most") for label, kind in kinds
    ]
    rows = [_row(section, kinds) for section in sections]
    return Table("The sections of this run at a glance.", tuple(heads), tuple(rows))


def _row(section: Section, kinds: list[tuple[str, str]]) -> tuple[Cell, ...]:
    matched = section.matched
    done = 0 if matched is None else len(matched.fits)
    ratios = _ratios(matched)
    cells = [_range(ratios.get(kind, [])) for kind in kinds]
    return Cell(section.title), Cell(f"{done} of {section.n_asked}"), _judge(matched), *cells


def _judge(matched: MatchedFits | None) -> Cell:
    if matched is None or matched.reference.name is None:
        return Cell("none", faint=True)
    if not matched.reference.reliable:
        return Cell(matched.reference.name, "not accepted", faint=True)
    return Cell(matched.anchor.label)


def _ratios(matched: MatchedFits | None) -> dict[tuple[str, str], list[float]]:
    ratios: dict[tuple[str, str], list[float]] = {}
    if matched is None:
        return ratios
    for one in estimates(matched):
        if one.method != matched.reference.name and math.isfinite(one.sd_ratio):
            ratios.setdefault((matched[one.method].label, one.uncertainty), []).append(one.sd_ratio)
    return ratios


def _range(ratios: list[float]) -> Cell:
    if not ratios:
        return Cell("–", faint=True)
    return Cell(f"{number(min(ratios), 2)} to {number(max(ratios), 2)}")
