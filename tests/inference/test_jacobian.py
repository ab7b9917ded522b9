"""The derivative of a sweep is what finite differences of the whole sweep say, and knows its rate of convergence."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, chain_cases, clusters, faithful, responsibilities, two_normals
from inference.sweeps import METHODS, bench

from pointmass import (
    EM,
    VB,
    Gaussian,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    MixtureOfExperts,
    PointMass,
    Poisson,
    StudentRegression,
    load_dataset,
)
from pointmass.inference import jacobian as module
from pointmass.inference.acceleration import Plain
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import ascend
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.missing_information import MissingInformation
from pointmass.inference.saddles import is_saddle
from pointmass.inference.vectors import pack, unpack

ROWS = clusters(60, d=2, k=2, seed=4)
WEIGHTS = np.random.default_rng(0).uniform(0.5, 2.0, 60)
LABELS = np.where(np.arange(60) % 7 == 0, 1, -1)
MODELS = {covariance: Mixture(Gaussian(covariance), 2) for covariance in COVARIANCES} | {
    "known covariance": Mixture(Gaussian(PointMass(np.eye(2))), 2),
    "known weights": Mixture(Gaussian(), 2, PointMass([0.4, 0.6])),
}

CHAINS = chain_cases()

EXPERTS = {
    "two experts": MixtureOfExperts(LinearRegression(), 2),
    "known gate": MixtureOfExperts(LinearRegression(), 2, PointMass([[0.0, 1.0], [0.5, 0.0]])),
    "heavy tails": MixtureOfExperts(StudentRegression(dof=4.0), 2),
}

every_model = pytest.mark.parametrize("name", MODELS)
every_method = pytest.mark.parametrize("method", METHODS)


def ready_at(name, method, **arguments):
    ready = bench(MODELS[name], ROWS, method, **arguments)
    return ready, ready.posterior(responsibilities(60, 2, seed=3))


def chain_at(name, method):
    model, rows, told = CHAINS[name]
    ready = bench(
        model, rows, method, lengths=told.get("lengths"), weights=told.get("sample_weight"), labels=told.get("labels")
    )
    return ready, ready.posterior(responsibilities(len(rows), 2, seed=3))


def directions(ready, beliefs, count=4):
    """Pairs of beliefs a small step apart in unconstrained coordinates, and the step."""
    rng = np.random.default_rng(5)
    free = ready.sweep.free_blocks
    centre = pack(beliefs, free)
    for _ in range(count):
        move = 1e-5 * rng.normal(size=centre.size)
        yield unpack(centre - move, beliefs, free), unpack(centre + move, beliefs, free)


def assert_close(found, expected, tolerance):
    assert np.abs(found - expected).max() < tolerance * np.abs(expected).max()


@every_method
@every_model
@pytest.mark.parametrize("extra", [{}, {"weights": WEIGHTS}, {"labels": LABELS}], ids=["plain", "weights", "labels"])
def test_the_statistics_answer_to_the_coefficients(name, method, extra):
    check_statistics_answer(*ready_at(name, method, **extra))


@every_method
@pytest.mark.parametrize("name", CHAINS)
def test_the_statistics_of_chains_answer_to_the_coefficients(name, method):
    check_statistics_answer(*chain_at(name, method))


def check_statistics_answer(ready, beliefs):
    jacobian = Jacobian(ready.sweep, beliefs)
    for below, above in directions(ready, beliefs):
        change = jacobian.frame.coefficients(above) - jacobian.frame.coefficients(below)
        answer = jacobian.frame.totals(ready.sweep.infer(above)) - jacobian.frame.totals(ready.sweep.infer(below))
        assert_close(jacobian.latent_covariance @ change, answer, 1e-6)


@every_method
@every_model
def test_the_coefficients_answer_to_the_statistics(name, method):
    check_coefficients_answer(*ready_at(name, method))


@every_method
@pytest.mark.parametrize("name", CHAINS)
def test_the_coefficients_of_chains_answer_to_the_statistics(name, method):
    check_coefficients_answer(*chain_at(name, method))


def check_coefficients_answer(ready, beliefs):
    """One whole sweep from two beliefs a step apart: the product of both derivatives."""
    jacobian = Jacobian(ready.sweep, beliefs)
    response = jacobian.response(jacobian.frame.coefficients)
    for below, above in directions(ready, beliefs):
        before = jacobian.frame.coefficients(above) - jacobian.frame.coefficients(below)
        after = [jacobian.frame.coefficients(ready.sweep(end).beliefs) for end in (below, above)]
        assert_close(response @ jacobian.latent_covariance @ before, after[1] - after[0], 1e-6)


@every_method
@every_model
def test_both_derivatives_are_symmetric_and_positive(name, method):
    check_covariances(*ready_at(name, method))


@every_method
@pytest.mark.parametrize("name", CHAINS)
def test_both_derivatives_of_chains_are_symmetric_and_positive(name, method):
    check_covariances(*chain_at(name, method))


@pytest.mark.parametrize("method", ["em", "map"])
@pytest.mark.parametrize("name", EXPERTS)
@pytest.mark.parametrize("known", [False, True], ids=["plain", "weights and labels"])
def test_both_derivatives_of_experts(name, method, known):
    """At a fixed point: there one guarded step answers to the statistics as the mode does."""
    data = load_dataset("mixture_of_experts", n=60, rng=1)
    labels = np.where(np.arange(60) % 7 == 0, data.truth["labels"], -1)
    told = {"weights": WEIGHTS, "labels": labels} if known else {}
    ready = bench(EXPERTS[name], np.column_stack([data.X, data.y]), method, **told)
    start = ready.posterior(responsibilities(60, 2, seed=3))
    check_statistics_answer(ready, start)
    beliefs = ascend(ready.sweep, start, ACCELERATIONS["anderson"](ready.sweep, start), tol=1e-13, max_iter=500).beliefs
    check_statistics_answer(ready, beliefs)
    check_coefficients_answer(ready, beliefs)
    check_covariances(ready, beliefs)


def check_covariances(ready, beliefs):
    """Covariances, of the statistics under the latents' posterior and of the coefficients under the belief."""
    jacobian = Jacobian(ready.sweep, beliefs)
    products = jacobian.latent_product(np.eye(jacobian.frame.size))
    response = jacobian.response(jacobian.frame.coefficients)
    for matrix in (products, response):
        assert_close(matrix, matrix.T, 1e-9)
        values = np.linalg.eigvalsh(0.5 * (matrix + matrix.T))
        assert values.min() > -1e-9 * values.max()


