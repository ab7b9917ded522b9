"""One row for each section of a run with many: what a reader needs to choose where to look."""

from __future__ import annotations

import math

from pointmass.comparison import METRICS, MatchedFits, estimates
from pointmass.comparison.words import number, ratio
from pointmass.report.study import Section
from pointmass.report.tables import Cell, Head, Table

__all__ = ["summary_table"]

type Numbers = dict[Head, str]


def summary_table(sections: tuple[Section, ...], shown: int) -> Table:
    """Return, for each section, how many fits are done, what judges them, and their main numbers.

    Parameters
    ----------
    sections : tuple of Section
        All sections.
    shown : int
        How many of them the page shows in full; those are linked to.
    """
    numbers = [_ratios(section.matched) | _objectives(section.matched) for section in sections]
    heads = list(dict.fromkeys(head for row in numbers for head in row))
    rows = [
        (*_about(section, place < shown), *(Cell(row[head]) if head in row else _nothing() for head in heads))
        for place, (section, row) in enumerate(zip(sections, numbers, strict=True))
    ]
    caption = "The sections of this run. Log-likelihoods and ELBOs are different things, not to be ranked together."
    return Table(caption, (Head("section"), Head("fits done"), Head("reference"), *heads), tuple(rows))


def _nothing() -> Cell:
    return Cell("–", faint=True)


def _about(section: Section, shown: bool) -> tuple[Cell, ...]:
    done = 0 if section.matched is None else len(section.matched.fits)
    title = Cell(section.title, link=section.slug if shown else "")
    return title, Cell(f"{done} of {section.n_asked}"), _judge(section.matched)


def _judge(matched: MatchedFits | None) -> Cell:
    if matched is None or matched.reference.name is None:
        return Cell("none", faint=True)
    if not matched.reference.reliable:
        return Cell(matched.reference.name, "not accepted", faint=True)
    return Cell(matched.anchor.label)


def _ratios(matched: MatchedFits | None) -> Numbers:
    """Return the range of the ratios of standard deviations or widths, by method and kind of uncertainty."""
    ratios: dict[Head, list[float]] = {}
    for one in [] if matched is None else estimates(matched):
        if matched is not None and one.method != matched.reference.name and math.isfinite(one.extent_ratio):
            head = Head(f"{matched[one.method].label}, {one.uncertainty.replace('_', ' ')}", "spread × reference")
            ratios.setdefault(head, []).append(one.extent_ratio)
    return {head: f"{ratio(min(found))} to {ratio(max(found))}" for head, found in ratios.items()}


def _objectives(matched: MatchedFits | None) -> Numbers:
    """Return the first point's log-likelihood and every ELBO."""
    if matched is None:
        return {}
    points = [fit for fit in matched.fits if fit.fit.kind == "point"][:1]
    found = {Head(fit.label, "log-likelihood"): float(fit.fit.log_likelihood_) for fit in points}
    found |= {Head(matched[row.method].label, "ELBO"): row.value for row in METRICS["elbo"](matched)}
    return {head: number(value, 7) for head, value in found.items() if math.isfinite(value)}
