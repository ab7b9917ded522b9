"""The bootstrap: closed forms of a mean, agreement with standard errors, replicates that are counted, not averaged."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from cases import clusters, faithful, two_normals

from pointmass import (
    EM,
    MAP,
    MLE,
    Gaussian,
    HiddenMarkov,
    Mixture,
    NormalInverseWishart,
    PointMass,
    PointmassError,
    load_fit,
)
from pointmass.models import Rows, as_model
from pointmass.uncertainty import resampling
from pointmass.uncertainty.bootstrap import _relabelled

METHODS = ("bootstrap", "bootstrap_parametric", "bootstrap_bayesian")
every_method = pytest.mark.parametrize("method", METHODS)
pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")

MODULE = sys.modules[_relabelled.__module__]  # the package gives the function of that name
FAITHFUL = (0.031165, 0.699675, 0.504595, 0.537322, 0.400962)


@pytest.fixture
def few(monkeypatch):
    """Make 100 replicates enough."""
    monkeypatch.setattr(MODULE, "_REPLICATES", 100)


@every_method
def test_the_sd_of_a_mean_is_its_closed_form(method):
    """s / √n, and s / √(n + 1) with exponential weights; 1,000 replicates know an sd to 2.2 %."""
    x = np.random.default_rng(0).gamma(2.0, size=(60, 2))
    fit = MLE(Gaussian()).fit(x)
    found = fit.uncertainty(method, rng=1)
    expected = x.std(axis=0) / np.sqrt(61 if method == "bootstrap_bayesian" else 60)
    assert found.method == method
    np.testing.assert_allclose(found.sd["mean"], expected, rtol=5.0 * 0.0224)
    lower, upper = found.interval(0.8)["mean"]
    share = ((found.draws["mean"] >= lower) & (found.draws["mean"] <= upper)).mean(axis=0)
    np.testing.assert_allclose(share, 0.8, atol=0.002)
    assert found.diagnostics["kept"] == found.diagnostics["replicates"] == 1000
    assert found.diagnostics["accepted"]


def link_sds(found, fit):
    """Weight, means, standard deviations, the first component the one of the lower mean."""
    order = np.argsort(fit.estimate_["mean"][:, 0])
    deviations = np.sqrt(found.draws["covariance"][:, order, 0, 0]).std(axis=0)
    return np.array([found.sd["weights"][0], *found.sd["mean"][order, 0], *deviations])


@pytest.mark.slow
def test_old_faithful_parametric_against_published_information():
    """Within Monte Carlo error (2.2 %, five results) and terms of order 1/n: 1 % of variances, 3 % allowed."""
    fit = EM(Mixture(Gaussian(), 2), rng=0, tol=1e-9).fit(faithful()[:, 1:])
    found = link_sds(fit.uncertainty("bootstrap_parametric", rng=1), fit)
    np.testing.assert_allclose(found, FAITHFUL, rtol=4.0 * 0.0224 + 0.03)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap", "bootstrap_bayesian"])
def test_old_faithful_against_the_sandwich_and_published_information(method):
    """Rows drawn again show how the model is wrong, as the sandwich does; information does not, and differs by more."""
    fit = EM(Mixture(Gaussian(), 2), rng=0, tol=1e-9).fit(faithful()[:, 1:])
    found, sandwich = fit.uncertainty(method, rng=1), fit.uncertainty("sandwich")
    for name in ("weights", "mean", "covariance"):
        np.testing.assert_allclose(found.sd[name], sandwich.sd[name], rtol=4.0 * 0.0224 + 0.03)
    np.testing.assert_allclose(link_sds(found, fit), FAITHFUL, rtol=0.2)


def test_on_a_right_model_with_clear_components_all_agree_with_information(monkeypatch):
    """n = 2,000, six sds apart: 400 replicates know an sd to 3.5 %; 24 numbers within 4.5 of these and 2 % more."""
    monkeypatch.setattr(MODULE, "_REPLICATES", 400)
    fit = EM(Mixture(Gaussian(), 2), rng=0).fit(two_normals(2000, 6.0))
    information = fit.uncertainty("information").sd
    for method in METHODS:
        found = fit.uncertainty(method, rng=2)
        assert found.diagnostics["accepted"]
        for name, array in found.sd.items():
            np.testing.assert_allclose(array, information[name], rtol=4.5 * 0.035 + 0.02)


def test_the_prior_is_held_where_the_fit_had_it(few):
    """Each replicate's mode has the closed form with the prior of the fit, though the prior was made from the data."""
    x = np.random.default_rng(3).normal(size=(30, 2)) @ [[1.0, 0.4], [0.0, 2.0]]
    for prior in (None, NormalInverseWishart(mean=[3.0, -1.0], kappa=20.0, dof=9.0, scale=np.eye(2))):
        fit = MAP(Gaussian(prior=prior)).fit(x)
        held = fit.prior_["emission"]
        found = fit.uncertainty("bootstrap_bayesian", rng=5)
        for own, mean, covariance in zip(
            np.random.default_rng(5).spawn(100), found.draws["mean"], found.draws["covariance"], strict=True
        ):
            w = own.standard_gamma(np.ones(30))
            w *= 30.0 / w.sum()
            kappa = held.kappa[0] + 30.0
            centre = (held.kappa[0] * held.mean[0] + w @ x) / kappa
            np.testing.assert_allclose(mean, centre, rtol=1e-7)
            step = x - centre
            away = held.mean[0] - centre
            scale = held.scale[0] + (w[:, None] * step).T @ step + held.kappa[0] * np.outer(away, away)
            np.testing.assert_allclose(covariance, scale / (held.dof[0] + 30.0 - 2.0), rtol=1e-7)


