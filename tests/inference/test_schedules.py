"""Neal and Hinton's view: no partial step lowers the free energy, and every schedule ends where batch sweeps do."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from cases import COVARIANCES, clusters, faithful, responsibilities
from inference.sweeps import bench
from scipy import stats

from pointmass import (
    EM,
    MAP,
    VB,
    BayesianRegression,
    Bernoulli,
    Gaussian,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    NormalInverseGamma,
    PointmassError,
    Poisson,
    load_fit,
)
from pointmass.inference.acceleration import Plain
from pointmass.inference.coordinate_ascent import ascend
from pointmass.inference.incremental import IncrementalSweep
from pointmass.inference.sparse import SparseSweep

FAITHFUL = Mixture(Gaussian(), 2)


def passes(sweep, beliefs, count):
    """Objectives at the beliefs that enter each of ``count`` passes, and the last belief."""
    found = []
    for _ in range(count):
        step = sweep(beliefs)
        found.append(step.objective)
        beliefs = step.beliefs
    return np.array(found), beliefs


def assert_rises(values):
    values = np.asarray(values)
    assert (np.diff(values) >= -1e-10 * (1.0 + np.abs(values[:-1]))).all(), np.diff(values).min()


def counts(seed=0):
    rng = np.random.default_rng(seed)
    return rng.poisson(np.where(rng.random(120) < 0.5, 2.0, 5.0)).astype(float)[:, None]


CASES = {
    **{f"gaussian, {name}": (Mixture(Gaussian(name), 3), clusters(90, 2, 3)) for name in COVARIANCES},
    "poisson": (Mixture(Poisson(), 2), counts()),
    "bernoulli": (Mixture(Bernoulli(), 2), (clusters(90, 4, 2) > 0).astype(float)),
    "regression": (Mixture(LinearRegression(), 2), clusters(90, 2, 2)),
}


@pytest.mark.parametrize("method", ["em", "map", "vb"])
@pytest.mark.parametrize("name", CASES)
def test_one_block_is_the_batch_sweep(name, method):
    model, rows = CASES[name]
    made = bench(model, rows, method)
    start = made.posterior(responsibilities(len(rows), model.n_components))
    batch, _ = passes(made.sweep, start, 8)
    one, _ = passes(made.sweep.as_kind(IncrementalSweep, n_blocks=1), start, 9)
    # The free energy where a belief leaves a batch sweep lies between the bounds before and after it.
    np.testing.assert_allclose(one[0], batch[0], rtol=1e-12)
    assert (one[1:8] <= batch[1:] + 1e-9).all()
    assert (one[1:8] >= batch[:-1] - 1e-9).all()


@pytest.mark.parametrize("method", ["em", "map", "vb"])
@pytest.mark.parametrize("name", CASES)
def test_no_partial_step_lowers_the_free_energy(name, method):
    model, rows = CASES[name]
    rng = np.random.default_rng(3)
    made = bench(
        model, rows, method, weights=rng.uniform(0.2, 3.0, len(rows)), labels=rng.integers(-4, 2, len(rows)).clip(-1)
    )
    trace = []
    sweep = made.sweep.as_kind(IncrementalSweep, n_blocks=7, trace=trace)
    objectives, last = passes(sweep, made.posterior(responsibilities(len(rows), model.n_components)), 12)
    assert len(trace) == 1 + 11 * 7
    assert_rises([objectives[0], *trace])
    np.testing.assert_array_equal(objectives[1:], [trace[0], *trace[7:-7:7]])
    assert trace[-1] <= made.sweep(last).objective + 1e-9


def test_the_free_energy_is_what_its_definition_says():
    """Written out with SciPy: Σ r (log p(x, z | θ) − log r), each row's r from the parameters when it was visited."""
    rows = clusters(40, 1, 2, seed=2)
    made = bench(Mixture(Gaussian(), 2), rows, working=False)
    start = made.posterior(responsibilities(40, 2))
    trace = []
    sweep = made.sweep.as_kind(IncrementalSweep, n_blocks=4, trace=trace)
    beliefs = sweep(start).beliefs
    visited = [made.public(start)] * 4
    held = made.public(beliefs)
    for place, block in enumerate(np.array_split(np.arange(40), 4)):
        visited[place] = held
        statistics = np.zeros((2, 3))
        energy = 0.0
        every = [joint(visited[p], rows[b]) for p, b in enumerate(np.array_split(np.arange(40), 4))]
        shares = np.concatenate([np.exp(one - np.logaddexp.reduce(one, axis=0)) for one in every], axis=1)
        statistics = shares @ np.column_stack([np.ones(40), rows[:, 0], rows[:, 0] ** 2])
        mean = statistics[:, 1] / statistics[:, 0]
        held = {
            "weights": statistics[:, 0] / 40,
            "mean": mean[:, None],
            "covariance": (statistics[:, 2] / statistics[:, 0] - mean**2)[:, None, None],
        }
        energy = (shares * (joint(held, rows) - np.log(shares))).sum()
        if place == 3:
            sweep(beliefs)
            assert trace[-1] == pytest.approx(energy, abs=1e-9)
        assert block.size == 10


