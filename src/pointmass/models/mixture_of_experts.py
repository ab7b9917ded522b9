"""Mixtures of experts: regressions, each of which answers for some of the features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.families.family import Family
from pointmass.families.normal_logits import NormalLogits
from pointmass.families.point_mass import PointMass
from pointmass.latents.gate import Gate
from pointmass.models.discrete import DiscreteModel
from pointmass.models.mixture import Mixture
from pointmass.numerics import Array

__all__ = ["MixtureOfExperts"]


@dataclass(frozen=True, eq=False, repr=False)
class MixtureOfExperts(DiscreteModel):
    r"""Mixture of experts: K regressions, and a gate that tells from the features how probable each is, ``fit(X, y)``.

    .. math:: p(y \mid x) = \sum_{k=1}^K
        \frac{e^{\gamma_k^T (1, x)}}{\sum_l e^{\gamma_l^T (1, x)}} \, p(y \mid x, \theta_k)

    The gate's coefficients ``gate`` (K, 1 + d) sum to zero over the components, so that none is the reference and all
    labellings are alike; ``gate - gate[-1]`` has the last component as reference.

    EM is ECM: the experts have their conjugate updates, the gate takes one Newton step of its weighted multinomial
    logit, halved until it does not lower the objective. That step is not conjugate: `VB` and `Gibbs` refuse the model,
    `MAP` and `NUTS` take it with the same priors.

    Parameters
    ----------
    family : Family
        The experts: densities of a target given features, such as ``LinearRegression()``.
    n_components : int
        K, at least 1.
    gate_prior : NormalLogits, PointMass or None
        Prior of the gate's coefficients, in the units of the data. None is normal with standard deviation 2.5 for each
        of features in units of their spread; a `PointMass` holds the gate known.

    Raises
    ------
    PointmassError
        If ``family`` is not a family of densities given features, ``n_components`` not a positive integer, or the
        prior is of another kind.

    References
    ----------
    Jacobs, Jordan, Nowlan and Hinton (1991), *Neural Computation* 3; Jordan and Jacobs (1994), *Neural Computation* 6;
    Ng and McLachlan (2004), *IEEE Transactions on Neural Networks* 15.

    Examples
    --------
    >>> from pointmass import EM, LinearRegression, MixtureOfExperts, load_dataset
    >>> data = load_dataset("mixture_of_experts", n=200, rng=0)
    >>> fit = EM(MixtureOfExperts(LinearRegression(), 2), rng=0).fit(data.X, data.y)
    >>> fit.estimate_["gate"].shape, fit.status_
    ((2, 2), 'converged')
    """

    family: Family
    n_components: int
    gate_prior: Any = None

    def __post_init__(self) -> None:
        """Refuse what is no regression, and numbers of components that make no sense."""
        if not isinstance(self.family, Family) or not self.family.is_conditional:
            raise PointmassError(
                "MixtureOfExperts: family must be a density of a target given features such as LinearRegression(), got "
                f"{self.family!r}",
                path=("family",),
            )
        k = self.n_components
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise PointmassError(
                f"MixtureOfExperts: n_components must be an integer of at least 1, got {k!r}", path=("n_components",)
            )
        object.__setattr__(self, "n_components", int(k))
        if not isinstance(self.gate_prior, NormalLogits | PointMass | None):
            raise PointmassError(
                f"MixtureOfExperts: gate_prior must be NormalLogits, PointMass or None, got {self.gate_prior!r}",
                path=("gate_prior",),
            )

    @cached_property
    def latent(self) -> Gate:
        """The gate."""
        return Gate(self.n_components, self.gate_prior)

    @cached_property
    def conjugate(self) -> Mixture:
        """The mixture of the same regressions, whose weights do not depend on the features."""
        return Mixture(self.family, self.n_components)

    def with_components(self, n_components: int) -> MixtureOfExperts:
        """Return the mixture of another number of experts."""
        return replace(self, n_components=n_components)

    def expected_target(self, parameters: Parameters, features: Array) -> Array:
        """Return E[y | x] (n,): the experts' means, weighted by the gate."""
        means = self.component_targets(parameters, features)
        return np.asarray((self.choice_given(parameters, features) * means).sum(axis=0))

    def component_targets(self, parameters: Parameters, features: Array) -> Array:
        """Return the mean of each expert (K, n)."""
        experts = {name: np.asarray(parameters[name]) for name in self.family.parameter_dims}
        return np.asarray(self.family.expected_target(experts, features))  # type: ignore[attr-defined]

    def choice_given(self, parameters: Parameters, features: Array) -> Array:
        """Return what the gate says, p(z | x) (K, n)."""
        return self.latent.probabilities(parameters, features)
