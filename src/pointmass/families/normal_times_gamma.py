"""Independent means and precision: the product that mean field makes of a normal-inverse-gamma posterior."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from scipy.special import digamma, gammainccinv, gammaincinv, logsumexp, ndtri

from pointmass.families.conjugate import Parameters
from pointmass.families.inverse_wishart_marginals import SMALLEST_DRAW
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.numerics import Array, leading, summed

__all__ = ["NormalTimesGamma"]

# The trapezium rule over the logarithm of a gamma variable, between quantiles beyond which nothing is left.
_LEAST_NODES, _LARGEST_STEP, _BEYOND = 256, 0.1, 1e-30


class NormalTimesGamma(NormalInverseGamma):
    r"""Normal means times a gamma precision, independent of one another.

    .. math:: q(\mu)\, q(\tau) = N\!\left(\mu \mid m, \frac{b}{\kappa a}\right) \mathrm{Ga}(\tau \mid a, b)

    so that E[τ] = a / b and the normal's precision is κ E[τ]. The best such product of a normal-inverse-gamma posterior
    with shape a₀ and scale b₀, one variance for p means, has a = a₀ + p/2 and b = b₀ a / a₀ and keeps m and κ: it
    keeps E[μ] and E[τ], and its standard deviations are √((a₀ − 1) / a₀) (p = 1, any mean) and √(a₀ / a) (precision)
    of the posterior's. It is a posterior only, never a prior: it is not conjugate.

    Parameters
    ----------
    mean, kappa, shape, scale : array_like
        m, κ, a and b, as `NormalInverseGamma` has them.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 10.1.3.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> model = Gaussian(prior=NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0))
    >>> exact, product = (VB(model, belief=belief).fit([1.0, 2.0, 3.0]) for belief in ("joint", "factorised"))
    >>> [fit.uncertainty("mean_field").sd["mean"].round(4) for fit in (exact, product)]
    [array([0.6708]), array([0.5669])]
    """

    is_prior: ClassVar[bool] = False

    @classmethod
    def of(cls, posterior: NormalInverseGamma) -> Self:
        """Return the product nearest to ``posterior`` in KL(product || posterior)."""
        shape = posterior.shape + 0.5 * posterior.columns_per_variance
        scale = posterior.scale * (shape / posterior.shape)
        return cls.trusted(mean=posterior.mean, kappa=posterior.kappa, shape=shape, scale=scale)

    @property
    def _variance_of_mean(self) -> Array:
        """Variance of each mean, one entry a variance."""
        return np.asarray(self.scale / (self.shape * self.kappa))

    def divergence(self, prior: NormalInverseGamma) -> float:
        """Return KL(self || prior), summed over components and variances.

        What the joint form leaves out is that the prior's normal knows τ: ½ p (log E[τ] − E[log τ]).
        """
        apart = np.log(self.shape) - digamma(self.shape)
        return super().divergence(prior) + float(0.5 * self.columns_per_variance * apart.sum())

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of (mean, precision)."""
        precision, variance = 1.0 / parameters["variance"], self._variance_of_mean
        distance = self._summed((parameters["mean"] - self.mean) ** 2)
        gamma = (self.shape - 1.0) * np.log(precision) - self.scale * precision - self.log_partition
        normal = -0.5 * (self.columns_per_variance * np.log(2.0 * np.pi * variance) + distance / variance)
        return summed(gamma + normal, self.shape.ndim)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mode in (mean, precision), variances of at least ``floor``; NaN where there is none."""
        freedom = self.shape - 1.0
        variance = np.maximum(self.scale / np.where(freedom > 0, freedom, 1.0), floor)
        return {"mean": self.mean, "variance": np.where(freedom > 0, variance, np.nan)}

    def parameter_sd(self) -> Parameters:
        """Return standard deviations; the variance's is infinite for a ≤ 2."""
        mean = np.sqrt(self._each(self._variance_of_mean)) + 0.0 * self.mean
        return {"mean": mean, "variance": super().parameter_sd()["variance"]}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return quantiles of the normal means and the inverse gamma of the variances."""
        width = self._each(np.sqrt(self._variance_of_mean)) * leading(ndtri(probability), self.mean.ndim)
        return {"mean": self.mean + width, "variance": super().parameter_quantile(probability)["variance"]}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws of the means and, independent of them, of the variances."""
        gamma = np.maximum(rng.standard_gamma(self.shape, (size, *self.shape.shape)), SMALLEST_DRAW)
        noise = rng.standard_normal((size, *self.mean.shape))
        return {
            "mean": self.mean + self._each(np.sqrt(self._variance_of_mean)) * noise,
            "variance": self.scale / gamma,
        }

    def log_predictive(self, rows: Array, scales: Array | float = 1.0) -> Array:
        """Return the log density (K, n) of new rows (d, n): a normal of each precision, averaged by quadrature.

        ``scales`` (K,) multiply the rows' precisions.
        """
        k, d = self.mean.shape
        total, scales = np.zeros((k, rows.shape[1])), np.broadcast_to(scales, (k,))
        for component in range(k):
            for columns, place in self._groups(d):
                total[component] += self._log_normal(rows[columns], component, columns, place, scales)
        return total

    def _groups(self, d: int) -> list[tuple[list[int], tuple[int, ...]]]:
        """Return the columns that share a variance, and the variance's place behind the component's axis."""
        return [(list(range(d)), ())] if self.shape.ndim == 1 else [([j], (j,)) for j in range(d)]

    def _log_normal(
        self, rows: Array, component: int, columns: list[int], place: tuple[int, ...], scales: Array
    ) -> Array:
        """Return the log predictive density (n,) of the columns that share one variance."""
        shape, scale = (array[(component, *place)] for array in (self.shape, self.scale))
        nodes, log_weights = _nodes(float(shape))
        width = (scale / (scales[component] * nodes) + self._variance_of_mean[(component, *place)])[:, None]
        squares = ((rows - self.mean[component, columns][:, None]) ** 2).sum(0)
        log_normal = -0.5 * (len(columns) * np.log(2.0 * np.pi * width) + squares / width)
        return np.asarray(logsumexp(log_normal + log_weights[:, None], axis=0))


def _nodes(shape: float) -> tuple[Array, Array]:
    """Return nodes of a gamma variable of unit scale, and the logarithms of their weights."""
    first, last = np.log(gammaincinv(shape, _BEYOND)), np.log(gammainccinv(shape, _BEYOND))
    first = max(first, -600.0)
    logs, step = np.linspace(first, last, max(_LEAST_NODES, int((last - first) / _LARGEST_STEP)), retstep=True)
    log_weights = shape * logs - np.exp(logs) + np.log(step)
    return np.exp(logs), log_weights - logsumexp(log_weights)
