"""An uncertainty as an ``xarray.Dataset`` and back: standard deviations, bounds, quantiles, draws, diagnostics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtr, ndtri

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array, leading
from pointmass.uncertainty.base import Uncertainty
from pointmass.values import plain

__all__ = ["uncertainty_from_dataset", "uncertainty_to_dataset"]

type Dims = Mapping[str, tuple[str, ...]]

_LARGEST_DRAWS = 1000

# Quantiles are kept at steps of 0.1 normal scores, and exactly at the levels that people ask for.
_LEVELS = np.array([0.5, 0.8, 0.89, 0.9, 0.95, 0.99])
_TAILS = ndtri(0.5 + 0.5 * _LEVELS)
_SCORES = np.unique(np.concatenate([np.linspace(-4.0, 4.0, 81), _TAILS, -_TAILS]))


def uncertainty_to_dataset(uncertainty: Uncertainty, dims: Dims) -> xr.Dataset:
    """Return variables ``sd_…``, ``lower_…``, ``upper_…``, ``quantile_…``; of some methods ``draw_…``, ``mean_…``."""
    variables = {f"sd_{name}": (dims[name], array) for name, array in uncertainty.sd.items()}
    for name, (lower, upper) in uncertainty.interval().items():
        variables[f"lower_{name}"], variables[f"upper_{name}"] = (dims[name], lower), (dims[name], upper)
    quantiles = uncertainty.quantile(ndtr(_SCORES))
    variables.update({f"quantile_{name}": (("score", *dims[name]), quantiles[name]) for name in uncertainty.sd})
    for name, array in (uncertainty.draws or {}).items():
        step = -(-len(array) // _LARGEST_DRAWS)
        variables[f"draw_{name}"] = (("draw", *dims[name]), array[::step])
    variables.update({f"mean_{name}": (dims[name], array) for name, array in (uncertainty.mean or {}).items()})
    attributes = {
        "method": uncertainty.method,
        "level": uncertainty.level,
        "elapsed": uncertainty.elapsed,
        "diagnostics": json.dumps(plain(dict(uncertainty.diagnostics))),
    }
    return xr.Dataset(variables, coords={"score": _SCORES}, attrs=attributes)


def uncertainty_from_dataset(dataset: xr.Dataset) -> Uncertainty:
    """Return the uncertainty that `uncertainty_to_dataset` stored; quantiles between those kept are interpolated."""

    def arrays(prefix: str) -> Parameters:
        names = [str(name) for name in dataset.data_vars if str(name).startswith(prefix)]
        return {name.removeprefix(prefix): np.asarray(dataset[name].values) for name in names}

    attributes: Mapping[Any, Any] = dataset.attrs
    level = float(attributes["level"])
    scores, kept = np.asarray(dataset["score"].values), arrays("quantile_")
    tail = 0.5 * (1.0 - level)
    bounds = ((tail, arrays("lower_")), (1.0 - tail, arrays("upper_")))

    def quantile(probability: Array | float) -> Parameters:
        found = {name: _interpolated(scores, array, np.asarray(ndtri(probability))) for name, array in kept.items()}
        for end, bound in bounds:
            at = np.equal(probability, end)
            found = {name: np.where(leading(at, bound[name].ndim), bound[name], array) for name, array in found.items()}
        return found

    return Uncertainty(
        method=str(attributes["method"]),
        sd=arrays("sd_"),
        level=level,
        quantile=quantile,
        draws=arrays("draw_") or None,
        diagnostics=_with_arrays(json.loads(attributes["diagnostics"])),
        mean=arrays("mean_") or None,
        elapsed=float(attributes["elapsed"]),
    )


def _interpolated(scores: Array, values: Array, wanted: Array) -> Array:
    """Return values (*wanted.shape, ...) at the scores ``wanted``, from values (S, ...) at scores (S,)."""
    distances = np.abs(scores - wanted[..., None])
    kept = values[distances.argmin(-1)]
    is_kept = distances.min(-1) < 1e-9
    if is_kept.all():
        return np.asarray(kept)
    exists = np.isfinite(values).all(axis=0)
    inside = PchipInterpolator(scores, np.where(exists, values, 0.0), axis=0)(np.clip(wanted, scores[0], scores[-1]))
    return np.where(leading(is_kept, exists.ndim), kept, np.where(exists, inside, np.nan))


def _with_arrays(diagnostics: dict[str, Any]) -> dict[str, Any]:
    fractions = diagnostics.get("missing_information")
    if fractions is not None:
        diagnostics["missing_information"] = {name: np.asarray(array) for name, array in fractions.items()}
    return diagnostics
