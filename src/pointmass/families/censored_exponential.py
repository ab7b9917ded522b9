"""Waiting times of which some are known by limits: censored and grouped exponential data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.exponential import Exponential
from pointmass.families.intervals import Intervals
from pointmass.families.truncated import TruncatedExponential
from pointmass.numerics import Array

__all__ = ["CensoredExponential"]


@dataclass(frozen=True, eq=False, repr=False)
class CensoredExponential(Intervals, Exponential):
    r"""Exponential waiting times, each known exactly or to lie between limits.

    .. math:: \log p(l, u \mid \lambda) = \log \lambda - \lambda l \; (l = u), \qquad
              \log (e^{-\lambda l} - e^{-\lambda u}) \; (l < u)

    Rows are (lower, upper): equal where a time is known, the upper one NaN where it was still running (censored on the
    right), both given where it was seen in between (grouped). With times censored on the right alone the maximum of the
    likelihood is the number of events over the total time, and EM's rate of convergence the share that is censored.

    Parameters
    ----------
    prior : Gamma, PointMass or None
        As `Exponential` has it. None: ``Gamma(1, mean)`` with the mean of the limits.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, limits are negative or out of order.

    References
    ----------
    Dempster, Laird and Rubin (1977), *JRSS B* 39, section 4.2; Kalbfleisch and Prentice (2002), *The Statistical
    Analysis of Failure Time Data*, chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import EM, CensoredExponential
    >>> EM(CensoredExponential(), tol=1e-12).fit([[2.0, 2.0], [3.0, np.nan], [5.0, np.nan]]).estimate_["rate"]
    array([0.1])
    """

    lowest: ClassVar[float] = 0.0

    def truncated(self, expected: Parameters) -> TruncatedExponential:
        """Return the exponential between limits."""
        return TruncatedExponential(expected["log_rate"][:, 0], expected["rate"][:, 0])

    def log_predictive_mass(self, posterior: Any, lower: Array, upper: Array) -> Array:
        """Return the difference of two values of Lomax's survival function."""
        shape, rate = posterior.shape, posterior.rate
        first = -shape * np.log1p(lower / rate)
        last = -shape * np.log1p(upper / rate)
        return np.asarray(first + np.log(-np.expm1(last - first)))
