"""A posterior with exchangeable components, folded onto one labelling."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.relabelling import Reference, permutation_count, permutations_within, permute, relabel
from pointmass.numerics import Array

__all__ = ["Folding"]

_LARGEST = 24


class Folding:
    """The permutations of components that leave the posterior as it is, and draws on one of its copies.

    Parameters
    ----------
    log_joint : LogJoint
        Density of the unconstrained coordinates.
    reference : Reference or None
        Labels and metric of a fit; None where no components can be told by labels.
    """

    def __init__(self, log_joint: LogJoint, reference: Reference | None) -> None:
        self.log_joint, self.reference = log_joint, reference

    @property
    def log_copies(self) -> float:
        """Log of the number of labellings of the posterior: log K! where all components are alike."""
        if self.reference is None:
            return 0.0
        return float(np.log(permutation_count(self.reference.groups)))

    @property
    def is_complete(self) -> bool:
        """Whether all permutations are summed over; else the identity and the exchanges of two components."""
        return bool(self.log_copies <= np.log(_LARGEST) + 1e-9)

    def relabelled(self, vectors: Array) -> tuple[Parameters, Array]:
        """Return draws as public parameters and as vectors, on the reference's labels."""
        draws = self.log_joint.constrain(vectors)
        if self.reference is None:
            return draws, vectors
        found = relabel(draws, self.reference)
        return found.draws, self.log_joint.unconstrain(found.draws)

    def boundary_share(self, draws: Parameters) -> float:
        """Return the share of draws near a label boundary."""
        return 0.0 if self.reference is None else relabel(draws, self.reference).boundary_share

    def copies(self, draws: Parameters) -> list[Array]:
        """Return the coordinates (S, D) of the draws under every other permutation."""
        if self.reference is None:
            return []
        size = len(next(iter(draws.values())))
        return [self.log_joint.unconstrain(self._permuted(draws, order, size)) for order in self._orders()[1:]]

    def _permuted(self, draws: Parameters, order: Array, size: int) -> Parameters:
        assert self.reference is not None
        orders = np.tile(order, (size, 1))
        return {name: permute(array, self.reference.dims[name], orders) for name, array in draws.items()}

    def _orders(self) -> Array:
        """Return the permutations, the identity first."""
        assert self.reference is not None
        groups = self.reference.groups
        if self.is_complete:
            return permutations_within(groups)
        identity = np.arange(len(groups))
        exchanged = [identity]
        for j, k in combinations(range(len(groups)), 2):
            if groups[j] == groups[k]:
                order = identity.copy()
                order[[j, k]] = order[[k, j]]
                exchanged.append(order)
        return np.array(exchanged)
