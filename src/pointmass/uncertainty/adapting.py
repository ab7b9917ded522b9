"""The proposal of an importance sampler, and how what a pilot sample weighed makes it a better one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pointmass.inference.importance import Weighted
from pointmass.inference.proposals import Proposal, ProposalMixture, Student
from pointmass.numerics import Array

__all__ = ["DOF", "Plan"]

DOF = 7.0
"""Degrees of freedom of a proposal about an optimum."""

_WIDE_DOF, _WIDENING = 5.0, 9.0
_WIDE_SHARE, _OTHER_SHARE = 0.1, 0.15
_LEAST, _MOST_OF_OTHERS = 0.05, 0.7
_OWN = 2  # parts about the centre: the main one and the wide one


@dataclass(frozen=True, eq=False)
class Plan:
    """A Student-t about a centre, a wide defensive one, and other proposals, with their shares.

    Parameters
    ----------
    centre, covariance : ndarray, shape (D,) and (D, D)
        Of the main proposal.
    others : tuple of Proposal
        Proposals that stay as they are.
    shares : ndarray
        Shares of the others; the wide one has a tenth, the main one the rest.
    """

    centre: Array
    covariance: Array
    others: tuple[Proposal, ...]
    shares: Array

    @classmethod
    def of(cls, vectors: Array, others: list[Proposal]) -> Plan:
        """Return the plan about draws (S, D), an equal share for each of the others."""
        covariance = np.atleast_2d(np.cov(vectors.T))
        return cls(vectors.mean(axis=0), covariance, tuple(others), np.full(len(others), _OTHER_SHARE))

    @property
    def proposal(self) -> ProposalMixture:
        """The mixture to draw from."""
        main = Student.of(self.centre, self.covariance, DOF)
        wide = Student.of(self.centre, self.covariance, _WIDE_DOF, _WIDENING)
        shares = [1.0 - _WIDE_SHARE - self.shares.sum(), _WIDE_SHARE, *self.shares]
        return ProposalMixture((main, wide, *self.others), np.array(shares))

    def adapted(self, pilot: Weighted) -> Plan:
        """Return the plan that a pilot's weights ask for, as far as its effective draws tell.

        Each draw counts for a part of the mixture by the probability that the part proposed it: the centre follows
        what no other proposal covers, and the shares what each one covers (Cappé, Douc, Guillin, Marin and Robert
        2008, *Statistics and Computing* 18).
        """
        own = pilot.weights * pilot.origins[:_OWN].sum(axis=0)
        if own.sum() <= 0.0:
            return self
        effective = float(own.sum() ** 2 / (own**2).sum())
        mean, spread = pilot.moments(own / own.sum())
        trust = effective / (effective + 5.0 * len(self.centre))
        return replace(
            self,
            centre=self.centre + trust * (mean - self.centre),
            covariance=trust * spread + (1.0 - trust) * self.covariance,
            shares=self._shares(pilot, pilot.ess / (pilot.ess + 5.0 * len(self.centre))),
        )

    def _shares(self, pilot: Weighted, trust: float) -> Array:
        asked = np.maximum(pilot.origins[_OWN:] @ pilot.weights, _LEAST)
        shares = trust * asked + (1.0 - trust) * self.shares
        return np.asarray(shares * min(1.0, _MOST_OF_OTHERS / max(shares.sum(), _LEAST)))
