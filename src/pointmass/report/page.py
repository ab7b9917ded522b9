"""Everything that a report prints, computed once for the page and for Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pointmass.comparison import MatchedFits, estimates_table, verdict_on_study, write_verdict
from pointmass.comparison.cautions import cautions
from pointmass.comparison.words import counted, listed
from pointmass.experiment.spreadsheet import to_csv
from pointmass.figures.style import MethodStyle, method_styles
from pointmass.report.assumptions import Assumption, assumptions_of
from pointmass.report.drawings import Drawing, draw, draw_study
from pointmass.report.fits_table import chain_sentences, diagnostics_table, fits_table
from pointmass.report.palette import as_variable
from pointmass.report.selection import ChoiceView, choice_view
from pointmass.report.study import Provenance, Section, Study
from pointmass.report.summary import summary_table
from pointmass.report.tables import Table, estimates_grid

__all__ = ["Page", "View", "page_of"]

_MOST_SECTIONS = 8
_MOST_FAILURES = 20
_MARKS = {"s": "■", "o": "●", "D": "◆", "^": "▲", "v": "▼", "P": "✚", "X": "✖", "h": "⬢", "p": "⬟", "<": "◀"}
_HOLLOW = dict(zip("■●◆▲▼✚✖⬢⬟◀", "□○◇△▽＋✕⬡⬠◁", strict=True))


@dataclass(frozen=True)
class View:
    """A section with all that is printed of it."""

    section: Section
    verdict: tuple[str, ...]
    estimates: Table | None = None
    csv: str = ""
    fits: Table | None = None
    diagnostics: Table | None = None
    chains: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FailureGroup:
    """Fits of one name that did not come about for one reason, and in which sections."""

    name: str
    status: str
    reason: str
    where: str


@dataclass(frozen=True)
class Page:
    """A report, ready to be printed.

    Parameters
    ----------
    title : str
        Its name.
    date : str
        The day in ``SOURCE_DATE_EPOCH``, or nothing: a report has no date of its own.
    notes : tuple of str
        What must be said before all else.
    verdict : str
        The verdict on all sections, where there are several.
    views : tuple of View
        The sections shown in full.
    summary : Table or None
        All sections in one table, where there are several.
    drawings : tuple of Drawing
        Figures of all sections together.
    left_out : str
        What is said of the sections that are not shown in full.
    failures : tuple of FailureGroup
        The fits that did not come about, the first of them.
    failed_text, more_failures : str
        How many there are, and how many more than are listed.
    provenance : Provenance
        Where it comes from.
    choices : tuple of ChoiceView
        Choices of the number of components.
    """

    title: str
    date: str
    notes: tuple[str, ...]
    verdict: str
    views: tuple[View, ...]
    summary: Table | None
    drawings: tuple[Drawing, ...]
    left_out: str
    failures: tuple[FailureGroup, ...]
    failed_text: str
    more_failures: str
    provenance: Provenance
    choices: tuple[ChoiceView, ...] = ()

    @property
    def single(self) -> bool:
        """Whether there is but one section, which then needs no heading of its own."""
        return self.summary is None and len(self.views) == 1


def page_of(study: Study) -> Page:
    """Return all that a report of the study prints; draws the figures."""
    several = len(study.sections) > 1
    chosen = study.sections[:_MOST_SECTIONS]
    failures = _failures(study)
    return Page(
        title=study.title,
        date=_date(),
        notes=study.notes,
        verdict=verdict_on_study(section.matched for section in study.sections if section.matched) if several else "",
        views=tuple(_view(section, study.figures, f"{section.slug}-" if several else "") for section in chosen),
        summary=summary_table(study.sections, _MOST_SECTIONS) if several else None,
        drawings=_study_drawings(study),
        choices=tuple(view for one in study.choices if (view := choice_view(one, study.figures))),
        left_out=_left_out(len(study.sections) - len(chosen)),
        failures=tuple(failures[:_MOST_FAILURES]),
        failed_text=_failed_text(study),
        more_failures=f"and {len(failures) - _MOST_FAILURES} more" if len(failures) > _MOST_FAILURES else "",
        provenance=study.provenance,
    )


def _study_drawings(study: Study) -> tuple[Drawing, ...]:
    names = None if study.figures is None else list(study.figures)
    return () if study.results is None else tuple(draw_study(study.results, names))


def _view(section: Section, figures: Iterable[str] | None, prefix: str) -> View:
    matched = section.matched
    if matched is None:
        return View(section, ("No fit came about here, so there is nothing to compare.",))
    look = _look(matched)
    return View(
        section=section,
        verdict=write_verdict(matched),
        estimates=estimates_grid(matched, look),
        csv=to_csv(estimates_table(matched)).decode(),
        fits=fits_table(matched),
        diagnostics=diagnostics_table(matched),
        chains=chain_sentences(matched),
        assumptions=tuple(assumptions_of(matched)),
        drawings=tuple(draw(matched, None if figures is None else list(figures), prefix)),
        warnings=tuple((listed(labels), warning) for warning, labels in cautions(matched).items()),
    )


def _look(matched: MatchedFits) -> dict[str, tuple[str, str]]:
    styles = method_styles(matched)
    return {name: (as_variable(style.colour), _mark(style)) for name, style in styles.items()}


def _mark(style: MethodStyle) -> str:
    filled = _MARKS.get(style.marker, "●")
    return _HOLLOW.get(filled, filled) if style.hollow else filled


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{counted(count, 'section')} more {verb} in this table and in tables/, not in full below."


def _failures(study: Study) -> list[FailureGroup]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for section, failure in study.failures:
        groups.setdefault((failure.name, failure.status, failure.reason), []).append(section.title)
    several = len(study.sections) > 1
    return [FailureGroup(*failure, where=_where(titles) if several else "") for failure, titles in groups.items()]


def _where(titles: list[str]) -> str:
    return titles[0] if len(titles) == 1 else f"in {len(titles)} sections, the first {titles[0]}"


def _failed_text(study: Study) -> str:
    return f"{len(study.failures)} of {counted(study.n_asked, 'fit')} did not come about."


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date().isoformat() if epoch.isdigit() else ""
