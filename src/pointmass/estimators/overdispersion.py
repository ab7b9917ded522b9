"""Where chains start: the optima that variational fits reach, and draws wider than the posterior."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pointmass.errors import PointmassWarning
from pointmass.estimators.vb import VB
from pointmass.families.point_mass import PointMass
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs, Model, Rows

__all__ = ["ChainStart", "chain_starts", "variational_optima"]

_RESTARTS = 10
_SAME = 1e-3
_NEGLIGIBLE = 10.0
_PROBES = 400
_LARGEST_FACTOR = 10.0
_FARTHEST = 10.0


@dataclass(frozen=True, eq=False)
class ChainStart:
    """Where one chain starts.

    Parameters
    ----------
    beliefs : dict of str to PointMass
        Points, in working coordinates.
    description : str
        Where they come from.
    """

    beliefs: Beliefs
    description: str


def variational_optima(model: Model, rows: Rows, rng: np.random.Generator) -> list[VB]:
    """Return variational fits at distinct proper optima, the best first.

    An optimum whose evidence bound is more than 10 nats below the best holds less than e⁻¹⁰ of the posterior, and
    a chain that stays there says nothing about it: such optima are left out.

    Parameters
    ----------
    model : Model
        The model.
    rows : Rows
        Data, weights and known labels.
    rng : numpy.random.Generator
        Seeds of the restarts.
    """
    count = 1 if model.is_complete(rows) else _RESTARTS
    fits = sorted((_fit(model, rows, own) for own in rng.spawn(count)), key=lambda fit: -fit.elbo_)
    proper = [fit for fit in fits if fit.converged_] or fits
    distinct = proper[:1]
    for fit in proper[1:]:
        if distinct[-1].elbo_ - fit.elbo_ > _SAME and proper[0].elbo_ - fit.elbo_ < _NEGLIGIBLE:
            distinct.append(fit)
    return distinct


def _fit(model: Model, rows: Rows, rng: np.random.Generator) -> VB:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        features, target = model.features_and_target(rows.values)
        return VB(model, n_init=1, rng=rng).fit(
            features, target, sample_weight=rows.weights, labels=rows.labels, lengths=rows.lengths
        )


def chain_starts(optima: Sequence[VB], chains: int, rng: np.random.Generator) -> list[ChainStart]:
    """Return a start for each chain: one at each optimum while one chain is left, the others overdispersed.

    Those are drawn about the best optimum, in unconstrained coordinates, with twice the posterior's spread as far
    as one variational fit can tell it: the mean-field spread times 1/√(1 − ρ), ρ the sweep's rate of convergence,
    which is its fraction of missing information (at most 10 times, and none farther than 10 units).

    Parameters
    ----------
    optima : sequence of VB
        From `variational_optima`.
    chains : int
        Number of chains.
    rng : numpy.random.Generator
        Source of the draws.
    """
    clouds = [_Cloud(fit, rng) for fit in optima[: max(chains - 1, 1)]]
    starts = [
        ChainStart(cloud.middle(), f"at optimum {number}, ELBO {cloud.fit.elbo_:.3f}".replace("-", "−"))
        for number, cloud in enumerate(clouds, 1)
    ]
    factor = 2.0 * min(1.0 / np.sqrt(max(1.0 - optima[0].rate_, 1e-6)), _LARGEST_FACTOR)
    described = f"drawn about optimum 1 with {factor:.1f} times the mean-field spread"
    return starts + [ChainStart(clouds[0].wide(factor, rng), described) for _ in range(chains - len(starts))]


class _Cloud:
    """A variational posterior in unconstrained working coordinates, where its mean always exists."""

    def __init__(self, fit: VB, rng: np.random.Generator) -> None:
        self.fit = fit
        self.beliefs = fit._working(fit.belief_)
        self.blocks = tuple(name for name, belief in self.beliefs.items() if not isinstance(belief, PointMass))
        self.like = self._draw(rng)
        self.centre = np.mean([pack(self._draw(rng), self.blocks) for _ in range(_PROBES)], axis=0)

    def _draw(self, rng: np.random.Generator) -> Beliefs:
        return {name: belief.draw(rng) for name, belief in self.beliefs.items()}

    def middle(self) -> Beliefs:
        """Return the point at the mean."""
        return unpack(self.centre, self.like, self.blocks)

    def wide(self, factor: float, rng: np.random.Generator) -> Beliefs:
        """Return a draw moved away from the mean by ``factor``."""
        step = factor * (pack(self._draw(rng), self.blocks) - self.centre)
        return unpack(self.centre + np.clip(step, -_FARTHEST, _FARTHEST), self.like, self.blocks)
