"""Choosing the number of components: splits change nothing, nesting never costs, criteria are what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import faithful, iris

from pointmass import (
    EM,
    VB,
    Dirichlet,
    Gaussian,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    NormalInverseWishart,
    PointmassError,
    Poisson,
    select,
)
from pointmass.comparison.selection import Selected
from pointmass.comparison.selection.splitting import split
from pointmass.estimators.atlas import atlas
from pointmass.figures.selection import caption_selected
from pointmass.selection import Selection

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")


def standardised():
    rows = faithful()
    return (rows - rows.mean(0)) / rows.std(0)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (Mixture(Gaussian(), 2), faithful()),
        (Mixture(Gaussian("tied"), 2), faithful()),
        (HiddenMarkov(Poisson(), 2), faithful()[:, 1:].round()),
    ],
)
@pytest.mark.parametrize("component", [0, 1])
def test_a_split_leaves_the_likelihood_as_it_is(model, rows, component):
    fit = EM(model, rng=0, n_init=1).fit(rows)
    shared = [name for name in fit.estimate_ if name in model.blocks]
    more = model.with_components(3)
    start = split(fit.estimate_, more.dims, shared, component)
    again = EM(more, init=start, max_iter=1, tol=0).fit(rows)
    assert again.objective_history_[0] == pytest.approx(fit.log_likelihood_, abs=1e-6)
    for name in shared:
        np.testing.assert_allclose(start[name].sum(-1), 1.0)


@QUIET
@pytest.mark.parametrize("covariance", [pytest.param("tied", marks=pytest.mark.slow), "diagonal"])
def test_more_components_never_have_a_lower_likelihood(covariance):
    """With one start each, some of them bad, so that splits are what holds the promise."""
    model, grown = Mixture(Gaussian(covariance), 1), False
    for seed in range(3):
        found = select(model, iris()[:, :3], n_components=range(1, 6), criteria=["bic"], n_init=1, rng=seed)
        proper = found.table[found.table["status"].isin(["converged", "boundary"])]
        assert (np.diff(proper["log_likelihood"]) > -1e-6).all()
        grown |= found.table["grown"].any()
    assert grown


@QUIET
def test_numbers_that_are_left_out_break_no_nesting(monkeypatch):
    """Random starts that end after one sweep: what holds the promise from one to three components is the split."""

    def hasty(model, **options):
        return EM(model, **options) if "init" in options else EM(model, **options, max_iter=1, tol=0.0)

    monkeypatch.setattr("pointmass.comparison.selection.ladder.EM", hasty)
    found = select(Mixture(Gaussian("diagonal"), 1), faithful(), n_components=[1, 3], criteria=["bic"], n_init=1, rng=0)
    assert found.table["grown"].tolist() == [False, True]
    assert np.diff(found.table["log_likelihood"]) > 0.0


def test_what_is_published_of_old_faithful():
    """Tied covariances: three components by BIC, 2 log L − p log n = −2314.3 (Scrucca et al. 2016)."""
    found = select(Mixture(Gaussian("tied"), 1), faithful(), n_components=range(1, 5), criteria=["bic", "icl"], rng=0)
    best = found.best("bic")
    assert best.n_components == 3
    row = found.table.set_index("n_components").loc[3]
    assert row["n_parameters"] == 11
    assert 2.0 * row["bic"] == pytest.approx(-2314.316, abs=0.03)  # ours is the higher optimum, by 0.01 nats
    assert (found.table["icl"] <= found.table["bic"] + 1e-9).all()
    assert found.best("icl").n_components == 2


def test_bounds_of_old_faithful_prefer_two_components():
    """ELBO + log K! under Dirichlet(1) for K = 1, 2, 3, standardised columns."""
    prior = NormalInverseWishart([0.0, 0.0], 1.0, 5.0, np.eye(2))
    model = Mixture(Gaussian(prior=prior), 1, weights_prior=Dirichlet(1.0))
    found = select(model, standardised(), n_components=[1, 2, 3], criteria=["elbo", "log_evidence"], n_init=5, rng=0)
    np.testing.assert_allclose(found.table["elbo"], [-560.999, -426.965, -430.098], atol=1e-3)
    assert found.best("elbo").n_components == 2
    first = found.table.iloc[0]
    assert first["log_evidence"] == pytest.approx(-560.9994070, abs=1e-6)  # of one component the bound is exact
    assert first["log_evidence_error"] == 0.0


def test_leaving_one_out_is_refitting_without_it():
    """One component, whose predictive density is a Student-t: refit n times."""
    rows = np.random.default_rng(0).normal(size=(30, 1))
    prior = NormalInverseWishart([0.0], 0.5, 5.0, [[3.0]])
    model = Mixture(Gaussian(prior=prior), 1)
    found = select(model, rows, n_components=[1], criteria=["loo"], rng=0).table.iloc[0]
    refitted = [
        VB(model).fit(np.delete(rows, row, axis=0)).score_samples(rows[row : row + 1])[0] for row in range(len(rows))
    ]
    assert found["loo"] == pytest.approx(sum(refitted), abs=0.1)
    assert found["loo_error"] == pytest.approx(np.std(refitted) * np.sqrt(30), rel=0.1)
    assert found["loo_difference_error"] == 0.0


def test_rows_of_weight_two_are_rows_twice():
    rows = np.random.default_rng(3).normal([[0.0], [2.0]], size=(2, 30)).ravel()
    model, criteria = Mixture(Gaussian(), 1), ["bic", "icl", "loo"]
    start = {"n_components": [1, 2], "criteria": criteria, "n_init": 5, "rng": 0}
    weighted = select(model, rows, sample_weight=np.full(60, 2.0), **start).table
    twice = select(model, np.tile(rows, 2), **start).table
    np.testing.assert_allclose(weighted[["bic", "icl"]], twice[["bic", "icl"]], atol=1e-3)
    np.testing.assert_allclose(weighted["loo"], twice["loo"], atol=0.3)
    np.testing.assert_allclose(weighted["loo_error"], twice["loo_error"], rtol=0.05)
    assert (weighted["icl"] <= weighted["bic"] + 1e-9).all()


@pytest.mark.parametrize("known", ["labels", "weights"])
def test_only_labellings_that_are_free_count(known):
    """Components far apart: the bound and the evidence are the same, whatever fixes the labels."""
    rows = np.random.default_rng(4).normal([[0.0], [9.0]], size=(2, 30)).ravel()
    prior = Dirichlet([1.0, 50.0] if known == "weights" else 1.0)
    data = {"labels": np.where(np.arange(60) % 10 == 0, np.arange(60) // 30, -1)} if known == "labels" else {}
    model, criteria = Mixture(Gaussian(), 2, weights_prior=prior), ["elbo", "log_evidence"]
    found = select(model, rows, n_components=[2], criteria=criteria, n_init=3, rng=0, **data).table.iloc[0]
    assert found["elbo"] == pytest.approx(found["log_evidence"], abs=0.1)


@QUIET
def test_rows_of_a_sequence_are_not_left_out_one_by_one():
    rows = np.random.default_rng(1).poisson(np.repeat([2.0, 9.0, 2.0], 20)).astype(float)
    model, criteria = HiddenMarkov(Poisson(), 1), ["bic", "icl", "loo"]
    found = select(model, rows, n_components=[1, 2], criteria=criteria, n_init=2, rng=0)
    assert repr(found) == "Selection(n_components by bic: 2)"
    with pytest.raises(PointmassError, match="loo has no value here: rows of a sequence cannot"):
        found.best("loo")
    assert found.best("bic").n_components == 2
    assert np.isnan(found.table[["icl", "loo"]]).all(axis=None)
    assert (found.table["loo_note"] == "rows of a sequence cannot be left out one by one").all()


def test_what_is_passed_over_is_said():
    """One row far out, whose weights are not believed, must not make one component look better than two."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(0.0, 1.0, 40), [12.0], rng.normal(5.0, 1.0, 40)])
    found = select(Mixture(Gaussian(), 1), rows, n_components=[1, 2], criteria=["loo", "bic"], n_init=3, rng=0)
    assert found.table["loo_note"].iloc[1] != ""
    assert repr(found) == "Selection(n_components by loo: 1 (passed over: 2), bic: 2)"


