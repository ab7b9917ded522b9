"""A report as files: the page, Markdown, figures and tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pointmass.comparison import estimates_table, evaluate_metrics
from pointmass.errors import PointmassError
from pointmass.experiment.atomic import write_atomically
from pointmass.experiment.spreadsheet import to_csv
from pointmass.report.latex import to_latex
from pointmass.report.page import Page, page_of
from pointmass.report.reading import study_of
from pointmass.report.rendering import to_html, to_markdown
from pointmass.report.study import Study
from pointmass.report.text import clean

__all__ = ["write_page", "write_report"]


def write_report(path: str | Path) -> Path:
    """Make the report of a run from the files in its folder alone.

    Writes ``report.html`` (one page that needs nothing beside it), ``report.md``, ``figures/`` and
    ``tables/``; the same files give the same bytes. A date is printed only if ``SOURCE_DATE_EPOCH`` is set.

    Parameters
    ----------
    path : str or Path
        The folder of a run, finished or not.

    Returns
    -------
    Path
        Where ``report.html`` is.

    Raises
    ------
    PointmassError
        The folder is not that of a run, or cannot be written.
    """
    folder = Path(path)
    study = study_of(folder)
    try:
        return _write(study, folder)
    except OSError as error:
        raise PointmassError(f"{folder}: the report cannot be written here ({error.strerror})") from error


def write_page(study: Study, path: str | Path) -> Path:
    """Write the page alone and return where it is.

    Raises
    ------
    PointmassError
        The file cannot be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, to_html(page_of(study)).encode())
    except OSError as error:
        raise PointmassError(f"{target}: the page cannot be written here ({error.strerror})") from error
    return target


def _write(study: Study, folder: Path) -> Path:
    page = page_of(study)
    _write_all(folder / "figures", _figures(page))
    _write_all(folder / "tables", _tables(study) | _latex_tables(page))
    write_atomically(folder / "report.md", to_markdown(page).encode())
    write_atomically(folder / "report.html", to_html(page).encode())
    return folder / "report.html"


def _write_all(folder: Path, contents: dict[str, bytes]) -> None:
    """Write files into a folder, and remove what an earlier report left there."""
    folder.mkdir(exist_ok=True)
    endings = {Path(name).suffix for name in contents} | {".png", ".svg", ".csv", ".tex"}
    for old in folder.iterdir():
        if old.name not in contents and old.suffix in endings:
            old.unlink()
    for name, content in contents.items():
        write_atomically(folder / name, content)


def _figures(page: Page) -> dict[str, bytes]:
    groups = [page.drawings, *(one.drawings for one in page.choices), *(view.drawings for view in page.views)]
    every = [drawing for group in groups for drawing in group]
    drawn = [drawing for drawing in every if not drawing.lacks]
    pictures = {f"{drawing.file}.svg": drawing.svg for drawing in drawn}
    return pictures | {f"{drawing.file}.png": drawing.png for drawing in drawn}


def _tables(study: Study) -> dict[str, bytes]:
    compared = [(section.title, section.matched) for section in study.sections if section.matched is not None]
    made = {
        "estimates.csv": [(title, estimates_table(matched)) for title, matched in compared],
        "metrics.csv": [(title, evaluate_metrics(matched)) for title, matched in compared],
    }
    made["selection.csv"] = [(one.title, one.selected.table) for one in study.choices if one.selected is not None]
    return {name: _csv(tables) for name, tables in made.items() if tables}


def _latex_tables(page: Page) -> dict[str, bytes]:
    """Return the tables of the sections shown in full, each as LaTeX in a file of its own."""
    numbered = enumerate(page.choices, start=1)
    made = {f"select-{place:02d}.tex": to_latex(choice.table).encode() for place, choice in numbered}
    for view in page.views:
        prefix = "" if page.single else f"{view.section.slug}-"
        tables = {"estimates": view.estimates, "fits": view.fits, "diagnostics": view.diagnostics}
        made |= {f"{prefix}{name}.tex": to_latex(table).encode() for name, table in tables.items() if table}
    return made


def _csv(tables: list[tuple[str, pd.DataFrame]]) -> bytes:
    """Return the tables of all sections as one, the section in the first column."""
    frames = [table.assign(section=clean(title)) for title, table in tables]
    whole = pd.concat(frames, ignore_index=True)
    columns = ["section", *(name for name in whole.columns if name != "section")]
    return to_csv(whole[columns])
