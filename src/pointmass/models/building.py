"""Values from the trees of a configuration; everything that is wrong with a tree is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any

from pointmass.errors import PointmassError, raise_all
from pointmass.families import FAMILIES, PRIORS
from pointmass.values import Value

__all__ = ["build"]

type Registry = Mapping[str, type[Value]]

# Which registry an option's own tree is looked up in; other options are plain values.
_NESTED: dict[str, Registry] = {
    "family": FAMILIES,
    "prior": PRIORS,
    "weights_prior": PRIORS,
    "dof_prior": PRIORS,
    "noise_prior": PRIORS,
    "weight_prior": PRIORS,
    "gate_prior": PRIORS,
    "loading_prior": PRIORS,
    "hidden_prior": PRIORS,
    "group_prior": PRIORS,
    "initial_prior": PRIORS,
    "output_prior": PRIORS,
    "transition_prior": PRIORS,
    "covariance": PRIORS,
}

# Options that are dicts of such trees, by names that the user chooses.
_NESTED_BY_NAME: dict[str, Registry] = {"families": FAMILIES}


def build(tree: Any, registry: Registry, kind: str) -> Value:
    """Return the value that a tree describes: a registered name, or one key (the name) with a dict of options.

    Parameters
    ----------
    tree : str or dict
        The tree.
    registry : dict of str to class
        What its name may be.
    kind : str
        What to call such a thing in errors.

    Raises
    ------
    PointmassError
        On unknown names, options or values, all of them; the ``path`` of each leads to its place.
    """
    name, options = _name_and_options(tree, kind)
    if name not in registry:
        raise PointmassError(f"unknown {kind} {name!r}{_hint(name, registry)}", path=(name,))
    made = registry[name]
    arguments, errors = _arguments(made, name, options)
    value, others = _made(made, name, arguments)
    told = {(key,) for key in arguments}
    errors += [error for error in others if not errors or error.path[:1] in told]
    raise_all([error.under(name) for error in errors])
    assert value is not None
    return value


def _arguments(made: type[Value], name: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[PointmassError]]:
    """Return the options that can be used, those that are trees built, and what is wrong with the others."""
    known = [field.name for field in fields(made)]  # type: ignore[arg-type]
    arguments: dict[str, Any] = {}
    errors: list[PointmassError] = []
    for key, option in options.items():
        if key not in known:
            errors.append(PointmassError(f"{name} has no option {key!r}{_hint(key, known)}", path=(key,)))
            continue
        try:
            arguments[key] = _argument(key, option)
        except PointmassError as error:
            errors += error.under(key).each
    mistyped = set(options) - set(known)
    missing = [key for key in _required(made) if key not in options and not get_close_matches(key, mistyped)]
    errors += [PointmassError(f"{name} needs {', '.join(missing)}")] if missing else []
    return arguments, errors


def _made(made: type[Value], name: str, arguments: Mapping[str, Any]) -> tuple[Value | None, list[PointmassError]]:
    """Return the value, if there can be one, or what its constructor says of the options that it was given.

    Where the tree of a required option is at fault something stands in for it, so that the other options are checked.
    """
    absent = [key for key in _required(made) if key not in arguments]
    if not all(key in _NESTED for key in absent):
        return None, []
    stand_ins = {key: next(iter(_NESTED[key].values()))() for key in absent}
    try:
        return made(**stand_ins, **arguments), []
    except PointmassError as error:
        return None, list(error.each)
    except TypeError as error:
        return None, [PointmassError(f"{name} cannot be made of these options: {error}")]


def _argument(key: str, option: Any) -> Any:
    if key in _NESTED_BY_NAME:
        return _each_built(option, _NESTED_BY_NAME[key], key)
    nested = key in _NESTED and option is not None and not (key == "covariance" and isinstance(option, str))
    return build(option, _NESTED[key], key.replace("_", " ")) if nested else option


def _each_built(trees: Any, registry: Registry, kind: str) -> dict[str, Value]:
    if not isinstance(trees, Mapping):
        raise PointmassError(f"{kind} must be names, each with a tree of its own, got {trees!r}")
    built: dict[str, Value] = {}
    errors: list[PointmassError] = []
    for name, tree in trees.items():
        try:
            built[str(name)] = build(tree, registry, "family")
        except PointmassError as error:
            errors += error.under(str(name)).each
    raise_all(errors)
    return built


def _required(made: type[Value]) -> Iterator[str]:
    for field in fields(made):  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING and field.init:
            yield field.name


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
