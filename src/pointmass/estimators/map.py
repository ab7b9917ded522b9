"""MAP: the mode of the posterior, by EM with a prior."""

from __future__ import annotations

from typing import ClassVar

from pointmass.estimators.pointwise import Pointwise
from pointmass.models import Beliefs, Rows

__all__ = ["MAP"]


class MAP(Pointwise):
    """Posterior mode by EM: a sweep whose belief is a point, with the model's prior in the objective.

    The mode depends on the parametrisation: Gaussians in (mean, precision), weights in the weights themselves, the
    coordinates in which a flat prior gives the maximum likelihood.

    References
    ----------
    Dempster, Laird and Rubin (1977), *JRSS B* 39, section 1; Green (1990), *JRSS B* 52.

    Examples
    --------
    >>> from pointmass import MAP, Gaussian, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> MAP(Gaussian(prior=prior)).fit([1.0, 2.0, 3.0]).estimate_["mean"]
    array([1.5])
    """

    method_name: ClassVar[str] = "MAP"
    _scored: ClassVar[bool] = True

    def _choose_prior(self, rows: Rows) -> Beliefs:
        return self.model_.prior(rows.observed.values, rows.observed.weights)
