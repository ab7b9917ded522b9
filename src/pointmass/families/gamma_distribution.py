"""What gamma distributions of rates and of precisions have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln, xlogy

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.numerics import Array, gamma_divergence, leading, ratio_excess, summed

__all__ = ["GammaDistribution"]


@dataclass(frozen=True, eq=False, repr=False)
class GammaDistribution(ConjugatePrior):
    """Independent gamma variables of shape a and rate b, density and mode in the variable itself.

    Attributes
    ----------
    parameter : str
        What the variable is.
    """

    shape: Any
    rate: Any

    parameter: ClassVar[str]
    constraints: ClassVar[dict[str, str]] = {"shape": "positive", "rate": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        owner = type(self).__name__
        object.__setattr__(self, "shape", at_least(owner, "shape", self.shape, 0.0))
        object.__setattr__(self, "rate", at_least(owner, "rate", self.rate, 0.0, strict=False))

    def broadcast(self, n_components: int, n_columns: int) -> Self:
        """Return hyperparameters of shape (K, d)."""
        size, owner = (n_components, n_columns), type(self).__name__
        copies = {name: component_copies(owner, name, getattr(self, name), size) for name in self.constraints}
        return self.trusted(**copies)

    @property
    def is_proper(self) -> bool:
        """Whether both hyperparameters are positive."""
        return bool((self.shape > 0).all() and (self.rate > 0).all())

    def expected_natural_parameters(self) -> Parameters:
        """Return E[log x] and E[x]."""
        logs = digamma(self.shape) - np.log(self.rate)
        return {f"log_{self.parameter}": logs, self.parameter: self.shape / self.rate}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the same for a known value; minus infinity for the logarithm of zero."""
        value = parameters[cls.parameter]
        with np.errstate(divide="ignore"):
            return {f"log_{cls.parameter}": np.log(value), cls.parameter: np.array(value)}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density; without its constant where the prior is improper."""
        value = np.asarray(parameters[self.parameter])
        terms = xlogy(self.shape - 1.0, value) - self.rate * value
        if self.is_proper:
            terms = terms + self.shape * np.log(self.rate) - gammaln(self.shape)
        return summed(terms, self.shape.ndim)

    def divergence(self, prior: Self) -> float:
        """Return KL(self || prior) in nats."""
        ratio = (self.shape / prior.shape) * (prior.rate / self.rate)
        return float(np.sum(gamma_divergence(self.shape, prior.shape) + prior.shape * ratio_excess(ratio)))

    def parameter_mean(self) -> Parameters:
        """Return shape / rate."""
        return {self.parameter: np.asarray(self.shape / self.rate)}

    def parameter_sd(self) -> Parameters:
        """Return √shape / rate."""
        return {self.parameter: np.sqrt(self.shape) / self.rate}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile."""
        return {self.parameter: gammaincinv(self.shape, leading(probability, self.shape.ndim)) / self.rate}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        return {self.parameter: rng.standard_gamma(self.shape, (size, *self.shape.shape)) / self.rate}
