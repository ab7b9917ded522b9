"""Starts: any of them is proper, respects what is known, and depends on the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, faithful, mixtures
from inference.sweeps import bench

from pointmass import EM, VB, Gaussian, Mixture
from pointmass.inference.initialisation import DETERMINISTIC, INITS, sampled_start

ROWS = clusters(90, d=2, k=3, seed=3, spread=4.0)


def start(init, covariance="full", seed=0, rows=ROWS, **options):
    ready = bench(mixtures(3)[covariance], rows, "map", **options)
    weak = ready.model.weak_prior(rows, ready.rows.weights)
    working = {name: belief.mapped(ready.rows.coordinates.inverse) for name, belief in weak.items()}
    return ready.public(sampled_start(init, ready.model, ready.rows, working, np.random.default_rng(seed)))


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_start_is_proper(init, covariance):
    theta = start(init, covariance)
    assert theta["weights"].sum() == pytest.approx(1.0)
    assert (theta["weights"] > 0).all()
    assert (np.linalg.eigvalsh(theta["covariance"]) > 1e-3).all()
    assert (theta["mean"] >= ROWS.min(0)).all()
    assert (theta["mean"] <= ROWS.max(0)).all()


@pytest.mark.parametrize("init", INITS)
def test_the_seed_decides(init):
    one, same, other = start(init, seed=1), start(init, seed=1), start(init, seed=2)
    for name, array in one.items():
        np.testing.assert_array_equal(same[name], array)
    if init in DETERMINISTIC:
        np.testing.assert_array_equal(other["mean"], one["mean"])


@pytest.mark.parametrize("init", INITS)
def test_known_labels_are_respected(init):
    labels = np.full(90, -1)
    far = np.argsort(ROWS[:, 0])[:5]
    labels[far] = 2
    theta = start(init, labels=labels)
    everywhere = start(init)
    distance = [np.linalg.norm(t["mean"][2] - ROWS[far].mean(0)) for t in (theta, everywhere)]
    assert theta["weights"][2] >= 0.9 * 5 / 93
    assert distance[0] <= distance[1] + 1e-9


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("kind", [EM, VB])
def test_starts_do_not_know_the_units(init, kind):
    """The same draws in other units and another place: one fit in two languages."""
    factor, shift = 1e4, 1e6
    one = kind(mixtures(3)["full"], init=init, n_init=2, rng=4).fit(ROWS)
    other = kind(mixtures(3)["full"], init=init, n_init=2, rng=4).fit(ROWS * factor + shift)
    np.testing.assert_allclose((other.estimate_["mean"] - shift) / factor, one.estimate_["mean"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", [EM, VB])
@pytest.mark.parametrize("k", [2, 3])
def test_no_default_start_ends_where_it_learned_nothing(kind, k):
    """Five seeds on faithful: each far above the likelihood of one component, at K = 2 all at the best optimum."""
    one = kind(Mixture(Gaussian(), 1)).fit(faithful()).log_likelihood_
    found = [kind(Mixture(Gaussian(), k), n_init=3, rng=seed).fit(faithful()).log_likelihood_ for seed in range(5)]
    assert min(found) > one + 100.0
    if k == 2:
        assert np.ptp(found) < 1e-4


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize(("name", "k", "best"), [("faithful", 2, -1130.263960), ("iris", 3, -180.185477)])
def test_defaults_reach_the_best_known_optimum_for_95_seeds_in_100(name, k, best):
    from pointmass import load_dataset

    rows = load_dataset(name).X
    reached = [abs(EM(Mixture(Gaussian(), k), rng=seed).fit(rows).log_likelihood_ - best) < 1e-4 for seed in range(100)]
    assert np.mean(reached) >= 0.95
