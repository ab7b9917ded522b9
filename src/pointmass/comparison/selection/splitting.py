"""A fit of K components as a start for K + 1: one component becomes two copies that share its weight."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["split"]

_AXES = ("component", "component_to")


def split(
    parameters: Mapping[str, Array], dims: Mapping[str, tuple[str, ...]], shared: Collection[str], component: int
) -> Parameters:
    """Return public parameters with one component more, at which the likelihood is the same.

    Parameters
    ----------
    parameters : dict of str to ndarray
        Public parameters of K components.
    dims : dict of str to tuple of str
        Their axes.
    shared : collection of str
        Parameters that are probabilities of the components (weights, transitions): the two copies halve theirs.
    component : int
        Which one is split; its copy comes last.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass.comparison.selection.splitting import split
    >>> split({"weights": np.array([0.4, 0.6])}, {"weights": ("component",)}, {"weights"}, 1)["weights"]
    array([0.4, 0.3, 0.3])
    """
    return {
        name: _split(np.asarray(array), dims[name], name in shared, component) for name, array in parameters.items()
    }


def _split(array: Array, axes: tuple[str, ...], is_shared: bool, component: int) -> Array:
    for axis, name in enumerate(axes):
        if name in _AXES:
            array = np.concatenate([array, array.take([component], axis=axis)], axis=axis)
    if is_shared:
        array = array.copy()
        array[..., [component, -1]] *= 0.5
    return array
