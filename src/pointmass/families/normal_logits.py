"""The normal distribution of logit coefficients: rows of which only differences matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import ndtri

from pointmass.errors import PointmassError
from pointmass.families.checks import component_copies, covariance_matrix, numbers
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.regression_map import RegressionMap
from pointmass.numerics import Array, cholesky_log_determinant, inverse_from_cholesky, leading

__all__ = ["NormalLogits", "centred_rows"]


def centred_rows(logits: Array) -> Array:
    """Return rows (..., K, p) less their mean: the one of all equal choices whose rows sum to zero."""
    return np.asarray(logits - logits.mean(axis=-2, keepdims=True))


@dataclass(frozen=True, eq=False, repr=False)
class NormalLogits(ConjugatePrior):
    r"""Normal prior of the coefficients of a multinomial logit, the same for every class.

    .. math:: p(z = k \mid x) \propto e^{\gamma_k^T (1, x)}, \qquad
        p(\gamma) \propto \exp\Big(-\tfrac12 \sum_k (\gamma_k - m_k)^T \Lambda (\gamma_k - m_k)\Big), \quad
        \sum_k \gamma_k = 0

    which is that of K independent rows γ_k ~ N(m_k, Λ⁻¹) of which only the differences are kept, so that no class is
    the reference and classes may be exchanged. The density is one of the K − 1 rows of orthonormal contrasts of γ.

    Parameters
    ----------
    mean : float or array_like, shape (K, p)
        m, centred over the classes; a scalar means zero differences.
    precision : float or array_like, shape (p, p)
        Λ, in the units of the data; a number means a multiple of the identity, 0 is flat (for points only). The
        standard deviation of the difference of two classes is √2 times that of Λ⁻¹.

    Raises
    ------
    PointmassError
        If the precision is no positive definite matrix, or a mean is no number.

    References
    ----------
    Ng and McLachlan (2004), *IEEE Transactions on Neural Networks* 15, for the gates whose coefficients these are.

    Examples
    --------
    >>> import numpy as np
    >>> prior = NormalLogits(precision=0.25).broadcast(3, 2)
    >>> draws = prior.parameter_draws(5, np.random.default_rng(0))["logits"]
    >>> draws.shape, bool(np.abs(draws.sum(axis=1)).max() < 1e-12)
    ((5, 3, 2), True)
    """

    mean: Any = 0.0
    precision: Any = 1.0

    constraints: ClassVar[dict[str, str]] = {"mean": "zero_sum", "precision": "covariance"}
    parameter_constraints: ClassVar[dict[str, str]] = {"logits": "zero_sum"}

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of range."""
        mean = numbers("NormalLogits", "mean", self.mean)
        if mean.ndim not in (0, 2):
            raise PointmassError(
                f"NormalLogits: mean must be a number or one row for each class, got shape {mean.shape}", path=("mean",)
            )
        object.__setattr__(self, "mean", mean)
        precision = covariance_matrix("NormalLogits", "precision", self.precision)
        object.__setattr__(self, "precision", precision if np.ndim(self.precision) == 2 else precision[0, 0])

    @classmethod
    def flat(cls, n_classes: int, size: int) -> Self:
        """Return the prior whose mode is maximum likelihood."""
        return cls.trusted(mean=np.zeros((n_classes, size)), precision=np.zeros((size, size)))

    def broadcast(self, n_components: int, n_columns: int) -> NormalLogits:
        """Return the prior of so many classes and coefficients."""
        k, p = n_components, n_columns
        mean = component_copies("NormalLogits", "mean", self.mean, (k, p))
        precision = self.precision * np.eye(p) if self.precision.ndim == 0 else self.precision
        if precision.shape != (p, p):
            raise PointmassError(
                f"NormalLogits: precision has shape {precision.shape}, and there are {p} coefficients, the intercept "
                "among them",
                path=("precision",),
            )
        return NormalLogits.trusted(mean=centred_rows(mean), precision=precision)

    @property
    def is_proper(self) -> bool:
        """Whether the precision is not zero."""
        return bool(self.precision.any())

    @property
    def _factor(self) -> Array:
        return np.linalg.cholesky(self.precision)

    @classmethod
    def shared(cls, arrays: Parameters) -> tuple[str, ...]:
        """Return the precision, which all classes share."""
        return ("precision",)

    def expected_natural_parameters(self) -> Parameters:
        """Return the mean."""
        return {"logits": self.mean}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return the coefficients."""
        return {"logits": parameters["logits"]}

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of orthonormal contrasts of the rows; zero everywhere where the prior is flat."""
        step = parameters["logits"] - self.mean
        if not self.is_proper:
            return np.zeros(step.shape[:-2])
        k, p = self.mean.shape[-2:]
        constant = 0.5 * (k - 1) * (cholesky_log_determinant(self._factor) - p * np.log(2.0 * np.pi))
        return np.asarray(constant - 0.5 * ((step @ self.precision) * step).sum((-1, -2)))

    def divergence(self, prior: NormalLogits) -> float:
        """Return KL(self || prior) in nats."""
        k, p = self.mean.shape
        turned = np.linalg.solve(self._factor, prior._factor)
        logs = cholesky_log_determinant(self._factor) - cholesky_log_determinant(prior._factor)
        step = (self.mean - prior.mean) @ prior._factor
        return float(0.5 * ((k - 1) * ((turned**2).sum() - p + logs) + (step**2).sum()))

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the mean."""
        return {"logits": self.mean}

    def parameter_mean(self) -> Parameters:
        """Return the mean."""
        return {"logits": self.mean}

    def parameter_sd(self) -> Parameters:
        """Return marginal standard deviations: those of rows less their mean."""
        k = len(self.mean)
        variances = np.diag(inverse_from_cholesky(self._factor)) * (1.0 - 1.0 / k)
        return {"logits": np.broadcast_to(np.sqrt(variances), self.mean.shape)}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return marginal quantiles."""
        return {"logits": self.mean + leading(ndtri(probability), self.mean.ndim) * self.parameter_sd()["logits"]}

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        noise = rng.standard_normal((size, *self.mean.shape))
        rows = np.swapaxes(np.linalg.solve(self._factor.T, np.swapaxes(noise, -1, -2)), -1, -2)
        return {"logits": self.mean + centred_rows(rows)}

    def mapped(self, coordinates: Coordinates) -> NormalLogits:
        """Return the same distribution in the data's own units."""
        units = RegressionMap.of_features(coordinates, self.mean.shape[-1])
        half = units.factor(self.precision)
        precision = units.factor(np.swapaxes(half, -1, -2))
        return self.with_hyperparameters({"mean": units.coefficients(self.mean), "precision": precision})

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return coefficients in the data's own units."""
        units = RegressionMap.of_features(coordinates, parameters["logits"].shape[-1])
        return {"logits": units.coefficients(parameters["logits"])}
