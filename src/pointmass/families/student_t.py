"""The Student-t family: normal rows whose scales are hidden, with heavy tails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import at_least
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.degrees_of_freedom import LARGEST_DOF, DegreesOfFreedom, normaliser_slope
from pointmass.families.expected import Expected
from pointmass.families.factor import Factor
from pointmass.families.family import Belief, Family
from pointmass.families.gaussian import COVARIANCES
from pointmass.families.gaussian_kernel import GaussianKernel
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.families.point_mass import PointMass
from pointmass.families.product_prior import ProductPrior, joined, parts_of, split_expected
from pointmass.families.product_statistics import ProductStatistics
from pointmass.families.robust_gaussian import RobustGaussian
from pointmass.families.scale_frame import ScaleFrame, joined_coefficients, with_rows
from pointmass.families.scale_kernel import ScaleKernel
from pointmass.families.scale_predictive import log_predictive
from pointmass.numerics import Array

__all__ = ["StudentT"]

_LOCATION, _FREEDOM = "location", ""
_STARTING_KAPPA = 1.0


@dataclass(frozen=True, eq=False, repr=False)
class StudentT(Family):
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
    (array([2.23]), array(4.))
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

    def __post_init__(self) -> None:
        """Refuse unknown forms, degrees of freedom that are not positive, and priors of another kind."""
        if self.scale not in COVARIANCES:
            raise PointmassError(
                f"StudentT: scale must be one of {', '.join(COVARIANCES)}, got {self.scale!r}", path=("scale",)
            )
        if self.dof is not None:
            if np.ndim(self.dof) != 0:
                raise PointmassError(f"StudentT: dof must be one number or None, got {self.dof!r}", path=("dof",))
            object.__setattr__(self, "dof", float(at_least("StudentT", "dof", self.dof, 0.0)))
        if not isinstance(self.prior, NormalInverseWishart | NormalInverseGamma | PointMass | None):
            raise PointmassError(
                "StudentT: prior must be NormalInverseWishart, NormalInverseGamma, PointMass or None, got "
                f"{self.prior!r}",
                path=("prior",),
            )
        if not isinstance(self.dof_prior, DegreesOfFreedom | None):
            raise PointmassError(
                f"StudentT: dof_prior must be DegreesOfFreedom or None, got {self.dof_prior!r}", path=("dof_prior",)
            )
        if self.dof is not None and self.dof_prior is not None:
            raise PointmassError("StudentT: dof is known, so it takes no dof_prior", path=("dof_prior",))

    @cached_property
    def normal(self) -> RobustGaussian:
        """The family of rows whose scale is one."""
        return RobustGaussian(self.scale, None if isinstance(self.prior, PointMass) else self.prior)

    def hides_values(self, rows: Array) -> bool:
        """Every row has a hidden scale."""
        return True

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, t(x), 0), shape (S, n), of rows (d, n) whose scale is one, t(x) those of normal rows."""
        ones, zeros = np.ones((1, rows.shape[1])), np.zeros((1, rows.shape[1]))
        return np.concatenate([ones, self.normal.sufficient_statistics(rows), zeros])

    def location(self, belief: Belief) -> Expected:
        """Return what is expected of mean and scale."""
        return Expected(split_expected(belief.expected_natural_parameters(), _LOCATION))

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> ScaleKernel:
        """Return the kernel that integrates the scales out."""
        expected = self.location(belief).expected
        inner = GaussianKernel(self.normal, expected, np.zeros_like(offset), coordinates)
        d = expected["centre"].shape[-1]
        constant = 0.5 * (expected["log_determinant"] - d * np.log(2.0 * np.pi))
        freedom = split_expected(belief.expected_natural_parameters(), _FREEDOM)
        return ScaleKernel(self, inner, constant, d, freedom, offset)

    def identity_kernel(self, belief: Belief, n_columns: int) -> ScaleKernel:
        """Return the kernel of rows given in working coordinates."""
        k = len(self.location(belief).expected["centre"])
        return self.kernel(belief, np.zeros(k), Coordinates.identity(n_columns))

    def frame(self, belief: Belief, n_columns: int) -> ScaleFrame:
        """Return the frame of normal rows with the statistics of their scales."""
        return ScaleFrame(self, belief, n_columns)

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S), which multiplies the statistics of rows and their scales."""
        belief = cast("Belief", Expected(expected))
        kernel = self.identity_kernel(belief, expected[f"{_LOCATION}.centre"].shape[-1])
        return joined_coefficients(kernel.inner.coefficients, kernel)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] of rows and their scales, shape (K, S): scales have mean one, E[½ (u − 1 − log u)] is g'(ν)."""
        own = self.normal.mean_statistics({"mean": parameters["mean"], "covariance": parameters["scale"]})
        excess = normaliser_slope(np.asarray(parameters["dof"]))[:, None]
        return np.concatenate([np.ones_like(excess), own, excess], axis=1)

    def statistics_of(self, sums: Array, n_columns: int) -> ProductStatistics:
        """Return summed statistics (K, S) of rows and their scales as ``update`` takes them."""
        return with_rows(self.normal.statistics_of(sums[:, 1:-1], n_columns), sums)

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d): normal ones over the roots of their scales."""
        half = 0.5 * np.asarray(parameters["dof"])[labels]
        scales = np.maximum(rng.standard_gamma(half) / half, np.finfo(float).tiny)
        centred = {"mean": np.zeros_like(parameters["mean"]), "covariance": parameters["scale"]}
        steps = self.normal.sample(centred, labels, rng) / np.sqrt(scales)[:, None]
        return np.asarray(parameters["mean"][labels] + steps)

    def check_rows(self, rows: Array) -> None:
        """Refuse columns whose variance is too small for a number."""
        self.normal.check_rows(rows)

    def least_rows(self, n_columns: int) -> int:
        """Return the number for a normal distribution."""
        return self.normal.least_rows(n_columns)

    # -- the prior and its updates --------------------------------------------------------------------------

    def _joined(self, location: Any, freedom: Belief, n_columns: int) -> ProductPrior:
        every = tuple(range(n_columns))
        factors = [
            Factor(_LOCATION, NormalInverseWishart, every, self.normal.floor),
            Factor(_FREEDOM, DegreesOfFreedom, every),
        ]
        return joined(factors, {_LOCATION: location, _FREEDOM: freedom})

    def _freedom(self, free: DegreesOfFreedom, n_components: int, n_columns: int) -> Belief:
        """Return what stands for the degrees of freedom under a prior: the known ones, where they are."""
        if self.dof is None:
            return free.broadcast(n_components, n_columns)
        known = {"dof": np.full(n_components, self.dof)}
        return PointMass.trusted(parameters=known, conjugate=DegreesOfFreedom)

    @property
    def _free(self) -> DegreesOfFreedom:
        return DegreesOfFreedom() if self.dof_prior is None else self.dof_prior

    def default_prior(self, rows: Array, weights: Array | None) -> ProductPrior:
        """Return the weak prior at the rows' robust mean and covariance, and that of the degrees of freedom."""
        d = rows.shape[1]
        return self._joined(self.normal.default_prior(rows, weights), self._freedom(self._free, 1, d), d)

    def starting_prior(self, rows: Array, weights: Array | None) -> ProductPrior:
        """Return the default prior with a mean worth a whole row, so that its own scales say something of the rows."""
        prior = self.default_prior(rows, weights)
        own = prior.parts[_LOCATION]
        wide = {**own.hyperparameters(), "kappa": np.full_like(own.hyperparameters()["kappa"], _STARTING_KAPPA)}
        return self._joined(own.with_hyperparameters(wide), prior.parts[_FREEDOM], rows.shape[1])

    def flat_prior(self, n_components: int, n_columns: int) -> ProductPrior:
        """Return the prior that is flat in (mean, precision) and in the degrees of freedom."""
        freedom = self._freedom(DegreesOfFreedom(1.0, 0.0), n_components, n_columns)
        return self._joined(self.normal.flat_prior(n_components, n_columns), freedom, n_columns)

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> ProductPrior:
        """Return a prior of mean and scale, alone or joined with one of ν, with its component axis."""
        own: dict[str, Any] = {_LOCATION: prior, _FREEDOM: self._free}
        own |= prior.parts if isinstance(prior, ProductPrior) else {}
        location = self.normal.broadcast_prior(own[_LOCATION], n_components, n_columns)
        free = self._free if isinstance(own[_FREEDOM], PointMass) else own[_FREEDOM]
        return self._joined(location, self._freedom(free, n_components, n_columns), n_columns)

    def update(self, prior: ProductPrior, statistics: ProductStatistics) -> ProductPrior:
        """Return the posterior of mean and scale, and of the degrees of freedom."""
        own = dict(zip((_LOCATION, _FREEDOM), statistics.parts, strict=True))
        return prior.with_parts(lambda name, part: cast(Any, part).update(own[name]))

    def expanded(self, prior: ProductPrior, statistics: ProductStatistics) -> ProductPrior:
        """Return the update with scales of any mean, which S absorbs: its divisor is Σ r u, not Σ r.

        Where the prior is not flat the larger family has another posterior, and the update is the plain one.
        """
        location = prior.parts[_LOCATION]
        if location.is_proper:
            return self.update(prior, statistics)
        moments, scales = statistics.parts
        shared = bool(location.shared(location.hyperparameters()))
        return self.update(
            prior, ProductStatistics((replace(moments, rows=None), scales.about(moments.count, shared=shared)))
        )

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the log predictive density (K, n) of rows (d, n), averaged over scales and degrees of freedom."""
        parts = parts_of(posterior)
        return log_predictive(parts[_LOCATION], cast(Any, parts[_FREEDOM]), rows)

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The Gaussian's."""
        return self.normal.floor

    def is_floored(self, name: str) -> bool:
        """Return whether it is the scale."""
        return name == "scale"

    def at_limit(self, parameters: Parameters) -> tuple[str, ...]:
        """Return the degrees of freedom where they stand for a normal distribution."""
        free = self.dof is None and not isinstance(self.prior, PointMass)
        return ("dof",) if free and (np.asarray(parameters["dof"]) >= 0.999 * LARGEST_DOF).any() else ()

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return the Gaussian's map for rows drawn in."""
        return self.normal.coordinates(rows, weights)

    def public(self, parameters: Parameters) -> Parameters:
        """Return the mean (..., K, d), a scale matrix for each component (..., K, d, d) and ν (..., K)."""
        own = {name.removeprefix(f"{_LOCATION}_"): a for name, a in parameters.items() if name != "dof"}
        normal = self.normal.public(own)
        return {"mean": normal["mean"], "scale": normal["covariance"], "dof": parameters["dof"]}

    def native(self, parameters: Parameters) -> Parameters:
        """Return parameters as the prior holds them, from public ones."""
        own = self.normal.native({"mean": parameters["mean"], "covariance": parameters["scale"]})
        return {**{f"{_LOCATION}_{name}": array for name, array in own.items()}, "dof": parameters["dof"]}

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components have shrunk to the floor in some direction."""
        own = {name.removeprefix(f"{_LOCATION}_"): a for name, a in parameters.items() if name != "dof"}
        return self.normal.degenerate_components(own)

    def rounding(self, expected: Parameters) -> float:
        """Return the Gaussian's."""
        return self.normal.rounding(split_expected(expected, _LOCATION))

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return what makes scale matrices of these rows singular or inexact."""
        data = self.normal.moments_of(rows, weights)
        return data.warnings(matrix=self.scale in ("full", "tied") and len(rows) > rows.shape[1])
