"""Hidden Markov models of any family."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.family import Family
from pointmass.families.point_mass import PointMass
from pointmass.latents.markov_chain import MarkovChain
from pointmass.models.discrete import DiscreteModel

__all__ = ["HiddenMarkov"]


@dataclass(frozen=True, eq=False, repr=False)
class HiddenMarkov(DiscreteModel):
    r"""Hidden Markov model: a chain of K states, each of which emits rows of one family.

    .. math:: p(x, z \mid \theta) = \pi_{z_1} \prod_{t=2}^T A_{z_{t-1} z_t} \prod_{t=1}^T p(x_t \mid \theta_{z_t})

    Rows are steps in order; ``fit(X, lengths=...)`` says where sequences end. A row that is NaN in every column, or of
    a regression one whose target is NaN, is a step that was not observed. A ``sample_weight`` is a number of copies of
    a whole sequence, the same for all of its rows, since a transition belongs to two rows and has no weight of its own.

    A sweep works through whole sequences: of one sequence it holds, beside the data, 3 K + 4 numbers for each step and
    those of a row and its statistics, all at once. That is 136 bytes a step for three states of one normal column; 129
    were measured, for a million steps.

    Parameters
    ----------
    family : Family
        Likelihood of a row, with the prior of one state.
    n_states : int
        K, at least 1.
    initial_prior : Dirichlet, PointMass or None
        Prior of the probabilities ``initial`` (K,) of the first state; None is ``Dirichlet(1.0)``, a `PointMass` holds
        them known.
    transition_prior : Dirichlet, PointMass or None
        Prior of the rows of ``transition_matrix`` (K, K), rows = from: concentrations for all of it, for each row
        (K,) or for each entry (K, K); None is ``Dirichlet(1.0)``.
    stationary : bool
        Whether the first state has the stationary distribution of the transition matrix, which then is the only
        block of the chain. That is not conjugate: EM and MAP find their step numerically, NUTS takes it as it is,
        VB and Gibbs refuse.

    Raises
    ------
    PointmassError
        If ``family`` is not a family, ``n_states`` not a positive integer, or a prior does not fit.

    References
    ----------
    Baum, Petrie, Soules and Weiss (1970), *Annals of Mathematical Statistics* 41; Zucchini, MacDonald and Langrock
    (2016), *Hidden Markov Models for Time Series*.

    Examples
    --------
    >>> from pointmass import Gaussian, HiddenMarkov
    >>> HiddenMarkov(Gaussian(), n_states=3)
    HiddenMarkov(family=Gaussian(), n_states=3)
    """

    family: Family
    n_states: int
    initial_prior: Any = None
    transition_prior: Any = None
    stationary: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a family, numbers of states that make no sense, and priors that do not fit."""
        if not isinstance(self.family, Family):
            raise PointmassError(
                f"HiddenMarkov: family must be a family such as Gaussian(), got {self.family!r}", path=("family",)
            )
        k = self.n_states
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise PointmassError(
                f"HiddenMarkov: n_states must be an integer of at least 1, got {k!r}", path=("n_states",)
            )
        object.__setattr__(self, "n_states", int(k))
        if not isinstance(self.stationary, bool):
            raise PointmassError(
                f"HiddenMarkov: stationary must be True or False, got {self.stationary!r}", path=("stationary",)
            )
        self._check_priors()
        self.latent.priors()

    def _check_priors(self) -> None:
        for option in ("initial_prior", "transition_prior"):
            given = getattr(self, option)
            if not isinstance(given, Dirichlet | PointMass | None):
                raise PointmassError(
                    f"HiddenMarkov: {option} must be Dirichlet, PointMass or None, got {given!r}", path=(option,)
                )
        if self.stationary and self.initial_prior is not None:
            raise PointmassError(
                "HiddenMarkov: a stationary chain starts as its transition matrix says and has no initial_prior; "
                "leave it out",
                path=("initial_prior",),
            )

    @property
    def n_components(self) -> int:  # type: ignore[override]
        """Number of states K."""
        return self.n_states

    @property
    def conjugate(self) -> HiddenMarkov:
        """The chain with a first state of its own."""
        return replace(self, stationary=False) if self.stationary else self

    def with_components(self, n_components: int) -> HiddenMarkov:
        """Return the chain of another number of states."""
        return replace(self, n_states=n_components)

    @cached_property
    def latent(self) -> MarkovChain:
        """The chain."""
        flat = Dirichlet(1.0)
        return MarkovChain(
            self.n_states,
            flat if self.initial_prior is None else self.initial_prior,
            flat if self.transition_prior is None else self.transition_prior,
            self.stationary,
        )
