"""The JSON schema of a configuration, for editors that complete and check while one writes."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from typing import Any

from pointmass.comparison import METRICS
from pointmass.comparison.selection import CRITERIA
from pointmass.datasets import DATASETS, GENERATORS
from pointmass.estimators import ESTIMATORS
from pointmass.experiment.settings import Settings
from pointmass.experiment.signatures import options_of
from pointmass.families import FAMILIES
from pointmass.figures import FIGURES, SELECTION_FIGURES, STUDY_FIGURES
from pointmass.models import LATENTS, MODELS
from pointmass.uncertainty import UNCERTAINTIES

__all__ = ["config_schema", "schema_text"]

_NAME_LISTS: dict[str, Iterable[str]] = {
    "uncertainty": UNCERTAINTIES,
    "metrics": METRICS,
    "figures": [*FIGURES, *STUDY_FIGURES, *SELECTION_FIGURES],
}


def config_schema() -> dict[str, Any]:
    """Return the schema: the shape of a configuration with the names that are registered.

    Examples
    --------
    >>> sorted(config_schema()["required"])
    ['data', 'model', 'name']
    """
    schema = Settings.model_json_schema()
    parts, top = schema["$defs"], schema["properties"]
    parts["GeneratorSettings"]["properties"]["generator"]["enum"] = list(GENERATORS)
    parts["GeneratorSettings"]["properties"] |= _options(GENERATORS.values())
    parts["BundledSettings"]["properties"]["dataset"]["enum"] = list(DATASETS)
    parts["EstimatorSettings"]["properties"] |= _options(ESTIMATORS.values())
    parts["EstimatorSettings"]["properties"]["type"]["anyOf"][0]["enum"] = list(ESTIMATORS)
    top["estimators"]["properties"] = {
        name: {
            "anyOf": [{"$ref": "#/$defs/EstimatorSettings"}, {"type": "null"}],
            "description": _summary(kind),
        }
        for name, kind in ESTIMATORS.items()
    }
    top["model"] = _named({**LATENTS, **MODELS, **FAMILIES}, top["model"].get("description", ""))
    _list_of(parts["SelectSettings"]["properties"]["criteria"])["items"]["enum"] = list(CRITERIA)
    schema["anyOf"] = [{"required": ["estimators"]}, {"required": ["select"]}]
    for key, registry in _NAME_LISTS.items():
        _list_of(top[key])["items"]["enum"] = list(registry)
    return schema


def schema_text() -> str:
    """Return the schema as JSON, ending with a newline."""
    return json.dumps(config_schema(), indent=1, sort_keys=True) + "\n"


def _options(things: Iterable[Callable[..., Any]]) -> dict[str, Any]:
    """Return the options of all things, without types: the registry checks the values."""
    return {name: {} for thing in things for name in options_of(thing)}


def _named(registry: dict[str, Any], description: str) -> dict[str, Any]:
    options = {name: {"type": ["object", "null"], "description": _summary(kind)} for name, kind in registry.items()}
    mapping = {"type": "object", "properties": options, "maxProperties": 1, "minProperties": 1}
    return {"description": description, "anyOf": [{"enum": list(registry)}, mapping]}


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    choices = schema.get("anyOf") or schema["oneOf"]
    return next(choice for choice in choices if choice.get("type") == "array")


def _summary(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