def joint(theta, rows):
    """log π_k + log N(x | μ_k, σ²_k), shape (2, n)."""
    sds = np.sqrt(theta["covariance"].ravel())
    return np.array(
        [np.log(theta["weights"][k]) + stats.norm.logpdf(rows[:, 0], theta["mean"][k, 0], sds[k]) for k in range(2)]
    )


def evaluations_to(sweep, start, best, trace=None):
    """Passes over the rows until the objective, or the free energy of partial steps, is within 0.01 of ``best``."""
    if trace is None:
        objectives, _ = passes(sweep, start, 400)
        return float(np.flatnonzero(objectives > best - 0.01)[0])
    beliefs = start
    while not trace or trace[-1] < best - 0.01:
        beliefs = sweep(beliefs).beliefs
    # The first entry is a batch sweep, each further one a partial step.
    return 1.0 + float(np.flatnonzero(np.array(trace) > best - 0.01)[0]) / sweep.n_blocks


def relative_passes(n_blocks, seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(1000, 1)) + np.where(rng.random((1000, 1)) < 0.4, -1.5, 1.5)
    made = bench(Mixture(Gaussian(), 2), rows)
    start = made.at(
        {
            "weights": np.array([0.5, 0.5]),
            "mean": np.array([[-0.5], [0.5]]),
            "covariance": np.full((2, 1, 1), rows.var()),
        }
    )
    best = ascend(made.sweep, start, Plain(), tol=1e-9, max_iter=5000).objective
    batch = evaluations_to(made.sweep, start, best)
    trace: list[float] = []
    return (
        evaluations_to(made.sweep.as_kind(IncrementalSweep, n_blocks=n_blocks, trace=trace), start, best, trace) / batch
    )


@pytest.mark.parametrize(
    ("n_blocks", "expected", "seeds"),
    [(2, 0.755, 12), (10, 0.563, 12), (50, 0.524, 6), pytest.param(1000, 0.515, 3, marks=pytest.mark.slow)],
)
def test_more_blocks_need_fewer_passes(n_blocks, expected, seeds):
    """Neal and Hinton's example, its means 1.5 sd from the middle: about half the passes with many blocks."""
    found = [relative_passes(n_blocks, seed) for seed in range(seeds)]
    assert np.mean(found) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("kind", [EM, MAP, VB])
@pytest.mark.parametrize(
    "route",
    [{"schedule": "incremental"}, {"schedule": {"incremental": {"blocks": 3}}}, {"assignments": "sparse"}],
    ids=["incremental", "three blocks", "sparse"],
)
def test_other_routes_end_where_batch_sweeps_do(kind, route):
    start = EM(FAITHFUL, rng=0, max_iter=3, tol=0).fit(faithful())
    batch = kind(FAITHFUL, init=start, tol=1e-9).fit(faithful())
    other = kind(FAITHFUL, init=start, tol=1e-9, **route).fit(faithful())
    assert other.converged_
    assert_rises(other.objective_history_)
    assert other.objective_history_[-1] == pytest.approx(batch.objective_history_[-1], abs=1e-6)
    for name, array in batch.estimate_.items():
        np.testing.assert_allclose(other.estimate_[name], array, rtol=1e-4, atol=1e-5)


def test_sequences_are_blocks_of_their_own():
    rng = np.random.default_rng(1)
    states = np.repeat(rng.integers(2, size=30), 4)
    rows = rng.poisson(np.where(states, 6.0, 1.5)).astype(float)
    model, lengths = HiddenMarkov(Poisson(), 2), [12] * 10
    start = EM(model, rng=0, max_iter=3, tol=0).fit(rows, lengths=lengths)
    batch = EM(model, init=start, tol=1e-9).fit(rows, lengths=lengths)
    other = EM(model, init=start, tol=1e-9, schedule={"incremental": {"blocks": 10}}).fit(rows, lengths=lengths)
    assert_rises(other.objective_history_)
    assert other.log_likelihood_ == pytest.approx(batch.log_likelihood_, abs=1e-6)
    online = EM(model, init=start, rng=0, schedule="stochastic").fit(rows, lengths=lengths)
    assert online.log_likelihood_ > batch.log_likelihood_ - 1.0


