"""Priors must fit every number of components that is tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models import Model

__all__ = ["check_priors"]


def check_priors(model: Model, numbers: Iterable[int], n_columns: int) -> None:
    """Refuse a prior that fits the model's own number of components and no other.

    Parameters
    ----------
    model : Model
        Whose number of components is chosen.
    numbers : iterable of int
        Numbers of components.
    n_columns : int
        Columns of a row, a target among them.

    Raises
    ------
    PointmassError
        A prior has an entry for each component.
    """
    rows = np.eye(max(2, n_columns), n_columns)
    if _fails(lambda: model.prior(rows, None)):
        return  # wrong for another reason, which the fit will say
    for number in numbers:
        if _fails(lambda k=number: model.with_components(k).prior(rows, None)):
            raise PointmassError(
                f"a prior has an entry for each of the {model.n_components} components of the model, and fits no "
                f"{number}; give priors that all components share, such as Dirichlet(1.0), or a mean of shape (d,)",
                path=("model",),
            )


def _fails(build: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            build()
    except PointmassError:
        return True
    return False
