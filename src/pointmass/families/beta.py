"""The beta distribution: the conjugate prior of probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaincinv, digamma

from pointmass.families.checks import at_least, component_copies
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.numerics import Array, leading

__all__ = ["Beta"]

_NEXT_TO_ONE = float(np.nextafter(1.0, 0.0))


@dataclass(frozen=True, eq=False, repr=False)
class Beta(ConjugatePrior):
    r"""Beta prior of probabilities, one for each column.

    .. math:: p(\theta) = \frac{\Gamma(a + b)}{\Gamma(a) \Gamma(b)} \theta^{a - 1} (1 - \theta)^{b - 1}

    with respect to Lebesgue measure on the probability. a = b = 1 is flat and gives the maximum likelihood. It is the
    Dirichlet of the two outcomes, and its densities are computed there.

    Parameters
    ----------
    a, b : float or array_like, shape (d,)
        Positive; the update adds the successes to a and the failures to b.

    Raises
    ------
    PointmassError
        If a hyperparameter is not positive.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.4.

    Examples
    --------
    >>> from pointmass import Beta
    >>> Beta([9.0, 1.0], 3.0).parameter_mean()["probability"]
    array([0.75, 0.25])
    """

    a: Any = 1.0
    b: Any = 1.0

    constraints: ClassVar[dict[str, str]] = {"a": "positive", "b": "positive"}
    parameter_constraints: ClassVar[dict[str, str]] = {"probability": "unit"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters that are not positive."""
        for name in self.constraints:
            object.__setattr__(self, name, at_least("Beta", name, getattr(self, name), 0.0))

    def broadcast(self, n_components: int, n_columns: int) -> Beta:
        """Return hyperparameters of shape (K, d)."""
        size = (n_components, n_columns)
        copies = {name: component_copies("Beta", name, getattr(self, name), size) for name in self.constraints}
        return Beta.trusted(**copies)

    @property
    def is_proper(self) -> bool:
        """Every beta with positive hyperparameters integrates to one."""
        return True

    @property
    def _outcomes(self) -> Dirichlet:
        """The Dirichlet of success and failure."""
        return Dirichlet.trusted(concentration=np.stack([self.a, self.b], axis=-1))

    def expected_natural_parameters(self) -> Parameters:
        """Return E[log p] and E[log(1 − p)]."""
        total = digamma(self.a + self.b)
        return {"log_probability": digamma(self.a) - total, "log_complement": digamma(self.b) - total}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the same for a known probability; minus infinity for an outcome that cannot occur."""
        with np.errstate(divide="ignore"):
            probability = np.asarray(parameters["probability"])
            return {"log_probability": np.log(probability), "log_complement": np.log1p(-probability)}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the probabilities."""
        probability = np.asarray(parameters["probability"])
        return self._outcomes.log_density({"weights": np.stack([probability, 1.0 - probability], axis=-1)})

    def divergence(self, prior: Beta) -> float:
        """Return KL(self || prior) in nats."""
        return self._outcomes.divergence(prior._outcomes)

    def update(self, successes: Array, failures: Array) -> Beta:
        """Return the posterior of expected successes and failures (K, d)."""
        return Beta.trusted(a=self.a + successes, b=self.b + failures)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode, 0 or 1 where it lies on the boundary; NaN where every probability is as good."""
        top, rest = np.maximum(self.a - 1.0, 0.0), np.maximum(self.b - 1.0, 0.0)
        with np.errstate(invalid="ignore"):
            return {"probability": top / (top + rest)}

    def parameter_mean(self) -> Parameters:
        """Return a / (a + b)."""
        return {"probability": self.a / (self.a + self.b)}

    def parameter_sd(self) -> Parameters:
        """Return the standard deviation."""
        total = self.a + self.b
        return {"probability": np.sqrt(self.a / total * (self.b / total) / (total + 1.0))}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile."""
        return {"probability": betaincinv(self.a, self.b, leading(probability, self.a.ndim))}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis, none of them 0 or 1."""
        draws = rng.beta(self.a, self.b, (size, *self.a.shape))
        return {"probability": np.clip(draws, 1e-300, _NEXT_TO_ONE)}
