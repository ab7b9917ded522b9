"""One statement about the log evidence of a model, and how far it may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pointmass.uncertainty.base import Uncertainty

__all__ = ["Evidence", "Known"]

type Known = Mapping[str, Uncertainty] | None


@dataclass(frozen=True)
class Evidence:
    """A number that says something about log p(y).

    Parameters
    ----------
    method : str
        Where it comes from: ``"elbo"``, ``"symmetrised_elbo"``, ``"bridge"``, ``"importance"``, ``"enumeration"``,
        ``"elbo_times_labellings"``, ``"bic"``.
    value : float
        Nats.
    mc_error : float
        Monte Carlo standard error (nats); 0 where nothing is simulated.
    kind : {"bound", "estimate", "approximation"}
        Never above the log evidence but by its error; equal to it but for its error; neither.
    labellings : str
        Which labellings of the components the number means; ``"all"`` makes numbers comparable.
    warning : str
        Why it should not be believed; empty where nothing speaks against it.
    """

    method: str
    value: float
    mc_error: float
    kind: Literal["bound", "estimate", "approximation"]
    labellings: str = "all"
    warning: str = ""
