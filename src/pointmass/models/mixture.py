"""Finite mixtures of any family."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.family import Family
from pointmass.families.point_mass import PointMass
from pointmass.families.stick_breaking import StickBreaking
from pointmass.latents.membership import Membership
from pointmass.models.discrete import DiscreteModel

__all__ = ["Mixture"]


@dataclass(frozen=True, eq=False, repr=False)
class Mixture(DiscreteModel):
    r"""Mixture of K components of one family.

    .. math:: p(x \mid \theta) = \sum_{k=1}^K \pi_k \, p(x \mid \theta_k)

    Parameters
    ----------
    family : Family
        Likelihood of a row, with the prior of one component.
    n_components : int
        K, at least 1.
    weights_prior : Dirichlet, StickBreaking, PointMass or None
        Prior of the weights; None is ``Dirichlet(1.0)``, `StickBreaking` makes the mixture a truncated Dirichlet
        process, a `PointMass` holds them known.

    Raises
    ------
    PointmassError
        If ``family`` is not a family or ``n_components`` not a positive integer.

    References
    ----------
    McLachlan and Peel (2000), *Finite Mixture Models*; Bishop (2006), section 10.2.

    Examples
    --------
    >>> from pointmass import Gaussian, Mixture
    >>> Mixture(Gaussian(covariance="tied"), n_components=3)
    Mixture(family=Gaussian(covariance='tied'), n_components=3)
    """

    family: Family
    n_components: int
    weights_prior: Any = None

    def __post_init__(self) -> None:
        """Refuse what is not a family, and numbers of components that make no sense."""
        if not isinstance(self.family, Family):
            raise PointmassError(
                f"Mixture: family must be a family such as Gaussian(), got {self.family!r}", path=("family",)
            )
        k = self.n_components
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise PointmassError(
                f"Mixture: n_components must be an integer of at least 1, got {k!r}", path=("n_components",)
            )
        object.__setattr__(self, "n_components", int(k))
        if not isinstance(self.weights_prior, Dirichlet | StickBreaking | PointMass | None):
            raise PointmassError(
                "Mixture: weights_prior must be Dirichlet, StickBreaking, PointMass or None, "
                f"got {self.weights_prior!r}",
                path=("weights_prior",),
            )
        self.latent.priors()

    def with_components(self, n_components: int) -> Mixture:
        """Return the mixture of another number of components."""
        return replace(self, n_components=n_components)

    @cached_property
    def latent(self) -> Membership:
        """Independent memberships."""
        return Membership(self.n_components, Dirichlet(1.0) if self.weights_prior is None else self.weights_prior)
