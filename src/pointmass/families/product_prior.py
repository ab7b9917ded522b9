"""A product of conjugate priors, one for each part of a product of families."""

from __future__ import annotations

import copyreg
from abc import ABCMeta
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, ClassVar, Self, cast

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.factor import Factor
from pointmass.families.family import Belief, divergence
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.numerics import Array
from pointmass.values import snake_case

__all__ = ["ProductPrior", "joined", "parts_of", "split_expected"]


class _ProductMeta(ABCMeta):
    """The class of classes that are made when they are asked for, and so are pickled by what they are made of."""

    factors: tuple[Factor, ...]


class ProductPrior(ConjugatePrior, metaclass=_ProductMeta):
    r"""Independent conjugate priors of the parts of a `Product`.

    .. math:: p(\theta) = \prod_j p_j(\theta_j)

    Which parts there are, and of which kind, belongs to the class: each signature has a class of its own, so that
    points, vectors of coordinates and stored fits know their parts as they know those of any other prior. Its
    hyperparameters are those of the parts, each after the part's name.

    Attributes
    ----------
    factors : tuple of Factor
        The signature.
    parts : dict of str to belief
        The prior of each part, a point mass where it is held known.
    """

    factors: ClassVar[tuple[Factor, ...]] = ()

    @classmethod
    def of(cls, parts: Mapping[str, Belief]) -> Self:
        """Return the product of beliefs about each part."""
        contents: dict[str, Any] = {}
        for factor in cls.factors:
            contents |= factor.named(parts[factor.name].hyperparameters())
        return cls.trusted(**contents)

    @cached_property
    def parts(self) -> dict[str, Belief]:
        """The belief about each part, by its name."""
        arrays = self.hyperparameters()
        return {factor.name: factor.belief(arrays) for factor in self.factors}

    def options(self) -> dict[str, Any]:
        """Return the parts."""
        return dict(self.parts)

    def with_parts(self, change: Callable[[str, ConjugatePrior], ConjugatePrior]) -> ProductPrior:
        """Return the product of what becomes of each part; one that is held known stays as it is.

        Parameters
        ----------
        change : callable
            The part's name and its prior to what takes its place.
        """
        parts = {n: part if isinstance(part, PointMass) else change(n, part) for n, part in self.parts.items()}
        return joined(self.factors, parts)

    @classmethod
    def _merged(cls, own: Callable[[Factor], Parameters]) -> Parameters:
        """Return what each factor answers, under the names of the product."""
        merged: Parameters = {}
        for factor in cls.factors:
            merged |= factor.named(own(factor))
        return merged

    def broadcast(self, n_components: int, n_columns: int) -> ProductPrior:
        """Return the product of the parts with a leading component axis."""
        sizes = {factor.name: len(factor.columns) for factor in self.factors}
        return self.with_parts(lambda name, part: part.broadcast(n_components, sizes[name]))

    @property
    def is_proper(self) -> bool:
        """Whether every part is proper."""
        return all(part.is_proper for part in self.parts.values())

    def expected_natural_parameters(self) -> Parameters:
        """Return those of the parts, ``part.name``."""
        return _dotted({name: part.expected_natural_parameters() for name, part in self.parts.items()})

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return those of the parts, ``part.name``, for parameters that are known."""
        return _dotted({f.name: f.conjugate.natural_parameters_at(f.own(parameters)) for f in cls.factors})

    def log_density(self, parameters: Parameters) -> Array:
        """Return the sum of the parts' log densities; what is held known has none."""
        own = [
            part.log_density(factor.own(parameters))
            for factor in self.factors
            if not isinstance(part := self.parts[factor.name], PointMass)
        ]
        return np.asarray(sum(own[1:], own[0]) if own else np.zeros(()))

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return the sum of the parts' log volumes."""
        own = [f.conjugate.log_volume(f.own(parameters)) for f in cls.factors if not f.known]
        return np.asarray(sum(own[1:], own[0]) if own else np.zeros(()))

    def divergence(self, prior: ProductPrior) -> float:
        """Return the sum of the parts' divergences (nats)."""
        return float(sum(divergence(part, prior.parts[name]) for name, part in self.parts.items()))

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the modes of the parts, each with its own floor where ``floor`` is not zero."""
        return self._merged(lambda f: self.parts[f.name].mode(min(floor, f.floor)).parameters)

    def parameter_mean(self) -> Parameters:
        """Return the means of the parts."""
        return self._merged(lambda f: self.parts[f.name].parameter_mean())

    def parameter_sd(self) -> Parameters:
        """Return the standard deviations of the parts."""
        return self._merged(lambda f: self.parts[f.name].parameter_sd())

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantiles of the parts."""
        return self._merged(lambda f: self.parts[f.name].parameter_quantile(probability))

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the parts, independent of one another."""
        return self._merged(lambda f: self.parts[f.name].parameter_draws(size, rng))

    @classmethod
    def shared(cls, arrays: Parameters) -> tuple[str, ...]:
        """Return what the components of each part share."""
        return tuple(name for f in cls.factors for name in f.named(dict.fromkeys(f.conjugate.shared(f.own(arrays)))))

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the product of the parts seen from the data's own units."""
        return type(self).of({f.name: self.parts[f.name].mapped(coordinates.of(f.columns)) for f in self.factors})

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return the parts' parameters in the data's own units."""
        return cls._merged(lambda f: f.conjugate.mapped_parameters(f.own(parameters), coordinates.of(f.columns)))

    @classmethod
    def signature(cls) -> list[list[Any]]:
        """Return the factors as a plain tree, from which `of_signature` makes the class again."""
        return [[f.name, snake_case(f.conjugate.__name__), list(f.columns), f.floor, f.known] for f in cls.factors]

    @classmethod
    def of_signature(cls, signature: Sequence[Sequence[Any]], classes: Mapping[str, Any]) -> type[ProductPrior]:
        """Return the class of products with these factors; ``classes`` are the priors by name."""
        return _product_class(
            tuple(
                Factor(str(name), classes[kind], tuple(columns), float(floor), bool(known))
                for name, kind, columns, floor, known in signature
            )
        )


@cache
def _product_class(factors: tuple[Factor, ...]) -> type[ProductPrior]:
    constraints: dict[str, str] = {}
    parameter_constraints: dict[str, str] = {}
    for factor in factors:
        constraints |= factor.constraints
        parameter_constraints |= factor.parameter_constraints
    contents = {"factors": factors, "constraints": constraints, "parameter_constraints": parameter_constraints}
    return cast(type[ProductPrior], _ProductMeta("ProductPrior", (ProductPrior,), {"__doc__": None, **contents}))


def _made_of(kind: _ProductMeta) -> Any:
    return (_product_class, (kind.factors,)) if kind.factors else kind.__qualname__


copyreg.pickle(_ProductMeta, _made_of)


def joined(factors: Sequence[Factor], parts: Mapping[str, Belief]) -> ProductPrior:
    """Return the product of beliefs, of the class that their own classes ask for.

    Parameters
    ----------
    factors : sequence of Factor
        Names, columns and floors of the parts.
    parts : dict of str to belief
        The belief about each.
    """
    own = tuple(
        replace(f, conjugate=conjugate_of(parts[f.name]), known=isinstance(parts[f.name], PointMass)) for f in factors
    )
    return _product_class(own).of(parts)


def parts_of(belief: Belief) -> dict[str, Belief]:
    """Return the belief about each part of a product of priors, or of a point in its parameters."""
    if isinstance(belief, ProductPrior):
        return belief.parts
    family = cast(type[ProductPrior], conjugate_of(belief))
    return {factor.name: factor.point(belief.hyperparameters()) for factor in family.factors}


def _dotted(parts: Mapping[str, Parameters]) -> Parameters:
    return {f"{name}.{key}": array for name, part in parts.items() for key, array in part.items()}


def split_expected(expected: Parameters, name: str) -> Parameters:
    """Return the expected natural parameters of one part, out of those of a product."""
    lead = f"{name}."
    return {key.removeprefix(lead): array for key, array in expected.items() if key.startswith(lead)}
