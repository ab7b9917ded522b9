"""A study as it will be run: read, checked as a whole, and ready to be split into cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from pointmass.comparison.words import counted
from pointmass.errors import PointmassError
from pointmass.experiment.axes import Axis, Coordinates, read_axes, variants
from pointmass.experiment.canonical import canonical_json
from pointmass.experiment.checks import (
    EstimatorChoice,
    check_asked,
    check_choices,
    check_data,
    check_estimator,
    check_model,
    check_names,
    check_references,
)
from pointmass.experiment.choosing import SelectChoice, check_criteria, check_select
from pointmass.experiment.document import Document
from pointmass.experiment.overrides import override
from pointmass.experiment.problems import Problems
from pointmass.experiment.settings import Settings
from pointmass.experiment.shape import check_shape
from pointmass.experiment.source import read_file
from pointmass.experiment.tables import check_tables
from pointmass.experiment.targets import check_targets
from pointmass.models import Model
from pointmass.uncertainty import UNCERTAINTIES

__all__ = ["Config", "load_config"]

Section = tuple[str, ...]

_DEFAULT_LIMIT = Settings.model_fields["max_cells"].default


@dataclass(frozen=True)
class Config:
    """A checked study.

    Parameters
    ----------
    settings : Settings
        What the file says, with the first value of each axis put in.
    tree : dict
        What the file says, as it is, with the overrides applied.
    folder : Path
        Where relative paths of data start.
    axes : tuple of Axis
        What the grid varies.
    parts : dict
        The checked data, models and estimators for each combination of their own axes' values.
    """

    settings: Settings
    tree: dict[str, Any]
    folder: Path
    axes: tuple[Axis, ...]
    parts: dict[tuple[Section, str], Any]

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.settings.name

    @property
    def uncertainty(self) -> tuple[str, ...]:
        """Names of the uncertainty methods asked for."""
        usual = tuple(name for name, entry in UNCERTAINTIES.items() if entry.is_default)
        return _chosen(self.settings.uncertainty, usual)

    @property
    def reference(self) -> str | None:
        """Name of the estimator that the others are compared with, if the file says one."""
        return next((name for name, entry in self.settings.estimators.items() if entry.reference), None)

    @property
    def notes(self) -> list[str]:
        """What the reader of the file should know about it."""
        repeated = [axis for axis in self.axes if axis.repeated]
        return [f"grid.{axis.name}: {counted(axis.repeated, 'repeated value')} merged" for axis in repeated]

    def data(self, coordinates: Coordinates) -> dict[str, Any]:
        """Return the data's settings at a point of the grid."""
        return dict(self._part(("data",), coordinates))

    def model(self, coordinates: Coordinates) -> Model:
        """Return the model at a point of the grid."""
        model: Model = self._part(("model",), coordinates)
        return model

    def estimator(self, name: str, coordinates: Coordinates) -> EstimatorChoice:
        """Return one estimator at a point of the grid."""
        choice: EstimatorChoice = self._part(("estimators", name), coordinates)
        return choice

    def selection(self, coordinates: Coordinates) -> SelectChoice:
        """Return what is chosen from at a point of the grid."""
        choice: SelectChoice = self._part(("select",), coordinates)
        return choice

    def seed(self, coordinates: Coordinates) -> int:
        """Return the seed at a point of the grid."""
        return int(self._part(("seed",), coordinates))

    def _part(self, section: Section, coordinates: Coordinates) -> Any:
        own = {axis.name: coordinates[axis.name] for axis in self.axes if axis.section == section}
        return self.parts[section, canonical_json(own)]


def load_config(
    source: str | Path | Mapping[str, Any] | Document | Config,
    overrides: Iterable[str] = (),
    folder: Path | None = None,
) -> Config:
    """Read and check a study; everything that is wrong with it is reported at once.

    Parameters
    ----------
    source : path, mapping, Document or Config
        A YAML file, the tree that such a file would hold, with the places of its values if they are known, or a
        checked study, which is returned as it is.
    overrides : iterable of str
        ``KEY=VALUE``, the key dotted, the value in YAML.
    folder : Path, optional
        Where relative paths of data start; default: the file's folder, or for a mapping the current one.

    Raises
    ------
    PointmassError
        One line for each problem: file, line, column, key, what was expected, the nearest valid name.

    Examples
    --------
    >>> data = {"generator": "heights", "n": 50}
    >>> config = load_config({"name": "tiny", "data": data, "model": "gaussian", "estimators": {"mle": {}}})
    >>> config.name, config.data({})
    ('tiny', {'generator': 'heights', 'n': 50})
    """
    if isinstance(source, Config):
        return source
    document, default_folder = _document(source)
    document = override(document, overrides)
    return _checked(document, folder or default_folder)


