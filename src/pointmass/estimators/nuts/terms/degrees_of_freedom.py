"""Degrees of freedom with a gamma prior, in PyMC, beside the parameters of normal rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Belief
from pointmass.families.point_mass import PointMass
from pointmass.families.product_prior import parts_of

__all__ = ["degrees_of_freedom", "with_freedom"]

_LEAD = "location_"


def degrees_of_freedom(belief: Any) -> Any:
    """Return degrees of freedom (K,): a free variable with a gamma density, or known."""
    import pymc as pm

    return variable(belief, "dof", lambda: pm.Gamma("dof", alpha=belief.shape, beta=belief.rate))


def with_freedom(term: Term, prior: Belief) -> Term:
    """Return the term of normal rows with the ways of the degrees of freedom added to its own."""
    location, freedom = parts_of(prior).values()

    def parameters(values: Parameters) -> Parameters:
        own = term.parameters(values)
        found = {f"{_LEAD}{key}": own[key] for key in location.parameter_constraints}  # type: ignore[union-attr]
        if not isinstance(freedom, PointMass):
            return {**found, "dof": values["dof"]}
        leading, dof = next(iter(values.values())).shape[:2], freedom.parameters["dof"]
        return {**found, "dof": np.broadcast_to(dof, (*leading, *dof.shape))}

    def back(point: Parameters) -> Parameters:
        own = {key.removeprefix(_LEAD): array for key, array in point.items() if key != "dof"}
        return term.values(own) | ({} if isinstance(freedom, PointMass) else {"dof": point["dof"]})

    return Term(term.output, parameters, back)
