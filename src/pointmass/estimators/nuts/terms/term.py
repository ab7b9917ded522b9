"""What one part of a model becomes in PyMC: free variables, a tensor, and the ways to the parameters and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Belief
from pointmass.families.point_mass import PointMass
from pointmass.values import snake_case

__all__ = ["Term", "conjugate_of", "form_of", "made_by", "variable"]


def _same(parameters: Parameters) -> Parameters:
    return parameters


@dataclass(frozen=True, eq=False)
class Term:
    """One block of parameters in PyMC's own terms.

    Parameters
    ----------
    output : tensor or callable
        Of a family: a function of a tensor of rows (n, d), in working coordinates, that returns log p(x | k), shape
        (K, n). Of a latent: a function of these log densities, of the observed rows, and of `Rows`, that returns the
        log likelihood with the components summed out.
    parameters : callable
        Values of the term's free variables by name, with any leading axes, to the block's parameters. Leave it
        out where the variables are the parameters, name for name.
    values : callable
        The way back, at one point.
    blocks : dict of str to Term
        Of a latent with several blocks: the ways of each.
    """

    output: Any
    parameters: Callable[[Parameters], Parameters] = _same
    values: Callable[[Parameters], Parameters] = _same
    blocks: Mapping[str, Term] = field(default_factory=dict)


def variable(prior: Belief, name: str, free: Callable[[], Any]) -> Any:
    """Return the value of a parameter that is held known, else the free variable that ``free`` makes.

    Parameters
    ----------
    prior : belief
        Prior of the block.
    name : str
        Name of the parameter in the block.
    free : callable
        Makes the PyMC variable, called ``name`` too, with the prior's own density.
    """
    return np.asarray(prior.parameters[name]) if isinstance(prior, PointMass) else free()


def conjugate_of(prior: Belief) -> type:
    """Return the class of conjugate priors of a block, held known or not."""
    return prior.family if isinstance(prior, PointMass) else type(prior)


def form_of[Form](forms: Mapping[type, Form], prior: Belief) -> Form:
    """Return the entry of the class of conjugate priors that a block has, held known or not."""
    return next(form for kind, form in forms.items() if issubclass(conjugate_of(prior), kind))


def made_by(registry: Mapping[str, Callable[[Any, Any], Term]], part: Any) -> Callable[[Any, Any], Term]:
    """Return what makes the term of a family or latent.

    Raises
    ------
    PointmassError
        If nothing does.
    """
    name = snake_case(type(part).__name__)
    if name not in registry:
        raise PointmassError(f"NUTS has no term for {name}; add one to pointmass/estimators/nuts/terms, or use Gibbs")
    return registry[name]
