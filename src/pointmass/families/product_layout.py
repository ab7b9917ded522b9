"""Which part of a product of families has which columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief, Family
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["Part", "checked_families"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, eq=False)
class Part:
    """One family of a product.

    Parameters
    ----------
    name : str
        What its parameters' names begin with.
    family : Family
        The family.
    columns : tuple of int
        Its columns.
    """

    name: str
    family: Family
    columns: tuple[int, ...]

    @cached_property
    def place(self) -> Any:
        """The columns as an index: a slice where they are neighbours in order."""
        first, n = self.columns[0], len(self.columns)
        return slice(first, first + n) if self.columns == tuple(range(first, first + n)) else list(self.columns)

    def named(self, things: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part's own things by their names in the product."""
        return {f"{self.name}_{key}": value for key, value in things.items()}

    def own(self, parameters: Mapping[str, Any]) -> Parameters:
        """Return the part's public parameters, out of those of the product."""
        return {key: parameters[f"{self.name}_{key}"] for key in self.family.parameter_dims}

    def own_native(self, parameters: Mapping[str, Any]) -> Parameters:
        """Return the part's native parameters, out of those of the product."""
        kinds = self._conjugate.parameter_constraints
        return {key: parameters[f"{self.name}_{key}"] for key in kinds}

    @cached_property
    def _conjugate(self) -> type[ConjugatePrior]:
        return type(self.family.flat_prior(1, len(self.columns)))

    def saying(self, ask: Callable[[Array], Any], rows: Array) -> Any:
        """Return an answer about the part's columns of rows (n, d); an error says which part and columns it meant."""
        try:
            return ask(rows[:, self.place])
        except PointmassError as error:
            columns = ", ".join(map(str, self.columns))
            raise PointmassError(f"part {self.name!r} (columns {columns} of the data): {error}", error.path) from error

    def held(self, n_components: int) -> PointMass | None:
        """Return the point that a known part is held at, one for each component; None where it is not known."""
        given = self.family.prior
        if not isinstance(given, PointMass):
            return None
        dims, values = self.family.parameter_dims, given.parameters
        if not isinstance(values, Mapping) or set(values) != set(dims):
            raise PointmassError(
                f"Product: the known part {self.name!r} needs a PointMass of a dict with {', '.join(dims)}",
                path=("families", self.name),
            )
        each = {key: _for_each(np.asarray(values[key]), len(dims[key]), n_components) for key in dims}
        return PointMass.trusted(parameters=self.family.native(each), conjugate=self._conjugate)

    def broadcast(self, prior: Any, n_components: int) -> Belief:
        """Return the part's share of a product of priors with a component axis, of the kind that the family needs."""
        given, n_columns = prior.parts[self.name], len(self.columns)
        try:
            found = self.family.broadcast_prior(given, n_components, n_columns)
        except PointmassError as error:
            raise PointmassError(f"part {self.name!r}: {error}", ("families", self.name, *error.path)) from error
        if not isinstance(found, self._conjugate):
            raise PointmassError(
                f"Product: the part {self.name!r} needs a prior of the kind {self._conjugate.__name__} for "
                f"{n_columns} columns, got {given!r}",
                path=("families", self.name),
            )
        return found

    def log_predictive(self, belief: Belief, rows: Array) -> Array:
        """Return the exact log predictive density (K, n) of rows (d, n), or the density at a known point."""
        if not isinstance(belief, PointMass):
            return np.asarray(self.family.log_predictive(belief, rows))
        k = len(next(iter(belief.parameters.values())))
        kernel = self.family.kernel(belief, np.zeros(k), Coordinates.identity(len(rows)))
        return np.asarray(kernel.log_density(kernel.features(rows.T), rows.T))


def _for_each(array: Array, axes: int, n_components: int) -> Array:
    """Return a parameter with a component axis; one without is the same for every component."""
    return array if array.ndim > axes else np.array(np.broadcast_to(array, (n_components, *array.shape)))


def checked_families(given: Any) -> dict[str, Family]:
    """Return the families by name, or say which entry cannot be part of a product."""
    if not isinstance(given, Mapping) or not given:
        raise PointmassError(
            f"Product: families must be a dict from names to families, got {given!r}", path=("families",)
        )
    for name, family in given.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PointmassError(
                f"Product: a part's name must be letters, digits, - and _, a letter first, got {name!r}",
                path=("families",),
            )
        _check_family(name, family)
    return dict(given)


def _check_family(name: str, family: Any) -> None:
    path = ("families", name)
    if not isinstance(family, Family):
        raise PointmassError(f"Product: the part {name!r} must be a family such as Gaussian(), got {family!r}", path)
    if family.is_conditional:
        raise PointmassError(
            f"Product: the part {name!r} is a regression, whose target would have to be one of the columns; use "
            f"Mixture({type(family).__name__}(), …) or HiddenMarkov on it alone",
            path,
        )
    if hasattr(family, "families"):
        raise PointmassError(f"Product: the part {name!r} is a product itself; give its parts directly", path)
