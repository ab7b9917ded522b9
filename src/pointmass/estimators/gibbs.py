"""Gibbs sampling: the sweep with drawn components and drawn parameters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from pointmass.estimators.ascending import Ascending
from pointmass.estimators.copies import check_copies, copied
from pointmass.estimators.overdispersion import ChainStart, chain_starts
from pointmass.estimators.proper import check_conjugate
from pointmass.estimators.sampled import Run, Sampled
from pointmass.families.conjugate import Parameters
from pointmass.inference.chain import chain
from pointmass.inference.progress import Progress
from pointmass.inference.projections import draw
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Beliefs, Rows

__all__ = ["Gibbs"]

_THINNING = (1, 4, 16)


class Gibbs(Sampled):
    """Gibbs sampling of components and parameters.

    Without a latent, or with every component known, there is nothing to iterate: the draws are independent draws
    from the exact posterior. Otherwise each chain alternates a draw of every row's component with a draw of every
    block of parameters. Where the draws do not pass the gate (see ``diagnostics_``), the chains go on: for 4 times
    as many sweeps, then for 16 times as many, thinned so that as many draws are kept; what came before is thrown
    away.

    A ``sample_weight`` is a number of copies of a row, and each copy has a component of its own: weights of rows
    whose component is unknown must be whole numbers. (A power of a mixture density with an exponent that is not
    whole has no components to draw; `NUTS` takes such weights.)

    Parameters
    ----------
    model : Family or Model
        What is fitted; its priors must be proper.
    chains : int
        Number of chains; a reference needs at least 4. One starts at each distinct optimum of ten variational
        fits, the others are overdispersed (``diagnostics_["starts"]``).
    draws : int
        Draws that each chain keeps, at least 100.
    tune : int
        Sweeps that each chain makes first and throws away.
    rng, random_state : None, int or numpy.random.Generator
        Seed, in either spelling.

    References
    ----------
    Diebolt and Robert (1994), *Estimation of finite mixture distributions through Bayesian sampling*.

    Examples
    --------
    >>> from pointmass import Gaussian, Gibbs, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> gibbs = Gibbs(Gaussian(prior=prior), rng=0).fit([1.0, 2.0, 3.0])
    >>> gibbs.draws_["mean"].shape, gibbs.diagnostics_["reliable"]
    ((4, 1000, 1), True)
    >>> gibbs.estimate_["mean"].round(1)
    array([1.5])
    """

    method_name: ClassVar[str] = "Gibbs"

    def __init__(
        self,
        model: Any,
        *,
        chains: int = 4,
        draws: int = 1000,
        tune: int = 1000,
        rng: Any = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.chains = chains
        self.draws = draws
        self.tune = tune
        self.rng = rng
        self.random_state = random_state

    def _is_exact(self, rows: Rows) -> bool:
        return self.model_.is_complete(rows)

    def _check_rows(self, rows: Rows) -> None:
        check_conjugate(self.model_, self.method_name)
        if not self._is_exact(rows):
            check_copies(self.method_name, rows)

    def _runs(self, rows: Rows, optima: list[Ascending], rng: np.random.Generator) -> Iterator[Run]:
        if self._is_exact(rows):
            yield self._exact(optima[0], rng)
            return
        yield from self._iterated(rows, optima, rng)

    def _exact(self, fit: Ascending, rng: np.random.Generator) -> Run:
        """Return independent draws from a posterior that has no latent left."""
        shape = (self.chains, self.draws)
        started = time.perf_counter()
        parameters = {
            name: {
                key: array.reshape(*shape, *array.shape[1:])
                for key, array in belief.parameter_draws(self.chains * self.draws, rng).items()
            }
            for name, belief in self._working(fit.belief_).items()
        }
        facts = {
            "sampler": "exact",
            "starts": ["of independent draws"] * self.chains,
            "thinning": 1,
            "sampling_seconds": time.perf_counter() - started,
        }
        return Run(parameters, self.chains * self.draws, facts)

    def _iterated(self, rows: Rows, optima: list[Ascending], rng: np.random.Generator) -> Iterator[Run]:
        sweep = Sweep(self.model_, copied(rows), self._working(self.prior_), draw, ASSIGNMENTS["draw"])
        starts = chain_starts(optima, self.chains, rng)
        chains = [_Chain(sweep, start, own) for start, own in zip(starts, rng.spawn(self.chains), strict=True)]
        started = time.perf_counter()
        for thinning in _THINNING:
            progress = Progress(self.method_name)
            tune = self.tune if thinning == 1 else 0
            kept = [each.run(tune, self.draws, thinning, progress, f"chain {i}") for i, each in enumerate(chains, 1)]
            progress.close()
            facts = {
                "sampler": "gibbs",
                "starts": [start.description for start in starts],
                "thinning": thinning,
                "sampling_seconds": time.perf_counter() - started,
            }
            yield Run(_stacked(kept), sum(each.sweeps for each in chains), facts)


class _Chain:
    """One chain, which goes on where it stopped."""

    def __init__(self, sweep: Sweep, start: ChainStart, rng: np.random.Generator) -> None:
        self.states = chain(sweep, start.beliefs, rng)
        self.sweeps = 0

    def run(self, tune: int, draws: int, thinning: int, progress: Progress, name: str) -> list[Beliefs]:
        """Return every ``thinning``-th state of the sweeps that follow ``tune`` sweeps."""
        kept = []
        total = tune + draws * thinning
        for number in range(1, total + 1):
            state = next(self.states)
            if number > tune and (number - tune) % thinning == 0:
                kept.append(state)
            progress.say(f"{name}, sweep {number} of {total}")
        self.sweeps += total
        return kept


def _stacked(kept: list[list[Beliefs]]) -> dict[str, Parameters]:
    """Return parameters by block with leading axes (chains, draws)."""
    return {
        name: {
            key: np.array([[state[name].parameters[key] for state in states] for states in kept])  # type: ignore[union-attr]
            for key in belief.parameters  # type: ignore[union-attr]
        }
        for name, belief in kept[0][0].items()
    }
