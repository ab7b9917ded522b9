"""What stands for the component of a row: its posterior, its mode, a draw, or what is known."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean
from scipy.special import logsumexp, softmax

from pointmass.latents import ASSIGNMENTS
from pointmass.latents.assignments import clamp, drawn, hard, soft


def log_joint(k=3, n=50, scale=3.0, seed=0):
    return np.random.default_rng(seed).normal(size=(k, n)) * scale


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("shift", [0.0, -1e5, 1e5])
def test_soft_is_bayes_rule(scale, shift):
    values = log_joint(scale=scale) + shift
    responsibilities, log_normaliser = soft(values.copy())
    np.testing.assert_allclose(responsibilities, softmax(values, axis=0), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(log_normaliser, logsumexp(values, axis=0), rtol=1e-14)
    np.testing.assert_allclose(responsibilities.sum(0), 1.0, rtol=1e-14)


def test_hard_is_the_best_component_and_its_log_joint_density():
    values = log_joint()
    responsibilities, log_normaliser = hard(values.copy())
    np.testing.assert_array_equal(responsibilities.argmax(0), values.argmax(0))
    np.testing.assert_array_equal(responsibilities.sum(0), 1.0)
    assert set(np.unique(responsibilities)) == {0.0, 1.0}
    np.testing.assert_array_equal(log_normaliser, values.max(0))


def test_draws_have_the_frequencies_of_the_posterior():
    values = log_joint(n=4, scale=1.0)
    rng = np.random.default_rng(1)
    many = np.array([drawn(values.copy(), rng)[0] for _ in range(4000)])
    assert set(np.unique(many)) == {0.0, 1.0}
    np.testing.assert_array_equal(many.sum(1), 1.0)
    assert_mean(many, softmax(values, axis=0))
    np.testing.assert_allclose(drawn(values.copy(), rng)[1], logsumexp(values, axis=0))


def test_draws_need_a_source():
    with pytest.raises(ValueError, match="rng"):
        drawn(log_joint())


@pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_impossible_components_are_never_chosen(assignment):
    values = log_joint()
    values[0, :25] = -np.inf
    responsibilities, log_normaliser = assignment(values.copy(), np.random.default_rng(2))
    assert not responsibilities[0, :25].any()
    assert np.isfinite(log_normaliser).all()


@pytest.mark.parametrize("assignment", [soft, drawn])
def test_a_row_that_nothing_explains_has_density_zero_and_no_preference(assignment):
    values = log_joint()
    values[:, 7] = -np.inf
    responsibilities, log_normaliser = assignment(values.copy(), np.random.default_rng(3))
    assert log_normaliser[7] == -np.inf
    assert np.isfinite(np.delete(log_normaliser, 7)).all()
    np.testing.assert_allclose(responsibilities.sum(0), 1.0)
    if assignment is soft:
        np.testing.assert_allclose(responsibilities[:, 7], 1.0 / 3.0)


@pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_known_components_are_certain_and_keep_their_own_log_joint_density(assignment):
    values = log_joint()
    labels = np.full(50, -1)
    labels[:3] = [2, 0, 1]
    clamped = values.copy()
    clamp(clamped, labels)
    responsibilities, log_normaliser = assignment(clamped, np.random.default_rng(4))
    for row, label in enumerate(labels[:3]):
        np.testing.assert_array_equal(responsibilities[:, row], np.eye(3)[label])
        assert log_normaliser[row] == pytest.approx(values[label, row])
    others = assignment(values[:, 3:].copy(), np.random.default_rng(4))[1]
    np.testing.assert_allclose(log_normaliser[3:], others)


def test_nothing_is_clamped_without_labels():
    values = log_joint()
    for labels in (None, np.full(50, -1)):
        clamped = values.copy()
        clamp(clamped, labels)
        np.testing.assert_array_equal(clamped, values)
