"""Standard errors of a point that hold when the model is wrong."""

from __future__ import annotations

import numpy as np

from pointmass.errors import PointmassError
from pointmass.uncertainty.base import Fitted, Uncertainty
from pointmass.uncertainty.information import normal_uncertainty
from pointmass.uncertainty.linearised import Linearised

__all__ = ["sandwich"]


def sandwich(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return standard errors I⁻¹ (Σ w s sᵀ) I⁻¹ over independent units, I the observed information, s their scores.

    They estimate the spread of the estimate over repeated samples even where the model is not the truth.

    Parameters
    ----------
    fit : fitted estimator
        A point at the optimum of a soft sweep, of more than one independent unit (row or sequence).
    level : float
        Probability of the intervals: normal on the scale of the parameter's link.
    rng : numpy.random.Generator
        Not used.

    References
    ----------
    Huber (1967), *Proceedings of the Fifth Berkeley Symposium* 1; White (1982), *Econometrica* 50.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian
    >>> MLE(Gaussian()).fit([1.0, 2.0, 3.0, 4.0]).uncertainty("sandwich").sd["covariance"].round(4)
    array([[0.5]])
    """
    linearised = Linearised(fit)
    rows = linearised.jacobian.sweep.rows
    if rows.n_units < 2:
        unit = "row" if rows.lengths is None else "sequence"
        raise PointmassError(f"the sandwich needs independent units, and one {unit} is one unit; use information")
    info = linearised.information
    scores = info.factor.T @ linearised.jacobian.scores() @ info.factor
    spread = linearised.loadings @ info.amplification
    variances = linearised.shaped(np.einsum("ij,jk,ik->i", spread, scores, spread))
    return normal_uncertainty(fit, "sandwich", level, variances, linearised)