@every_method
def test_a_weight_is_a_number_of_copies(method):
    x, copies = np.random.default_rng(4).normal(size=(25, 1)), np.arange(25) % 4
    weighted = MLE(Gaussian()).fit(x, sample_weight=copies).uncertainty(method, rng=1)
    repeated = MLE(Gaussian()).fit(np.repeat(x, copies, axis=0)).uncertainty(method, rng=2)
    for name in weighted.sd:
        np.testing.assert_allclose(weighted.sd[name], repeated.sd[name], rtol=5.0 * 0.0224 * np.sqrt(2.0))


@every_method
def test_known_labels_stay_with_their_components(method, few):
    """Two components that overlap completely, all rows labelled: nothing is ambiguous, nothing exchanged."""
    x = np.random.default_rng(5).normal(size=(60, 1))
    labels = np.arange(60) % 2
    found = MLE(Mixture(Gaussian(), 2)).fit(x, labels=labels).uncertainty(method, rng=0)
    assert found.diagnostics["kept"] == 100
    expected = [x[labels == k].std() / np.sqrt(30) for k in (0, 1)]
    np.testing.assert_allclose(found.sd["mean"][:, 0], expected, rtol=5.0 * 0.0707)


def test_replicates_that_degenerate_are_counted_and_left_out(few):
    fit = EM(Mixture(Gaussian(), 2), n_init=20, rng=0).fit(clusters(14, d=2, k=2, spread=3.0))
    found = fit.uncertainty("bootstrap", rng=0)
    counts = {name: found.diagnostics[name] for name in ("kept", "degenerate", "empty", "not_converged", "ambiguous")}
    assert sum(counts.values()) == 100
    assert counts["degenerate"] > 5
    assert not found.diagnostics["accepted"]
    assert f"{counts['degenerate']} have a component that collapsed" in found.diagnostics["reasons"][0]
    assert len(found.draws["mean"]) == counts["kept"]
    assert np.linalg.eigvalsh(found.draws["covariance"]).min() > 1e-9
    np.testing.assert_allclose(found.sd["mean"], found.draws["mean"].std(axis=0, ddof=1))


def test_components_that_cannot_be_told_apart_are_ambiguous(few):
    fit = EM(Mixture(Gaussian(PointMass([[1.0]])), 2), rng=1).fit(two_normals(60, 1.2, seed=2))
    found = fit.uncertainty("bootstrap", rng=0)
    assert found.diagnostics["ambiguous"] > 5
    assert not found.diagnostics["accepted"]


def test_a_fit_on_the_boundary_has_no_replicates(few):
    """A component without rows stays without rows; its sd is not zero but not there."""
    fit = EM(Mixture(Gaussian(), 2), init={"weights": [1.0, 0.0], "mean": [[0.0], [9.0]], "covariance": [[[1.0]]] * 2})
    found = fit.fit(np.random.default_rng(0).normal(size=(40, 1))).uncertainty("bootstrap", rng=0)
    assert fit.status_ == "boundary"
    assert found.diagnostics["empty"] == 100
    assert np.isnan(found.sd["mean"]).all()
    assert np.isnan(found.interval()["mean"][0]).all()
    assert any("status is boundary" in reason for reason in found.diagnostics["reasons"])


