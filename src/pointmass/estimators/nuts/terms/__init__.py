"""Families and latents in PyMC's own terms: one file each, one line each in the registries below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.bayesian_regression import bayesian_regression
from pointmass.estimators.nuts.terms.bernoulli import bernoulli
from pointmass.estimators.nuts.terms.binary_regression import logistic_regression, probit_regression
from pointmass.estimators.nuts.terms.categorical import categorical
from pointmass.estimators.nuts.terms.censored_exponential import censored_exponential
from pointmass.estimators.nuts.terms.censored_gaussian import censored_gaussian
from pointmass.estimators.nuts.terms.exponential import exponential
from pointmass.estimators.nuts.terms.factor_analysis import factor_analysis
from pointmass.estimators.nuts.terms.gate import gate
from pointmass.estimators.nuts.terms.gaussian import gaussian
from pointmass.estimators.nuts.terms.geometric import geometric
from pointmass.estimators.nuts.terms.incomplete_gaussian import incomplete_gaussian
from pointmass.estimators.nuts.terms.independent import independent
from pointmass.estimators.nuts.terms.linear_regression import linear_regression
from pointmass.estimators.nuts.terms.markov_chain import markov_chain
from pointmass.estimators.nuts.terms.measured_gaussian import measured_gaussian
from pointmass.estimators.nuts.terms.membership import membership
from pointmass.estimators.nuts.terms.multinomial import multinomial
from pointmass.estimators.nuts.terms.poisson import poisson
from pointmass.estimators.nuts.terms.product import product
from pointmass.estimators.nuts.terms.random_effects import random_effects
from pointmass.estimators.nuts.terms.structured_multinomial import structured_multinomial
from pointmass.estimators.nuts.terms.student_regression import student_regression
from pointmass.estimators.nuts.terms.student_t import student_t
from pointmass.estimators.nuts.terms.term import Term, made_by, variable

__all__ = ["FAMILY_TERMS", "LATENT_TERMS", "MODEL_TERMS", "Term", "latent_and_family", "made_by", "variable"]

_EMISSION = "emission"

# Each takes the family and its prior (or the latent and the priors of its blocks), in working coordinates, makes
# its free variables in the PyMC model at hand, and returns its Term.
FAMILY_TERMS: dict[str, Callable[[Any, Any], Term]] = {
    "bernoulli": bernoulli,
    "categorical": categorical,
    "censored_exponential": censored_exponential,
    "censored_gaussian": censored_gaussian,
    "exponential": exponential,
    "factor_analysis": factor_analysis,
    "gaussian": gaussian,
    "geometric": geometric,
    "incomplete_gaussian": incomplete_gaussian,
    "linear_regression": linear_regression,
    "logistic_regression": logistic_regression,
    "measured_gaussian": measured_gaussian,
    "multinomial": multinomial,
    "probit_regression": probit_regression,
    "poisson": poisson,
    "structured_multinomial": structured_multinomial,
    "student_t": student_t,
    "student_regression": student_regression,
}
FAMILY_TERMS["product"] = partial(product, FAMILY_TERMS)

LATENT_TERMS: dict[str, Callable[[Any, Any], Term]] = {
    "gate": gate,
    "independent": independent,
    "membership": membership,
    "markov_chain": markov_chain,
}

# Models that are no latent with a family: each takes the model, the priors of its blocks and the rows, and returns the
# term of each block and the log likelihood.
MODEL_TERMS: dict[str, Callable[[Any, Any, Any], tuple[dict[str, Term], Any]]] = {
    "bayesian_regression": bayesian_regression,
    "random_effects": random_effects,
}


def latent_and_family(model: Any, prior: Any, rows: Any) -> tuple[dict[str, Term], Any]:
    """Return the term of each block of a latent and a family, and the log likelihood with the latent summed out."""
    import pytensor.tensor as pt

    choice = made_by(LATENT_TERMS, model.latent)(model.latent, prior)
    emission = made_by(FAMILY_TERMS, model.family)(model.family, prior[_EMISSION])
    values = pt.constant(np.ascontiguousarray(model.family.in_working(rows.observed.values, rows.coordinates)))
    terms = {name: choice.blocks.get(name, choice) for name in model.latent.blocks}
    return {**terms, _EMISSION: emission}, choice.output(emission.output(values), rows)
