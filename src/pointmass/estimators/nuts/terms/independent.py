"""No latent variable, in PyMC: one component of weight one."""

from __future__ import annotations

import numpy as np

from pointmass.estimators.nuts.terms.term import Term
from pointmass.latents import Independent
from pointmass.models import Beliefs

__all__ = ["independent"]


def independent(latent: Independent, priors: Beliefs) -> Term:
    """Return log weights of zero, and no variables."""
    return Term(np.zeros(1))
