"""Linear regression whose noise has heavy tails: Student-t errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conditional import ConditionalFamily
from pointmass.families.conjugate import Parameters
from pointmass.families.degrees_of_freedom import normaliser_slope
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.point_mass import PointMass
from pointmass.families.robust_regression import RobustRegression
from pointmass.families.scaled_family import ScaledFamily
from pointmass.numerics import Array

__all__ = ["StudentRegression"]

# The factor of a default prior worth a hundredth of a row, against one worth a whole row.
_FIRMER = 10.0


@dataclass(frozen=True, eq=False, repr=False)
class StudentRegression(ScaledFamily, ConditionalFamily):
    r"""Linear regression with Student-t errors, ``fit(X, y)``.

    .. math:: y \mid x, u \sim N\big((1, x)^T \beta, \sigma^2 / u\big), \qquad u \sim \mathrm{Gamma}(\nu/2, \nu/2)

    Targets far from the line count less, with weights (ν + 1)/(ν + (y − line)²/σ²); features far from the others keep
    their leverage. ``noise_variance`` is σ², the variance of the noise of a row whose scale is one: that of all noise
    is σ² ν/(ν − 2).

    Parameters
    ----------
    fit_intercept : bool
        Whether the first coefficient is that of a constant.
    dof : float or None
        ν where it is known; None has it estimated.
    prior : NormalInverseGamma, PointMass or None
        Prior of coefficients and σ², as `LinearRegression` has it. None: as there, made of targets drawn in to three
        robust standard deviations about their median.
    dof_prior : DegreesOfFreedom or None
        Prior of ν where it is estimated. None is shape 2, rate 0.1.

    Raises
    ------
    PointmassError
        If an option is out of range, or a prior of another kind.

    References
    ----------
    Lange, Little and Taylor (1989), Robust statistical modeling using the t distribution, *JASA* 84.

    Examples
    --------
    >>> from pointmass import EM, StudentRegression
    >>> fit = EM(StudentRegression(dof=4.0)).fit([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [0.1, 0.9, 2.1, 2.9, 30.0, 5.1])
    >>> fit.estimate_["coefficients"].round(1)
    array([0., 1.])
    """

    fit_intercept: bool = True
    dof: Any = None
    prior: Any = None
    dof_prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {
        "coefficients": ("coefficient",),
        "noise_variance": (),
        "dof": (),
    }

    def __post_init__(self) -> None:
        """Refuse intercepts, degrees of freedom and priors out of range."""
        self._check_freedom()
        if not isinstance(self.prior, NormalInverseGamma | PointMass | None):
            raise PointmassError(
                f"StudentRegression: prior must be NormalInverseGamma, PointMass or None, got {self.prior!r}",
                path=("prior",),
            )
        object.__setattr__(self, "fit_intercept", self.normal.fit_intercept)

    @cached_property
    def normal(self) -> RobustRegression:
        """The regression with normal noise."""
        return RobustRegression(self.fit_intercept, None if isinstance(self.prior, PointMass) else self.prior)

    def _largest(self, expected: Parameters) -> tuple[Array, int]:
        return 0.5 * (expected["log_precision"] - np.log(2.0 * np.pi)), 1

    def _firm(self, location: Any) -> Any:
        arrays = location.hyperparameters()
        return location.with_hyperparameters({**arrays, "factor": _FIRMER * arrays["factor"]})

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return the centre of y given x (K, n), its mean where ν exceeds 1."""
        return self.normal.expected_target(parameters, features)

    def sample_target(self, parameters: Parameters, features: Array, labels: Array, rng: np.random.Generator) -> Array:
        """Return targets (n,) for features (n, d)."""
        centre = self.expected_target(parameters, features)[labels, np.arange(len(labels))]
        half = 0.5 * np.asarray(parameters["dof"])[labels]
        scales = np.maximum(rng.standard_gamma(half) / half, np.finfo(float).tiny)
        noise = np.sqrt(parameters["noise_variance"][labels] / scales) * rng.standard_normal(len(labels))
        return np.asarray(centre + noise)

    def mean_statistics_given(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of E[t | x] (K, S) over features (n, d), t those of rows and their scales."""
        own = self.normal.mean_statistics_given(parameters, features)
        excess = normaliser_slope(np.asarray(parameters["dof"]))[:, None]
        return np.concatenate([np.ones_like(excess), own, excess], axis=1)

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what a regression's user should know of the features."""
        return self.normal.data_warnings(rows, weights)
