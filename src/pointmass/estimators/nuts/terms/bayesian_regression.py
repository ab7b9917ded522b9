"""Regression whose weights are normal with unknown precisions, in PyMC: the weights are variables of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.models import Beliefs, Rows

__all__ = ["bayesian_regression"]

_INTERCEPT_SD = np.array(10.0)  # a bare number would be rounded to single precision


def bayesian_regression(model: Any, prior: Beliefs, rows: Rows) -> tuple[dict[str, Term], Any]:
    """Return the term of each block, and the log likelihood of the targets at the weights.

    Parameters
    ----------
    model : BayesianRegression
        The model.
    prior : dict of str to GammaPrecision
        Priors of the precisions of noise and weights.
    rows : Rows
        Features, with the target as last column.
    """
    import pymc as pm
    import pytensor.tensor as pt

    noise = variable(prior["noise_precision"], "precision", lambda: _precision("noise", prior["noise_precision"]))
    weight = variable(prior["weight_precision"], "precision", lambda: _precision("weights", prior["weight_precision"]))
    z = rows.coordinates.transform(rows.values)
    weights = pm.Normal("slopes", 0.0, 1.0 / pt.sqrt(weight[0]), shape=len(z) - 1)
    mean = (weights[:, None] * z[:-1]).sum(0)
    if model.fit_intercept:
        mean = mean + pm.Normal("intercept", 0.0, _INTERCEPT_SD)
    density = pm.logp(pm.Normal.dist(mean, 1.0 / pt.sqrt(noise[0, 0])), z[-1])
    copies = np.ones(len(rows)) if rows.weights is None else rows.weights
    return _terms(model.fit_intercept), (density * copies).sum()


def _precision(name: str, prior: Any) -> Any:
    import pymc as pm

    return pm.Gamma(name, alpha=prior.shape, beta=prior.rate)


def _terms(intercept: bool) -> dict[str, Term]:
    def coefficients(values: Any) -> Any:
        slopes = values["slopes"]
        every = [values["intercept"][..., None], slopes] if intercept else [slopes]
        return {"coefficients": np.concatenate(every, axis=-1)[..., None, :]}

    def variables(point: Any) -> Any:
        own = point["coefficients"][0]
        return {"slopes": own[int(intercept) :], **({"intercept": own[0]} if intercept else {})}

    return {
        "noise_precision": _renamed("noise"),
        "weight_precision": _renamed("weights"),
        "coefficients": Term(None, coefficients, variables),
    }


def _renamed(name: str) -> Term:
    return Term(None, lambda values: {"precision": values[name]}, lambda point: {name: point["precision"]})