def test_exchanged_replicates_come_back():
    """Replicates whose labels were exchanged on the way are those of the fit again."""
    fit = EM(Mixture(Gaussian(), 2), rng=0).fit(two_normals(200, 6.0))
    sweep, _ = fit.sweep_at_fit()
    rng = np.random.default_rng(0)
    found = []
    for number in range(50):
        shaken = {name: array + 0.01 * rng.normal() for name, array in fit.estimate_.items()}
        found.append({name: array[::-1] if number % 3 == 0 else array for name, array in shaken.items()})
    relabelled = _relabelled(fit, sweep, found)
    assert not relabelled.near_boundary.any()
    np.testing.assert_allclose(relabelled.draws["mean"] - fit.estimate_["mean"], 0.0, atol=0.1)


def test_one_seed_gives_one_result_and_files_keep_it(few):
    fit = EM(Mixture(Gaussian(), 2), rng=0).fit(two_normals(200, 5.0))
    one, again = (fit.uncertainty("bootstrap", rng=3) for _ in range(2))
    assert all(np.array_equal(array, again.sd[name]) for name, array in one.sd.items())
    restored = load_fit(fit.to_datatree(uncertainty=["bootstrap"], rng=3))
    assert restored.uncertainty("bootstrap").diagnostics["kept"] == 100
    with pytest.raises(PointmassError, match="it has bootstrap"):
        restored.uncertainty("bootstrap_bayesian")


# -- resampling ---------------------------------------------------------------------------------------------

ONE = as_model(Gaussian())


def sequences():
    values = np.arange(12.0)[:, None]
    coordinates = EM(Gaussian()).fit(values).coordinates_
    return Rows(values, coordinates, lengths=(3, 4, 5))


@pytest.mark.parametrize("scheme", [resampling.nonparametric, resampling.bayesian])
def test_sequences_are_drawn_again_as_wholes(scheme):
    rows = sequences()
    for seed in range(20):
        drawn = scheme(ONE, {}, rows, np.random.default_rng(seed))
        assert sum(drawn.lengths) == len(drawn)
        starts = np.cumsum((0, *drawn.lengths[:-1]))
        for start, length in zip(starts, drawn.lengths, strict=True):
            piece = drawn.values[start : start + length, 0]
            assert piece[0] in (0.0, 3.0, 7.0)
            assert (np.diff(piece) == 1.0).all()
            assert np.ptp(drawn.weights[start : start + length]) == 0.0
        assert drawn.weights[starts].sum() == pytest.approx(3.0)


def test_one_sequence_has_no_units_to_draw():
    rows = Rows(np.zeros((5, 1)), sequences().coordinates, lengths=(5,))
    with pytest.raises(PointmassError, match="one sequence is one unit; use bootstrap_parametric"):
        resampling.nonparametric(ONE, {}, rows, np.random.default_rng(0))


def test_a_weighted_sequence_is_drawn_as_often_as_its_weight_says():
    """Three sequences of weights 2, 1 and 3 are six, each as long as its own, with what was missing and known there."""
    values, labels = np.arange(12.0)[:, None], np.where(np.arange(12) < 3, 0, -1)
    values[4] = np.nan
    weights = np.repeat([2.0, 1.0, 3.0], (3, 4, 5))
    fit = EM(HiddenMarkov(Gaussian(), 2), rng=0).fit(values, sample_weight=weights, labels=labels, lengths=(3, 4, 5))
    drawn = resampling.parametric(fit.model_, fit.estimate_, fit._data, np.random.default_rng(0))
    assert drawn.lengths.tolist() == [3, 3, 4, 5, 5, 5] and drawn.weights is None
    assert len(drawn) == drawn.lengths.sum() == 25
    assert np.flatnonzero(drawn.missing).tolist() == np.flatnonzero(np.isnan(drawn.values[:, 0])).tolist() == [7]
    assert np.flatnonzero(drawn.labels >= 0).tolist() == list(range(6))


def test_parametric_rows_are_known_where_rows_were_known():
    fit = MLE(Mixture(Gaussian(), 2)).fit([[0.0], [0.1], [-0.2], [9.0], [9.1], [8.8]], labels=[0, 0, 0, 1, 1, 1])
    rows = Rows(fit._data.values, fit.coordinates_, None, np.array([0, -1, 0, -1, 1, -1]))
    drawn = resampling.parametric(fit.model_, fit.estimate_, rows, np.random.default_rng(0))
    assert ((drawn.labels >= 0) == (rows.labels >= 0)).all()
    assert (drawn.labels[drawn.labels >= 0] == (drawn.values[drawn.labels >= 0, 0] > 4.0)).all()
