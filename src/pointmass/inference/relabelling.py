"""One labelling for all draws: each goes to the permutation of its components that lies nearest a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

import numpy as np
from scipy.optimize import linear_sum_assignment

from pointmass.families.conjugate import Parameters
from pointmass.inference.component_features import features_of, parameter_kinds
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array

__all__ = [
    "LARGEST_ENUMERATION",
    "Reference",
    "Relabelled",
    "permutation_count",
    "permutations_within",
    "permute",
    "reference_of",
    "relabel",
]

LARGEST_ENUMERATION = 720
"""Permutations that are tried one by one."""

_BATCH = 4096
_NEAR = 0.25


@dataclass(frozen=True, eq=False)
class Reference:
    """The labelling of one fit, and the metric in which draws are compared with it.

    A draw has coordinates for each component: its own entries of every parameter, made unconstrained (logarithms
    of what is positive, the Cholesky factor of a covariance with a logarithmic diagonal). A coordinate is measured
    in units of its spread in the fit, the same unit for every component, so that permuting the components of two
    draws together leaves their distance as it was.

    Parameters
    ----------
    dims : dict of str to tuple of str
        Axes of each parameter, ``"component"`` first where it has one entry a component.
    kinds : dict of str to str
        Kind of each parameter: ``"real"``, ``"positive"``, ``"simplex"`` or ``"covariance"``.
    groups : ndarray of int, shape (K,)
        Components of one group may be permuted (`Model.interchangeable`).
    centre : ndarray, shape (K, F)
        Coordinates of the fit.
    scale : ndarray, shape (F,)
        Unit of each coordinate; infinite for one that the fit knows exactly and that tells nothing apart.
    """

    dims: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    groups: Array
    centre: Array
    scale: Array

    @classmethod
    def of(
        cls, draws: Parameters, dims: Mapping[str, tuple[str, ...]], kinds: Mapping[str, str], groups: Array
    ) -> Reference:
        """Return the reference that draws (leading axis) from a fit with fixed labels make.

        Parameters
        ----------
        draws : dict of str to ndarray
            Public parameters with a leading axis of draws, such as those of a variational posterior.
        dims : dict of str to tuple of str
            Axes of each parameter (`Model.dims`).
        kinds : dict of str to str
            Kind of each parameter (`parameter_kinds`).
        groups : ndarray of int, shape (K,)
            Which components may be permuted.
        """
        features = features_of(draws, dims, kinds)
        variance = features.var(axis=0)
        precision = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > 0).mean(axis=0)
        scale = np.divide(1.0, np.sqrt(precision), out=np.full_like(precision, np.inf), where=precision > 0)
        return cls(dims, kinds, np.asarray(groups), features.mean(axis=0), scale)


def reference_of(model: Model, draws: Parameters, prior: Beliefs, rows: Rows) -> Reference | None:
    """Return the labels that a fit's draws have, or None where there is nothing to label.

    Parameters
    ----------
    model : Model
        The model.
    draws : dict of str to ndarray
        Public parameters with a leading axis, drawn from the fit.
    prior : dict of str to belief
        Prior of each block.
    rows : Rows
        Data, whose known labels tell components apart.
    """
    if not model.has_latent or rows.fully_labelled:
        return None
    groups = model.interchangeable(prior, rows.labels)
    if len(np.unique(groups)) == len(groups):
        return None
    return Reference.of(draws, model.dims, parameter_kinds(model.dims, prior), groups)


@dataclass(frozen=True, eq=False)
class Relabelled:
    """Draws on the reference's labels.

    Parameters
    ----------
    draws : dict of str to ndarray
        The draws, permuted.
    order : ndarray of int, shape (S, K)
        Which of a draw's own components became component k.
    near_boundary : ndarray of bool, shape (S,)
        Which draws lie near a label boundary: nearer to the hyperplane on which two labellings are equally far from
        the reference than a quarter of the draws' own standard deviation across that hyperplane.
    """

    draws: Parameters
    order: Array
    near_boundary: Array

    @property
    def boundary_share(self) -> float:
        """Share of the draws near a label boundary.

        Where a posterior is cut by a boundary it is above 5 %, and a summary of one component describes the cut.
        """
        return float(self.near_boundary.mean())


def relabel(draws: Parameters, reference: Reference) -> Relabelled:
    """Return draws with the components of each in the order nearest the reference.

    Only permutations within the reference's groups are tried: those that leave the prior and known labels as they
    are. Up to 720 permutations are compared one by one; above that each draw is one assignment problem.

    Parameters
    ----------
    draws : dict of str to ndarray
        Public parameters with one leading axis of S draws.
    reference : Reference
        Labels and metric of a fit.

    References
    ----------
    Stephens (2000), *Dealing with label switching in mixture models*.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass.inference.relabelling import Reference, relabel
    >>> fit = {"mean": np.array([[[0.0], [5.0]], [[0.2], [5.2]]])}
    >>> reference = Reference.of(fit, {"mean": ("component", "feature")}, {"mean": "real"}, np.array([0, 0]))
    >>> relabel({"mean": np.array([[[4.9], [0.1]]])}, reference).draws["mean"].ravel()
    array([0.1, 4.9])
    """
    groups = reference.groups
    size = len(next(iter(draws.values())))
    if len(np.unique(groups)) == len(groups):
        return Relabelled(draws, np.tile(np.arange(len(groups)), (size, 1)), np.zeros(size, dtype=bool))
    features = features_of(draws, reference.dims, reference.kinds) / reference.scale
    costs = _costs(features, reference.centre / reference.scale)
    order = _cheapest(costs, groups)
    kept = np.take_along_axis(costs, order[:, :, None], axis=1)
    near = _near_boundary(kept, reference.centre / reference.scale, groups)
    found = {name: permute(array, reference.dims[name], order) for name, array in draws.items()}
    return Relabelled(found, order, near)


# -- distances ----------------------------------------------------------------------------------------------


def _costs(features: Array, centre: Array) -> Array:
    """Return squared distances (S, j, k) of a draw's component j from the reference's component k."""
    costs = np.empty((len(features), len(centre), len(centre)))
    for k, place in enumerate(centre):
        costs[:, :, k] = ((features - place) ** 2).sum(axis=2)
    return costs


def _cheapest(costs: Array, groups: Array) -> Array:
    """Return the order (S, K) of least total distance."""
    search = _by_enumeration if permutation_count(groups) <= LARGEST_ENUMERATION else _by_assignment
    return search(costs, groups)


def permutation_count(groups: Array) -> int:
    """Return how many permutations keep every component within its group."""
    return prod(factorial(int(size)) for size in np.unique(groups, return_counts=True)[1])


def _by_enumeration(costs: Array, groups: Array) -> Array:
    orders = permutations_within(groups)
    best = np.empty(len(costs), dtype=np.intp)
    for start in range(0, len(costs), _BATCH):
        batch = costs[start : start + _BATCH]
        totals = sum(batch[:, orders[:, k], k] for k in range(len(groups)))
        best[start : start + _BATCH] = np.argmin(totals, axis=1)
    return orders[best]


def permutations_within(groups: Array) -> Array:
    """Return every permutation within the groups, the identity first."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    orders = []
    for choice in product(*(permutations(each) for each in members)):
        order = np.empty(len(groups), dtype=np.intp)
        for places, components in zip(members, choice, strict=True):
            order[places] = components
        orders.append(order)
    return np.array(orders)


