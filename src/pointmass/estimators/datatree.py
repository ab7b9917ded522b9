"""A fit as an ``xarray.DataTree``: complete, readable by ArviZ, and free of code."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import conjugate_of
from pointmass.models import Beliefs
from pointmass.numerics import Array
from pointmass.uncertainty import available, quick
from pointmass.uncertainty.stored import uncertainty_to_dataset
from pointmass.values import plain

__all__ = ["fit_to_datatree", "flat_draws"]

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pymc", "nutpie", "arviz", "pointmass")


def fit_to_datatree(
    fit: Any,
    draws: int,
    rng: np.random.Generator,
    methods: Collection[str] | None,
    observed_data: bool,
    log_likelihood: bool,
) -> xr.DataTree:
    """Return the tree of a fitted estimator; see `Estimator.to_datatree`."""
    groups: dict[str, xr.Dataset] = {"working_coordinates": _coordinates(fit)}
    for prefix, beliefs in (("belief", fit.belief_), ("prior", fit.prior_)):
        groups.update({f"{prefix}_{name}": _belief(beliefs, name) for name in beliefs})
    groups["objective"] = xr.Dataset(
        {
            "objective": ("sweep", np.asarray(fit.objective_history_)),
            "seconds": ("sweep", np.asarray(fit.objective_seconds_)),
        }
    )
    groups.update(_estimate_groups(fit, draws, rng))
    asked = quick(fit) if methods is None else [name for name in available(fit) if name in methods]
    known = {name: fit.uncertainty(name, rng=own) for name, own in zip(asked, rng.spawn(len(asked)), strict=True)}
    for name, uncertainty in known.items():
        groups[f"uncertainty_{name}"] = uncertainty_to_dataset(uncertainty, fit.model_.dims)
    if observed_data:
        groups["observed_data"] = _observed(fit)
    if log_likelihood:
        groups["log_likelihood"] = _log_likelihood(
            fit, groups["point_estimate" if fit.kind == "point" else "posterior"]
        )
    evidence = json.dumps([asdict(one) for one in fit.evidence(rng=rng.spawn(1)[0], known=known)])
    root = xr.Dataset(attrs=_attributes(fit) | {"evidence": evidence})
    return xr.DataTree.from_dict({"/": root, **groups})


def _coordinates(fit: Any) -> xr.Dataset:
    scale = fit.coordinates_.scale
    dims = ("feature", "feature_2")[: scale.ndim]
    return xr.Dataset(
        {"shift": ("feature", fit.coordinates_.shift), "scale": (dims, scale), "given": ((), fit.coordinates_.given)}
    )


def _belief(beliefs: Beliefs, name: str) -> xr.Dataset:
    belief = beliefs[name]
    arrays = {
        key: ([f"{key}_dim_{axis}" for axis in range(np.ndim(array))], np.asarray(array))
        for key, array in belief.hyperparameters().items()
    }
    conjugate = getattr(belief, "conjugate", None)
    owner = conjugate_of(belief)
    signature = {} if owner.signature() is None else {"signature": json.dumps(owner.signature())}
    return xr.Dataset(arrays, attrs={"class": owner.__name__, "point": int(conjugate is not None), **signature})


def _estimate_groups(fit: Any, draws: int, rng: np.random.Generator) -> dict[str, xr.Dataset]:
    dims = fit.model_.dims
    point = xr.Dataset({name: (dims[name], array) for name, array in fit.estimate_.items()})
    if fit.kind == "point":
        return {"point_estimate": point}
    if fit.kind == "posterior":
        blocks = {name: belief.parameter_draws(draws, rng) for name, belief in fit.belief_.items()}
        arrays = {name: array[None] for name, array in fit.model_.public(blocks).items()}
    else:
        arrays = fit.draws_
    posterior = xr.Dataset(
        {name: (("chain", "draw", *dims[name]), array) for name, array in arrays.items()},
        coords={"chain": np.arange(_leading(arrays, 0)), "draw": np.arange(_leading(arrays, 1))},
        attrs={"sample_dims": ["chain", "draw"], "inference_library": "pointmass"},
    )
    groups = {"posterior": posterior, "posterior_mean": point}
    if getattr(fit, "sample_stats_", None):
        stats = {name: (("chain", "draw"), array) for name, array in fit.sample_stats_.items()}
        groups["sample_stats"] = xr.Dataset(stats, coords=posterior.coords)
    return groups


def _leading(arrays: Parameters, axis: int) -> int:
    return int(next(iter(arrays.values())).shape[axis])


def _observed(fit: Any) -> xr.Dataset:
    rows = fit._data
    features, target = fit.model_.features_and_target(rows.values)
    variables: dict[str, Any] = {"X": (("row", "feature"), features)}
    if target is not None:
        variables["y"] = ("row", target)
    if rows.weights is not None:
        variables["sample_weight"] = ("row", rows.weights)
    if rows.lengths is not None:
        variables["lengths"] = ("sequence", rows.lengths)
    if rows.labels is not None:
        variables["labels"] = ("row", rows.labels)
    return xr.Dataset(variables)


def flat_draws(arrays: Mapping[str, Array]) -> Parameters:
    """Return draws with one leading axis from arrays with chain and draw axes."""
    return {name: np.asarray(array).reshape(-1, *np.shape(array)[2:]) for name, array in arrays.items()}


def _log_likelihood(fit: Any, source: xr.Dataset) -> xr.Dataset:
    if fit.kind == "point":
        return xr.Dataset({"X": ("row", fit._plug_in(fit._data, fit.estimate_))})
    arrays = {name: source[name].values for name in fit.model_.dims}
    flat = flat_draws(arrays)
    values = [
        fit._plug_in(fit._data, {name: array[s] for name, array in flat.items()})
        for s in range(len(next(iter(flat.values()))))
    ]
    shape = (_leading(arrays, 0), _leading(arrays, 1), len(fit._data))
    return xr.Dataset({"X": (("chain", "draw", "row"), np.reshape(values, shape))}, coords=source.coords)


def _attributes(fit: Any) -> dict[str, Any]:
    options = {name: value for name, value in fit.get_params(deep=False).items() if name != "model"}
    # An option that is no plain value (a start given as an array, a generator) is None in a restored fit.
    stored = {name: value if _is_plain(value) else None for name, value in options.items()}
    attributes = {
        "model": json.dumps(fit.model_.to_dict()),
        "estimator": json.dumps({"type": type(fit).__name__.lower(), **stored}),
        "method_name": fit.method_name,
        "kind": fit.kind,
        "status": fit.status_,
        "converged": int(fit.converged_),
        "hides_something": int(fit._hides_something),
        "warnings": json.dumps(fit.warnings_),
        "n_iter": fit.n_iter_,
        "elapsed": fit.elapsed_,
        "log_likelihood": fit.log_likelihood_,
        "n_features_in": fit.n_features_in_,
        "feature_names": json.dumps(list(getattr(fit, "feature_names_in_", []))),
        "restarts": json.dumps(plain(getattr(fit, "restarts_", []))),
        "diagnostics": json.dumps(plain(getattr(fit, "diagnostics_", {}))),
        "seed": json.dumps(
            next((options[n] for n in ("rng", "random_state") if isinstance(options.get(n), int)), None)
        ),
        "versions": _versions(),
    }
    own = {"elbo": "elbo_", "log_evidence": "log_evidence_"}
    return attributes | {key: getattr(fit, name) for key, name in own.items() if hasattr(fit, name)}


@cache
def _versions() -> str:
    return json.dumps({package: version(package) for package in _PACKAGES})


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(each) for each in value.values())
    return value is None or isinstance(value, bool | int | float | str)
