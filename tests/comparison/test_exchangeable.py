"""Ranks among draws exchangeable with the truth are uniform at any autocorrelation; a wrong sweep is caught."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from pointmass import VB, Dirichlet, Gaussian, Mixture, NormalInverseGamma, StructuredMultinomial
from pointmass.comparison.calibration import Quantities, holm, ranks, simulate, uniformity
from pointmass.comparison.exchangeable import exchangeable_draws
from pointmass.models import Model, as_model

SIZE = 19
CERTAIN = 1e-6


def linkage(first: float) -> Model:
    return as_model(StructuredMultinomial(20, Dirichlet([first, 1.0]), "linkage"))


def p_value(model: Model, assumed: Model, n: int, columns: int, simulations: int, sweeps: int) -> float:
    """Return the smallest p-value, adjusted over all quantities, of the sweep of ``assumed`` on data of ``model``."""
    found: dict[str, list[int]] = defaultdict(list)
    for number in range(simulations):
        data = simulate(model, n, columns, np.random.default_rng([1, number]))
        vb = VB(assumed, n_init=1, rng=number).fit(data.values)
        quantities = Quantities(vb, np.random.default_rng([2, number]))
        draws = exchangeable_draws(vb, data.truth, SIZE, sweeps, np.random.default_rng([3, number]))
        for quantity, rank in ranks(data.truth, draws, quantities, SIZE).items():
            found[quantity].append(rank)
    rng = np.random.default_rng(4)
    return min(holm({key: uniformity(np.array(rank), SIZE, rng) for key, rank in found.items()}).values())


@pytest.mark.parametrize("sweeps", [1, 4])
def test_ranks_are_uniform_however_close_the_draws(sweeps: int) -> None:
    assert p_value(linkage(1.5), linkage(1.5), 1, 4, 150, sweeps) > CERTAIN


def test_a_sweep_with_another_prior_is_caught() -> None:
    assert p_value(linkage(1.5), linkage(6.0), 1, 4, 150, 4) < CERTAIN


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_two_overlapping_normals_whose_chain_is_slow() -> None:
    """Draws two sweeps apart, where 3,000 sweeps are worth a few hundred draws."""
    prior = NormalInverseGamma(mean=0.0, kappa=0.5, shape=3.0, scale=2.0)
    model = Mixture(Gaussian(prior=prior), 2, weights_prior=Dirichlet(2.0))
    assert p_value(model, model, 40, 1, 200, 2) > CERTAIN