@every_method
def test_the_largest_fraction_is_the_rate_of_convergence(method):
    ready = bench(Mixture(Gaussian(), 2), two_normals(400, separation=3.0), method)
    start = ready.posterior((two_normals(400, separation=3.0) > [1.5, 1e9]) * 0.8 + 0.1)
    optimum = ascend(ready.sweep, start, ACCELERATIONS["anderson"](ready.sweep, start), tol=1e-12, max_iter=3000)
    info = MissingInformation.of(Jacobian(ready.sweep, optimum.beliefs))
    near = ascend(ready.sweep, start, Plain(), tol=0.0, max_iter=100).beliefs
    vectors = []
    for _ in range(3):
        vectors.append(pack(near, ready.sweep.free_blocks))
        near = ready.sweep(near).beliefs
    steps = np.linalg.norm(np.diff(vectors, axis=0), axis=1)
    assert info.radius == pytest.approx(steps[1] / steps[0], abs=2e-3)
    assert (info.fractions > -1e-9).all()
    assert info.is_definite


@every_method
def test_products_alone_give_the_same_eigenvalue(method):
    ready = bench(Mixture(Gaussian(), 2), faithful()[:, 1:], method)
    start = ready.posterior((faithful()[:, 1:] < [70.0, -1.0]).astype(float) * 0.8 + 0.1)
    optimum = ascend(ready.sweep, start, Plain(), tol=1e-10, max_iter=500).beliefs
    jacobian = Jacobian(ready.sweep, optimum)
    value, vector = jacobian.dominant(1e-8)
    assert value == pytest.approx(MissingInformation.of(jacobian).radius, rel=1e-6)
    assert_close(jacobian.product(vector), value * vector, 1e-6)


def test_a_jacobian_far_from_the_origin_keeps_its_digits():
    """Components a thousand of their sds from the origin of the data."""
    rows = np.concatenate([two_normals(100, 0.0), two_normals(100, 0.0, seed=2) + 4.0, two_normals(50, 0.0) + 5e4])
    ready = bench(Mixture(Gaussian(), 3), rows)
    r = np.repeat(np.eye(3), [100, 100, 50], axis=0)
    beliefs = ascend(ready.sweep, ready.posterior(r), Plain(), tol=1e-8, max_iter=300).beliefs
    info = MissingInformation.of(Jacobian(ready.sweep, beliefs))
    ready = bench(Mixture(Gaussian(), 2), rows[:200])
    alone = ascend(ready.sweep, ready.posterior(r[:200, :2]), Plain(), tol=1e-8, max_iter=300).beliefs
    two = MissingInformation.of(Jacobian(ready.sweep, alone))
    assert info.radius == pytest.approx(two.radius, abs=1e-5)


