"""Checking names and options against the registries: what a configuration says must exist and be possible.

Each function notes every problem at its place and returns the checked thing in its canonical form, in which
defaults are left out, so that two ways of saying the same have the same hash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointmass.comparison import METRICS
from pointmass.datasets import GENERATORS, check_dataset_config
from pointmass.errors import PointmassError
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Problems, hint
from pointmass.experiment.signatures import options_of, without_defaults
from pointmass.figures import FIGURES, SELECTION_FIGURES, STUDY_FIGURES
from pointmass.models import Model, model_from_dict
from pointmass.uncertainty import UNCERTAINTIES

__all__ = [
    "EstimatorChoice",
    "check_asked",
    "check_choices",
    "check_data",
    "check_estimator",
    "check_model",
    "check_names",
    "check_references",
]

_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class EstimatorChoice:
    """An estimator of a study: its registered type and the options that are not defaults."""

    type: str
    options: dict[str, Any]
    reference: bool

    def to_dict(self) -> dict[str, Any]:
        """Return what determines the fit, as a tree."""
        return {"type": self.type, **self.options}


def check_data(document: Document, folder: Path, problems: Problems) -> dict[str, Any] | None:
    """Return the data's settings; their file must be readable and their options possible.

    Parameters
    ----------
    document : Document
        A configuration of the right shape.
    folder : Path
        Where relative paths start.
    problems : Problems
        Receives what is wrong.
    """
    tree = document.tree["data"]
    generator = GENERATORS.get(tree["generator"]) if "generator" in tree else None
    options = {key: value for key, value in tree.items() if key != "generator"}
    if generator:
        options = _known_options(document, ("data",), options, {*options_of(generator), "columns"}, problems)
        tree = {"generator": tree["generator"], **options}
    fixed = {key: value for key, value in tree.items() if key not in (options if generator else ())}
    found = list(_errors(lambda free: check_dataset_config({**fixed, **free}, folder), options if generator else {}))
    for error in found:
        _note(document, ("data", *error.path), str(error), problems)
    if found:
        return None
    return {"generator": tree["generator"], **without_defaults(generator, options)} if generator else tree


def check_model(document: Document, problems: Problems) -> Model | None:
    """Return the model."""
    try:
        return model_from_dict(document.tree["model"])
    except PointmassError as error:
        for one in error.each:
            _note(document, ("model", *one.path), str(one), problems)
    return None


def check_estimator(document: Document, name: str, problems: Problems) -> EstimatorChoice | None:
    """Return one estimator; its type must be registered and its options must be those of its constructor."""
    tree = document.tree["estimators"][name] or {}
    here: Key = ("estimators", name)
    kind = tree.get("type", name)
    if kind not in ESTIMATORS:
        where = (*here, "type") if "type" in tree else here
        problems.add(document.key_place(where), where, f"there is no estimator {kind!r}; {hint(kind, ESTIMATORS)}")
        return None
    given = {key: value for key, value in tree.items() if key not in ("type", "reference")}
    given = _known_options(document, here, given, options_of(ESTIMATORS[kind]), problems)
    found = list(_errors(lambda options: ESTIMATORS[kind](None, **options)._check_options(), given))
    for error in found:
        _note(document, (*here, *error.path), str(error), problems)
    if found:
        return None
    return EstimatorChoice(kind, without_defaults(ESTIMATORS[kind], given), bool(tree.get("reference", False)))


def check_asked(document: Document, problems: Problems) -> None:
    """Note a study that asks for nothing: neither estimators nor a selection."""
    if not document.tree.get("estimators") and "select" not in document.tree:
        given = "estimators" in document.tree
        problems.add(
            document.place(("estimators",)), ("estimators",), "must not be empty, got {}" if given else "is missing"
        )


def check_names(document: Document, problems: Problems) -> None:
    """Note names that some file systems cannot hold, or cannot tell apart."""
    name = document.tree.get("name")
    if isinstance(name, str) and _DEVICE.fullmatch(name):
        problems.add(document.place(("name",)), ("name",), f"{name} is a device on some systems; use another name")
    entries = document.tree.get("estimators")
    first: dict[str, str] = {}
    for entry in entries if isinstance(entries, dict) else ():
        twin = first.setdefault(str(entry).casefold(), entry)
        if twin != entry:
            key = ("estimators", entry)
            problems.add(document.key_place(key), key, f"differs from {twin} in case alone; use another name")


def check_references(document: Document, problems: Problems) -> None:
    """Note a second reference: there is one at most."""
    entries = document.tree["estimators"]
    for name in [name for name, entry in entries.items() if (entry or {}).get("reference") is True][1:]:
        key = ("estimators", name, "reference")
        problems.add(document.place(key), key, "another estimator is the reference already; there can be one")


def check_choices(document: Document, problems: Problems) -> None:
    """Note unknown names of uncertainty methods, metrics and figures."""
    for key, known in (
        ("uncertainty", UNCERTAINTIES),
        ("metrics", METRICS),
        ("figures", FIGURES | STUDY_FIGURES | SELECTION_FIGURES),
    ):
        names = document.tree.get(key)
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in known:
                problems.add(document.place((key, index)), (key, index), f"there is no {name!r}; {hint(name, known)}")


def _errors(check: Callable[[dict[str, Any]], Any], options: Mapping[str, Any]) -> Iterator[PointmassError]:
    """Yield what is wrong with options: one that an error names goes back to its default, and the rest is checked."""
    left = dict(options)
    while True:
        try:
            check(left)
        except PointmassError as error:
            yield error
            if not error.path or error.path[0] not in left:
                return
            del left[str(error.path[0])]
        else:
            return


def _known_options(
    document: Document, here: Key, given: Mapping[str, Any], known: Collection[str], problems: Problems
) -> dict[str, Any]:
    """Return the options that exist, noting the others."""
    for name in set(given) - set(known):
        key = (*here, name)
        problems.add(document.key_place(key), key, f"there is no such option; {hint(name, known)}")
    return {name: value for name, value in given.items() if name in known}


def _note(document: Document, key: Key, message: str, problems: Problems) -> None:
    problems.add(document.place(key), key, message)
