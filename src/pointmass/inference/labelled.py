"""The exact evidence of rows and given components, and draws from the exact posterior, for many assignments."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.one_by_one import OneByOne
from pointmass.inference.separable import Separable
from pointmass.models import Beliefs, DiscreteModel, Rows
from pointmass.numerics import Array

__all__ = ["Labelled", "labelled"]


class Labelled(Protocol):
    """What enumeration asks of a model whose components are given; everything is in working coordinates."""

    fast: bool

    def log_evidences(self, labels: Array) -> Array:
        """Return log p(rows, components) (A,) of assignments (A, n)."""

    def draws(self, labels: Array, rng: np.random.Generator) -> dict[str, Parameters]:
        """Return one draw of the parameters, by block, for each of the assignments (S, n)."""

    def mean(self, labels: Array, probabilities: Array) -> dict[str, Parameters]:
        """Return the mean of the parameters, by block, over assignments (A, n) of these probabilities (A,)."""


def labelled(model: DiscreteModel, rows: Rows, prior: Beliefs) -> Labelled:
    """Return the fast way where components know nothing of each other, else the way that always works.

    Parameters
    ----------
    model : DiscreteModel
        The model.
    rows : Rows
        Rows; one of unknown component has weight one.
    prior : dict of str to belief
        A proper prior, in working coordinates.
    """
    emission = prior["emission"]
    apart = model.latent.independent_rows and not emission.shared(emission.hyperparameters())
    return Separable(model, rows, prior) if apart else OneByOne(model, rows, prior)