@pytest.mark.parametrize("method", ["em", "map", "vb"])
@pytest.mark.parametrize("name", CASES)
def test_no_sparse_sweep_lowers_the_free_energy(name, method):
    model, rows = CASES[name]
    rng = np.random.default_rng(4)
    made = bench(
        model, rows, method, weights=rng.uniform(0.2, 3.0, len(rows)), labels=rng.integers(-4, 2, len(rows)).clip(-1)
    )
    start = made.posterior(responsibilities(len(rows), model.n_components))
    # So high a threshold freezes much, and so often that the frozen part matters.
    objectives, last = passes(made.sweep.as_kind(SparseSweep, threshold=0.2, period=4), start, 13)
    assert_rises(objectives)
    full = made.sweep.as_kind(SparseSweep)(last).objective
    assert full == pytest.approx(made.sweep(last).objective, rel=1e-12)


def test_sparse_sweeps_spare_most_densities():
    """Thirty clusters, n = 3,000, a full sweep in ten: about 18 % of the densities, to the same optimum."""
    rng = np.random.default_rng(5)
    centres = rng.uniform(-15.0, 15.0, (30, 2))
    rows = centres[rng.integers(30, size=3000)] + rng.normal(size=(3000, 2))
    made = bench(Mixture(Gaussian("spherical"), 30), rows)
    start = EM(
        made.model,
        init=dict(weights=np.full(30, 1 / 30), mean=centres, covariance=np.tile(np.eye(2), (30, 1, 1))),
        max_iter=2,
        tol=0,
    ).fit(rows)
    begin = made.at(start.estimate_)
    visited: list[int] = []
    sparse, _ = passes(made.sweep.as_kind(SparseSweep, visited=visited), begin, 200)
    batch, _ = passes(made.sweep, begin, 200)
    assert_rises(sparse)
    assert sparse[-1] == pytest.approx(batch[-1], abs=1e-3)
    assert sum(visited) / (200 * 30 * 3000) == pytest.approx(0.18, abs=0.03)


@pytest.mark.parametrize("kind", [EM, VB])
def test_stochastic_steps_come_near_the_optimum(kind):
    rng = np.random.default_rng(6)
    rows = np.concatenate([rng.normal(0.0, 1.0, 2000), rng.normal(4.0, 1.0, 3000)])
    model = Mixture(Gaussian(prior=NormalInverseGamma(0.0, 0.05, 2.0, 1.0)), 2)
    start = EM(model, rng=0, max_iter=2, tol=0).fit(rows)
    batch = kind(model, init=start).fit(rows)
    online = kind(model, init=start, rng=1, schedule={"stochastic": {"blocks": 50, "passes": 10}}).fit(rows)
    again = kind(model, init=start, rng=1, schedule={"stochastic": {"blocks": 50, "passes": 10}}).fit(rows)
    assert batch.objective_history_[-1] - 0.5 < online.objective_history_[-1] <= batch.objective_history_[-1] + 1e-6
    np.testing.assert_array_equal(online.estimate_["mean"], again.estimate_["mean"])
    assert online.n_iter_ == 12


def test_steps_of_one_block_forget_where_they_began():
    """With every row in each block the statistics are those of a batch sweep, blended with the ones before."""
    from pointmass.inference.stochastic import stochastic_passes

    made = bench(FAITHFUL, faithful())
    start = made.posterior(responsibilities(272, 2))
    statistics = made.sweep.infer(start)
    beliefs = made.sweep.update(statistics, start)
    rng = np.random.default_rng(0)
    found = list(islice(stochastic_passes(made.sweep, start, rng, n_blocks=1, forgetting=0.7), 3))
    for step, one in enumerate(found, 1):
        size = (step + 1.0) ** -0.7
        statistics = statistics * (1.0 - size) + made.sweep.infer(beliefs) * size
        beliefs = made.sweep.update(statistics, beliefs)
        for name, array in made.public(beliefs).items():
            np.testing.assert_allclose(made.public(one)[name], array, rtol=1e-9, atol=1e-12)


