"""What EM and MAP share: a point's statuses, and the average that stochastic EM reports."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import ClassVar

import numpy as np

from pointmass.errors import listed
from pointmass.estimators.ascending import Ascending
from pointmass.families.conjugate import Parameters
from pointmass.inference.acceleration import Plain
from pointmass.inference.chain import chain
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.coordinate_ascent import Ascent, ascend
from pointmass.inference.projections import Projection, mode
from pointmass.inference.sweep import Sweep
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["Pointwise"]

_EMPTY = 1e-10

_EDGES: dict[str, Callable[[Array], Array]] = {
    "positive": lambda array: array <= _EMPTY,
    "simplex": lambda array: array <= _EMPTY,
    "unit": lambda array: (array <= _EMPTY) | (array >= 1.0 - _EMPTY),
}


# Weights have a warning of their own; one sequence, which starts once, always puts its first state at an edge.
_EXPECTED = ("weights", "initial")


class Pointwise(Ascending):
    """Ascents whose belief is a point."""

    kind: ClassVar[str] = "point"

    @property
    def _min_samples(self) -> int:
        """Two, but for families of which one row can have a maximum, such as counts."""
        return min(2, self.model_.least_rows(1))

    def _projection(self) -> Projection:
        return mode

    def _status(self, ascent: Ascent, sweep: Sweep) -> str:
        if self.model_.degenerate_components(ascent.beliefs).any():
            return "degenerate"
        if ascent.converged and self._on_boundary(ascent.beliefs):
            return "boundary"
        return super()._status(ascent, sweep)

    def _on_boundary(self, beliefs: Beliefs) -> bool:
        return bool(self._empty(beliefs).any() or self._at_edge(beliefs))

    def _public(self, beliefs: Beliefs) -> Parameters:
        return self.model_.public({name: belief.parameter_mean() for name, belief in beliefs.items()})

    def _empty(self, beliefs: Beliefs) -> Array:
        """Return which components (K,) no row comes from."""
        return self.model_.empty_components(self._public(beliefs))

    def _at_edge(self, beliefs: Beliefs) -> list[str]:
        """Return which parameters, those apart of which it is expected, have entries at the edge of their range."""
        kinds, public = parameter_kinds(self.model_.dims, self.prior_), self._public(beliefs)
        # A variance that a floor holds up is no edge: small ones are what tight components have.
        edges = [
            name
            for name, array in public.items()
            if name not in _EXPECTED
            and kinds[name] in _EDGES
            and not (kinds[name] == "positive" and self.model_.is_floored(name))
            and _EDGES[kinds[name]](array).any()
        ]
        return [*edges, *(name for name, at in self._limits(public) if at.any())]

    def _limits(self, public: Parameters) -> list[tuple[str, Array]]:
        return list(self.model_.at_limit(public, self._data, self._working(self.prior_)).items())

    def _record(self, ascent: Ascent, status: str, sweep: Sweep) -> None:
        super()._record(ascent, status, sweep)
        if status == "degenerate":
            self.warnings_.append(self._degeneracy(ascent))
        if status == "boundary":
            self._warn_of_boundary(ascent.beliefs)

    def _warn_of_boundary(self, beliefs: Beliefs) -> None:
        empty = np.flatnonzero(self._empty(beliefs))
        if empty.size:
            verb = "is" if empty.size == 1 else "are"
            self.warnings_.append(
                f"{listed('component', empty)} {verb} empty (weight 0): the estimate lies on the boundary"
            )
        for name in self._at_edge(beliefs):
            self.warnings_.append(
                f"{name} has entries at the edge of its range: the estimate lies on the boundary, and rules out what "
                "was not seen; MAP or VB with a prior that keeps away from it does not"
            )

    def _degeneracy(self, ascent: Ascent) -> str:
        """Return a sentence on what collapsed and what to do."""
        remedy = "use MAP, another covariance, or fewer components"
        which = np.flatnonzero(self.model_.degenerate_components(ascent.beliefs))
        if not which.size:
            return f"the last sweep could not be repeated: rounding has made a component degenerate; {remedy}"
        verb = "has" if which.size == 1 else "have"
        return (
            f"the likelihood is unbounded: {listed('component', which)} {verb} collapsed onto few points or "
            f"a subspace, where a floor holds the variance; {remedy}"
        )

    def _ascend(
        self, sweep: Sweep, start: Beliefs, rng: np.random.Generator, on_step: Callable[[Ascent], None]
    ) -> Ascent:
        if self.assignments != "draw":
            return super()._ascend(sweep, start, rng, on_step)
        return self._average(sweep, start, rng)

    def _average(self, sweep: Sweep, start: Beliefs, rng: np.random.Generator) -> Ascent:
        """Return the mean, in unconstrained coordinates, of the second half of a stochastic EM chain."""
        visited = islice(chain(sweep, start, rng), self.max_iter // 2, self.max_iter)
        mean = unpack(
            np.mean([pack(beliefs, sweep.free_blocks) for beliefs in visited], axis=0),
            start,
            sweep.free_blocks,
        )
        final = ascend(sweep, mean, Plain(), tol=0.0, max_iter=1, rng=rng)
        # There is no objective to converge: the chain ends where it was asked to.
        final.n_evaluations, final.converged = self.max_iter, True
        return final
