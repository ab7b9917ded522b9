"""Parameter expansion: the sweep of a larger model with the same likelihood, mapped back after every update."""

from __future__ import annotations

import numpy as np

from pointmass.inference.acceleration import Plain
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Statistics

__all__ = ["ExpandedSweep", "Expansion"]


class ExpandedSweep(Sweep):
    """A sweep whose updates are those of the model's expanded form; the plain one where it has none.

    References
    ----------
    Liu, Rubin and Wu (1998), Parameter expansion to accelerate EM: the PX-EM algorithm, *Biometrika* 85, 755-770.
    """

    def update(self, statistics: Statistics, beliefs: Beliefs, rng: np.random.Generator | None = None) -> Beliefs:
        """Return the projected posterior of each block in the expanded model, every block from the old beliefs."""
        prior = self.prior_given(beliefs, rng)
        return {
            name: self.project(
                self.model.expanded(prior, statistics, beliefs, name), beliefs[name], self.model.floor, rng
            )
            for name in self.model.blocks
        }


class Expansion(Plain):
    """No extrapolation, but the sweep of the expanded model."""

    def repeated(self, sweep: Sweep) -> Sweep:
        """Return the expanded sweep."""
        return sweep.as_kind(ExpandedSweep)
