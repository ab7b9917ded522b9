"""The recursions of a chain against every path: likelihood, posteriors, the best path, draws, derivatives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from cases import assert_share
from chains import enumerated, log_weights, paths, random_chain

from pointmass.latents.assignments import drawn, hard, soft
from pointmass.latents.paths import Chain, change_of_paths, log_predictive, path_algorithm, starts_of

CASES = list(product((1, 2, 3), (1, 2, 7), (False, True), (2.0, 600.0)))


def chain_of(k: int, n: int, zeros: bool, scale: float) -> tuple[np.ndarray, Chain]:
    """Return log densities (K, n), far below underflow for a large ``scale``, and a chain."""
    rng = np.random.default_rng(1000 * k + n)
    initial, transitions = random_chain(k, rng, zeros)
    return scale * rng.normal(size=(k, n)), Chain(initial, transitions, np.array([0, n]))


@pytest.mark.parametrize(("k", "n", "zeros", "scale"), CASES)
def test_posterior_is_the_sum_over_all_paths(k, n, zeros, scale):
    log_joint, chain = chain_of(k, n, zeros, scale)
    evidence, states, links = enumerated(log_joint, chain.log_initial, chain.log_transitions)
    found = path_algorithm(soft)(log_joint.copy(), chain, None)
    assert found.log_normaliser.sum() == pytest.approx(evidence, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(found.responsibilities, states, atol=1e-11)
    np.testing.assert_allclose(found.links[0], links, atol=1e-11)


@pytest.mark.parametrize(("k", "n", "zeros", "scale"), CASES)
def test_each_step_is_conditional_on_those_before(k, n, zeros, scale):
    log_joint, chain = chain_of(k, n, zeros, scale)
    steps = log_predictive(log_joint.copy(), chain)
    evidences = [enumerated(log_joint[:, : t + 1], chain.log_initial, chain.log_transitions)[0] for t in range(n)]
    np.testing.assert_allclose(np.cumsum(steps), evidences, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("k", "n", "zeros", "scale"), CASES)
def test_best_path_is_the_best_of_all(k, n, zeros, scale):
    log_joint, chain = chain_of(k, n, zeros, scale)
    logs = log_weights(log_joint, chain.log_initial, chain.log_transitions)
    found = path_algorithm(hard)(log_joint.copy(), chain, None)
    np.testing.assert_array_equal(found.responsibilities.argmax(axis=0), paths(k, n)[logs.argmax()])
    assert found.log_normaliser.sum() == pytest.approx(logs.max(), rel=1e-12)
    assert found.links.sum() == n - 1


@pytest.mark.parametrize(("zeros", "scale"), [(False, 1.0), (True, 1.0), (True, 600.0)])
def test_drawn_paths_have_their_probabilities(zeros, scale):
    k, n, size = 2, 4, 20_000
    log_joint, chain = chain_of(k, n, zeros, scale)
    logs = log_weights(log_joint, chain.log_initial, chain.log_transitions)
    shares = np.exp(logs - np.logaddexp.reduce(logs))
    many = Chain(chain.log_initial, chain.log_transitions, starts_of(np.full(size, n), size * n))
    found = path_algorithm(drawn)(np.tile(log_joint, size), many, np.random.default_rng(3))
    place = found.responsibilities.argmax(axis=0).reshape(size, n) @ (k ** np.arange(n)[::-1])
    for path, share in enumerate(shares):
        assert_share(place == path, share)
    np.testing.assert_allclose(found.log_normaliser[:n].sum(), np.logaddexp.reduce(logs))


def test_sequences_know_nothing_of_each_other():
    rng = np.random.default_rng(5)
    initial, transitions = random_chain(3, rng)
    lengths = np.array([1, 4, 2, 6])
    log_joint = 2.0 * rng.normal(size=(3, 13))
    together = path_algorithm(soft)(log_joint.copy(), Chain(initial, transitions, starts_of(lengths, 13)), None)
    for s, part in enumerate(np.split(log_joint, np.cumsum(lengths)[:-1], axis=1)):
        evidence, states, links = enumerated(part, initial, transitions)
        own = slice(lengths[:s].sum(), lengths[: s + 1].sum())
        assert together.log_normaliser[own].sum() == pytest.approx(evidence)
        np.testing.assert_allclose(together.responsibilities[:, own], states, atol=1e-12)
        np.testing.assert_allclose(together.links[s], links, atol=1e-12)


@pytest.mark.parametrize("assignment", [soft, hard, drawn])
def test_fault_062_an_impossible_step_has_density_zero_and_no_nan(assignment):
    with np.errstate(divide="ignore"):
        chain = Chain(np.log([1.0, 0.0]), np.log(np.eye(2)), np.array([0, 5]))
        log_joint = np.log(np.array([[1.0, 0.5, 0.0, 0.5, 0.5], [1.0, 0.5, 1.0, 0.5, 0.5]]))
        found = path_algorithm(assignment)(log_joint.copy(), chain, np.random.default_rng(0))
    np.testing.assert_array_equal(np.isneginf(found.log_normaliser), [False, False, True, False, False])
    assert np.isfinite(found.responsibilities).all()
    assert np.isfinite(found.links).all()
    np.testing.assert_allclose(found.responsibilities.sum(axis=0), 1.0)


def test_fault_060_a_chain_of_a_million_steps_neither_underflows_nor_drifts():
    rng = np.random.default_rng(0)
    initial, transitions = random_chain(2, rng)
    log_joint = 3.0 * rng.normal(size=(2, 1_000_000))
    chain = Chain(initial, transitions, np.array([0, log_joint.shape[1]]))
    found = path_algorithm(soft)(log_joint.copy(), chain, None)
    assert np.isfinite(found.log_normaliser).all()
    np.testing.assert_allclose(found.responsibilities.sum(axis=0), 1.0, atol=1e-12)
    assert found.links.sum() == pytest.approx(len(log_joint[0]) - 1, rel=1e-12)
    # A rare transition, which adds nothing, makes every step watched, and the recursion one of logarithms.
    tail = log_joint[:, :20_000]
    short, part = Chain(initial, transitions, np.array([0, 20_000])), slice(0, 19_000)
    smoothed = path_algorithm(soft)(tail.copy(), short, None).responsibilities[:, part]
    np.testing.assert_allclose(smoothed, found.responsibilities[:, part], atol=1e-9)


def test_scaled_and_logarithmic_recursions_agree():
    rng = np.random.default_rng(8)
    initial, transitions = random_chain(3, rng)
    transitions[0, 2] = -1e3
    log_joint, lengths = 2.0 * rng.normal(size=(3, 400)), np.array([250, 150])
    watched = path_algorithm(soft)(log_joint.copy(), Chain(initial, transitions, starts_of(lengths, 400)), None)
    transitions[0, 2] = np.log(1e-50)
    scaled = path_algorithm(soft)(log_joint.copy(), Chain(initial, transitions, starts_of(lengths, 400)), None)
    for one, other in zip(watched[:3], scaled[:3], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_a_state_that_underflows_comes_back():
    """One step speaks against a state by e⁻¹²⁵⁰, two hundred for it by e⁸ each, and no transition leads to it."""
    with np.errstate(divide="ignore"):
        chain = Chain(np.log([0.5, 0.5]), np.log(np.eye(2)), np.array([0, 201]))
    log_joint = np.zeros((2, 201))
    log_joint[1, 0], log_joint[1, 1:] = -1250.0, 8.0
    found = path_algorithm(soft)(log_joint.copy(), chain, None)
    np.testing.assert_allclose(found.responsibilities[1], 1.0)
    assert found.log_normaliser.sum() == pytest.approx(np.log(0.5) + 350.0)


@pytest.mark.parametrize(("k", "zeros"), [(2, False), (3, False), (3, True)])
def test_derivative_is_the_slope_of_the_posterior(k, zeros):
    rng = np.random.default_rng(11)
    initial, transitions = random_chain(k, rng, zeros)
    lengths, n, size = np.array([6, 1, 9]), 16, 4
    weights = np.array([1.0, 3.0, 0.5])
    log_joint, starts = 1.5 * rng.normal(size=(k, n)), starts_of(lengths, n)
    moves = rng.normal(size=(size, k, n))
    first, links = rng.normal(size=(size, k)), rng.normal(size=(size, k, k))

    def statistics(step: float, e: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        moved = Chain(initial + step * first[e], transitions + step * links[e], starts)
        found = path_algorithm(soft)(log_joint + step * moves[e], moved, None)
        each = found.responsibilities * np.repeat(weights, lengths)
        return each, each[:, starts[:-1]].sum(axis=1), (found.links * weights[:, None, None]).sum(axis=0)

    chain = Chain(initial, transitions, starts)
    changes = change_of_paths(log_joint.copy(), chain, moves.copy(), first, links, weights)
    for e in range(size):
        slopes = [(up - down) / 2e-5 for up, down in zip(statistics(1e-5, e), statistics(-1e-5, e), strict=True)]
        for change, slope in zip(changes, slopes, strict=True):
            np.testing.assert_allclose(change[e], slope, atol=1e-8)


def test_derivative_of_a_long_chain_keeps_its_digits():
    """Adding one number to every log density changes no posterior, however long the chain."""
    rng = np.random.default_rng(12)
    initial, transitions = random_chain(3, rng)
    n = 50_000
    chain = Chain(initial, transitions, np.array([0, n]))
    log_joint = rng.normal(size=(3, n))
    common = np.broadcast_to(rng.normal(size=n), (1, 3, n)).copy()
    changes = change_of_paths(log_joint, chain, common, np.ones((1, 3)), np.ones((1, 3, 3)), np.ones(1))
    assert max(np.abs(change).max() for change in changes) < 1e-9
