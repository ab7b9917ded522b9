"""The study behind a report: from the folder of a run, or from a comparison in memory."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pointmass.comparison import Failure, MatchedFits
from pointmass.comparison.words import counted
from pointmass.errors import PointmassError
from pointmass.experiment.labels import axes_label, data_label
from pointmass.experiment.reading import CellGroup, RunFolder, StoredCell, open_run
from pointmass.experiment.results import results_of
from pointmass.report.study import Choice, Provenance, Section, Study
from pointmass.report.text import slug

__all__ = ["study_of", "study_of_comparison"]


def study_of(path: Path) -> Study:
    """Return the study that the folder of a run holds, finished or not.

    Raises
    ------
    PointmassError
        It is not the folder of a run.
    """
    run = open_run(path)
    groups = list(run.groups())
    sections = tuple(_section(run, group, place, groups) for place, group in enumerate(groups, start=1))
    manifest = run.manifest
    results = results_of(run, [section.matched for section in sections]) if len(sections) > 1 else None
    return Study(
        str(manifest["name"]),
        sections,
        _provenance(manifest),
        _figures(manifest),
        _notes(run),
        results,
        tuple(_choice(run, cell, place) for place, cell in enumerate(run.selections(), start=1)),
    )


def study_of_comparison(matched: MatchedFits, title: str = "Comparison") -> Study:
    """Return the study of fits that are in memory."""
    facts = () if matched.data is None else _data_facts(matched)
    return Study(title, (Section(title, slug(title), facts, matched, matched.failures),))


def _section(run: RunFolder, group: CellGroup, place: int, groups: list[CellGroup]) -> Section:
    title = _title(group, groups)
    matched, failures = _matched(run, group)
    facts = (*_settings(group), *(() if matched is None or matched.data is None else _data_facts(matched)))
    return Section(title, f"{place:02d}-{slug(title)}", facts, matched, failures)


def _choice(run: RunFolder, cell: StoredCell, place: int) -> Choice:
    """Return what became of a choice of the number of components."""
    parts = [axes_label(cell.axes)] if cell.axes else [data_label(cell.data)]
    parts += [f"repetition {cell.repetition}"] if cell.repetition else []
    title, name = " · ".join(parts), f"select-{place:02d}"
    try:
        return Choice(title, name, run.fit(cell))
    except PointmassError as error:
        status, reason = (cell.status, cell.reason) if cell.status != "done" else ("unreadable", str(error))
        return Choice(title, name, None, Failure(cell.name, status, reason))


def _matched(run: RunFolder, group: CellGroup) -> tuple[MatchedFits | None, tuple[Failure, ...]]:
    try:
        matched = run.match(group)
    except PointmassError as error:
        return None, tuple(Failure(cell.name, "unreadable", str(error)) for cell in group.cells)
    if matched is not None:
        return matched, matched.failures
    return None, tuple(Failure(cell.name, cell.status, cell.reason) for cell in group.cells)


def _title(group: CellGroup, groups: list[CellGroup]) -> str:
    """Return what tells a group from the others."""
    parts = [axes_label(group.axes) if group.axes else group.data]
    parts += [f"repetition {group.repetition}"] if any(other.repetition for other in groups) else []
    return " · ".join(parts)


def _settings(group: CellGroup) -> tuple[tuple[str, str], ...]:
    return (("data", group.data), ("model", group.model))


def _data_facts(matched: MatchedFits) -> tuple[tuple[str, str], ...]:
    assert matched.data is not None
    n_rows, n_columns = matched.data.X.shape
    size = f"{counted(n_rows, 'row')}, {counted(n_columns, 'column')}"
    return (("size", size), *([("source", matched.data.source)] if matched.data.source else []))


def _figures(manifest: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = manifest["figures"]
    return None if names == "default" else () if names == "none" else tuple(names)


def _notes(run: RunFolder) -> tuple[str, ...]:
    missing = sum(cell.status == "missing" for cell in run.cells)
    notes = [] if run.cells else ["This run has no fits."]
    if missing:
        notes.append(
            f"This run has not finished: {missing} of {counted(len(run.cells), 'fit')} have not been run; "
            "the same command goes on from there."
        )
    return tuple(notes)


def _provenance(manifest: Mapping[str, Any]) -> Provenance:
    made_by, machine = manifest["made_by"], manifest["environment"]
    versions = made_by.get("versions", {})
    commit = f"{made_by['commit'][:12]}{', changed' if made_by.get('changed') else ''}" if made_by.get("commit") else ""
    facts = {
        "seed": str(manifest["seed"]),
        "configuration": f"SHA-256 {manifest['config_sha256'][:16]}…",
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "commit": commit,
        "machine": ", ".join(str(machine[name]) for name in ("system", "machine", "processor") if machine.get(name)),
        "workers": str(machine.get("workers", "")),
        "written": str(machine.get("written", "")),
    }
    known = tuple((name, text) for name, text in facts.items() if text)
    return Provenance(known, _yaml(manifest["config"]), "pointmass run config.yaml")


def _yaml(tree: Any) -> str:
    from ruamel.yaml import YAML

    target = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(tree, target)
    return target.getvalue()