def _document(source: str | Path | Mapping[str, Any] | Document) -> tuple[Document, Path]:
    if isinstance(source, Document):
        return source, Path()
    if isinstance(source, str | Path):
        path = Path(source)
        return read_file(path), path.parent
    try:
        return Document(json.loads(json.dumps(source, allow_nan=False)), "config"), Path()
    except (TypeError, ValueError) as error:
        raise PointmassError(f"a configuration holds plain values only: {error}") from None


def _checked(document: Document, folder: Path) -> Config:
    problems = Problems()
    if not isinstance(document.tree, dict):
        what = "is empty" if document.tree is None else "is no mapping"
        problems.add(document.place(()), (), f"it {what}; a study has name, data, model and estimators")
    problems.raise_if_any()
    axes = read_axes(document, problems)
    first = _first_variant(document, axes)
    settings = check_shape(first, problems)
    if _too_large(first, settings, axes, problems):
        problems.raise_if_any()
    check_asked(first, problems)
    check_names(first, problems)
    check_choices(first, problems)
    check_criteria(first, problems)
    parts = _check_parts(first.without("grid"), axes, folder, problems)
    problems.raise_if_any()
    data, models = ([part for (section, _), part in parts.items() if section == (name,)] for name in ("data", "model"))
    check_targets(first, data, models, folder, problems)
    problems.raise_if_any()
    check_tables(first, data, models, folder, problems)
    problems.raise_if_any()
    assert settings is not None
    return Config(settings, document.tree, folder, axes, parts)


def _first_variant(document: Document, axes: Iterable[Axis]) -> Document:
    firsts = [replace(axis, values=axis.values[:1], places=axis.places[:1]) for axis in axes]
    return next(variants(document, firsts))[1]


def _too_large(document: Document, settings: Settings | None, axes: Iterable[Axis], problems: Problems) -> bool:
    """Note and say whether a study asks for too many fits, without counting them one by one."""
    limit = settings.max_cells if settings else _DEFAULT_LIMIT
    shared = prod(len(axis.values) for axis in axes if axis.section[0] != "estimators")
    own = [
        prod(len(axis.values) for axis in axes if axis.section == section)
        for section in _sections(document)
        if section[0] == "estimators"
    ]
    count = shared * max(1, sum(own)) * (settings.repetitions if settings else 1)
    if count > limit:
        message = f"this asks for {count} fits; the limit is {limit}: shorten it or raise max_cells"
        problems.add(document.key_place(("grid",)), ("grid",), message)
    return count > limit


def _check_parts(
    first: Document, axes: tuple[Axis, ...], folder: Path, problems: Problems
) -> dict[tuple[Section, str], Any]:
    """Check the sections of the right shape, each at every point of its own axes."""
    parts: dict[tuple[Section, str], Any] = {}
    sound = {"seed", "data", "model", "estimators", "select"} - problems.sections
    if first.tree.get("estimators") and "estimators" in sound:
        check_references(first, problems)
    for section in _sections(first):
        for coordinates, variant in variants(first, [axis for axis in axes if axis.section == section]):
            if section[0] in sound and _has_shape(variant, section, problems):
                parts[section, canonical_json(coordinates)] = _check_part(variant, section, folder, problems)
    return parts


def _sections(document: Document) -> list[Section]:
    estimators = document.tree.get("estimators")
    names = list(estimators) if isinstance(estimators, dict) else []
    chosen = [("select",)] if "select" in document.tree else []
    return [("seed",), ("data",), ("model",), *(("estimators", name) for name in names), *chosen]


def _has_shape(variant: Document, section: Section, problems: Problems) -> bool:
    own = Problems()
    check_shape(variant, own)
    problems.found |= own.found
    return section[0] not in own.sections


def _check_part(variant: Document, section: Section, folder: Path, problems: Problems) -> Any:
    match section:
        case ("data",):
            return check_data(variant, folder, problems)
        case ("model",):
            return check_model(variant, problems)
        case ("estimators", name):
            return check_estimator(variant, name, problems)
        case ("select",):
            return check_select(variant, check_model(variant, Problems()), problems)
    return variant.tree.get("seed", 0)


def _chosen(choice: str | tuple[str, ...], registry: Iterable[str]) -> tuple[str, ...]:
    if isinstance(choice, str):
        return tuple(registry) if choice == "default" else ()
    return choice
