"""Gaussian rows, in PyMC: normal densities of each column, given the columns after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pointmass.estimators.nuts.terms.normal import normal
from pointmass.estimators.nuts.terms.normal_inverse_gamma import normal_inverse_gamma
from pointmass.estimators.nuts.terms.normal_inverse_wishart import normal_inverse_wishart
from pointmass.estimators.nuts.terms.term import Term, form_of
from pointmass.families.gaussian import Gaussian
from pointmass.families.normal import Normal
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart

__all__ = ["gaussian"]

_FORMS: dict[type, Callable[[Any], Term]] = {
    NormalInverseWishart: normal_inverse_wishart,
    NormalInverseGamma: normal_inverse_gamma,
    Normal: normal,
}


def gaussian(family: Gaussian, prior: Any) -> Term:
    """Return the densities of K components under the form of prior that the covariance type has."""
    return form_of(_FORMS, prior)(prior)
