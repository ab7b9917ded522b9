"""The Dirichlet distribution of the probabilities of categories, one for each component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaln, gammaln

from pointmass.families.checks import component_copies
from pointmass.families.conjugate import Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.numerics import Array

__all__ = ["DirichletProbabilities", "category_prior", "log_count_predictive"]


@dataclass(frozen=True, eq=False, repr=False)
class DirichletProbabilities(Dirichlet):
    """A `Dirichlet` of category probabilities (K, C): what becomes of the one given to `Categorical`, `Multinomial`."""

    parameter: ClassVar[str] = "probabilities"
    parameter_constraints: ClassVar[dict[str, str]] = {"probabilities": "simplex"}

    def broadcast(self, n_components: int, n_columns: int = 1) -> DirichletProbabilities:
        """Return concentrations (K, C), ``n_columns`` being the number of categories."""
        size = (n_components, n_columns)
        copies = component_copies("Dirichlet", "concentration", self.concentration, size)
        return DirichletProbabilities.trusted(concentration=copies)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode; NaN for a component where every probability is as good."""
        mass = np.maximum(self.concentration - 1.0, 0.0)
        with np.errstate(invalid="ignore"):
            return {"probabilities": mass / mass.sum(-1, keepdims=True)}


def category_prior(prior: Any, n_components: int, n_categories: int) -> Any:
    """Return a Dirichlet as one of category probabilities (K, C); another kind of prior is returned as it is."""
    if not isinstance(prior, Dirichlet):
        return prior
    own = DirichletProbabilities.trusted(concentration=prior.concentration)
    return own.broadcast(n_components, n_categories)


def log_count_predictive(concentration: Array, counts: Array) -> Array:
    """Return log E[Π p_c^x_c] (K, n) under Dirichlets (K, C), for counts (C, n)."""
    from_zero = _log_rising(concentration[..., None], counts).sum(1)
    return np.asarray(from_zero - _log_rising(concentration.sum(1)[:, None], counts.sum(0)))


def _log_rising(base: Array, steps: Array) -> Array:
    """Return log Γ(base + steps) − log Γ(base), without the cancellation of large numbers."""
    positive = np.maximum(steps, 1.0)
    return np.where(steps > 0, gammaln(positive) - betaln(base, positive), 0.0)
