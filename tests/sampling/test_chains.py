"""Posteriors of hidden Markov models: Gibbs, NUTS, and every path of a short chain enumerated."""

from __future__ import annotations

import numpy as np
import pytest
from sampling.cases import gamma

from pointmass import NUTS, Dirichlet, Enumeration, Gamma, Gaussian, Gibbs, HiddenMarkov, Poisson
from pointmass.estimators.sampled import Sampled
from pointmass.families.coordinates import Coordinates
from pointmass.inference.chain import chain
from pointmass.inference.projections import draw
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Rows

ROWS = Dirichlet([[4.0, 1.0], [1.5, 3.0]])
COUNTS = HiddenMarkov(Poisson(Gamma(4.0, 1.0)), 2, Dirichlet([3.0, 1.0]), ROWS)
TINY = np.array([2.0, 3.0, 8.0, 7.0, 9.0, 1.0, 3.0])[:, None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning"),
]


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how many Monte Carlo standard errors the means of two samples (chains, draws, ...) lie apart."""
    from arviz_stats.base import array_stats

    flat = [sample.reshape(*sample.shape[:2], -1) for sample in (one, other)]
    errors = [np.atleast_1d(array_stats.mcse(sample, chain_axis=0, draw_axis=1)) for sample in flat]
    means = [sample.mean(axis=(0, 1)) for sample in flat]
    return np.asarray(np.abs(means[0] - means[1]) / np.hypot(*errors))


def in_order(fit: Sampled, name: str) -> dict[str, np.ndarray]:
    """Return the draws, in all of which the states are in the order of the estimates of one parameter."""
    order = fit.estimate_[name][:, 0].argsort()
    found = {key: array.take(order, axis=2) for key, array in fit.draws_.items()}
    return found | {"transition_matrix": found["transition_matrix"].take(order, axis=3)}


def sequences() -> tuple[np.ndarray, list[int]]:
    """Return two sequences of two well separated states, with steps that were not observed."""
    rng = np.random.default_rng(3)
    states = np.repeat([0, 1, 0, 1, 0, 1], [20, 15, 10, 12, 25, 18])
    x = rng.normal(size=(100, 1)) + 4.0 * states[:, None]
    x[[0, 13, 14, 60]] = np.nan
    return x, [70, 30]


def test_gibbs_against_every_path() -> None:
    exact, gibbs = Enumeration(COUNTS, rng=0).fit(TINY), Gibbs(COUNTS, draws=2500, rng=1).fit(TINY)
    for name, sample in gibbs.draws_.items():
        assert (distances(sample, exact.draws_[name]) < 4.5).all(), name
        assert (distances(sample**2, exact.draws_[name] ** 2) < 4.5).all(), name


def test_nuts_against_every_path() -> None:
    exact, nuts = Enumeration(COUNTS, rng=0).fit(TINY), NUTS(COUNTS, draws=2500, rng=1).fit(TINY)
    for name, sample in nuts.draws_.items():
        assert (distances(sample, exact.draws_[name]) < 4.5).all(), name
        assert (distances(sample**2, exact.draws_[name] ** 2) < 4.5).all(), name


def test_nuts_against_gibbs_on_sequences_with_missing_steps() -> None:
    x, lengths = sequences()
    model = HiddenMarkov(Gaussian(), 2)
    fits = NUTS(model, rng=1).fit(x, lengths=lengths), Gibbs(model, draws=1000, rng=2).fit(x, lengths=lengths)
    assert all(fit.diagnostics_["reliable"] for fit in fits)
    nuts, gibbs = (in_order(fit, "mean") for fit in fits)
    for name, sample in nuts.items():
        assert (distances(sample, gibbs[name]) < 4.5).all(), name


def test_geweke_joint_distribution() -> None:
    """Geweke (2004): rows drawn given parameters, parameters by a sweep given rows; the parameters keep their prior."""
    model = HiddenMarkov(Gaussian(prior=gamma(1, common=True)), 2, Dirichlet([2.0, 1.0]), ROWS)
    rng, coordinates, lengths = np.random.default_rng(8), Coordinates.identity(1), np.array([4, 1, 2])
    missing = np.array([False, True, False, False, False, False, True])
    prior = model.prior(np.zeros((5, 1)), None)
    beliefs = {name: belief.draw(rng) for name, belief in prior.items()}
    visited = []
    for _ in range(20_000):
        parameters = model.public({name: point.parameters for name, point in beliefs.items()})
        values = np.concatenate([model.sample(parameters, int(n), rng)[0] for n in lengths])
        values[missing] = np.nan
        rows = Rows(values, coordinates, lengths=lengths, missing=missing)
        beliefs = next(chain(Sweep(model, rows, prior, draw, ASSIGNMENTS["draw"]), beliefs, rng))
        visited.append(model.public({name: point.parameters for name, point in beliefs.items()}))
    direct = model.public({name: belief.parameter_draws(20_000, rng) for name, belief in prior.items()})
    for name, array in direct.items():
        sample, expected = (
            np.arctan(draws).reshape(4, 5000, -1) for draws in (np.array([state[name] for state in visited]), array)
        )
        assert (distances(sample, expected) < 5.0).all(), name
