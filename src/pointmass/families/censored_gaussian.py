"""Normal values of which some are known by limits: censored and grouped normal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import stdtr

from pointmass.errors import PointmassError
from pointmass.families.blurred_normal import BlurredNormal
from pointmass.families.conjugate import Parameters
from pointmass.families.gaussian import Gaussian
from pointmass.families.gaussian_layout import Layout
from pointmass.families.intervals import Intervals
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.point_mass import PointMass
from pointmass.families.truncated import Truncated, TruncatedNormal, in_lower_tail
from pointmass.numerics import Array

__all__ = ["CensoredGaussian"]


@dataclass(frozen=True, eq=False, repr=False)
class CensoredGaussian(Intervals, Gaussian):
    r"""Normal values, each known exactly or to lie between limits.

    .. math:: \log p(l, u \mid \mu, \sigma^2) = \log N(l \mid \mu, \sigma^2) \; (l = u), \qquad
              \log \left[\Phi\left(\tfrac{u - \mu}{\sigma}\right) - \Phi\left(\tfrac{l - \mu}{\sigma}\right)\right]
              \; (l < u)

    Rows are (lower, upper): equal where a value is known, NaN where there is no limit (censored), both given where it
    was rounded or grouped. A mixture's components have a variance each.

    Parameters
    ----------
    covariance : "full"
        One variance for each component.
    prior : NormalInverseGamma, PointMass or None
        As `Gaussian` has it in one dimension. None: made of the values in the middle of the limits.

    Raises
    ------
    PointmassError
        If the prior is of another kind, or, in ``fit``, limits are out of order.

    References
    ----------
    Dempster, Laird and Rubin (1977), *JRSS B* 39, section 4.2; Tobin (1958), *Econometrica* 26, for censored values.

    Examples
    --------
    >>> import numpy as np
    >>> from pointmass import EM, CensoredGaussian
    >>> rows = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [2.5, np.nan], [0.5, 1.5]]
    >>> EM(CensoredGaussian()).fit(rows).estimate_["mean"].round(3)
    array([1.417])
    """

    lowest: ClassVar[float] = -np.inf
    between: ClassVar[type[TruncatedNormal | BlurredNormal]] = TruncatedNormal

    def __post_init__(self) -> None:
        """Refuse priors of another kind, and variances that components share or that are known."""
        if self.covariance != "full" or not isinstance(self.prior, NormalInverseGamma | PointMass | None):
            raise PointmassError(
                f"{type(self).__name__} has one variance for each component, with a NormalInverseGamma prior, a "
                f"PointMass or None, got covariance={self.covariance!r} and prior={self.prior!r}",
                path=("prior",) if self.covariance == "full" else ("covariance",),
            )
        super().__post_init__()

    def layout(self, d: int) -> Layout:
        """Return that of one column."""
        return super().layout(1)

    def least_rows(self, n_columns: int) -> int:
        """Return 2."""
        return 2

    def truncated(self, expected: Parameters) -> Truncated:
        """Return the normal density with what is known of a value."""
        constant = 0.5 * (expected["log_determinant"] - expected["spread"])
        return self.between(expected["centre"][:, 0], expected["precision"][:, 0], constant)

    def log_predictive_mass(self, posterior: Any, lower: Array, upper: Array) -> Array:
        """Return the difference of two values of Student's distribution function, in the nearer tail."""
        scale = np.sqrt(posterior.scale * (1.0 + 1.0 / posterior.kappa) / posterior.shape)
        a, b = (lower - posterior.mean) / scale, (upper - posterior.mean) / scale
        first, last, _ = in_lower_tail(a, b)
        dof = 2.0 * posterior.shape
        return np.asarray(np.log(stdtr(dof, last) - stdtr(dof, first)))
