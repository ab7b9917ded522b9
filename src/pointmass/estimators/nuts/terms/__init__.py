"""Families and latents in PyMC's own terms: one file each, one line each in the registries below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pointmass.estimators.nuts.terms.bernoulli import bernoulli
from pointmass.estimators.nuts.terms.categorical import categorical
from pointmass.estimators.nuts.terms.exponential import exponential
from pointmass.estimators.nuts.terms.gaussian import gaussian
from pointmass.estimators.nuts.terms.geometric import geometric
from pointmass.estimators.nuts.terms.incomplete_gaussian import incomplete_gaussian
from pointmass.estimators.nuts.terms.independent import independent
from pointmass.estimators.nuts.terms.linear_regression import linear_regression
from pointmass.estimators.nuts.terms.markov_chain import markov_chain
from pointmass.estimators.nuts.terms.membership import membership
from pointmass.estimators.nuts.terms.multinomial import multinomial
from pointmass.estimators.nuts.terms.poisson import poisson
from pointmass.estimators.nuts.terms.product import product
from pointmass.estimators.nuts.terms.term import Term, made_by, variable

__all__ = ["FAMILY_TERMS", "LATENT_TERMS", "Term", "made_by", "variable"]

# Each takes the family and its prior (or the latent and the priors of its blocks), in working coordinates, makes
# its free variables in the PyMC model at hand, and returns its Term.
FAMILY_TERMS: dict[str, Callable[[Any, Any], Term]] = {
    "bernoulli": bernoulli,
    "categorical": categorical,
    "exponential": exponential,
    "gaussian": gaussian,
    "geometric": geometric,
    "incomplete_gaussian": incomplete_gaussian,
    "linear_regression": linear_regression,
    "multinomial": multinomial,
    "poisson": poisson,
}
FAMILY_TERMS["product"] = partial(product, FAMILY_TERMS)

LATENT_TERMS: dict[str, Callable[[Any, Any], Term]] = {
    "independent": independent,
    "membership": membership,
    "markov_chain": markov_chain,
}
