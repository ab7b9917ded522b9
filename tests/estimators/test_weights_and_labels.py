"""A weight is so many copies of its row; a label is what is known of it."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, responsibilities

from pointmass import EM, MAP, VB, Gaussian, Mixture

ROWS = clusters(60, d=2, k=2, seed=2, spread=2.5)
COUNTS = np.random.default_rng(1).integers(0, 4, 60)
START = responsibilities(60, 2)
LABELS = np.where(np.arange(60) % 5 == 0, (ROWS[:, 0] > ROWS[:, 0].mean()).astype(int), -1)
every_method = pytest.mark.parametrize("kind", [EM, MAP, VB])
every_covariance = pytest.mark.parametrize("covariance", COVARIANCES)


def fit(kind, covariance, rows, start, **options):
    labels, weights = options.pop("labels", None), options.pop("weights", None)
    estimator = kind(Mixture(Gaussian(covariance), 2), init=start, tol=0, max_iter=40, acceleration="none", **options)
    return estimator.fit(rows, sample_weight=weights, labels=labels)


def assert_same(one, other, rtol=1e-10):
    np.testing.assert_allclose(one.objective_history_, other.objective_history_, rtol=rtol)
    for name, array in one.estimate_.items():
        np.testing.assert_allclose(other.estimate_[name], array, rtol=1e3 * rtol, atol=1e3 * rtol)


@every_method
@every_covariance
@pytest.mark.parametrize("labels", [None, LABELS], ids=["plain", "labelled"])
@pytest.mark.parametrize("assignments", ["soft", "hard"])
def test_whole_weights_are_repeated_rows(kind, covariance, labels, assignments):
    """From the same start; zero is a dropped row."""
    kept = COUNTS > 0
    weighted = fit(kind, covariance, ROWS, START[kept], weights=COUNTS, labels=labels, assignments=assignments)
    repeated = fit(
        kind,
        covariance,
        np.repeat(ROWS, COUNTS, axis=0),
        np.repeat(START, COUNTS, axis=0),
        labels=None if labels is None else np.repeat(labels, COUNTS),
        assignments=assignments,
    )
    assert_same(weighted, repeated)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-11)


@every_method
@every_covariance
def test_weight_zero_is_a_dropped_row(kind, covariance):
    kept = np.arange(60) % 3 > 0
    weighted = fit(kind, covariance, ROWS, START[kept], weights=kept.astype(float), labels=LABELS)
    dropped = fit(kind, covariance, ROWS[kept], START[kept], labels=LABELS[kept])
    assert_same(weighted, dropped, rtol=1e-14)


@every_covariance
def test_the_scale_of_the_weights_is_nothing_to_em(covariance):
    weights = np.linspace(0.2, 3.0, 60)
    one, other = (fit(EM, covariance, ROWS, START, weights=factor * weights) for factor in (1.0, 1e-3))
    np.testing.assert_allclose(other.objective_history_, 1e-3 * one.objective_history_, rtol=1e-10)
    for name, array in one.estimate_.items():
        np.testing.assert_allclose(other.estimate_[name], array, rtol=1e-8, atol=1e-10)


def test_the_scale_of_the_weights_is_the_number_of_rows_to_vb():
    one, double = (fit(VB, "full", ROWS, START, weights=np.full(60, weight)) for weight in (1.0, 2.0))
    assert double.belief_["weights"].concentration.sum() == pytest.approx(122.0)
    assert one.belief_["weights"].concentration.sum() == pytest.approx(62.0)


@every_method
@every_covariance
def test_labels_decide_their_rows_and_name_the_components(kind, covariance):
    """Labels that disagree with the start: swapping them swaps the components of the fit."""
    model = Mixture(Gaussian(covariance), 2)
    one = kind(model, n_init=2, rng=0, tol=1e-9).fit(ROWS, labels=LABELS)
    swapped = kind(model, n_init=2, rng=0, tol=1e-9).fit(ROWS, labels=np.where(LABELS >= 0, 1 - LABELS, -1))
    assert one.objective_history_[-1] == pytest.approx(swapped.objective_history_[-1], rel=1e-8)
    np.testing.assert_allclose(one.estimate_["mean"], swapped.estimate_["mean"][::-1], atol=1e-3)


@every_method
def test_no_known_label_is_no_label(kind):
    one, other = fit(kind, "full", ROWS, START), fit(kind, "full", ROWS, START, labels=np.full(60, -1))
    np.testing.assert_array_equal(one.objective_history_, other.objective_history_)


def test_labels_only_lower_the_likelihood_of_their_own_data():
    """Clamping removes terms from a sum: at equal parameters the labelled objective is never above."""
    theta = EM(Mixture(Gaussian(), 2), rng=0).fit(ROWS).estimate_
    free = fit(EM, "full", ROWS, theta).objective_history_[0]
    assert fit(EM, "full", ROWS, theta, labels=LABELS).objective_history_[0] < free
