"""Public parameters that a user gives: their names, shapes and ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import covariance_matrix
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["check_parameters", "known_parameters"]


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


def check_parameters(
    parameters: Parameters, model_dims: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> None:
    """Raise `PointmassError` unless these are parameters of a model, as ``estimate_`` has them.

    Parameters
    ----------
    parameters : dict of str to ndarray
        Public parameters.
    model_dims : dict of str to tuple of str
        The axes that each of them should have.
    sizes : dict of str to int
        The length of each axis that model and data fix.

    Raises
    ------
    PointmassError
        If a name is missing or unknown, or a value has another shape, is not finite or out of range.
    """
    if set(parameters) != set(model_dims):
        raise PointmassError(f"they must be {', '.join(model_dims)}; got {', '.join(map(str, parameters)) or 'none'}")
    for name, dims in model_dims.items():
        array = parameters[name]
        shape = tuple(sizes.get(dim, size) for dim, size in zip(dims, array.shape, strict=False))
        if array.shape != shape or len(dims) != array.ndim:
            wanted = ", ".join(str(sizes.get(dim, dim)) for dim in dims)
            raise PointmassError(f"{name} must have shape ({wanted}), got {array.shape}")
        if not np.isfinite(array).all():
            raise PointmassError(f"{name} must be finite")
        _CHECKS.get(name, _CHECKS.get(name.rsplit("_", 1)[-1], _accept))(array)


def known_parameters(
    owner: str, given: PointMass, dims: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> Parameters:
    """Return the public parameters that a family's prior holds known; a bare array is the value of the only one.

    Raises
    ------
    PointmassError
        If they are not the family's, one value for each component.
    """
    value = given.parameters
    parameters = dict(value) if isinstance(value, Mapping) else dict.fromkeys(list(dims)[:1], value)
    try:
        check_parameters(parameters, dims, sizes)
    except PointmassError as error:
        raise PointmassError(
            f"{owner}: the parameters that prior holds known cannot be used: {error}", path=("prior",)
        ) from error
    return parameters
