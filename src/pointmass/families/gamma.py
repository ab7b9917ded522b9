"""The gamma distribution: the conjugate prior of rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import digamma, gammaincinv, gammaln, xlogy

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array, gamma_divergence, ratio_excess, summed

__all__ = ["Gamma"]


@dataclass(frozen=True, eq=False, repr=False)
class Gamma(ConjugatePrior):
    r"""Gamma prior of rates, one for each column.

    .. math:: p(\lambda) = \frac{b^a}{\Gamma(a)} \lambda^{a - 1} e^{-b \lambda}

    with respect to Lebesgue measure on the rate. Shape 1 and rate 0 are flat and give the maximum likelihood; the mode
    is taken in the rate itself.

    Parameters
    ----------
    shape : float or array_like, shape (d,)
        a, positive; a scalar means each column.
    rate : float or array_like, shape (d,)
        b, at least 0, in the units of one over λ.

    Raises
    ------
    PointmassError
        If a hyperparameter is out of range.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6.

    Examples
    --------
    >>> from pointmass import Gamma
    >>> Gamma(shape=[6.0, 1.0], rate=2.0).parameter_mean()["rate"]
    array([3. , 0.5])
    """

    shape: Any
    rate: Any

    constraints: ClassVar[dict[str, str]] = {"shape": "positive", "rate": "positive"}
    parameter_constraints: ClassVar[dict[str, str]] = {"rate": "positive"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        object.__setattr__(self, "shape", at_least("Gamma", "shape", self.shape, 0.0))
        object.__setattr__(self, "rate", at_least("Gamma", "rate", self.rate, 0.0, strict=False))

    def broadcast(self, n_components: int, n_columns: int) -> Gamma:
        """Return hyperparameters of shape (K, d)."""
        size = (n_components, n_columns)
        copies = {name: component_copies("Gamma", name, getattr(self, name), size) for name in self.constraints}
        return Gamma.trusted(**copies)

    @property
    def is_proper(self) -> bool:
        """Whether both hyperparameters are positive."""
        return bool((self.shape > 0).all() and (self.rate > 0).all())

    def expected_natural_parameters(self) -> Parameters:
        """Return E[log rate] and E[rate]."""
        return {"log_rate": digamma(self.shape) - np.log(self.rate), "rate": self.shape / self.rate}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the same for a known rate; minus infinity for the logarithm of a rate of zero."""
        with np.errstate(divide="ignore"):
            return {"log_rate": np.log(parameters["rate"]), "rate": np.array(parameters["rate"])}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the rates; without its constant where the prior is improper."""
        rate = np.asarray(parameters["rate"])
        terms = xlogy(self.shape - 1.0, rate) - self.rate * rate
        if self.is_proper:
            terms = terms + self.shape * np.log(self.rate) - gammaln(self.shape)
        return summed(terms, self.shape.ndim)

    def divergence(self, prior: Gamma) -> float:
        """Return KL(self || prior) in nats."""
        ratio = (self.shape / prior.shape) * (prior.rate / self.rate)
        return float(np.sum(gamma_divergence(self.shape, prior.shape) + prior.shape * ratio_excess(ratio)))

    def update(self, events: Array, exposure: Array) -> Gamma:
        """Return the posterior of expected events (K, d) in an exposure (K, d) or (K, 1)."""
        return Gamma.trusted(shape=self.shape + events, rate=self.rate + exposure)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return (shape − 1) / rate, at least 0; NaN where no row has been seen under the flat prior.

        A ``floor`` of the variance of a waiting time is a ceiling of its rate, one over the square root.
        """
        top = np.maximum(self.shape - 1.0, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            mode = top / self.rate
            return {"rate": np.minimum(mode, 1.0 / np.sqrt(floor))} if floor > 0 else {"rate": mode}

    def parameter_mean(self) -> Parameters:
        """Return shape / rate."""
        return {"rate": self.shape / self.rate}

    def parameter_sd(self) -> Parameters:
        """Return √shape / rate."""
        return {"rate": np.sqrt(self.shape) / self.rate}

    def parameter_quantile(self, probability: float) -> Parameters:
        """Return the quantile."""
        return {"rate": gammaincinv(self.shape, probability) / self.rate}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        return {"rate": rng.standard_gamma(self.shape, (size, *self.shape.shape)) / self.rate}

    def mapped(self, coordinates: Coordinates) -> Gamma:
        """Return the same distribution with rates per unit of the data, given it per unit of working coordinates."""
        return Gamma.trusted(shape=self.shape, rate=self.rate * coordinates.scale)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return rates per unit of the data, given them per unit of working coordinates."""
        return {"rate": parameters["rate"] / coordinates.scale}
