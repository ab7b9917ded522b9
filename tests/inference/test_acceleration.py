"""Extrapolation reaches the same optimum in far fewer sweeps, and never at the objective's cost."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from cases import faithful, iris, two_normals
from inference.sweeps import bench

from pointmass import EM, VB, Gaussian, Mixture
from pointmass.inference.acceleration import Anderson, Plain, Squarem
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import ascend

TWO_NORMALS = Mixture(Gaussian(), 2)


def run(ready, start, acceleration, *, tol=1e-6, max_iter=1000):
    return ascend(ready.sweep, start, ACCELERATIONS[acceleration](ready.sweep, start), tol=tol, max_iter=max_iter)


def start_at(rows, ready):
    """Two components where the data's quantiles are."""
    centres = np.quantile(rows, [0.2, 0.8])
    closeness = np.exp(-0.5 * (rows - centres) ** 2)
    return ready.posterior(closeness / closeness.sum(1, keepdims=True))


def evaluations_until(sweep, start, acceleration, optimum, most=20_000):
    """Evaluations of the sweep, refused ones too, until the objective is within 1e-6 nats of the optimum."""
    counted = Counted(sweep, optimum - 1e-6)
    with suppress(Arrived):
        ascend(counted, start, ACCELERATIONS[acceleration](sweep, start), tol=0, max_iter=most)
    return counted.evaluations


@pytest.mark.parametrize("method", ["em", "vb"])
def test_a_fortieth_of_the_plain_sweeps(method):
    """Two normals 1.5 sd apart, n = 1,000, the geometric mean over three data sets."""
    ratios = []
    for seed in (0, 4, 5):
        rows = two_normals(seed=seed)
        ready = bench(TWO_NORMALS, rows, method)
        start = start_at(rows, ready)
        optimum = run(ready, start, "anderson", tol=1e-10, max_iter=2000).objective
        plain, fast = (evaluations_until(ready.sweep, start, name, optimum) for name in ("none", "anderson"))
        assert 1000 < plain < 20_000
        ratios.append(plain / fast)
    assert np.exp(np.mean(np.log(ratios))) >= {"em": 40.0, "vb": 25.0}[method], ratios


class Arrived(Exception):
    """The optimum is near enough."""


class Counted:
    """A sweep that counts its evaluations, refused ones too, and stops everything at a given objective."""

    def __init__(self, sweep, enough):
        self.sweep, self.enough, self.evaluations = sweep, enough, 0

    def __getattr__(self, name):
        return getattr(self.sweep, name)

    def __call__(self, beliefs, rng=None):
        step = self.sweep(beliefs, rng)
        self.evaluations += 1
        if step.objective >= self.enough:
            raise Arrived
        return step


def ends(acceleration, rows, k, seeds, kind=EM):
    """Final objectives from the same random starts."""
    found = []
    for seed in seeds:
        fit = kind(
            Mixture(Gaussian(), k),
            init="random_rows",
            n_init=1,
            acceleration=acceleration,
            rng=seed,
            max_iter=20_000 if acceleration == "none" else 1000,
            tol=1e-8 if acceleration == "none" else 1e-6,
        )
        fit.fit(rows)
        assert (np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[1:])).all()
        found.append((fit.objective_history_[-1], fit.status_))
    return found


def share_below_plain(rows, k, seeds, acceleration="anderson"):
    plain, fast = ends("none", rows, k, seeds), ends(acceleration, rows, k, seeds)
    proper = [(p, f) for (p, ps), (f, fs) in zip(plain, fast, strict=True) if "degenerate" not in (ps, fs)]
    return np.mean([f < p - 1e-6 for p, f in proper]), len(proper)


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize(("rows", "k"), [(faithful(), 2), (iris(), 3)], ids=["faithful", "iris"])
def test_few_starts_end_below_the_plain_sweeps(rows, k):
    below, starts = share_below_plain(rows, k, range(10))
    assert starts >= 8
    assert below <= 0.1


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize(("rows", "k"), [(faithful(), 2), (iris(), 3)], ids=["faithful", "iris"])
def test_at_most_two_in_a_hundred_starts_end_below_the_plain_sweeps(rows, k):
    below, starts = share_below_plain(rows, k, range(200))
    assert starts >= 150
    assert below <= 0.02


@pytest.mark.parametrize("acceleration", ["anderson", "squarem"])
@pytest.mark.parametrize("kind", [EM, VB])
def test_the_objective_never_falls_and_all_ways_meet(acceleration, kind):
    rows = two_normals(n=400, separation=2.5, seed=3)
    plain = kind(TWO_NORMALS, n_init=1, acceleration="none", tol=1e-10, max_iter=20_000, rng=0).fit(rows)
    fast = kind(TWO_NORMALS, n_init=1, acceleration=acceleration, tol=1e-10, max_iter=5000, rng=0).fit(rows)
    assert (np.diff(fast.objective_history_) >= -1e-10 * np.abs(fast.objective_history_[1:])).all()
    assert fast.objective_history_[-1] == pytest.approx(plain.objective_history_[-1], abs=1e-7)
    assert fast.n_iter_ < 0.5 * plain.n_iter_
    for name, array in fast.estimate_.items():
        np.testing.assert_allclose(array, plain.estimate_[name], atol=2e-3)


# -- the accelerators themselves, on linear maps ------------------------------------------------------------


def linear_map(rates, seed=0):
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(rates), len(rates))))[0]
    jacobian = rotation @ np.diag(rates) @ rotation.T
    return lambda vector: jacobian @ vector


def iterate(accelerator, sweep, vector, times):
    for _ in range(times):
        image = sweep(vector)
        vector = accelerator.propose(vector, image)
    return vector


def test_anderson_solves_a_linear_map_in_one_sweep_more_than_its_dimension():
    sweep = linear_map([0.999, 0.9, 0.3, 0.01])
    start = np.random.default_rng(1).normal(size=4)
    assert np.abs(iterate(Anderson(), sweep, start, 6)).max() < 1e-6
    assert np.abs(iterate(Plain(), sweep, start, 6)).max() > 0.01


@pytest.mark.parametrize("acceleration", ["anderson", "none"])
def test_the_rate_is_the_largest_eigenvalue(acceleration):
    accelerator = ACCELERATIONS[acceleration](None, None)
    iterate(accelerator, linear_map([0.95, 0.5, 0.1]), np.ones(3), 4 if acceleration == "anderson" else 60)
    assert accelerator.rate() == pytest.approx(0.95, abs=1e-3)


def test_a_refusal_ends_at_the_image():
    for make in (Plain, Anderson, Squarem):
        accelerator, sweep = make(), linear_map([0.9, 0.5])
        vector = np.ones(2)
        for _ in range(3):
            image = sweep(vector)
            vector = accelerator.propose(vector, image)
        tried = [accelerator.retreat(image) for _ in range(5)]
        assert tried[-1] is image
        distances = [np.linalg.norm(point - image) for point in tried]
        assert distances == sorted(distances, reverse=True)


def test_anderson_leaves_a_saddle():
    """Where the sweep expands (rate above 1), the step goes on outwards instead of back to the fixed point."""
    sweep = linear_map([1.05, 0.5])
    accelerator, vector = Anderson(), np.array([1e-3, 1e-3])
    for _ in range(6):
        vector = accelerator.propose(vector, sweep(vector))
    assert np.linalg.norm(vector) > 1e-3
