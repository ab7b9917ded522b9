"""The prior of methods that integrate over the parameters: it must integrate to one itself."""

from __future__ import annotations

from pointmass.errors import PointmassError
from pointmass.models import Beliefs, Model, Rows

__all__ = ["check_conjugate", "proper_prior"]


def proper_prior(model: Model, rows: Rows, method_name: str) -> Beliefs:
    """Return the model's prior in the data's units.

    Parameters
    ----------
    model : Model
        The model.
    rows : Rows
        Data, from which default priors are made.
    method_name : str
        The method that asks.

    Raises
    ------
    PointmassError
        If a block's prior is flat.
    """
    prior = model.prior(rows.observed.values, rows.observed.weights)
    improper = [name for name, belief in prior.items() if not belief.is_proper]
    if improper:
        raise PointmassError(
            f"{method_name} needs a proper prior, but that of {', '.join(improper)} is "
            "flat; give positive hyperparameters, or use EM"
        )
    return prior


def check_conjugate(model: Model, method_name: str) -> None:
    """Raise `PointmassError` where a method needs conjugate updates and the model has others."""
    if model.conjugate is None:
        raise PointmassError(f"{method_name} needs conjugate updates, and {model!r} has none; use EM or MAP")
    if model.conjugate is not model:
        raise PointmassError(
            f"{method_name} needs conjugate updates, and {model!r} has one that is not; use EM, MAP or NUTS, or "
            f"{model.conjugate!r}"
        )
