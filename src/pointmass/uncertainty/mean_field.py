"""The uncertainty that a variational posterior claims: its own factors, which leave out the latent variables'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted, Uncertainty

__all__ = ["mean_field"]

_DRAWS = 4000
_NARROW = "mean field leaves out what the latent variables hide"
_APART = "a factorised belief leaves out how means and variances depend on one another"


def mean_field(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the exact marginals of the variational posterior.

    Without latents those of a joint belief are the exact posterior's. With latents they are too narrow wherever
    components overlap (Bishop 2006, section 10.1.2; Wang and Titterington 2005).

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

    draws = public("parameter_draws", _DRAWS, rng)
    turned = _turned(fit)

    def told(marginal: Parameters, of_draws: Callable[[Array], Array]) -> Parameters:
        return {name: of_draws(draws[name]) if name in turned else array for name, array in marginal.items()}

    reasons = [_NARROW] if fit.hides_something else [] if fit.is_exact else [_APART]
    return Uncertainty(
        method="mean_field",
        sd=told(public("parameter_sd"), lambda array: array.std(axis=0)),
        level=level,
        quantile=lambda probability: told(
            public("parameter_quantile", probability), lambda array: np.quantile(array, probability, axis=0)
        ),
        draws=draws,
        diagnostics={"exact": fit.is_exact, "accepted": fit.is_exact, "reasons": reasons},
    )


def _turned(fit: Fitted) -> tuple[str, ...]:
    """Return the public parameters that are no single entries of a block's own: those of a section."""
    return tuple(name for section in fit.model_.sections.values() for name in section.turns)