def _by_assignment(costs: Array, groups: Array) -> Array:
    forbidden = groups[:, None] != groups
    priced = np.where(forbidden, costs.max() * len(groups) + 1.0, costs)
    return np.array([linear_sum_assignment(matrix.T)[1] for matrix in priced])


def _near_boundary(costs: Array, centre: Array, groups: Array) -> Array:
    """Return which draws (S,) lie near the boundary with any labelling that exchanges two components."""
    near = np.zeros(len(costs), dtype=bool)
    for j, k in zip(*np.triu_indices(len(groups), 1), strict=True):
        if groups[j] != groups[k]:
            continue
        gap = np.sqrt(2.0 * ((centre[j] - centre[k]) ** 2).sum())
        excess = costs[:, j, k] + costs[:, k, j] - costs[:, j, j] - costs[:, k, k]
        distance = excess / (2.0 * gap) if gap > 0 else np.zeros(len(costs))
        near |= distance <= _NEAR * distance.std()
    return near


def permute(array: Array, axes: tuple[str, ...], order: Array) -> Array:
    """Return draws (S, ...) of one parameter with every component axis in the order (S, K) of the draw."""
    for axis, name in enumerate(axes, start=1):
        if name in ("component", "component_to"):
            index = order.reshape(len(order), *(-1 if a == axis else 1 for a in range(1, array.ndim)))
            array = np.take_along_axis(array, index, axis=axis)
    return array
