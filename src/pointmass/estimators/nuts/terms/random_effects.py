"""One-way random effects in PyMC: effects are variables of their own, in units of their standard deviation."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.models import Beliefs, Rows

__all__ = ["random_effects"]


def random_effects(model: Any, prior: Beliefs, rows: Rows) -> tuple[dict[str, Term], Any]:
    """Return the term of each block, and the log likelihood of the targets at the effects.

    Effects divided by their standard deviation do not depend on it before data are seen (non-centred; Papaspiliopoulos,
    Roberts and Sköld 2007, *Statistical Science* 22), which where groups differ little leaves no funnel.

    Parameters
    ----------
    model : RandomEffects
        The model, its groups known.
    prior : dict of str to belief
        Priors of level and noise, and of the variance of effects.
    rows : Rows
        Features, with the target as last column.
    """
    import pymc as pm
    import pytensor.tensor as pt

    own: Any = prior["observation"]
    between: Any = prior["group_variance"]
    noise = variable(own, "noise_variance", lambda: _variance("noise_variance", own.shape, own.scale))
    spread = variable(between, "variance", lambda: _variance("group_variance", between.shape, between.rate))
    level = variable(own, "coefficients", lambda: _level(own, noise))
    standard = pm.Normal("standard_effects", 0.0, np.array(1.0), shape=len(model.groups))
    same = (rows.values[:, None, :-1] == np.array(model.groups)).all(axis=2)
    effects = (pt.as_tensor(standard * pt.sqrt(spread[0, 0])) * same.astype(float)).sum(1)
    target = rows.coordinates.transform(rows.values)[-1]
    density = pm.logp(pm.Normal.dist(level[0, 0] + effects, pt.sqrt(noise[0])), target)
    copies = np.ones(len(rows)) if rows.weights is None else rows.weights
    return _TERMS, (density * copies).sum()


def _variance(name: str, shape: Any, rate: Any) -> Any:
    import pymc as pm

    return pm.InverseGamma(name, alpha=shape, beta=rate)


def _level(own: Any, noise: Any) -> Any:
    import pymc as pm
    import pytensor.tensor as pt

    return pm.Normal("coefficients", own.mean, pt.sqrt(noise)[:, None] / own.factor[:, :, 0])


def _effects(values: Any) -> Any:
    return {"coefficients": (values["standard_effects"] * np.sqrt(values["group_variance"][..., 0]))[..., None, :]}


def _standard(point: Any) -> Any:
    return {"standard_effects": point["coefficients"][0]}


_TERMS = {
    "observation": Term(None),
    "group_variance": Term(
        None,
        lambda values: {"variance": values["group_variance"]},
        lambda point: {"group_variance": point["variance"]},
    ),
    "effects": Term(None, _effects, _standard),
}
