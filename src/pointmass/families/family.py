"""The interface of a likelihood family: sufficient statistics, natural parameters and a conjugate prior."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, Self, cast

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.frame import Frame
from pointmass.families.kernel import Kernel
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array
from pointmass.values import Value

__all__ = ["Belief", "Family", "Section", "divergence"]

type Belief = ConjugatePrior | PointMass


class Section(Protocol):
    """One parameter for each orbit of a group that leaves likelihood and prior as they are, such as rotations.

    Attributes
    ----------
    turns : tuple of str
        The public parameters that are turned to the section: functions of several native entries each.
    """

    turns: ClassVar[tuple[str, ...]]

    def free(self, like: Parameters) -> dict[str, Array]:
        """Return which entries of native parameters are free on the section; the others are zero."""

    def edge(self, parameters: Parameters) -> dict[str, Array]:
        """Return which entries of public parameters lie at the section's edge, where their spread is cut in two."""

    def log_volume(self, parameters: Parameters) -> Array:
        """Return the log volume of the orbits of native parameters on the section, Jacobian included; −∞ off it."""


class Family(Value):
    """A likelihood p(x | θ) = exp(η(θ) · t(x) + log h(x)) with t(x) = (1, …), and its conjugate prior.

    The log partition is the coefficient of the constant statistic, so a log density is one product η · t and the
    expected statistics of K components over n rows are one product r · tᵀ. Concrete families are frozen
    dataclasses with a field ``prior``.

    Attributes
    ----------
    prior : ConjugatePrior, PointMass or None
        The user's prior of one component; None asks for a weak default made from the data.
    parameter_dims : dict of str to tuple of str
        Names of the axes of each public parameter, after the component axis.
    is_conditional : bool
        Whether the last column of a row is a target, whose density given the other columns the likelihood is.
    takes_missing : bool
        Whether cells of a row may be missing (NaN); the likelihood is then that of the others.
    takes_empty_columns : bool
        Whether every cell of a column may be missing, where cells may be.
    """

    prior: Any
    parameter_dims: ClassVar[dict[str, tuple[str, ...]]]
    is_conditional: ClassVar[bool] = False
    takes_missing: ClassVar[bool] = False
    takes_empty_columns: ClassVar[bool] = False

    # -- the likelihood -------------------------------------------------------------------------------------

    @abstractmethod
    def sufficient_statistics(self, rows: Array) -> Array:
        """Return t (S, n) of rows (d, n); the first statistic is the constant 1."""

    @abstractmethod
    def coefficients(self, expected: Parameters) -> Array:
        """Return η (K, S) from a belief's expected natural parameters."""

    @abstractmethod
    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t | θ] (K, S), the mean parameters, given public parameters."""

    def natural_parameters(self, parameters: Parameters) -> Array:
        """Return η (K, S) given public parameters; the first column is minus the log partition."""
        native = self.native(parameters)
        k, d = len(next(iter(native.values()))), self._n_columns(parameters)
        return self.coefficients(type(self.flat_prior(k, d)).natural_parameters_at(native))

    def log_partition(self, parameters: Parameters) -> Array:
        """Return A (K,), the log normaliser of exp(η · t) without the constant statistic."""
        return np.asarray(-self.natural_parameters(parameters)[:, 0])

    def from_mean_statistics(self, means: Array, n_columns: int) -> Parameters:
        """Return the public parameters at which E[t | θ] is ``means`` (K, S): the maximum likelihood estimate."""
        flat = self.flat_prior(len(means), n_columns)
        return self.public(self.update(flat, self.statistics_of(means, n_columns)).parameter_mode())

    def statistics_of(self, sums: Array, n_columns: int) -> Any:
        """Return summed statistics (K, S) as ``update`` takes them."""
        return sums

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the length of each axis of the parameters that the number of columns fixes."""
        return {"feature": n_columns, "feature_2": n_columns}

    def _n_columns(self, parameters: Parameters) -> int:
        name, dims = next(iter(self.parameter_dims.items()))
        return int(np.shape(parameters[name])[-len(dims)])

    def log_base_measure(self, rows: Array) -> Array | None:
        """Return log h (n,) of rows (d, n), or None where it is zero."""
        return None

    @abstractmethod
    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d) drawn from the components named by ``labels`` (n,), given public parameters."""

    def with_column_names(self, names: Sequence[str] | None) -> Self:
        """Return the family with what refers to columns by name made to refer to their places."""
        return self

    def normal_moments(self, parameters: Parameters) -> tuple[Array, Array] | None:
        """Return means (K, d) and covariances (K, d, d) of columns that are normal, NaN for others; None without any.

        ``parameters`` are public, with a component axis.
        """
        return None

    def fitted_to(self, rows: Array) -> Self:
        """Return the family with what only rows (n, d) can tell, such as the number of categories."""
        return self

    def hides_values(self, rows: Array) -> bool:
        """Whether rows (n, d) leave something unknown beside their components, which a kernel then infers."""
        return bool(np.isnan(rows).any())

    def masked(self, drawn: Array, rows: Array) -> Array:
        """Return rows drawn from the family with as much of them hidden as of ``rows``, both (n, d): missing cells."""
        return np.where(np.isnan(rows), np.nan, drawn)

    def check_rows(self, rows: Array) -> None:
        """Raise `PointmassError` where rows (n, d) lie outside the family's support."""
        return None

    def least_rows(self, n_columns: int) -> int:
        """Return how many distinct rows the likelihood of one component needs to have a maximum."""
        return 1

    # -- the prior and its updates --------------------------------------------------------------------------

    @abstractmethod
    def default_prior(self, rows: Array, weights: Array | None) -> ConjugatePrior:
        """Return a weak proper prior of one component, made from rows (n, d)."""

    def starting_prior(self, rows: Array, weights: Array | None) -> ConjugatePrior:
        """Return a weak proper prior whose mode lies inside the parameter space: it shapes starts, not results."""
        return self.default_prior(rows, weights)

    @abstractmethod
    def flat_prior(self, n_components: int, n_columns: int) -> ConjugatePrior:
        """Return the prior, with its component axis, whose mode is the maximum likelihood estimate."""

    def broadcast_prior(self, prior: ConjugatePrior, n_components: int, n_columns: int) -> ConjugatePrior:
        """Return a prior of one component with a leading component axis."""
        return prior.broadcast(n_components, n_columns)

    def closed_form(self, rows: Array, weights: Array | None) -> Parameters | None:
        """Return the public parameters, with a component axis, that make rows (n, d) which hide values most likely.

        None where no formula gives them, as here; where nothing is hidden the update of the flat prior is the formula.
        """
        return None

    @abstractmethod
    def update(self, prior: Any, statistics: Any) -> Any:
        """Return the conjugate posterior of ``prior`` and expected statistics."""

    def expanded(self, prior: Any, statistics: Any) -> Any:
        """Return ``update`` in a larger family with the same likelihood of rows, mapped back; here there is none."""
        return self.update(prior, statistics)

    @abstractmethod
    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the exact log predictive density (K, n) of new rows (d, n)."""

    def log_predictive_of(self, posterior: Any, rows: Array, coordinates: Coordinates) -> Array:
        """Return ``log_predictive`` (K, n), per working unit, of rows (n, d) given in the data's units."""
        return self.log_predictive(posterior, coordinates.transform(rows))

    # -- numerics, with defaults that suit most families ----------------------------------------------------

    @property
    def floor(self) -> float:
        """The lowest variance of a point, in working coordinates; 0 where the family has none."""
        return 0.0

    def is_floored(self, name: str) -> bool:
        """Return whether a floor keeps the parameter called ``name`` away from the edge of its range."""
        return self.floor > 0

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return the working coordinates for rows (n, d)."""
        return Coordinates.identity(rows.shape[1])

    def in_working(self, rows: Array, coordinates: Coordinates) -> Array:
        """Return rows (n, d) in working coordinates, column by column as the data have them."""
        return coordinates.transform(rows).T

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> Kernel:
        """Return what turns blocks of rows into log densities and statistics under ``belief``."""
        coefficients = self.coefficients(belief.expected_natural_parameters())
        coefficients[:, 0] += offset
        return Kernel(self, coefficients, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> Frame:
        """Return the coordinates of the statistics in which derivatives at ``belief`` are taken."""
        return Frame(self, belief, n_columns)

    def public(self, parameters: Parameters) -> Parameters:
        """Return parameters as the user sees them."""
        return parameters

    def native(self, parameters: Parameters) -> Parameters:
        """Return parameters as the conjugate prior holds them."""
        return parameters

    @property
    def section(self) -> Section | None:
        """What stands for parameters that a continuous group makes of each other, as ``public`` shows them; or None."""
        return None

    def at_limit(
        self, parameters: Parameters, rows: Array, coordinates: Coordinates, prior: Belief
    ) -> dict[str, Array]:
        """Return which entries of public parameters of a point stand at the end of their range, by name.

        An end that only a limit stands for counts, such as infinity. Parameters and prior are in
        working coordinates, ``rows`` (n, d), which the point was fitted to, in the data's units.
        """
        return {}

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components (K,) of a point sit on the floor of their variance."""
        first = next(iter(parameters.values()))
        return np.zeros(len(first), dtype=bool)

    def rounding(self, expected: Parameters) -> float:
        """Return how large the rounding error of one row's log density may be, in working coordinates."""
        return 1e-14

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return sentences about rows (n, d) that a user should know about any fit to them."""
        return []


def divergence(belief: Belief, prior: Belief) -> float:
    """Return KL(belief ‖ prior) in nats; for a point, minus the log prior density.

    A block that is held known equals its prior and costs nothing.
    """
    if isinstance(belief, PointMass):
        return belief.divergence(prior)
    return belief.divergence(cast(Any, prior))
