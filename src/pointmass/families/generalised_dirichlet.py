"""Connor and Mosimann's generalisation of the Dirichlet: independent beta shares of what is left of a stick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaln, digamma

from pointmass.families.beta import Beta
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.numerics import Array, summed

__all__ = ["GeneralisedDirichlet"]

_TINY = 1e-300
_DRAWS = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class GeneralisedDirichlet(ConjugatePrior):
    r"""Weights π_k = v_k Π_{l<k} (1 − v_l) with v_k ~ Beta(a_k, b_k) for k < K, and v_K = 1.

    The density is with respect to Lebesgue measure on the first K − 1 weights, as the `Dirichlet`'s; the update adds
    the count of component k to a_k and the counts of all later ones to b_k. Users give a `StickBreaking` prior.

    Parameters
    ----------
    a, b : ndarray, shape (K,)
        Positive; the last of each has no meaning.
    position : ndarray, shape (K,)
        0, 1, …, K − 1: which stick is whose. It tells the components apart.

    References
    ----------
    Connor and Mosimann (1969), *Journal of the American Statistical Association* 64, 194-206.
    """

    a: Any
    b: Any
    position: Any

    constraints: ClassVar[dict[str, str]] = {"a": "positive", "b": "positive", "position": "known"}
    parameter_constraints: ClassVar[dict[str, str]] = {"weights": "simplex"}

    def broadcast(self, n_components: int, n_columns: int = 1) -> GeneralisedDirichlet:
        """Return the prior itself: its sticks are those of the components."""
        return self

    @property
    def is_proper(self) -> bool:
        """It always integrates to one."""
        return True

    @property
    def _sticks(self) -> Beta:
        """The beta distributions of the shares."""
        return Beta.trusted(a=self.a[:-1], b=self.b[:-1])

    def update(self, counts: Array) -> GeneralisedDirichlet:
        """Return the posterior given expected counts (K,)."""
        later = np.append(np.cumsum(counts[:0:-1])[::-1], 0.0)
        own = np.append(counts[:-1], 0.0)
        return GeneralisedDirichlet.trusted(a=self.a + own, b=self.b + later, position=self.position)

    def expected_natural_parameters(self) -> Parameters:
        """Return E[log π]."""
        total = digamma(self.a + self.b)[:-1]
        return {"log_weights": _weights_of(digamma(self.a)[:-1] - total, digamma(self.b)[:-1] - total)}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return log π."""
        return Dirichlet.natural_parameters_at(parameters)

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of the weights; where it is unbounded, that at the smallest number."""
        weights = np.maximum(np.asarray(parameters["weights"]), _TINY)
        left = np.cumsum(weights[..., ::-1], axis=-1)[..., ::-1]
        a, b = self.a[:-1], self.b[:-1]
        terms = (a - 1.0) * np.log(weights[..., :-1]) + (b - 1.0) * np.log(left[..., 1:])
        terms = terms - (a + b - 1.0) * np.log(left[..., :-1]) - betaln(a, b)
        return summed(terms, 1)

    def divergence(self, prior: GeneralisedDirichlet) -> float:
        """Return KL(self || prior) in nats: that of the sticks, which a change of coordinates leaves alone."""
        return self._sticks.divergence(prior._sticks)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in the weights; sticks that have no mode inside break at their end."""
        top = np.maximum(self.a[:-1] - 1.0, 0.0)
        rest = np.maximum(self.b[:-1] - 1.0 - np.arange(len(top) - 1, -1, -1), 0.0)
        share = np.divide(top, top + rest, out=np.zeros_like(top), where=top + rest > 0)
        with np.errstate(divide="ignore"):
            return {"weights": np.exp(_weights_of(np.log(share), np.log1p(-share)))}

    def parameter_mean(self) -> Parameters:
        """Return E[π], products of the means of the sticks."""
        total = (self.a + self.b)[:-1]
        return {"weights": np.exp(_weights_of(np.log(self.a[:-1] / total), np.log(self.b[:-1] / total)))}

    def parameter_sd(self) -> Parameters:
        """Return the standard deviation of each weight, from products of the sticks' second moments."""
        a, b = self.a[:-1], self.b[:-1]
        scale = (a + b) * (a + b + 1.0)
        second = np.exp(_weights_of(np.log(a * (a + 1.0) / scale), np.log(b * (b + 1.0) / scale)))
        return {"weights": np.sqrt(np.maximum(second - self.parameter_mean()["weights"] ** 2, 0.0))}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile of each weight, among 100,000 draws that are always the same."""
        draws = self.parameter_draws(_DRAWS, np.random.default_rng(0))["weights"]
        return {"weights": np.quantile(draws, probability, axis=0)}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the weights, shape (size, K)."""
        shares = self._sticks.parameter_draws(size, rng)["probability"]
        return {"weights": np.exp(_weights_of(np.log(shares), np.log1p(-shares)))}


def _weights_of(log_share: Array, log_rest: Array) -> Array:
    """Return log weights (..., K) from the logs of the shares (..., K − 1) and of what they leave."""
    zero = np.zeros((*log_share.shape[:-1], 1))
    left = np.concatenate([zero, np.cumsum(log_rest, axis=-1)], axis=-1)
    return np.asarray(np.concatenate([log_share, zero], axis=-1) + left)
