"""What families of normal rows with hidden scales have in common: Student-t rows and regressions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import at_least
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.degrees_of_freedom import LARGEST_DOF, DegreesOfFreedom
from pointmass.families.expected import Expected
from pointmass.families.factor import Factor
from pointmass.families.family import Belief, Family
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.families.product_prior import ProductPrior, joined, parts_of, split_expected
from pointmass.families.product_statistics import ProductStatistics
from pointmass.families.scale_frame import ScaleFrame, joined_coefficients, with_rows
from pointmass.families.scale_kernel import ScaleKernel
from pointmass.families.scale_predictive import log_predictive
from pointmass.numerics import Array

__all__ = ["ScaledFamily"]

_LOCATION, _FREEDOM = "location", ""


class ScaledFamily(Family):
    """Rows that are normal given a scale u ~ Gamma(ν/2, ν/2) of their own, which multiplies their precision.

    What is said of a normal row is another family's, ``normal``: its conjugate prior, joined with one of ν, is the
    prior here.

    Attributes
    ----------
    dof : float or None
        ν where it is known.
    dof_prior : DegreesOfFreedom or None
        Its prior where it is estimated.
    public_names : dict of str to str
        What public parameters of the normal family are called here, where the name is another.
    """

    dof: Any
    dof_prior: Any
    public_names: ClassVar[Mapping[str, str]] = {}

    @property
    @abstractmethod
    def normal(self) -> Any:
        """The family of rows whose scale is one."""

    @abstractmethod
    def _largest(self, expected: Parameters) -> tuple[Array, int]:
        """Return the largest log density (K,) of a normal row, and how many numbers of a row the scale multiplies."""

    @abstractmethod
    def _firm(self, location: Any) -> Any:
        """Return a default prior, worth a hundredth of a row, made worth a whole one."""

    def _check_freedom(self) -> None:
        """Refuse degrees of freedom that are no positive number, and priors of another kind."""
        name = type(self).__name__
        if self.dof is not None:
            if np.ndim(self.dof) != 0:
                raise PointmassError(f"{name}: dof must be one number or None, got {self.dof!r}", path=("dof",))
            object.__setattr__(self, "dof", float(at_least(name, "dof", self.dof, 0.0)))
        if not isinstance(self.dof_prior, DegreesOfFreedom | None):
            raise PointmassError(
                f"{name}: dof_prior must be DegreesOfFreedom or None, got {self.dof_prior!r}", path=("dof_prior",)
            )
        if self.dof is not None and self.dof_prior is not None:
            raise PointmassError(f"{name}: dof is known, so it takes no dof_prior", path=("dof_prior",))

    def hides_values(self, rows: Array) -> bool:
        """Every row has a hidden scale."""
        return True

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return those of normal rows."""
        return dict(self.normal.axis_sizes(n_columns))

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, t(x), 0), shape (S, n), of rows (d, n) whose scale is one, t(x) those of normal rows."""
        ones, zeros = np.ones((1, rows.shape[1])), np.zeros((1, rows.shape[1]))
        return np.concatenate([ones, self.normal.sufficient_statistics(rows), zeros])

    def location(self, belief: Belief) -> Expected:
        """Return what is expected of mean and scale."""
        return Expected(split_expected(belief.expected_natural_parameters(), _LOCATION))

    def location_posterior(self, posterior: Belief) -> Belief:
        """Return the part of a posterior that is about mean and scale."""
        return parts_of(posterior)[_LOCATION]

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> ScaleKernel:
        """Return the kernel that integrates the scales out."""
        location = self.location(belief)
        inner = self.normal.kernel(location, np.zeros_like(offset), coordinates)
        constant, width = self._largest(location.expected)
        freedom = split_expected(belief.expected_natural_parameters(), _FREEDOM)
        return ScaleKernel(self, inner, constant, width, freedom, offset)

    def identity_kernel(self, belief: Belief, n_columns: int) -> ScaleKernel:
        """Return the kernel of rows given in working coordinates."""
        k = len(next(iter(self.location(belief).expected.values())))
        return self.kernel(belief, np.zeros(k), Coordinates.identity(n_columns))

    def frame(self, belief: Belief, n_columns: int) -> ScaleFrame:
        """Return the frame of normal rows with the statistics of their scales."""
        return ScaleFrame(self, belief, n_columns)

    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S), which multiplies the statistics of rows and their scales."""
        location = split_expected(expected, _LOCATION)
        constant, _ = self._largest(location)
        return joined_coefficients(self.normal.coefficients(location), constant, split_expected(expected, _FREEDOM))

    def statistics_of(self, sums: Array, n_columns: int) -> ProductStatistics:
        """Return summed statistics (K, S) of rows and their scales as ``update`` takes them."""
        return with_rows(self.normal.statistics_of(sums[:, 1:-1], n_columns), sums)

    def check_rows(self, rows: Array) -> None:
        """Refuse what normal rows refuse."""
        self.normal.check_rows(rows)

    def least_rows(self, n_columns: int) -> int:
        """Return the number for normal rows."""
        return int(self.normal.least_rows(n_columns))

    # -- the prior and its updates --------------------------------------------------------------------------

    def _joined(self, location: Any, freedom: Belief, n_columns: int) -> ProductPrior:
        every = tuple(range(n_columns))
        factors = [
            Factor(_LOCATION, conjugate_of(location), every, self.normal.floor),
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
        """Return the default prior made worth a whole row, so that scales under it say something of the rows."""
        prior = self.default_prior(rows, weights)
        return self._joined(self._firm(prior.parts[_LOCATION]), prior.parts[_FREEDOM], rows.shape[1])

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

        def given(scales: Array) -> Array:
            return np.asarray(self.normal.log_predictive(parts[_LOCATION], rows, scales))

        return log_predictive(given, cast(Any, parts[_FREEDOM]))

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """That of normal rows."""
        return float(self.normal.floor)

    def is_floored(self, name: str) -> bool:
        """Return the answer for normal rows; degrees of freedom have no floor."""
        return name != "dof" and bool(self.normal.is_floored(name))

    def at_limit(
        self, parameters: Parameters, rows: Array, coordinates: Coordinates, prior: Belief
    ) -> dict[str, Array]:
        """Return the degrees of freedom where they stand for a normal distribution."""
        free = self.dof is None and not isinstance(self.prior, PointMass)
        return {"dof": np.asarray(parameters["dof"]) >= 0.999 * LARGEST_DOF} if free else {}

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return those of normal rows."""
        return cast(Coordinates, self.normal.coordinates(rows, weights))

    def public(self, parameters: Parameters) -> Parameters:
        """Return those of normal rows, and ν (..., K)."""
        normal = self.normal.public(_of_location(parameters))
        return {self.public_names.get(name, name): a for name, a in normal.items()} | {"dof": parameters["dof"]}

    def native(self, parameters: Parameters) -> Parameters:
        """Return parameters as the prior holds them, from public ones."""
        names = {name: self.public_names.get(name, name) for name in self.normal.parameter_dims}
        own = self.normal.native({name: parameters[public] for name, public in names.items()})
        return {f"{_LOCATION}_{name}": array for name, array in own.items()} | {"dof": parameters["dof"]}

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components have shrunk to the floor."""
        return np.asarray(self.normal.degenerate_components(_of_location(parameters)))

    def rounding(self, expected: Parameters) -> float:
        """Return that of normal rows."""
        return float(self.normal.rounding(split_expected(expected, _LOCATION)))


def _of_location(parameters: Parameters) -> Parameters:
    """Return the native parameters of normal rows by their own names."""
    return {name.removeprefix(f"{_LOCATION}_"): array for name, array in parameters.items() if name != "dof"}
