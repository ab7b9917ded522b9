"""Whether features tell 0/1 targets apart without error: then a likelihood grows along a direction for ever."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from pointmass.numerics import Array

__all__ = ["separating_direction"]

_LEAST = 1e-6

# Of many rows, so many evenly spaced ones mostly show that there is no such direction.
_SAMPLES = (500, 8000)


def separating_direction(design: Array, sign: Array) -> Array | None:
    """Return coefficients (p,) along which no row's probability falls and some rows' rise, or None if there are none.

    They are a solution of the linear programme: maximise Σ ± (1, x) · b where no term may be negative and no entry of
    b exceeds one.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Rows (1, x), in units in which columns are of order one.
    sign : ndarray, shape (n,)
        −1 for targets of 0, 1 for targets of 1.

    References
    ----------
    Albert and Anderson (1984), On the existence of maximum likelihood estimates in logistic regression models,
    *Biometrika* 71; Konis (2007), *Linear programming algorithms for detecting separated data*, for the programme.

    Examples
    --------
    >>> import numpy as np
    >>> design = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 3.0]])
    >>> separating_direction(design, np.array([-1.0, -1.0, 1.0, 1.0])) is None
    False
    >>> separating_direction(design, np.array([-1.0, 1.0, -1.0, 1.0])) is None
    True
    """
    turned = sign[:, None] * design
    for size in _SAMPLES:
        some = turned[:: max(1, len(turned) // size)]
        # What separates all rows separates these, unless it moves none of them, which rows of full rank rule out.
        if len(some) < len(turned) and np.linalg.matrix_rank(some) == design.shape[1] and _direction(some) is None:
            return None
    return _direction(turned)


def _direction(turned: Array) -> Array | None:
    """Return the solution for rows ± (1, x), if it is not zero."""
    gain = turned.mean(axis=0)
    limits = np.zeros(len(turned))
    # Its presolver would compare all pairs of rows.
    found = linprog(-gain, A_ub=-turned, b_ub=limits, bounds=(-1.0, 1.0), method="highs", options={"presolve": False})
    direction = np.zeros_like(gain) if found.x is None else np.asarray(found.x)
    return direction if gain @ direction > _LEAST else None
