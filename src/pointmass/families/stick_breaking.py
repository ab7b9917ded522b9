"""Stick breaking: the prior of the weights of a truncated Dirichlet process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.checks import at_least
from pointmass.families.generalised_dirichlet import GeneralisedDirichlet
from pointmass.values import Value

__all__ = ["StickBreaking"]


@dataclass(frozen=True, eq=False, repr=False)
class StickBreaking(Value):
    r"""Stick-breaking prior of K weights: a Dirichlet process, truncated.

    .. math:: \pi_k = v_k \prod_{l < k} (1 - v_l), \quad v_k \sim \mathrm{Beta}(1, \alpha), \quad v_K = 1

    A mixture with it uses as many of its K components as the data ask for; later ones are smaller a priori, so that the
    components are no longer exchangeable. The posterior is a `GeneralisedDirichlet`. (For K = 2 the prior is
    ``Dirichlet([1, concentration])``.)

    Parameters
    ----------
    concentration : float
        α, positive; larger values expect more components, about α log(1 + n / α) for n rows.

    Raises
    ------
    PointmassError
        If the concentration is not one positive number.

    References
    ----------
    Sethuraman (1994); Ishwaran and James (2001), *Gibbs sampling methods for stick-breaking priors*; Blei and Jordan
    (2006), *Variational inference for Dirichlet process mixtures*.

    Examples
    --------
    >>> from pointmass import StickBreaking
    >>> StickBreaking(1.0).broadcast(4).parameter_mean()["weights"]
    array([0.5  , 0.25 , 0.125, 0.125])
    """

    concentration: Any = 1.0

    def __post_init__(self) -> None:
        """Refuse what is not one positive number."""
        value = at_least("StickBreaking", "concentration", self.concentration, 0.0)
        if value.ndim:
            raise PointmassError("StickBreaking: concentration must be one number", path=("concentration",))
        object.__setattr__(self, "concentration", float(value))

    def broadcast(self, n_components: int) -> GeneralisedDirichlet:
        """Return the prior of K weights."""
        ones = np.ones(n_components)
        return GeneralisedDirichlet.trusted(a=ones, b=self.concentration * ones, position=np.arange(n_components))
