"""No latent variable, in PyMC: one component of weight one."""

from __future__ import annotations

import numpy as np

from pointmass.estimators.nuts.terms.summed_out import summed_out
from pointmass.estimators.nuts.terms.term import Term
from pointmass.latents import Independent
from pointmass.models import Beliefs

__all__ = ["independent"]


def independent(latent: Independent, priors: Beliefs) -> Term:
    """Return the likelihood of rows of one component, and no variables."""
    return Term(summed_out(np.zeros(1), 1))
