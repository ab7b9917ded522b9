"""The Model protocol: what a sweep, a sampler and a report ask of any model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief, Section
from pointmass.latents.assignments import Assignment
from pointmass.models.frame import Frame
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array
from pointmass.values import Value

__all__ = ["Beliefs", "Inference", "Model"]

type Beliefs = Mapping[str, Belief]


class Inference(Protocol):
    """The E-step of one sweep, prepared once for all blocks of rows."""

    def statistics(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None) -> Statistics:
        """Return expected statistics and the log normaliser of a block of rows."""

    def responsibilities(
        self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array]:
        """Return responsibilities (K, n) and log normalisers (n,) of a block of rows."""

    def complete(
        self, statistics: Statistics, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> Statistics:
        """Return the statistics of all rows, summed, with what latents that the rows share make of them."""
        return statistics


class Model(Value):
    """A complete-data likelihood with its conjugate prior: frozen, hashable, and ignorant of every method.

    Attributes
    ----------
    n_components : int
        Number of components K; 1 without a latent.
    """

    n_components: int

    @property
    @abstractmethod
    def has_latent(self) -> bool:
        """Whether a sweep has anything to infer."""

    @property
    def is_conditional(self) -> bool:
        """Whether rows are features with a target, their last column, and the likelihood is of the target alone."""
        return False

    @property
    def is_sequential(self) -> bool:
        """Whether rows are steps of sequences, so that their order counts."""
        return False

    def lasting(self, points: Beliefs, rng: np.random.Generator) -> Beliefs:
        """Return a start in which components last for a while, where rows come in order; else the same start."""
        return points

    @property
    def takes_missing(self) -> bool:
        """Whether cells of a row may be missing (NaN)."""
        return False

    @property
    def takes_empty_columns(self) -> bool:
        """Whether every cell of a column may be missing, where cells may be."""
        return False

    def hides_values(self, rows: Rows) -> bool:
        """Whether these rows leave values unknown beside their components: missing cells, or what is known coarsely."""
        return not rows.has_all_cells

    def masked(self, drawn: Array, values: Array) -> Array:
        """Return rows drawn from the model with as much of them hidden as of ``values``, both (n, d)."""
        return np.where(np.isnan(values), np.nan, drawn)

    def is_complete(self, rows: Rows) -> bool:
        """Whether nothing about these rows is hidden, so that one sweep from anywhere is exact."""
        return (not self.has_latent or rows.fully_labelled) and not self.hides_values(rows)

    def closed_form(self, rows: Rows) -> Parameters | None:
        """Return the public parameters at the maximum of the likelihood of rows that leave something hidden.

        None where no formula gives them, as for nearly every model; where nothing is hidden one sweep is the formula.
        """
        return None

    @property
    def conjugate(self) -> Model | None:
        """The nearest model whose updates are all conjugate; nearly always the model itself, None where none is."""
        return self

    @property
    def starts_alike(self) -> bool:
        """Whether every start of an ascent is the same, as with one component."""
        return self.n_components == 1

    def drawn_start(self, weak: Beliefs, rng: np.random.Generator) -> Beliefs | None:
        """Return a start drawn from weak priors, where responsibilities of clusters make none; else None."""
        return None

    def class_probabilities(self, parameters: Parameters, features: Array) -> Array | None:
        """Return p(y | x) (n, C) at public parameters for features (n, d), where targets are classes; else None."""
        return None

    @property
    def needs_all_rows(self) -> bool:
        """Whether an update asks for more of the rows than sums, so that no block of them can be visited alone."""
        return False

    def features_and_target(self, values: Array) -> tuple[Array, Array | None]:
        """Return what a user gives as X (n, d) and as y (n,) of these rows; y is None without a target."""
        return (values[:, :-1], values[:, -1]) if self.is_conditional else (values, None)

    @abstractmethod
    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (n,) at public parameters, for features (n, d); refuses where there is no one target."""

    def choice_given(self, parameters: Parameters, features: Array) -> Array | None:
        """Return p(component | x) (K, n) at public parameters, for features (n, d); None where they do not tell."""
        return None

    def component_targets(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x, component] (K, n) at public parameters, for features (n, d)."""
        raise PointmassError(f"{type(self).__name__} has no components with targets of their own")

    @abstractmethod
    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the length of each axis of the public parameters, as far as model and columns fix it."""

    @property
    def latent_blocks(self) -> Mapping[str, type[ConjugatePrior]]:
        """Latents that all rows share, with the class of their posteriors; a fit keeps these beside its beliefs."""
        return {}

    def latent_beliefs(self, beliefs: Beliefs, statistics: Statistics, coordinates: Coordinates) -> Beliefs:
        """Return the posterior of each of ``latent_blocks`` under ``beliefs``, given the statistics of all rows."""
        return {}

    def with_latent_draws(self, draws: Parameters, rows: Rows, rng: np.random.Generator) -> Parameters:
        """Return S draws of public parameters, those of ``latent_blocks`` drawn given the rest where they lack."""
        return draws

    @property
    @abstractmethod
    def blocks(self) -> tuple[str, ...]:
        """Names of the parameter blocks, in update order."""

    @property
    @abstractmethod
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Names of the axes of each public parameter."""

    @property
    @abstractmethod
    def floor(self) -> float:
        """The lowest variance that a point may have, in working coordinates."""

    def is_floored(self, name: str) -> bool:
        """Return whether a floor keeps the public parameter ``name`` of a point from the edge of its range."""
        return self.floor > 0

    def with_components(self, n_components: int) -> Self:
        """Return the model with another number of components."""
        raise PointmassError(
            f"{self!r} has no number of components to choose; make a mixture or a hidden Markov model of it",
            path=("model",),
        )

    def with_column_names(self, names: Sequence[str] | None) -> Self:
        """Return the model with what refers to columns of the data by name made to refer to their places."""
        return self

    def normal_moments(self, parameters: Parameters) -> tuple[Array, Array] | None:
        """Return means (K, d) and covariances (K, d, d) of columns that are normal given the component.

        NaN for other columns; None where there is none. ``parameters`` are public.
        """
        return None

    def fitted_to(self, values: Array) -> Self:
        """Return the model with what only the data (n, d) can tell, such as the number of categories."""
        return self

    @abstractmethod
    def check(self, values: Array) -> None:
        """Raise `PointmassError` where the data (n, d) or a prior cannot be used with this model."""

    @abstractmethod
    def check_support(self, values: Array) -> None:
        """Raise `PointmassError` where rows (n, d) cannot come from this model."""

    @abstractmethod
    def data_warnings(self, values: Array, weights: Array | None) -> list[str]:
        """Return sentences about the data that a user of any fit should know."""

    @abstractmethod
    def least_rows(self, n_columns: int) -> int:
        """Return how many distinct rows the likelihood needs to have a maximum."""

    @abstractmethod
    def prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the prior of each block in the data's units, defaults filled in."""

    @abstractmethod
    def weak_prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return weak proper default priors, whatever prior the user gave; they shape starts, not results."""

    @abstractmethod
    def flat_prior(self, n_columns: int) -> Beliefs:
        """Return the prior whose modes are maximum likelihood; blocks held known stay known."""

    @abstractmethod
    def coordinates(self, values: Array, weights: Array | None) -> Coordinates:
        """Return the working coordinates for the data."""

    @abstractmethod
    def infer(self, beliefs: Beliefs, coordinates: Coordinates) -> Inference:
        """Return the E-step under ``beliefs``, given in working coordinates."""

    @abstractmethod
    def collect(self, responsibilities: Array, rows: Rows, beliefs: Beliefs) -> Statistics:
        """Return the statistics of given responsibilities (K, n)."""

    @abstractmethod
    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the conjugate posterior of one block; other blocks' beliefs may be read."""

    def expanded(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return what ``update`` does in a larger model with the same likelihood, mapped back; here there is none."""
        return self.update(prior, statistics, beliefs, name)

    @abstractmethod
    def frame(self, beliefs: Beliefs, coordinates: Coordinates) -> Frame:
        """Return the coordinates in which derivatives of a sweep at ``beliefs`` are taken."""

    @abstractmethod
    def numbers_per_row(self, n_columns: int) -> int:
        """Return how many float64 numbers a sweep holds for each row."""

    @abstractmethod
    def public(self, parameters: dict[str, Parameters]) -> Parameters:
        """Return all blocks' parameters as the user sees them; leading axes (draws) are kept."""

    @abstractmethod
    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block, as the beliefs hold them; leading axes (draws) are kept."""

    @abstractmethod
    def degenerate_components(self, beliefs: Beliefs) -> Array:
        """Return which components (K,) of a point sit on the floor of their variance."""

    def empty_components(self, parameters: Parameters) -> Array:
        """Return which components (K,) no row can come from, given public parameters."""
        return np.zeros(self.n_components, dtype=bool)

    def at_limit(self, parameters: Parameters, rows: Rows, prior: Beliefs) -> dict[str, Array]:
        """Return which entries of public parameters of a point stand at the end of their range, by name.

        An end that only a limit stands for counts, such as infinity. Parameters and prior are in working
        coordinates, those of ``rows``, which the point was fitted to.
        """
        return {}

    def rounding(self, beliefs: Beliefs) -> float:
        """Return how large the rounding error of one row's log density may be under ``beliefs``."""
        return 1e-14

    @abstractmethod
    def log_predictive(self, beliefs: Beliefs, rows: Rows) -> Array:
        """Return the log predictive density (n,): exact for posteriors, plug-in for points."""

    @abstractmethod
    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log likelihood of the observed data, latents summed out, at each of S draws.

        Parameters
        ----------
        draws : dict of str to ndarray
            Public parameters in the data's units, each with one leading axis of S draws.
        rows : Rows
            Data. A weight multiplies its row's log density; of a row whose component is known, the joint density of
            row and component counts.
        pointwise : bool
            Whether to return each row's own log density, without its weight; in chains log p(y_t | y_<t).

        Returns
        -------
        ndarray, shape (S,) or (S, n)
            Nats, in the data's units.
        """

    @abstractmethod
    def sample(
        self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None
    ) -> tuple[Array, Array]:
        """Return rows (n, d) and their components (n,), given public parameters.

        A conditional model draws targets for ``features`` (n, d − 1), which it needs; others ignore them.
        """

    @abstractmethod
    def interchangeable(self, prior: Beliefs, labels: Array | None) -> Array:
        """Return group numbers (K,): components of one group may be permuted, prior and labels unchanged."""

    @property
    def sections(self) -> Mapping[str, Section]:
        """What stands, by block, for parameters that a continuous group such as rotations makes of each other.

        ``public`` shows parameters on it. Likelihood and prior are the same along an orbit, so that densities of draws
        are taken on the section, times the orbit's volume.
        """
        return {}

    @abstractmethod
    def points(self, parameters: dict[str, Parameters], like: Beliefs) -> Beliefs:
        """Return point masses at the blocks' parameters."""
