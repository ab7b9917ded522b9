"""How a Gaussian's covariance is held: which conjugate prior serves it, and in which shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.data_moments import DataMoments
from pointmass.families.normal import Normal
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart
from pointmass.numerics import Array

__all__ = ["GammaLayout", "KnownLayout", "Layout", "WishartLayout"]

_KAPPA = 0.01


class Layout(ABC):
    """One way to hold a covariance.

    Attributes
    ----------
    conjugate : type
        Class of the prior.
    axes : int
        Number of axes of a precision of K components: 3, 2 or 1.
    """

    conjugate: ClassVar[type[ConjugatePrior]]
    axes: int

    @abstractmethod
    def default_prior(self, data: DataMoments) -> ConjugatePrior:
        """Return the weak prior of one component."""

    @abstractmethod
    def flat_prior(self, n_components: int, d: int) -> ConjugatePrior:
        """Return the prior of one component that is flat in (mean, precision)."""

    @abstractmethod
    def broadcast(self, prior: Any, n_components: int, d: int) -> ConjugatePrior:
        """Return the prior with its component axis."""

    @abstractmethod
    def native(self, mean: Array, covariance: Array) -> Parameters:
        """Return parameters as the prior holds them, from covariances (K, d, d)."""


@dataclass(frozen=True)
class WishartLayout(Layout):
    """A full covariance for each component, or one for all (``tied``)."""

    tied: bool

    conjugate: ClassVar[type[ConjugatePrior]] = NormalInverseWishart
    axes: ClassVar[int] = 3  # type: ignore[misc]

    def default_prior(self, data: DataMoments) -> ConjugatePrior:
        """Return NIW(sample mean, 0.01, d + 2, sample covariance), whose mean covariance is the sample's."""
        return NormalInverseWishart(data.mean, _KAPPA, len(data.mean) + 2.0, data.proper_covariance())

    def flat_prior(self, n_components: int, d: int) -> ConjugatePrior:
        """Return κ = 0, Ψ = 0 and the ν at which the mode is the maximum likelihood."""
        dof = d + 1.0 - n_components if self.tied else float(d)
        return NormalInverseWishart.trusted(mean=np.zeros(d), kappa=0.0, dof=dof, scale=np.zeros((d, d)))

    def broadcast(self, prior: Any, n_components: int, d: int) -> ConjugatePrior:
        """Return the prior with a component axis; a tied Σ has none."""
        return NormalInverseWishart.broadcast(prior, n_components, d, tied=self.tied)

    def native(self, mean: Array, covariance: Array) -> Parameters:
        """Return the covariances, or the one that all components share."""
        return {"mean": mean, "covariance": covariance.mean(-3) if self.tied else covariance}


@dataclass(frozen=True)
class GammaLayout(Layout):
    """One variance for each column, or one for all columns (``common``)."""

    common: bool

    conjugate: ClassVar[type[ConjugatePrior]] = NormalInverseGamma

    @property
    def axes(self) -> int:  # type: ignore[override]
        """1 with a common variance, else 2."""
        return 1 if self.common else 2

    def default_prior(self, data: DataMoments) -> ConjugatePrior:
        """Return NIG(sample mean, 0.01, 3/2, variance / 2), whose mean variance is the sample's."""
        variances = np.diag(data.proper_covariance())
        scale = variances.mean() if self.common else variances
        return NormalInverseGamma(data.mean, _KAPPA, 1.5, 0.5 * scale)

    def flat_prior(self, n_components: int, d: int) -> ConjugatePrior:
        """Return κ = 0, b = 0 and the a at which the mode is the maximum likelihood."""
        columns = d if self.common else 1
        return NormalInverseGamma.trusted(mean=np.zeros(d), kappa=0.0, shape=1.0 - 0.5 * columns, scale=0.0)

    def broadcast(self, prior: Any, n_components: int, d: int) -> ConjugatePrior:
        """Return the prior with a component axis."""
        return NormalInverseGamma.broadcast(prior, n_components, d, common=self.common)

    def native(self, mean: Array, covariance: Array) -> Parameters:
        """Return the variances (K, d), or (K,) where the columns share one."""
        variance = np.diagonal(covariance, axis1=-2, axis2=-1)
        return {"mean": mean, "variance": variance.mean(-1) if self.common else variance}


@dataclass(frozen=True, eq=False)
class KnownLayout(Layout):
    """A covariance (d, d) that is known, the same for every component."""

    covariance: Array

    conjugate: ClassVar[type[ConjugatePrior]] = Normal
    axes: ClassVar[int] = 3  # type: ignore[misc]

    def default_prior(self, data: DataMoments) -> ConjugatePrior:
        """Return N(sample mean, Σ / 0.01)."""
        return Normal(data.mean, _KAPPA, self.covariance)

    def flat_prior(self, n_components: int, d: int) -> ConjugatePrior:
        """Return κ = 0."""
        return Normal.trusted(mean=np.zeros(d), kappa=0.0, covariance=self.covariance)

    def broadcast(self, prior: Any, n_components: int, d: int) -> ConjugatePrior:
        """Return the prior with a component axis."""
        return Normal.broadcast(prior, n_components, d)

    def native(self, mean: Array, covariance: Array) -> Parameters:
        """Return the parameters as they are."""
        return {"mean": mean, "covariance": covariance}