@QUIET
def test_regressions_are_selected_with_their_targets():
    rng = np.random.default_rng(2)
    x = rng.uniform(-1.0, 1.0, 200)
    y = np.where(rng.random(200) < 0.5, 2.0 * x, -2.0 * x) + 0.1 * rng.normal(size=200)
    found = select(
        Mixture(LinearRegression(), 1), x[:, None], y, n_components=[1, 2, 3], criteria=["bic"], n_init=3, rng=0
    )
    assert found.best().n_components == 2
    assert repr(found) == "Selection(n_components by bic: 2)"


def test_the_picture_shows_every_criterion():
    found = select(Mixture(Gaussian(), 1), faithful(), n_components=[1, 2], criteria=["bic", "elbo"], n_init=2, rng=0)
    upper, lower = found.plot().axes
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["BIC", "ELBO + log K!"]
    assert len(lower.patches) == 2


def test_the_atlas_counts_ends_by_status():
    ends = [(-5.0, "converged"), (-5.004, "converged"), (-7.0, "converged"), (900.0, "degenerate")]
    found = atlas([{"objective": value, "status": status} for value, status in ends])
    assert [(one.status, one.objective, one.count, one.share) for one in found] == [
        ("converged", -5.0, 2, 0.5),
        ("converged", -7.0, 1, 0.25),
        ("degenerate", 900.0, 1, 0.25),
    ]
    fit = EM(Mixture(Gaussian(), 3), n_init=5, rng=0).fit(iris())
    assert sum(one.count for one in fit.optima_) == 5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: select(Gaussian(), faithful()), "no number of components to choose"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=[]), "names no number"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=3), "numbers to choose from"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=["a", 2]), "whole numbers from 1 .* 'a'"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=[[1]]), "whole numbers from 1"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=[1, 0]), "whole numbers from 1 .* 0"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), n_components=[2.5]), "whole numbers from 1 .* 2.5"),
        (lambda: select(Mixture(Gaussian(), 2), faithful(), criteria=["aic"]), "criteria must be some of bic, icl"),
        (lambda: Selection((), None, ("bic",)).best("aic"), "no criterion 'aic'"),
    ],
)
def test_mistakes_are_said(make, words):
    with pytest.raises(PointmassError, match=words):
        make()


