"""The gamma distribution of precisions: of a noise, or of the weights of a regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array, gamma_divergence, ratio_excess, summed

__all__ = ["GammaPrecision"]


@dataclass(frozen=True, eq=False, repr=False)
class GammaPrecision(ConjugatePrior):
    r"""Gamma prior of precisions in units of the target of a regression.

    .. math:: p(\tau) = \frac{b^a}{\Gamma(a)} \tau^{a-1} e^{-b \tau}

    with density and mode in τ itself, so that shape 1 and rate 0 are flat (for points only).

    Parameters
    ----------
    shape : float
        a, positive.
    rate : float
        b, at least 0, in squared units of what the precision is of.

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    Examples
    --------
    >>> from pointmass.families import GammaPrecision
    >>> GammaPrecision(shape=2.0, rate=0.5).parameter_mean()
    {'precision': array(4.)}
    """

    shape: Any
    rate: Any

    constraints: ClassVar[dict[str, str]] = {"shape": "positive", "rate": "positive"}
    parameter_constraints: ClassVar[dict[str, str]] = {"precision": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "shape", at_least("GammaPrecision", "shape", self.shape, 0.0))
        object.__setattr__(self, "rate", at_least("GammaPrecision", "rate", self.rate, 0.0, strict=False))

    def broadcast(self, n_components: int, n_columns: int) -> GammaPrecision:
        """Return hyperparameters of shape (K, d)."""
        size = (n_components, n_columns)
        shape, rate = (component_copies("GammaPrecision", name, getattr(self, name), size) for name in self.constraints)
        return GammaPrecision.trusted(shape=shape, rate=rate)

    @property
    def is_proper(self) -> bool:
        """Whether both hyperparameters are positive."""
        return bool((self.shape > 0).all() and (self.rate > 0).all())

    def update(self, count: Array | float, squares: Array) -> GammaPrecision:
        """Return the posterior given numbers of normal deviates and their expected sums of squares."""
        return GammaPrecision.trusted(shape=self.shape + 0.5 * count, rate=self.rate + 0.5 * np.maximum(squares, 0.0))

    def expected_natural_parameters(self) -> Parameters:
        """Return E[τ] and E[log τ]."""
        return {"precision": self.shape / self.rate, "log_precision": digamma(self.shape) - np.log(self.rate)}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return τ and log τ."""
        return {"precision": parameters["precision"], "log_precision": np.log(parameters["precision"])}

    @property
    def log_partition(self) -> Array:
        """Log normaliser of the density."""
        return np.asarray(gammaln(self.shape) - self.shape * np.log(self.rate))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the precisions; without a constant where the prior is improper."""
        precision = parameters["precision"]
        total = (self.shape - 1.0) * np.log(precision) - self.rate * precision
        return summed(total - self.log_partition if self.is_proper else total, 2)

    def divergence(self, prior: GammaPrecision) -> float:
        """Return KL(self || prior), summed over precisions."""
        means = (self.shape / self.rate) / (prior.shape / prior.rate)
        return float((gamma_divergence(self.shape, prior.shape) + prior.shape * ratio_excess(means)).sum())

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return (a − 1) / b, which a floor of the variance bounds from above."""
        top = np.maximum(self.shape - 1.0, 0.0)
        highest = 1.0 / floor if floor > 0 else np.inf
        mode = np.divide(top, self.rate, out=np.full_like(top, highest), where=self.rate > 0)
        return {"precision": np.minimum(mode, highest)}

    def parameter_mean(self) -> Parameters:
        """Return a / b."""
        return {"precision": np.asarray(self.shape / self.rate)}

    def parameter_sd(self) -> Parameters:
        """Return √a / b."""
        return {"precision": np.sqrt(self.shape) / self.rate}

    def parameter_quantile(self, probability: float) -> Parameters:
        """Return the quantile."""
        return {"precision": gammaincinv(self.shape, probability) / self.rate}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        return {"precision": rng.standard_gamma(self.shape, (size, *self.shape.shape)) / self.rate}

    def mapped(self, coordinates: Coordinates) -> GammaPrecision:
        """Return the same distribution in the target's own units."""
        return GammaPrecision.trusted(shape=self.shape, rate=self.rate * _target_unit(coordinates) ** 2)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return precisions in the target's own units."""
        return {"precision": parameters["precision"] / _target_unit(coordinates) ** 2}


def _target_unit(coordinates: Coordinates) -> float:
    """Return the unit of the last column, the target."""
    return float(np.broadcast_to(coordinates.scale, coordinates.shift.shape)[-1])