def test_stochastic_steps_do_not_claim_an_optimum():
    """What is true of a fixed point alone is refused beside one; a batch fit from there has it."""
    near = EM(FAITHFUL, rng=0, n_init=1, schedule={"stochastic": {"passes": 3}}).fit(faithful())
    with pytest.raises(PointmassError, match="end near an optimum, not at it"):
        near.sweep_at_fit()
    assert not near.has_optimum
    assert not near.converged_
    assert near.status_ == "max_iter"
    at = EM(FAITHFUL, init=near).fit(faithful())
    assert at.log_likelihood_ > near.log_likelihood_
    assert at.uncertainty("information").diagnostics["accepted"]
    assert 0.0 < near.objective_seconds_[-1] <= near.elapsed_


@pytest.mark.parametrize("schedule", ["incremental", "stochastic"])
def test_nothing_hidden_is_one_exact_sweep_on_every_schedule(schedule):
    rows, labels = faithful()[:60, 1:], (faithful()[:60, 1] > 68.0).astype(int)
    for model, known in ((Gaussian(), None), (FAITHFUL, labels)):
        exact = VB(model).fit(rows, labels=known)
        assert VB(model, schedule=schedule).fit(rows, labels=known).elbo_ == pytest.approx(exact.elbo_, abs=1e-9)


@pytest.mark.filterwarnings("ignore:EM. transition_matrix has entries at the edge:pointmass.PointmassWarning")
def test_transitions_that_vanish_leave_no_rounding():
    """Two stretches, each of one state: the transitions' maximum is on the boundary."""
    rows = np.random.default_rng(0).normal([[0.0], [4.0]], size=(2, 40)).ravel()
    model, options = HiddenMarkov(Gaussian(), 2), {"rng": 0, "n_init": 1, "tol": 1e-8}
    batch = EM(model, **options).fit(rows, lengths=[40, 40])
    other = EM(model, schedule="incremental", **options).fit(rows, lengths=[40, 40])
    assert batch.status_ == other.status_ == "boundary"
    assert_rises(other.objective_history_)
    assert other.log_likelihood_ == pytest.approx(batch.log_likelihood_, abs=1e-5)


def test_a_sequence_of_which_nothing_was_observed_is_passed_over():
    rows = np.random.default_rng(2).poisson(3.0, 60).astype(float)
    rows[20:40] = np.nan
    schedule = {"stochastic": {"blocks": 3, "passes": 2}}
    fit = EM(HiddenMarkov(Poisson(), 2), n_init=1, rng=0, schedule=schedule).fit(rows, lengths=[20, 20, 20])
    assert np.isfinite(fit.log_likelihood_)


def test_a_fit_keeps_its_schedule():
    fit = EM(FAITHFUL, rng=0, n_init=2, schedule={"incremental": {"blocks": 5}}).fit(faithful())
    restored = load_fit(fit.to_datatree())
    assert restored.schedule == {"incremental": {"blocks": 5}}
    assert fit.uncertainty("information").diagnostics["accepted"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: EM(FAITHFUL, schedule="incremntal"), "schedule must be one of batch, incremental, stochastic"),
        (lambda: EM(FAITHFUL, schedule={"incremental": {"block": 5}}), "schedule incremental has no option 'block'"),
        (lambda: EM(FAITHFUL, schedule={"incremental": {"blocks": 0}}), "blocks must be an integer of at least 1"),
        (lambda: EM(FAITHFUL, schedule={"stochastic": {"forgetting": 0.5}}), "forgetting must be above 0.5"),
        (lambda: EM(FAITHFUL, schedule="incremental", assignments="hard"), "use soft ones"),
        (lambda: VB(BayesianRegression(), schedule="incremental"), "shared by all rows"),
        (lambda: EM(HiddenMarkov(Poisson(), 2), assignments="sparse"), "rows of a sequence depend on one another"),
    ],
)
def test_what_does_not_go_together_is_said(make, words):
    rows = np.abs(faithful().round())
    arguments = (rows[:, :1], rows[:, 1]) if isinstance(make().model, BayesianRegression) else (rows,)
    with pytest.raises(PointmassError, match=words):
        make().fit(*arguments)


@pytest.mark.parametrize("route", [{"schedule": "incremental"}, {"schedule": "stochastic"}, {"assignments": "sparse"}])
def test_every_pass_counts_towards_the_limit(route):
    fit = EM(FAITHFUL, rng=0, n_init=1, tol=0, max_iter=8, **route).fit(faithful())
    assert fit.n_iter_ <= 8


def test_a_fit_that_is_no_optimum_says_so_when_asked_for_intervals():
    fit = EM(FAITHFUL, rng=0, n_init=1, schedule="stochastic").fit(faithful())
    with pytest.raises(PointmassError, match="end near an optimum, not at it"):
        fit.uncertainty()
