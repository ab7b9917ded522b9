"""A product of families, in PyMC: the terms of the parts, each in a model of its own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, made_by
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.families.product import Product
from pointmass.families.product_layout import Part
from pointmass.families.product_prior import parts_of

__all__ = ["product"]

_BETWEEN = "::"  # PyMC's own, between the name of a nested model and that of its variable


def product(terms: Mapping[str, Callable[[Any, Any], Term]], family: Product, prior: Any) -> Term:
    """Return the sums of the parts' log densities.

    Parameters
    ----------
    terms : dict of str to callable
        The terms of all families by name.
    family : Product
        The family.
    prior : ProductPrior or PointMass
        Priors of all parts.
    """
    import pymc as pm

    beliefs, own = parts_of(prior), {}
    for part in family.parts:
        with pm.Model(name=part.name):
            own[part.name] = made_by(terms, part.family)(part.family, beliefs[part.name])

    def log_density(rows: Any) -> Any:
        each = [own[part.name].output(rows[:, _place(part)]) for part in family.parts]
        return sum(each[1:], each[0])

    def parameters(values: Parameters) -> Parameters:
        merged: Parameters = {}
        for part in family.parts:
            merged |= part.named(_parameters(part, own[part.name], beliefs[part.name], values))
        return merged

    def back(point: Parameters) -> Parameters:
        return {
            f"{part.name}{_BETWEEN}{key}": value
            for part in family.parts
            if not isinstance(beliefs[part.name], PointMass)
            for key, value in own[part.name].values(part.own_native(point)).items()
        }

    return Term(log_density, parameters, back)


def _place(part: Part) -> Any:
    return part.place if isinstance(part.place, slice) else np.array(part.place)


def _parameters(part: Part, term: Term, belief: Any, values: Parameters) -> Parameters:
    """Return the part's parameters from values of all variables, with two leading axes."""
    if isinstance(belief, PointMass):
        leading = next(iter(values.values())).shape[:2]
        return {key: np.broadcast_to(value, (*leading, *value.shape)) for key, value in belief.parameters.items()}
    lead = f"{part.name}{_BETWEEN}"
    return term.parameters({key.removeprefix(lead): value for key, value in values.items() if key.startswith(lead)})
