"""Public parameters that a user gives: their names, shapes and ranges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import covariance_matrix
from pointmass.families.conjugate import Parameters
from pointmass.models import Model
from pointmass.numerics import Array

__all__ = ["check_parameters"]


def _check_weights(array: Array) -> None:
    _check_shares("weights", array)


def _check_initial(array: Array) -> None:
    _check_shares("initial", array)


def _check_transitions(array: Array) -> None:
    _check_shares("rows of transition_matrix", array)


def _check_shares(name: str, array: Array) -> None:
    sums = array.sum(-1)
    if (array < 0).any() or (np.abs(sums - 1.0) > 1e-6).any():
        raise PointmassError(f"{name} must be at least 0 and sum to 1, got {array.tolist()}, sums {sums.tolist()}")


def _check_covariance(array: Array) -> None:
    if not array.any():
        raise PointmassError("covariance must be positive definite, and is zero")
    covariance_matrix("parameters", "covariance", array)


def _accept(array: Array) -> None:
    """Accept any finite numbers."""


_CHECKS: dict[str, Callable[[Array], None]] = {
    "weights": _check_weights,
    "initial": _check_initial,
    "transition_matrix": _check_transitions,
    "covariance": _check_covariance,
}


def check_parameters(parameters: Parameters, model: Model, n_columns: int) -> None:
    """Raise `PointmassError` unless these are parameters of the model, as ``estimate_`` has them.

    Parameters
    ----------
    parameters : dict of str to ndarray
        Public parameters.
    model : Model
        Whose parameters they should be.
    n_columns : int
        Number of columns of the data.
    """
    sizes = model.axis_sizes(n_columns)
    if set(parameters) != set(model.dims):
        raise PointmassError(f"they must be {', '.join(model.dims)}; got {', '.join(map(str, parameters)) or 'none'}")
    for name, dims in model.dims.items():
        array = parameters[name]
        shape = tuple(sizes.get(dim, size) for dim, size in zip(dims, array.shape, strict=False))
        if array.shape != shape or len(dims) != array.ndim:
            wanted = ", ".join(str(sizes.get(dim, dim)) for dim in dims)
            raise PointmassError(f"{name} must have shape ({wanted}), got {array.shape}")
        if not np.isfinite(array).all():
            raise PointmassError(f"{name} must be finite")
        _CHECKS.get(name, _CHECKS.get(name.rsplit("_", 1)[-1], _accept))(array)
