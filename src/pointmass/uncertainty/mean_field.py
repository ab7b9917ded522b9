"""The uncertainty that a variational posterior claims: its own factors, which leave out the latent variables'."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.uncertainty.base import Fitted, Uncertainty

__all__ = ["mean_field"]

_DRAWS = 4000
_NARROW = "mean field leaves out what the latent variables hide"


def mean_field(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the exact marginals of the variational posterior.

    Without latents they are the exact posterior's. With latents they are too narrow wherever components overlap
    (Bishop 2006, section 10.1.2; Wang and Titterington 2005).

    Parameters
    ----------
    fit : fitted estimator
        A fit whose belief is a posterior.
    level : float
        Probability of the intervals.
    rng : numpy.random.Generator
        Draws from the posterior.
    """

    def public(ask: str, *arguments: object) -> Parameters:
        blocks = {name: getattr(belief, ask)(*arguments) for name, belief in fit.belief_.items()}
        return fit.model_.public(blocks)

    exact = not fit.model_.has_latent
    return Uncertainty(
        method="mean_field",
        sd=public("parameter_sd"),
        level=level,
        quantile=lambda probability: public("parameter_quantile", probability),
        draws=public("parameter_draws", _DRAWS, rng),
        diagnostics={"exact": exact, "accepted": exact, "reasons": [] if exact else [_NARROW]},
    )
