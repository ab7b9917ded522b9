"""What there is, by kind and name, each with one line about it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pointmass.comparison import METRICS
from pointmass.comparison.selection import CRITERIA
from pointmass.datasets import DATASETS, GENERATORS
from pointmass.errors import PointmassError
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.problems import hint
from pointmass.families import FAMILIES, PRIORS
from pointmass.figures import FIGURES, SELECTION_FIGURES, STUDY_FIGURES
from pointmass.models import LATENTS, MODELS
from pointmass.uncertainty import UNCERTAINTIES

__all__ = ["REGISTRIES", "catalogue_text"]

REGISTRIES: dict[str, Mapping[str, Any]] = {
    "families": FAMILIES,
    "latents": LATENTS,
    "models": MODELS,
    "priors": PRIORS,
    "estimators": ESTIMATORS,
    "uncertainty": {name: entry.method for name, entry in UNCERTAINTIES.items()},
    "generators": GENERATORS,
    "datasets": DATASETS,
    "metrics": METRICS,
    "figures": {name: recipe.plot for name, recipe in FIGURES.items()},
    "criteria": CRITERIA,
    "selection_figures": {name: recipe.plot for name, recipe in SELECTION_FIGURES.items()},
    "study_figures": {name: recipe.plot for name, recipe in STUDY_FIGURES.items()},
}


def catalogue_text(kind: str | None = None) -> str:
    """Return the names of one kind, or of all kinds, with the first line of what documents them.

    Raises
    ------
    PointmassError
        There is no such kind.

    Examples
    --------
    >>> print(catalogue_text("latents"))
    latents
      mixture  ...
    """
    if kind is not None and kind not in REGISTRIES:
        raise PointmassError(f"there is no kind {kind!r}; {hint(kind, REGISTRIES)}")
    chosen = REGISTRIES if kind is None else {kind: REGISTRIES[kind]}
    return "\n".join(_section(title, registry) for title, registry in chosen.items())


def _section(title: str, registry: Mapping[str, Any]) -> str:
    width = max(map(len, registry), default=0)
    lines = [f"  {name.ljust(width)}  {_summary(thing)}".rstrip() for name, thing in registry.items()]
    return "\n".join([title, *lines, ""])


def _summary(thing: Any) -> str:
    text = inspect.getdoc(thing) or ""
    return " ".join(text.partition("\n\n")[0].split())
