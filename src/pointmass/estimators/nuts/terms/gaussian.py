"""Gaussian rows, in PyMC: normal densities of each column, given the columns after it."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.normal_inverse_gamma import normal_inverse_gamma
from pointmass.estimators.nuts.terms.normal_inverse_wishart import normal_inverse_wishart
from pointmass.estimators.nuts.terms.term import Term, conjugate_of
from pointmass.families.family import Belief
from pointmass.families.gaussian import Gaussian
from pointmass.families.normal_inverse_wishart import NormalInverseWishart

__all__ = ["gaussian"]


def gaussian(family: Gaussian, prior: Any) -> Term:
    """Return the densities of K components under the form of prior that the covariance type has."""
    known: Belief = prior
    wishart = issubclass(conjugate_of(known), NormalInverseWishart)
    return normal_inverse_wishart(prior) if wishart else normal_inverse_gamma(prior)
