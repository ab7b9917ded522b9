"""Models by name, and their way to and from the tree of a config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from pointmass.errors import PointmassError
from pointmass.families import FAMILIES, PRIORS
from pointmass.families.family import Family
from pointmass.models.base import Model
from pointmass.models.bayesian_regression import BayesianRegression
from pointmass.models.hidden_markov import HiddenMarkov
from pointmass.models.independent_rows import IndependentRows
from pointmass.models.mixture import Mixture
from pointmass.values import Value

__all__ = ["LATENTS", "MODELS", "as_model", "model_from_dict"]

LATENTS: dict[str, type[Value]] = {
    "mixture": Mixture,
    "hidden_markov": HiddenMarkov,
}

MODELS: dict[str, type[Value]] = {
    "bayesian_regression": BayesianRegression,
}
"""Models that are no latent with a family."""


def as_model(model: Any) -> Model:
    """Return ``model``, a family alone being a model of independent rows.

    Raises
    ------
    PointmassError
        If ``model`` is neither a model nor a family.
    """
    if isinstance(model, Family):
        return IndependentRows(model)
    if not isinstance(model, Model):
        raise PointmassError(
            f"model must be a family such as Gaussian() or a model such as Mixture(...), got {model!r}"
        )
    return model


def model_from_dict(tree: Any) -> Model:
    """Return the model that a config's ``model:`` tree describes; the inverse of ``Model.to_dict``.

    Parameters
    ----------
    tree : str or dict
        A registered name, or one key (the name) with a dict of options.

    Raises
    ------
    PointmassError
        On unknown names, options or values; its ``path`` leads to the place.

    Examples
    --------
    >>> from pointmass.models import model_from_dict
    >>> model_from_dict({"mixture": {"family": "gaussian", "n_components": 2}})
    Mixture(family=Gaussian(), n_components=2)
    """
    return as_model(_build(tree, {**LATENTS, **MODELS, **FAMILIES}, "model"))


# Which registry an option's own tree is looked up in; other options are plain values.
_NESTED: dict[str, Mapping[str, type[Value]]] = {
    "family": FAMILIES,
    "prior": PRIORS,
    "weights_prior": PRIORS,
    "noise_prior": PRIORS,
    "weight_prior": PRIORS,
    "initial_prior": PRIORS,
    "transition_prior": PRIORS,
    "covariance": PRIORS,
}


# Options that are dicts of such trees, by names that the user chooses.
_NESTED_BY_NAME: dict[str, Mapping[str, type[Value]]] = {"families": FAMILIES}


def _each_built(trees: Any, registry: Mapping[str, type[Value]], kind: str) -> dict[str, Value]:
    if not isinstance(trees, Mapping):
        raise PointmassError(f"{kind} must be names, each with a tree of its own, got {trees!r}")
    built = {}
    for name, tree in trees.items():
        try:
            built[str(name)] = _build(tree, registry, "family")
        except PointmassError as error:
            raise error.under(str(name)) from error
    return built


def _build(tree: Any, registry: Mapping[str, type[Value]], kind: str) -> Value:
    name, options = _name_and_options(tree, kind)
    if name not in registry:
        raise PointmassError(f"unknown {kind} {name!r}{_hint(name, registry)}", path=(name,))
    known = [field.name for field in fields(registry[name])]  # type: ignore[arg-type]
    arguments: dict[str, Any] = {}
    for key, value in options.items():
        if key not in known:
            raise PointmassError(f"{name} has no option {key!r}{_hint(key, known)}", path=(name, key))
        try:
            if key in _NESTED_BY_NAME:
                arguments[key] = _each_built(value, _NESTED_BY_NAME[key], key)
                continue
            nested = key in _NESTED and value is not None and not (key == "covariance" and isinstance(value, str))
            arguments[key] = _build(value, _NESTED[key], key.replace("_", " ")) if nested else value
        except PointmassError as error:
            raise error.under(name, key) from error
    try:
        return registry[name](**arguments)
    except PointmassError as error:
        raise error.under(name) from error
    except TypeError as error:
        missing = [f.name for f in fields(registry[name]) if f.name not in arguments]  # type: ignore[arg-type]
        raise PointmassError(f"{name} needs {', '.join(missing)}", path=(name,)) from error


def _name_and_options(tree: Any, kind: str) -> tuple[str, dict[str, Any]]:
    if isinstance(tree, str):
        return tree, {}
    if not isinstance(tree, Mapping) or len(tree) != 1:
        raise PointmassError(f"{kind} must be a name, or one name with its options, got {tree!r}")
    name, options = next(iter(tree.items()))
    if options is None:
        return str(name), {}
    if not isinstance(options, Mapping):
        raise PointmassError(f"options of {name} must be keys with values, got {options!r}", path=(str(name),))
    return str(name), dict(options)


def _hint(name: str, known: Any) -> str:
    close = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"
