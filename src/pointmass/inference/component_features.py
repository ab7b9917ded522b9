"""Unconstrained coordinates of each component of many draws: what a labelling is judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["features_of", "parameter_kinds"]

type Dims = Mapping[str, tuple[str, ...]]


def parameter_kinds(dims: Dims, prior: Beliefs) -> dict[str, str]:
    """Return the kind of each public parameter; a matrix that stands for variances is a covariance too."""
    native: dict[str, str] = {}
    for block, belief in prior.items():
        kinds = dict(belief.constraints if isinstance(belief, PointMass) else belief.parameter_constraints)
        native |= kinds if len(kinds) > 1 else {**dict.fromkeys((block,), *kinds.values()), **kinds}
    # A prior of several parts leads with the part's name: "location_noise_variance".
    native |= {name: kind for name in dims for key, kind in native.items() if key.endswith(f"_{name}")} | native
    matrices = {name for name, axes in dims.items() if "".join(axes[-1:]).endswith("feature_2")}
    return {name: native.get(name, "covariance" if name in matrices else "real") for name in dims}


def features_of(draws: Parameters, dims: Dims, kinds: Mapping[str, str]) -> Array:
    """Return the coordinates (S, K, F) of every component of every draw.

    Parameters
    ----------
    draws : dict of str to ndarray
        Public parameters with a leading axis of S draws.
    dims : dict of str to tuple of str
        Axes of each parameter; one with a second component axis belongs to pairs, and is left out, as is one that
        is known.
    kinds : dict of str to str
        Kind of each parameter (`parameter_kinds`).
    """
    parts = [
        _COORDINATES[kinds[name]](np.asarray(draws[name], dtype=float))
        for name, axes in dims.items()
        if axes[:1] == ("component",) and "component_to" not in axes and kinds[name] != "known"
    ]
    return np.concatenate([part.reshape(*part.shape[:2], -1) for part in parts], axis=2)


def _logs(array: Array) -> Array:
    return np.asarray(np.log(np.maximum(array, 1e-300)))


def _factors(matrices: Array) -> Array:
    """Return Cholesky factors, their diagonals as logarithms, one vector a matrix."""
    factor = np.linalg.cholesky(matrices)
    rows, columns = np.tril_indices(matrices.shape[-1], -1)
    logs = np.log(np.diagonal(factor, axis1=-2, axis2=-1))
    return np.concatenate([logs, factor[..., rows, columns]], axis=-1)


_COORDINATES: dict[str, Callable[[Array], Array]] = {
    "real": lambda array: array,
    "zero_sum": lambda array: array,
    "positive": _logs,
    "simplex": _logs,
    "unit": lambda array: _logs(array) - _logs(1.0 - array),
    "covariance": _factors,
}