@pytest.mark.parametrize(
    "model",
    [
        Mixture(Gaussian(), 2, weights_prior=Dirichlet([1.0, 2.0])),
        Mixture(Gaussian(prior=NormalInverseWishart(np.zeros((2, 2)), 1.0, 5.0, np.eye(2))), 2),
        HiddenMarkov(Gaussian(), 2, transition_prior=Dirichlet([[1.0, 2.0], [2.0, 1.0]])),
    ],
)
def test_a_prior_with_an_entry_for_each_component_is_refused(model):
    with pytest.raises(PointmassError, match=r"an entry for each of the 2 components of the model, and fits no [13]"):
        select(model, faithful(), n_components=[1, 2, 3], criteria=["bic"])


def test_the_verdict_warns_of_what_is_passed_over():
    """A number whose value is higher and not believed: said in the sentence, the repr and the caption."""
    facts = {"n_components": [1, 2, 3], "share_at_best": 1.0, "status": "converged"}
    values = {"log_evidence": [-20.0, -10.0, -12.5], "log_evidence_error": 0.1, "log_evidence_difference_error": 0.3}
    table = pd.DataFrame({**facts, **values, "log_evidence_note": ["", "Pareto k̂ is 0.90", ""]})
    found = Selection((), table, ("log_evidence",))
    sentence = (
        "Log evidence prefers 3 components, 7.5 nats (± 0.3) above 1. Passed over is 2 (higher by 2.5 nats; Pareto k̂ "
        "is 0.90): the better number may hide there, so see the other criteria."
    )
    assert found.verdict == (sentence,)
    assert repr(found) == "Selection(n_components by log_evidence: 3 (passed over: 2))"
    assert "log evidence 3 (passed over: 2)" in caption_selected(Selected(table, ("log_evidence",))).text
