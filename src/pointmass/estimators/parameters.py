"""Public parameters that a user gives: their names, shapes and ranges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.models import Model
from pointmass.numerics import Array

__all__ = ["check_parameters"]


def _sums_to_one(array: Array) -> bool:
    return bool((array >= 0).all() and (np.abs(array.sum(-1) - 1.0) < 1e-6).all())


def _positive_definite(array: Array) -> bool:
    mirrored = np.abs(array - np.swapaxes(array, -1, -2)).max() <= 1e-8 * np.abs(array).max()
    return bool(mirrored and (np.linalg.eigvalsh(array) > 0).all())


_RULES: dict[str, tuple[Callable[[Array], bool], str]] = {
    "weights": (_sums_to_one, "be at least 0 and sum to 1"),
    "covariance": (_positive_definite, "be symmetric and positive definite"),
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
    sizes = {"component": model.n_components, "feature": n_columns, "feature_2": n_columns}
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
        holds, rule = _RULES.get(name, (lambda _: True, ""))
        if not holds(array):
            raise PointmassError(f"{name} must {rule}")