@pytest.mark.parametrize("kind", [EM, VB])
def test_equal_components_are_a_saddle_that_is_left(kind):
    """Both components start equal; plain sweeps never tell them apart."""
    model, x = Mixture(Gaussian(), 2), faithful()
    equal = np.full((len(x), 2), 0.5)
    fit = kind(model, init=equal, rng=0).fit(x)
    best = kind(model, rng=0).fit(x)
    assert fit.status_ == "converged"
    assert fit.objective_history_[-1] == pytest.approx(best.objective_history_[-1], abs=1e-5)
    assert fit.objective_history_[0] < best.objective_history_[-1] - 100.0
    ready = bench(model, x, {EM: "em", VB: "vb"}[kind])
    assert is_saddle(ready.sweep, ascend(ready.sweep, ready.posterior(equal), Plain(), tol=1e-9, max_iter=50).beliefs)


def test_a_state_that_no_sequence_starts_in_is_no_saddle(monkeypatch):
    """A sequence starts once: its initial probabilities run to an edge, where rounding rules the eigenvalues."""
    rows = np.random.default_rng(0).poisson(np.repeat([3.0, 9.0, 3.0, 9.0], 20)).astype(float)
    ends = []
    monkeypatch.setattr("pointmass.estimators.ascending.is_saddle", lambda *end: ends.append(end) or is_saddle(*end))
    fit = EM(HiddenMarkov(Poisson(), 2), n_init=1, rng=0).fit(rows)
    assert fit.status_ == "converged"
    (sweep, beliefs), likely = ends[-1], int(fit.estimate_["initial"].argmax())
    (name,) = beliefs["initial"].parameters
    for exponent in range(2, 18):
        weights = np.full(2, 10.0**-exponent)
        weights[likely] = 1.0 - weights[likely]
        near = PointMass.trusted(parameters={name: weights}, conjugate=beliefs["initial"].conjugate)
        assert not is_saddle(sweep, {**beliefs, "initial": near}), exponent


@pytest.mark.parametrize("dense", [True, False])
@every_method
def test_newton_squares_its_error(method, dense, monkeypatch):
    """From within the optimum's reach each of its steps squares the distance, and it says so beforehand."""
    monkeypatch.setattr(module, "LARGEST_DENSE", 3000 if dense else 0)
    ready = bench(Mixture(Gaussian(), 2), two_normals(400, separation=2.5), method)
    start = ready.posterior((two_normals(400, separation=2.5) > [1.2, 1e9]) * 0.8 + 0.1)
    optimum = ascend(ready.sweep, start, ACCELERATIONS["anderson"](ready.sweep, start), tol=1e-13, max_iter=3000)
    free = ready.sweep.free_blocks
    best = pack(optimum.beliefs, free)
    beliefs = unpack(best + 1e-2, optimum.beliefs, free)
    newton = ACCELERATIONS["newton"](ready.sweep, beliefs)
    away = [np.linalg.norm(pack(beliefs, free) - best)]
    for _ in range(2):
        step = ready.sweep(beliefs)
        vector = newton.propose(pack(beliefs, free), pack(step.beliefs, free))
        if dense:
            assert newton.remaining() == pytest.approx(optimum.objective - step.objective, rel=0.3, abs=1e-9)
        beliefs = unpack(vector, beliefs, free)
        away.append(np.linalg.norm(vector - best))
    assert away[1] < 0.1 * away[0]
    assert away[2] < 0.02 * away[1]


def test_the_distance_to_the_optimum_stops_the_sweeps_and_is_told():
    x = two_normals(1000, separation=2.0)
    near = EM(Mixture(Gaussian(), 2), rng=0, n_init=1, tol=1e-8, max_iter=5000).fit(x)
    assert near.distance_ <= np.sqrt(2e-8)
    with pytest.warns(UserWarning, match=r"posterior standard deviations from the optimum.*plain sweeps"):
        far = EM(Mixture(Gaussian(), 2), rng=0, n_init=1, acceleration="none", max_iter=400).fit(x)
    missing = near.objective_history_[-1] - far.objective_history_[-1]
    assert missing > 1e-6
    assert 0.3 * missing < 0.5 * far.distance_**2 < 3.0 * missing
