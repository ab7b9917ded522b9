"""The Student-t family: normal rows whose scales are hidden, with heavy tails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.degrees_of_freedom import normaliser_slope
from pointmass.families.gaussian import COVARIANCES
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.point_mass import PointMass
from pointmass.families.robust_gaussian import RobustGaussian
from pointmass.families.scaled_family import ScaledFamily
from pointmass.numerics import Array

__all__ = ["StudentT"]


@dataclass(frozen=True, eq=False, repr=False)
class StudentT(ScaledFamily):
    r"""Student-t rows, of one column or several: normal ones, each with a hidden scale of its own.

    .. math:: x \mid u \sim N(\mu, S / u), \qquad u \sim \mathrm{Gamma}(\nu/2, \nu/2), \qquad
              p(x) = \frac{\Gamma(\frac{\nu + d}{2})}{\Gamma(\frac{\nu}{2}) (\nu \pi)^{d/2} |S|^{1/2}}
              \Big(1 + \frac{\delta}{\nu}\Big)^{-\frac{\nu + d}{2}}, \quad \delta = (x - \mu)^T S^{-1} (x - \mu)

    The scales are latent: expected ones, (ν + d)/(ν + δ), weigh the rows of every update, so that rows far out count
    less. ``scale`` is the matrix S, of which one column's usual scale is the square root; the covariance is
    S ν/(ν − 2). The likelihood has spikes where S shrinks onto a row and ν to nearly zero: what is found is a maximum
    away from them.

    Parameters
    ----------
    scale : {"full", "tied", "diagonal", "spherical"}
        The form of S, as that of a `Gaussian`'s covariance. Columns share a row's scale u in every form.
    dof : float or None
        ν where it is known; None has it estimated, one for each component. An estimate of 1,000,000 stands for a
        normal distribution, and is marked as lying on the boundary.
    prior : NormalInverseWishart, NormalInverseGamma, PointMass or None
        Prior of mean and scale, of the kind that a `Gaussian` of that form has. None: as the Gaussian's, made of the
        rows with every column drawn in to three robust standard deviations about its median.
    dof_prior : DegreesOfFreedom or None
        Prior of ν where it is estimated. None is shape 2, rate 0.1 (mean 20).

    Raises
    ------
    PointmassError
        If ``scale`` is not one of the four, ``dof`` not positive, or a prior is of another kind.

    References
    ----------
    Dempster, Laird and Rubin (1977), *JRSS B* 39, section 4.3; Lange, Little and Taylor (1989), *JASA* 84; Liu and
    Rubin (1995), *Statistica Sinica* 5; for mixtures Peel and McLachlan (2000), *Statistics and Computing* 10.

    Examples
    --------
    >>> from pointmass import EM, StudentT
    >>> fit = EM(StudentT(dof=4.0)).fit([1.0, 2.0, 2.5, 3.0, 40.0])
    >>> fit.estimate_["mean"].round(2), fit.estimate_["dof"]
    (array([2.55]), array(4.))
    """

    scale: str = "full"
    dof: Any = None
    prior: Any = None
    dof_prior: Any = None

    parameter_dims: ClassVar[dict[str, tuple[str, ...]]] = {
        "mean": ("feature",),
        "scale": ("feature", "feature_2"),
        "dof": (),
    }
    public_names: ClassVar[Mapping[str, str]] = {"covariance": "scale"}

    def __post_init__(self) -> None:
        """Refuse unknown forms, degrees of freedom that are not positive, and priors of another kind."""
        if self.scale not in COVARIANCES:
            raise PointmassError(
                f"StudentT: scale must be one of {', '.join(COVARIANCES)}, got {self.scale!r}", path=("scale",)
            )
        self._check_freedom()
        if not isinstance(self.prior, NormalInverseWishart | NormalInverseGamma | PointMass | None):
            raise PointmassError(
                "StudentT: prior must be NormalInverseWishart, NormalInverseGamma, PointMass or None, got "
                f"{self.prior!r}",
                path=("prior",),
            )

    @cached_property
    def normal(self) -> RobustGaussian:
        """The family of rows whose scale is one."""
        return RobustGaussian(self.scale, None if isinstance(self.prior, PointMass) else self.prior)

    def _largest(self, expected: Parameters) -> tuple[Array, int]:
        d = expected["centre"].shape[-1]
        return 0.5 * (expected["log_determinant"] - d * np.log(2.0 * np.pi)), d

    def _firm(self, location: Any) -> Any:
        arrays = location.hyperparameters()
        return location.with_hyperparameters({**arrays, "kappa": np.ones_like(arrays["kappa"])})

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] of rows and their scales, shape (K, S): scales have mean one, E[½ (u − 1 − log u)] is g'(ν)."""
        own = self.normal.mean_statistics({"mean": parameters["mean"], "covariance": parameters["scale"]})
        excess = normaliser_slope(np.asarray(parameters["dof"]))[:, None]
        return np.concatenate([np.ones_like(excess), own, excess], axis=1)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d): normal ones over the roots of their scales."""
        half = 0.5 * np.asarray(parameters["dof"])[labels]
        scales = np.maximum(rng.standard_gamma(half) / half, np.finfo(float).tiny)
        centred = {"mean": np.zeros_like(parameters["mean"]), "covariance": parameters["scale"]}
        steps = self.normal.sample(centred, labels, rng) / np.sqrt(scales)[:, None]
        return np.asarray(parameters["mean"][labels] + steps)

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what makes scale matrices of these rows singular or inexact."""
        data = self.normal.moments_of(rows, weights)
        return data.warnings(matrix=self.scale in ("full", "tied") and len(rows) > rows.shape[1])
