"""Where chains start: the optima that variational fits, or points, reach, and draws wider than the posterior."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pointmass.errors import PointmassWarning
from pointmass.estimators.ascending import Ascending
from pointmass.estimators.base import Estimator
from pointmass.estimators.map import MAP
from pointmass.estimators.vb import VB
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs, Model, Rows
from pointmass.numerics import Array
from pointmass.uncertainty.linearised import Linearised

__all__ = ["ChainStart", "chain_starts", "in_units", "posterior_optima", "reference_draws"]

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


def posterior_optima(model: Model, rows: Rows, rng: np.random.Generator) -> list[Ascending]:
    """Return fits at distinct proper optima, the best first: variational ones, or modes where not all is conjugate.

    An optimum whose objective is more than 10 nats below the best holds less than e⁻¹⁰ of the posterior, and
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
    fits = sorted((_fit(model, rows, own) for own in rng.spawn(count)), key=lambda fit: -_objective(fit))
    proper = [fit for fit in fits if fit.converged_] or fits
    distinct = proper[:1]
    for fit in proper[1:]:
        apart = _objective(distinct[-1]) - _objective(fit)
        if apart > _SAME and _objective(proper[0]) - _objective(fit) < _NEGLIGIBLE:
            distinct.append(fit)
    return distinct


def _objective(fit: Ascending) -> float:
    return float(fit.objective_history_[-1])


def _fit(model: Model, rows: Rows, rng: np.random.Generator) -> Ascending:
    kind = VB if model.conjugate is model else MAP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        features, target = model.features_and_target(rows.values)
        return kind(model, n_init=1, rng=rng).fit(
            features, target, sample_weight=rows.weights, labels=rows.labels, lengths=rows.lengths
        )


def reference_draws(fit: Ascending, size: int, rng: np.random.Generator) -> dict[str, Parameters]:
    """Return draws by block, in the data's units, of what a fit says of its own labelling.

    Of a posterior they are its draws. Of a mode they are normal in unconstrained coordinates with the standard
    deviations of the information, one coordinate apart from the other.
    """
    if not isinstance(fit, MAP):
        return {name: belief.parameter_draws(size, rng) for name, belief in fit.belief_.items()}
    cloud = _PointCloud(fit, rng)
    found = [cloud.wide(1.0, rng) for _ in range(size)]
    return in_units(fit, found)


def in_units(fit: Estimator, states: Sequence[Beliefs]) -> dict[str, Parameters]:
    """Return parameters by block, in the data's units, of points in working coordinates; the leading axis is theirs."""
    original = [fit.original(beliefs) for beliefs in states]
    return {
        name: {key: np.array([each[name].parameter_mean()[key] for each in original]) for key in first}
        for name, first in ((name, belief.parameter_mean()) for name, belief in original[0].items())
    }


def chain_starts(optima: Sequence[Ascending], chains: int, rng: np.random.Generator) -> list[ChainStart]:
    """Return a start for each chain: one at each optimum while one chain is left, the others overdispersed.

    Those are drawn about the best optimum, in unconstrained coordinates, with twice the posterior's spread as far
    as one fit can tell it: that of a mode's information, or the spread of mean field times 1/√(1 − ρ), ρ the sweep's
    rate of convergence, which is its fraction of missing information (at most 10 times, and none farther than 10
    units).

    Parameters
    ----------
    optima : sequence of VB or MAP
        From `posterior_optima`.
    chains : int
        Number of chains.
    rng : numpy.random.Generator
        Source of the draws.
    """
    clouds = [(_Cloud if isinstance(fit, VB) else _PointCloud)(fit, rng) for fit in optima[: max(chains - 1, 1)]]
    starts = [
        ChainStart(
            cloud.middle(), f"at optimum {number}, {cloud.objective} {_objective(cloud.fit):.3f}".replace("-", "−")
        )
        for number, cloud in enumerate(clouds, 1)
    ]
    factor = 2.0 * clouds[0].factor
    described = f"drawn about optimum 1 with {factor:.1f} times the {clouds[0].kind} spread"
    return starts + [ChainStart(clouds[0].wide(factor, rng), described) for _ in range(chains - len(starts))]


class _Cloud:
    """A variational posterior in unconstrained working coordinates, where its mean always exists."""

    objective, kind = "ELBO", "mean-field"

    @property
    def factor(self) -> float:
        """How much wider the posterior may be than the spread that is known."""
        return float(min(1.0 / np.sqrt(max(1.0 - self.fit.rate_, 1e-6)), _LARGEST_FACTOR))

    def __init__(self, fit: Ascending, rng: np.random.Generator) -> None:
        self.fit = fit
        self.beliefs = fit._working(fit.belief_)
        self.blocks = tuple(name for name, belief in self.beliefs.items() if not isinstance(belief, PointMass))
        self.like = self._draw(rng)
        self.centre = np.mean([pack(self._draw(rng), self.blocks) for _ in range(_PROBES)], axis=0)

    def _draw(self, rng: np.random.Generator) -> Beliefs:
        return {name: belief.draw(rng) for name, belief in self.beliefs.items()}

    def at(self, vector: Array) -> Beliefs:
        """Return the point at unconstrained coordinates."""
        return unpack(vector, self.like, self.blocks)

    def described(self) -> str:
        """Return what the objective is, and its value."""
        return f"{self.objective} {_objective(self.fit):.3f}".replace("-", "−")

    def middle(self) -> Beliefs:
        """Return the point at the mean."""
        return self.at(self.centre)

    def _step(self, rng: np.random.Generator) -> Array:
        return pack(self._draw(rng), self.blocks) - self.centre

    def wide(self, factor: float, rng: np.random.Generator) -> Beliefs:
        """Return a draw moved away from the mean by ``factor``."""
        return self.at(self.centre + np.clip(factor * self._step(rng), -_FARTHEST, _FARTHEST))


class _PointCloud(_Cloud):
    """A mode in unconstrained working coordinates, and the spread of these that its information tells."""

    objective, kind = "log posterior density", "information's"

    @property
    def factor(self) -> float:
        """One: the information has what the latents hide in it."""
        return 1.0

    def __init__(self, fit: Ascending, rng: np.random.Generator) -> None:
        self.fit = fit
        sweep, self.like = fit.sweep_at_fit()
        self.blocks = sweep.free_blocks
        self.centre = pack(self.like, self.blocks)
        linearised = Linearised(fit)
        info = linearised.information
        loadings = info.loadings(linearised.jacobian.response(lambda beliefs: pack(beliefs, self.blocks)))
        factors = 1.0 / np.maximum(1.0 - info.fractions, _LARGEST_FACTOR**-2)
        self.spread = np.sqrt((loadings @ info.directions) ** 2 @ factors)

    def _step(self, rng: np.random.Generator) -> Array:
        return np.asarray(self.spread * rng.standard_normal(len(self.centre)))
