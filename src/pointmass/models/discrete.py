"""Models of a discrete latent and a family: the part of every such model that is the same."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, reduce
from operator import add
from typing import Any, Self, cast

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief, Family, Section
from pointmass.families.kernel import Kernel
from pointmass.families.point_mass import PointMass, component_of, conjugate_of, point_at_mean
from pointmass.latents.assignments import Assignment, clamp, drawn, soft
from pointmass.latents.latent import Inferred, Latent
from pointmass.models.base import Beliefs, Inference, Model
from pointmass.models.discrete_frame import DiscreteFrame
from pointmass.models.missing import seen, spread
from pointmass.models.observed_likelihood import log_likelihood
from pointmass.models.parameters import known_parameters
from pointmass.models.row_design import row_design
from pointmass.models.rows import Rows, block_size
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["DiscreteInference", "DiscreteModel"]

_EMISSION = "emission"
_EMPTY = 1e-10


type _Completion = Callable[[Kernel, Any, Array, np.random.Generator | None], Any]


def _as_they_are(kernel: Kernel, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
    return features


def _filled(kernel: Kernel, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
    return kernel.filled(features, assigned, rng)


# Where components are drawn, so are missing cells, given the components; else their expectations stand for them.
_COMPLETED: dict[Assignment, _Completion] = {drawn: _filled}


class DiscreteInference(Inference):
    """The E-step of a discrete latent and a family."""

    def __init__(self, latent: Latent, beliefs: Beliefs, family: Family, coordinates: Coordinates) -> None:
        self.latent, self.beliefs, self.family, self.coordinates = latent, beliefs, family, coordinates
        self.kernel = family.kernel(beliefs[_EMISSION], latent.offset(beliefs), coordinates)

    def design(self, block: Rows) -> Array | None:
        """Return a constant and the features (p, n) of the rows of a block, if the latent looks at them."""
        return row_design(self.latent, block, self.coordinates)

    def densities(self, block: Rows, design: Array | None = None) -> tuple[Any, Array]:
        """Return the features (S, ·) of the observed rows of a block, and log joint densities (K, n) of all rows.

        ``design`` is that of the block, where it is known already.
        """
        observed = block.observed.values
        features = self.kernel.features(observed)
        log_joint = spread(self.kernel.log_density(features, observed), block.missing)
        return features, self._with_row_offset(log_joint, self.design(block) if design is None else design)

    def _with_row_offset(self, log_joint: Array, design: Array | None) -> Array:
        offset = self.latent.row_offset(self.beliefs, design)
        return log_joint if offset is None else log_joint + offset

    def density(self, component: int, features: Array, block: Rows, index: Array) -> Array:
        """Return the log joint density (m,) of one component with the rows of a block at ``index`` (m,).

        ``features`` are those of the whole block.
        """
        offset = self.latent.offset(self.beliefs)[component : component + 1]
        one = component_of(self.beliefs[_EMISSION], component)
        kernel = self.family.kernel(one, offset, self.coordinates)
        return np.asarray(kernel.log_density(features[:, index], block.values[index])[0])

    def infer(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None) -> tuple[Any, Inferred]:
        """Return the features (S, ·) of the observed rows of a block, and what stands for the components of all."""
        design = self.design(block)
        features, log_joint = self.densities(block, design)
        clamp(log_joint, block.labels)
        inferred = self.latent.infer(log_joint, self.beliefs, assignment, rng, block.lengths)
        return features, inferred._replace(design=design)

    def statistics(self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None) -> Statistics:
        """Return expected statistics and the log normaliser of a block of rows."""
        features, inferred = self.infer(block, assignment, rng)
        complete = _COMPLETED.get(assignment, _as_they_are)
        features = complete(self.kernel, features, seen(inferred.responsibilities, block.missing), rng)
        return self.gather(features, inferred.weighted(block.weights, block.lengths), block)

    def gather(self, features: Any, inferred: Inferred, block: Rows) -> Statistics:
        """Return the statistics of what stands for the components, weighted, of a block of rows."""
        parts: dict[str, Any] = dict(self.latent.statistics(inferred, block.lengths))
        parts[_EMISSION] = self.kernel.statistics(features, seen(inferred.responsibilities, block.missing))
        return Statistics(parts, float(inferred.log_normaliser.sum()))

    def responsibilities(
        self, block: Rows, assignment: Assignment, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array]:
        """Return responsibilities (K, n) and log normalisers (n,) of a block of rows, however far out."""
        observed = block.observed.values
        features = self.kernel.features(observed)
        log_joint = self._with_row_offset(self.kernel.log_density(features, observed), self.design(block))
        largest = log_joint.max(axis=0)
        far = self.kernel.settle_far_rows(features, log_joint)
        impossible = np.flatnonzero(np.isneginf(largest))
        # Such a row tells the components nothing.
        chosen = np.broadcast_to(self.latent.offset(self.beliefs)[:, None], log_joint.shape)
        log_joint[:, impossible] = self._with_row_offset(chosen, self.design(block))[:, impossible]
        far = np.union1d(far, impossible)
        if block.missing is not None:
            far = np.flatnonzero(~block.missing)[far]
        log_joint, largest = spread(log_joint, block.missing), spread(largest, block.missing)
        clamp(log_joint, block.labels)
        responsibilities, log_normaliser, *_ = self.latent.infer(
            log_joint, self.beliefs, assignment, rng, block.lengths
        )
        log_normaliser[far] = np.where(np.isnan(largest[far]), -np.inf, largest[far])
        return responsibilities, log_normaliser


class DiscreteModel(Model):
    """A latent that chooses components and a family that they emit."""

    family: Any

    @cached_property
    @abstractmethod
    def latent(self) -> Latent:
        """What chooses the component of each row."""

    @property
    def has_latent(self) -> bool:
        """Whether there is a component to infer."""
        return bool(self.latent.blocks)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The latent's blocks, then the emission."""
        return (*self.latent.blocks, _EMISSION)

    @property
    def is_conditional(self) -> bool:
        """The family's answer."""
        return bool(self.family.is_conditional)

    @property
    def takes_missing(self) -> bool:
        """The family's answer."""
        return bool(self.family.takes_missing)

    @property
    def takes_empty_columns(self) -> bool:
        """The family's answer."""
        return bool(self.family.takes_empty_columns)

    def hides_values(self, rows: Rows) -> bool:
        """Return the family's answer for the rows that were observed."""
        return bool(self.family.hides_values(rows.observed.values))

    def is_complete(self, rows: Rows) -> bool:
        """Whether nothing about these rows is hidden; where the latent has one value every row's is known."""
        alone = self.latent.n_components == 1 and not self.hides_values(rows)
        return alone or super().is_complete(rows)

    def closed_form(self, rows: Rows) -> Parameters | None:
        """Return the family's answer, where there is no latent beside it."""
        observed = rows.observed
        found = None if self.has_latent else self.family.closed_form(observed.values, observed.weights)
        return None if found is None else {name: np.asarray(array[0]) for name, array in found.items()}

    def masked(self, drawn: Array, values: Array) -> Array:
        """Return the family's answer."""
        return np.asarray(self.family.masked(drawn, values))

    @property
    def is_sequential(self) -> bool:
        """Whether the latent links each row to the one before."""
        return not self.latent.independent_rows

    @property
    def needs_all_rows(self) -> bool:
        """The latent's answer."""
        return self.latent.needs_all_rows

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (n,) of a regression without a latent."""
        if self.has_latent or not self.is_conditional:
            raise PointmassError(f"{type(self).__name__} has no one target to predict")
        return np.asarray(self.family.expected_target({name: a[None] for name, a in parameters.items()}, features)[0])

    def lasting(self, points: Beliefs, rng: np.random.Generator) -> Beliefs:
        """Return a start in which components last for a while, where rows come in order; else the same start."""
        return {**points, **self.latent.lasting(rng)}

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of components and the family's sizes."""
        k = self.n_components
        own = self.latent.axis_sizes(n_columns)
        return {"component": k, "component_to": k, **own, **self.family.axis_sizes(n_columns)}

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Axes of each public parameter; the component axis comes first where there is a latent."""
        lead = ("component",) if self.has_latent else ()
        emission = {name: (*lead, *dims) for name, dims in self.family.parameter_dims.items()}
        return {**self.latent.dims, **emission}

    @property
    def floor(self) -> float:
        """The family's lowest variance."""
        return float(self.family.floor)

    def is_floored(self, name: str) -> bool:
        """Return the family's answer for its own parameters."""
        return bool(self.family.is_floored(name))

    # -- data and priors ------------------------------------------------------------------------------------

    def _with_family(self, family: Family) -> Self:
        return self if family is self.family else cast(Self, replace(cast(Any, self), family=family))

    def with_column_names(self, names: Sequence[str] | None) -> Self:
        """Return the model with its family's answer."""
        return self._with_family(self.family.with_column_names(names))

    def normal_moments(self, parameters: Parameters) -> tuple[Array, Array] | None:
        """Return the family's answer."""
        own = {name: np.asarray(parameters[name]) for name in self.family.parameter_dims}
        found = self.family.normal_moments(own if self.has_latent else {name: a[None] for name, a in own.items()})
        return cast("tuple[Array, Array] | None", found)

    def fitted_to(self, values: Array) -> Self:
        """Return the model with its family's answer."""
        return self._with_family(self.family.fitted_to(values))

    def check(self, values: Array) -> None:
        """Raise `PointmassError` where rows lie outside the family's support or are fewer than components."""
        self.check_support(values)
        if len(values) < self.n_components:
            raise PointmassError(
                f"n_components={self.n_components} needs at least as many rows, got n_samples={len(values)}; "
                "use fewer components or more rows"
            )

    def check_support(self, values: Array) -> None:
        """Raise `PointmassError` where rows lie outside the family's support."""
        self.family.check_rows(values)

    def data_warnings(self, values: Array, weights: Array | None) -> list[str]:
        """Return the family's warnings, and one for very few rows, or distinct rows, a component."""
        found = list(self.family.data_warnings(values, weights))
        k = self.n_components
        if k > 1 and len(values) < 5 * k:
            found.append(f"only {len(values)} rows for {k} components")
        distinct = _distinct_rows(values, k)
        if distinct < k:
            found.append(f"only {distinct} distinct rows for {k} components: some components must share or stay empty")
        return found

    def least_rows(self, n_columns: int) -> int:
        """Return the family's number: the rows of one component."""
        return int(self.family.least_rows(n_columns))

    def prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the prior of each block in the data's units."""
        k, d = self.n_components, values.shape[1]
        given = self.family.prior
        if isinstance(given, PointMass):
            return {**self.latent.priors_for(values, weights), _EMISSION: self._known_emission(given, d)}
        prior = self.family.default_prior(values, weights) if given is None else given
        wanted, broadcast = type(self.family.flat_prior(k, d)), self.family.broadcast_prior(prior, k, d)
        if not isinstance(broadcast, wanted):
            raise PointmassError(
                f"{type(self.family).__name__}: prior must be {wanted.__name__} for {d} columns, got {prior!r}",
                path=("prior",),
            )
        return {**self.latent.priors_for(values, weights), _EMISSION: broadcast}

    def weak_prior(self, values: Array, weights: Array | None) -> Beliefs:
        """Return the family's prior of starts and flat latent priors; a block held known stays known."""
        emission = self.family.starting_prior(values, weights)
        broadcast = self.family.broadcast_prior(emission, self.n_components, values.shape[1])
        known = isinstance(self.family.prior, PointMass)
        return {
            **self.latent.weak_priors(values, weights),
            _EMISSION: self._known_emission(self.family.prior, values.shape[1]) if known else broadcast,
        }

    def _known_emission(self, given: PointMass, d: int) -> PointMass:
        conjugate = type(self.family.flat_prior(self.n_components, d))
        public = {name: dims for name, dims in self.dims.items() if name in self.family.parameter_dims}
        known = known_parameters(type(self.family).__name__, given, public, self.axis_sizes(d))
        parameters = self.native({**self._any_weights(), **known})[_EMISSION]
        return PointMass.trusted(parameters=parameters, conjugate=conjugate)

    def _any_weights(self) -> Parameters:
        return {name: np.full(self.n_components, 1.0 / self.n_components) for name in self.latent.dims}

    def flat_prior(self, n_columns: int) -> Beliefs:
        """Return flat priors; a block held known stays known."""
        emission: Belief = self.family.flat_prior(self.n_components, n_columns)
        if isinstance(self.family.prior, PointMass):
            emission = self._known_emission(self.family.prior, n_columns)
        return {**self.latent.flat_priors(n_columns), _EMISSION: emission}

    def coordinates(self, values: Array, weights: Array | None) -> Coordinates:
        """Return the family's working coordinates."""
        return self.family.coordinates(values, weights)  # type: ignore[no-any-return]

    def interchangeable(self, prior: Beliefs, labels: Array | None) -> Array:
        """Return groups of components that no prior and no label tells apart."""
        known = set() if labels is None else set(np.unique(labels[labels >= 0]).tolist())
        arrays = [
            (array, sum(axis.startswith("component") for axis in self.latent.dims.get(block, ("component",))))
            for block, belief in prior.items()
            for name, array in belief.hyperparameters().items()
            if name not in belief.shared(belief.hyperparameters())
        ]
        groups = np.arange(self.n_components)
        for k in range(self.n_components):
            twins = (j for j in range(k) if not {j, k} & known and all(_exchange(*each, j, k) for each in arrays))
            groups[k] = groups[next(twins, k)]
        return groups

    @property
    def sections(self) -> Mapping[str, Section]:
        """Return the family's, which knows none of a latent's groups."""
        section = None if self.has_latent else self.family.section
        return {} if section is None else {_EMISSION: section}

    # -- the sweep's two halves -----------------------------------------------------------------------------

    def infer(self, beliefs: Beliefs, coordinates: Coordinates) -> DiscreteInference:
        """Return the E-step under ``beliefs``."""
        return DiscreteInference(self.latent, beliefs, self.family, coordinates)

    def frame(self, beliefs: Beliefs, coordinates: Coordinates) -> DiscreteFrame:
        """Return the latent's and the family's statistics as one vector."""
        return DiscreteFrame(self, beliefs, coordinates)

    def collect(self, responsibilities: Array, rows: Rows, beliefs: Beliefs) -> Statistics:
        """Return the statistics of given responsibilities (K, n); ``beliefs`` only centre them."""
        inference = self.infer(beliefs, rows.coordinates)
        size = block_size(self.numbers_per_row(rows.values.shape[1]))
        parts, start = [], 0
        for block in rows.blocks(size):
            own = responsibilities[:, start : start + len(block)]
            links = self.latent.links_of(own, block.lengths)
            given = Inferred(own, np.zeros(len(block)), links, inference.design(block))
            features = inference.kernel.features(block.observed.values)
            parts.append(inference.gather(features, given.weighted(block.weights, block.lengths), block))
            start += len(block)
        return reduce(add, parts)

    def update(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the conjugate posterior of one block."""
        own = prior[name]
        if isinstance(own, PointMass):
            return own
        part = statistics.parts[name]
        updated: ConjugatePrior = (
            self.family.update(own, part) if name == _EMISSION else self.latent.update(name, own, part, beliefs)
        )
        return updated

    def expanded(self, prior: Beliefs, statistics: Statistics, beliefs: Beliefs, name: str) -> Belief:
        """Return the family's expanded update of its block, and the plain one of any other."""
        own = prior[name]
        if name != _EMISSION or isinstance(own, PointMass):
            return self.update(prior, statistics, beliefs, name)
        found: Belief = self.family.expanded(own, statistics.parts[name])
        return found

    def numbers_per_row(self, n_columns: int) -> int:
        """Return the size of a row, of its statistics and of the latent's part."""
        one = self.family.sufficient_statistics(np.ones((n_columns, 1)))
        return int(len(one) + n_columns + self.latent.numbers_per_row)

    def log_predictive(self, beliefs: Beliefs, rows: Rows) -> Array:
        """Return log Σ E[π_k] p(x | k), p the exact predictive of a posterior or the plug-in of a point.

        Of a sequence, log p(y_t | y_<t) by the forward recursion with the same means and predictive densities: of a
        posterior that is the predictive of each step given the fitted data alone.
        """
        emission = beliefs[_EMISSION]
        if isinstance(emission, PointMass):
            means = {name: point_at_mean(belief) for name, belief in beliefs.items()}
            return self.infer(means, rows.coordinates).responsibilities(rows, soft)[1]
        points = {name: point_at_mean(beliefs[name]) for name in self.latent.blocks}
        own = self.family.log_predictive_of(emission, rows.observed.values, rows.coordinates)
        density = spread(own, rows.missing)
        density = density + self.latent.offset(points)[:, None]
        return self.latent.infer(density, points, soft, None, rows.lengths).log_normaliser

    def log_likelihood(self, draws: Parameters, rows: Rows, *, pointwise: bool = False) -> Array:
        """Return the log likelihood (S,) of the rows at each draw, or each row's own (S, n)."""
        return log_likelihood(self, draws, rows, pointwise)

    def empty_components(self, parameters: Parameters) -> Array:
        """Return which components (K,) have no weight, or are never entered."""
        return np.asarray(self.latent.presence(parameters) <= _EMPTY)

    def at_limit(self, parameters: Parameters, rows: Rows, prior: Beliefs) -> dict[str, Array]:
        """Return the family's answer, and the latent's."""
        own = self.latent.at_limit(parameters, row_design(self.latent, rows, rows.coordinates), rows.weights, prior)
        emission = {name: parameters[name] for name in self.family.parameter_dims}
        return {**own, **self.family.at_limit(emission, rows.observed.values, rows.coordinates, prior[_EMISSION])}

    def degenerate_components(self, beliefs: Beliefs) -> Array:
        """Return which components of a point sit on the floor of their variance."""
        return np.asarray(self.family.degenerate_components(beliefs[_EMISSION].parameter_mean()))

    def rounding(self, beliefs: Beliefs) -> float:
        """Return the family's rounding error of one row's log density."""
        return float(self.family.rounding(beliefs[_EMISSION].expected_natural_parameters()))

    # -- parameters -----------------------------------------------------------------------------------------

    def public(self, parameters: dict[str, Parameters]) -> Parameters:
        """Return all parameters by public name; without a latent, without the component axis."""
        merged: Parameters = {}
        merged.update(self.latent.public(parameters))
        emission = self.family.public(parameters[_EMISSION])
        if not self.has_latent:
            dims = self.family.parameter_dims
            emission = {name: np.asarray(a.take(0, axis=-1 - len(dims[name]))) for name, a in emission.items()}
        return {**merged, **emission}

    def native(self, parameters: Parameters) -> dict[str, Parameters]:
        """Return public parameters by block."""
        missing = set(self.dims) - set(parameters)
        if missing:
            raise PointmassError(f"parameters need {', '.join(self.dims)}; missing: {', '.join(sorted(missing))}")
        dims = self.family.parameter_dims
        emission = {name: np.asarray(parameters[name], dtype=float) for name in dims}
        if not self.has_latent:
            emission = {name: np.expand_dims(array, -1 - len(dims[name])) for name, array in emission.items()}
        return {**self.latent.native(parameters), _EMISSION: self.family.native(emission)}

    def points(self, parameters: dict[str, Parameters], like: Beliefs) -> Beliefs:
        """Return point masses at the blocks' parameters; ``like`` tells each block's conjugate prior."""
        return {
            name: PointMass.trusted(
                parameters=values,
                conjugate=conjugate_of(like[name]),
            )
            for name, values in parameters.items()
        }

    def sample(
        self, parameters: Parameters, n: int, rng: np.random.Generator, features: Array | None = None
    ) -> tuple[Array, Array]:
        """Return rows (n, d) and their components (n,)."""
        if not self.has_latent:
            parameters = {name: np.asarray(parameters[name])[None] for name in self.dims}
            labels = np.zeros(n, dtype=np.intp)
        else:
            labels = self.latent.sample({name: parameters[name] for name in self.latent.dims}, n, rng, features)
        if not self.is_conditional:
            return self.family.sample(parameters, labels, rng), labels
        if features is None:
            raise PointmassError("a regression draws targets for given features: give X")
        targets = self.family.sample_target(parameters, features, labels, rng)
        return np.column_stack([features, targets]), labels


def _exchange(array: Array, axes: int, j: int, k: int) -> bool:
    """Return whether an array stays as it is when components j and k change places along its first axes."""
    order = np.arange(len(array))
    order[[j, k]] = order[[k, j]]
    return bool(np.array_equal(array, array[np.ix_(*[order] * axes)]))


def _distinct_rows(values: Array, enough: int) -> int:
    """Return how many rows are distinct; more than ``enough`` may stay uncounted."""
    first = len(np.unique(values[: 10 * enough], axis=0))
    return first if first >= enough else len(np.unique(values, axis=0))
