"""The likelihood of independent rows, their components summed out, in PyTensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass.models import Rows

__all__ = ["summed_out"]


def summed_out(log_weights: Any, n_components: int) -> Callable[[Any, Rows], Any]:
    """Return a function of log densities (K, n) and rows: Σ weight · log p(x).

    The component is summed out where it is unknown and taken where it is known.

    Parameters
    ----------
    log_weights : tensor or ndarray, shape (K,) or (K, n)
        Log weights of the components, for all rows or for each.
    n_components : int
        K.
    """

    def total(log_density: Any, rows: Rows) -> Any:
        import pytensor.tensor

        pt: Any = pytensor.tensor
        prior = pt.as_tensor(log_weights)
        log_joint = (prior if prior.ndim == 2 else prior[:, None]) + log_density
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights
        if n_components == 1:
            return (log_joint[0] * weights).sum()
        labels = np.full(len(rows), -1) if rows.labels is None else rows.labels
        found = pt.zeros(())
        if (labels < 0).any():
            found = found + (pt.logsumexp(log_joint, axis=0) * np.where(labels < 0, weights, 0.0)).sum()
        if (labels >= 0).any():
            own = np.arange(n_components)[:, None] == labels
            found = found + pt.switch(own, log_joint * weights, 0.0).sum()
        return found

    return total
