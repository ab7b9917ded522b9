"""A product of families: columns of different kinds, independent given the component."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.factor import Factor
from pointmass.families.family import Belief, Family
from pointmass.families.point_mass import PointMass
from pointmass.families.product_columns import checked_columns, in_order_of_columns, named_columns
from pointmass.families.product_frame import ProductFrame
from pointmass.families.product_kernel import ProductKernel
from pointmass.families.product_layout import Part, checked_families
from pointmass.families.product_prior import ProductPrior, joined, parts_of, split_expected
from pointmass.families.product_statistics import ProductStatistics
from pointmass.numerics import Array

__all__ = ["Product"]


@dataclass(frozen=True, eq=False, repr=False)
class Product(Family):
    r"""Families side by side, each on columns of its own: mixed columns, independent given the component.

    .. math:: p(x \mid \theta) = \prod_j p_j(x_{c_j} \mid \theta_j)

    A mixture of such rows is latent class analysis with columns of any kind. Statistics, priors, working coordinates
    and numerical safeguards are those of the parts. Public parameters bear the part's name first: ``size_mean``,
    ``visits_rate``.

    Parameters
    ----------
    families : dict of str to Family
        The parts by name (letters, digits, ``-`` and ``_``); each has its own options and its own prior.
    columns : dict of str to list of int or of str, optional
        The columns of each part, each column in exactly one part: numbers, counted from 0, or names, for data whose
        columns have names (a DataFrame, or the data of a study). None: one column for each part, in order. The order
        in which parts are named plays no role.

    Raises
    ------
    PointmassError
        If a part is no family or is a regression, or the columns are not shared out among the parts.

    References
    ----------
    Lazarsfeld and Henry (1968), *Latent Structure Analysis*; Hunt and Jorgensen (1999), Mixture model clustering using
    the MULTIMIX program, *Australian & New Zealand Journal of Statistics* 41.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian, Poisson, Product
    >>> fit = MLE(Product({"size": Gaussian(), "visits": Poisson()})).fit([[1.0, 2], [2.0, 0], [3.0, 4]])
    >>> fit.estimate_["size_mean"], fit.estimate_["visits_rate"]
    (array([2.]), array([2.]))
    """

    families: Any
    columns: Any = None

    def __post_init__(self) -> None:
        """Refuse parts that are no families of whole rows, and columns that are not shared out."""
        families = checked_families(self.families)
        families, columns = in_order_of_columns(families, checked_columns(self.columns, families))
        object.__setattr__(self, "families", families)
        object.__setattr__(self, "columns", columns)

    def with_column_names(self, names: Sequence[str] | None) -> Product:
        """Return the product with its columns numbered, in data whose columns are called ``names``."""
        by_name = any(isinstance(own[0], str) for own in self.columns.values())
        return replace(self, columns=named_columns(self.columns, names)) if by_name else self

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in the order of their first columns."""
        return tuple(Part(name, family, self.columns[name]) for name, family in self.families.items())

    @property
    def prior(self) -> PointMass | None:
        """The parameters, where every part holds its own known; else None, since each part keeps its own prior."""
        if not all(isinstance(part.family.prior, PointMass) for part in self.parts):
            return None
        known = _merged(self.parts, lambda part: part.family.prior.parameters)
        return PointMass.trusted(parameters=known, conjugate=None)

    @property
    def parameter_dims(self) -> dict[str, tuple[str, ...]]:  # type: ignore[override]
        """Axes of each public parameter, both with the part's name first."""
        return {
            f"{part.name}_{key}": tuple(f"{part.name}_{axis}" for axis in axes)
            for part in self.parts
            for key, axes in part.family.parameter_dims.items()
        }

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the lengths of the parts' axes."""
        return {"feature": n_columns} | _merged(self.parts, lambda part: part.family.axis_sizes(len(part.columns)))

    def _n_columns(self, parameters: Parameters) -> int:
        return self.n_columns

    @property
    def n_columns(self) -> int:
        """Number of columns of all parts."""
        return sum(len(part.columns) for part in self.parts)

    # -- the likelihood -------------------------------------------------------------------------------------

    @cached_property
    def sizes(self) -> list[int]:
        """Number of statistics of each part."""
        return [len(part.family.sufficient_statistics(np.ones((len(part.columns), 1)))) for part in self.parts]

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return the statistics of each part one below the other, shape (S, n), of rows (d, n)."""
        return np.concatenate([part.family.sufficient_statistics(rows[part.place]) for part in self.parts])

    def coefficients(self, expected: Parameters) -> Array:
        """Return those of the parts side by side, shape (K, S)."""
        each = [part.family.coefficients(split_expected(expected, part.name)) for part in self.parts]
        return np.concatenate(each, axis=1)

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return those of the parts side by side, shape (K, S)."""
        return np.concatenate([part.family.mean_statistics(part.own(parameters)) for part in self.parts], axis=1)

    def log_partition(self, parameters: Parameters) -> Array:
        """Return the sum of the parts' log partitions (K,)."""
        return np.asarray(sum(part.family.log_partition(part.own(parameters)) for part in self.parts))

    def statistics_of(self, sums: Array, n_columns: int) -> ProductStatistics:
        """Return summed statistics (K, S) as those of the parts."""
        pairs = zip(self.parts, np.split(sums, np.cumsum(self.sizes)[:-1], axis=1), strict=True)
        return ProductStatistics(tuple(part.family.statistics_of(own, len(part.columns)) for part, own in pairs))

    def log_base_measure(self, rows: Array) -> Array | None:
        """Return the sum (n,) of the parts' log base measures, or None where all are zero."""
        each = [part.family.log_base_measure(rows[part.place]) for part in self.parts]
        present = [base for base in each if base is not None]
        return np.asarray(sum(present)) if present else None

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, d), each part's columns in their places."""
        rows = np.empty((len(labels), self.n_columns))
        for part in self.parts:
            rows[:, part.place] = part.family.sample(part.own(parameters), labels, rng)
        return rows

    def fitted_to(self, rows: Array) -> Product:
        """Return the product of the parts fitted to their columns of rows (n, d)."""
        self._check_width(rows)
        found = {part.name: part.saying(part.family.fitted_to, rows) for part in self.parts}
        same = all(found[part.name] is part.family for part in self.parts)
        return self if same else replace(self, families=found)

    def check_rows(self, rows: Array) -> None:
        """Refuse another number of columns, and what a part refuses of its own."""
        self._check_width(rows)
        for part in self.parts:
            part.saying(part.family.check_rows, rows)
            part.saying(partial(_refuse_hidden, part.family), rows)

    def _check_width(self, rows: Array) -> None:
        if rows.shape[1] != self.n_columns:
            shares = ", ".join(f"{part.name} {list(part.columns)}" for part in self.parts)
            raise PointmassError(
                f"Product: the parts share {self.n_columns} columns ({shares}), the data have {rows.shape[1]}; "
                "give every column to one part"
            )

    def normal_moments(self, parameters: Parameters) -> tuple[Array, Array] | None:
        """Return those of the normal parts, which do not covary with one another."""
        own = {part: part.family.normal_moments(part.own(parameters)) for part in self.parts}
        normal = {part.columns: found for part, found in own.items() if found and _spans(part, found[0])}
        if not normal:
            return None
        columns = np.concatenate(list(normal))
        mean = np.full((len(next(iter(normal.values()))[0]), self.n_columns), np.nan)
        covariance = np.full((*mean.shape, self.n_columns), np.nan)
        covariance[:, columns[:, None], columns] = 0.0
        for place, (own_mean, own_covariance) in normal.items():
            index = np.array(place)
            mean[:, index], covariance[:, index[:, None], index] = own_mean, own_covariance
        return mean, covariance

    def least_rows(self, n_columns: int) -> int:
        """Return the largest number that a part asks for."""
        return max(part.family.least_rows(len(part.columns)) for part in self.parts)

    # -- the prior and its updates --------------------------------------------------------------------------

    def _product(self, belief_about: Callable[[Part], Belief]) -> ProductPrior:
        beliefs = {part.name: belief_about(part) for part in self.parts}
        factors = [Factor(part.name, ProductPrior, part.columns, part.family.floor) for part in self.parts]
        return joined(factors, beliefs)

    def default_prior(self, rows: Array, weights: Array | None) -> ProductPrior:
        """Return the product of the parts' priors, their default ones where none is given."""
        return self._product(
            lambda part: part.held(1) or part.family.prior or part.family.default_prior(rows[:, part.place], weights)
        )

    def starting_prior(self, rows: Array, weights: Array | None) -> ProductPrior:
        """Return the product of the parts' priors of starts; what is held known stays known."""
        return self._product(lambda part: part.held(1) or part.family.starting_prior(rows[:, part.place], weights))

    def flat_prior(self, n_components: int, n_columns: int) -> ProductPrior:
        """Return the product of the parts' flat priors; what is held known stays known."""
        return self._product(
            lambda part: part.held(n_components) or part.family.flat_prior(n_components, len(part.columns))
        )

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> ProductPrior:
        """Return the product of the parts' priors, each with its component axis."""
        return self._product(lambda part: part.held(n_components) or part.broadcast(prior, n_components))

    def update(self, prior: ProductPrior, statistics: ProductStatistics) -> ProductPrior:
        """Return the product of the parts' posteriors; what is held known stays as it is."""
        own = dict(zip(self.families, statistics.parts, strict=True))
        return prior.with_parts(lambda name, before: self.families[name].update(before, own[name]))

    def log_predictive(self, posterior: Any, rows: Array) -> Array:
        """Return the sum (K, n) of the parts' exact log predictive densities of rows (d, n)."""
        beliefs = parts_of(posterior)
        return np.asarray(sum(part.log_predictive(beliefs[part.name], rows[part.place]) for part in self.parts))

    # -- numerics -------------------------------------------------------------------------------------------

    @property
    def floor(self) -> float:
        """The largest floor of the parts; each is held up by its own."""
        return max(part.family.floor for part in self.parts)

    def is_floored(self, name: str) -> bool:
        """Whether the part that has the parameter has a floor."""
        return any(part.family.floor > 0 for part in self.parts if name in part.named(part.family.parameter_dims))

    def coordinates(self, rows: Array, weights: Array | None) -> Coordinates:
        """Return the parts' working coordinates, which mix no columns of different parts."""
        each = [part.family.coordinates(rows[:, part.place], weights) for part in self.parts]
        return Coordinates.joined(each, [part.columns for part in self.parts])

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> ProductKernel:
        """Return the kernels of the parts."""
        return ProductKernel(self, belief.expected_natural_parameters(), offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> ProductFrame:
        """Return the frames of the parts."""
        return ProductFrame(self, belief, n_columns)

    def public(self, parameters: Parameters) -> Parameters:
        """Return the parts' parameters as the user sees them."""
        return _merged(self.parts, lambda part: part.family.public(part.own_native(parameters)))

    def native(self, parameters: Parameters) -> Parameters:
        """Return the parts' parameters as their priors hold them."""
        return _merged(self.parts, lambda part: part.family.native(part.own(parameters)))

    def degenerate_components(self, parameters: Parameters) -> Array:
        """Return which components sit on the floor in any part."""
        each = [part.family.degenerate_components(part.own_native(parameters)) for part in self.parts]
        return np.asarray(np.any(each, axis=0))

    def rounding(self, expected: Parameters) -> float:
        """Return the sum of the parts' rounding errors."""
        return float(sum(part.family.rounding(split_expected(expected, part.name)) for part in self.parts))

    def data_warnings(self, rows: Array, weights: Array | None) -> list[str]:
        """Return the parts' sentences, each with the name of the part where there are several."""
        lead = "{}: " if len(self.parts) > 1 else ""
        return [
            lead.format(part.name) + sentence
            for part in self.parts
            for sentence in part.family.data_warnings(rows[:, part.place], weights)
        ]


def _merged(parts: tuple[Part, ...], own: Callable[[Part], Mapping[str, Any]]) -> dict[str, Any]:
    """Return what each part answers, under names that begin with the part's."""
    merged: dict[str, Any] = {}
    for part in parts:
        merged |= part.named(own(part))
    return merged


def _spans(part: Part, mean: Array) -> bool:
    """Return whether a part has a mean for each of its columns."""
    return bool(mean.shape[-1] == len(part.columns))


def _refuse_hidden(family: Family, rows: Array) -> None:
    """Refuse rows that leave something unknown: a product's parts have nothing to infer."""
    if family.hides_values(rows):
        raise PointmassError(
            f"{type(family).__name__} has hidden values in these rows, which a part of a Product cannot have; fit it "
            "alone or in a Mixture"
        )
