"""The section of a study that chooses a number of components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointmass.comparison.selection import CRITERIA, check_selection
from pointmass.errors import PointmassError
from pointmass.experiment.document import Document
from pointmass.experiment.problems import Key, Problems, hint
from pointmass.experiment.settings import SelectSettings
from pointmass.models import Model

__all__ = ["SELECT", "SelectChoice", "check_criteria", "check_select"]

SELECT = "select"
"""What stands in the place of an estimator's type where a number of components is chosen."""

_NUMBERS: Key = ("select", "n_components")


@dataclass(frozen=True)
class SelectChoice:
    """The numbers of components that a study chooses from, and by which criteria."""

    n_components: tuple[int, ...]
    criteria: tuple[str, ...]
    n_init: int

    def to_dict(self) -> dict[str, Any]:
        """Return what determines the selection, as a tree."""
        return {"type": SELECT, **{name: _listed(value) for name, value in vars(self).items()}}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def check_criteria(document: Document, problems: Problems) -> None:
    """Note unknown names of criteria."""
    section = document.tree.get("select")
    names = section.get("criteria") if isinstance(section, dict) else None
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in CRITERIA:
            key = ("select", "criteria", index)
            problems.add(document.place(key), key, f"there is no {name!r}; {hint(name, CRITERIA)}")


def check_select(document: Document, model: Model | None, problems: Problems) -> SelectChoice | None:
    """Return what is chosen from; the model must have components."""
    tree = document.tree["select"]
    criteria = tree.get("criteria") or list(CRITERIA)
    if model is None or not set(criteria) <= set(CRITERIA):
        return None
    try:
        numbers = check_selection(model, tree["n_components"], criteria)
    except PointmassError as error:
        problems.add(document.place(_NUMBERS), _NUMBERS, str(error))
        return None
    return SelectChoice(
        tuple(numbers), tuple(criteria), tree.get("n_init", SelectSettings.model_fields["n_init"].default)
    )
