"""Estimators by name, and the way back from a stored fit."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.base import Estimator
from pointmass.estimators.em import EM
from pointmass.estimators.enumeration import Enumeration
from pointmass.estimators.gibbs import Gibbs
from pointmass.estimators.map import MAP
from pointmass.estimators.mle import MLE
from pointmass.estimators.nuts import NUTS
from pointmass.estimators.restoring import restore
from pointmass.estimators.vb import VB

__all__ = ["ESTIMATORS", "load_fit"]

ESTIMATORS: dict[str, type[Estimator]] = {
    "mle": MLE,
    "em": EM,
    "map": MAP,
    "vb": VB,
    "gibbs": Gibbs,
    "nuts": NUTS,
    "enumeration": Enumeration,
}


def load_fit(tree: Any) -> Any:
    """Return the fitted estimator stored in a DataTree; it predicts and scores as the original did.

    Parameters
    ----------
    tree : xarray.DataTree
        From ``fit.to_datatree()``, or opened from the file of a run's cell.

    Raises
    ------
    PointmassError
        If ``tree`` is not a complete fit.

    Examples
    --------
    >>> from pointmass import EM, Gaussian, load_fit
    >>> fit = EM(Gaussian()).fit([1.0, 2.0, 4.0])
    >>> bool(load_fit(fit.to_datatree()).score([1.0]) == fit.score([1.0]))
    True
    """
    return restore(tree, ESTIMATORS)
