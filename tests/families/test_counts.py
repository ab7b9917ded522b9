"""Families of counts, times and answers: their supports, their zeros, and predictives that SciPy computes too."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Bernoulli,
    Beta,
    Categorical,
    Dirichlet,
    Exponential,
    Gamma,
    Geometric,
    Mixture,
    Multinomial,
    PointMass,
    PointmassError,
    PointmassWarning,
    Poisson,
)
from pointmass.families.family import Family

A, B = np.array([[2.5, 4.0]]), np.array([[1.5, 0.7]])


def predictive(family: Family, rows: np.ndarray) -> np.ndarray:
    prior = Gamma.trusted(shape=A, rate=B) if isinstance(family, Poisson | Exponential) else Beta.trusted(a=A, b=B)
    return np.asarray(family.log_predictive(prior, rows.T)[0])


def test_predictives_are_scipys() -> None:
    counts = np.array([[0.0, 3.0], [7.0, 1.0], [1e6, 0.0]])
    negative_binomial = stats.nbinom(A[0], B[0] / (B[0] + 1.0))
    assert predictive(Poisson(), counts) == pytest.approx(negative_binomial.logpmf(counts).sum(1), rel=1e-9)
    times = np.array([[0.0, 3.0], [7.5, 0.1], [1e9, 2.0]])
    assert predictive(Exponential(), times) == pytest.approx(
        stats.lomax(A[0], scale=B[0]).logpdf(times).sum(1), rel=1e-10
    )
    answers = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert predictive(Bernoulli(), answers) == pytest.approx(stats.betabinom(1, A[0], B[0]).logpmf(answers).sum(1))
    grid = np.arange(200_000.0)[:, None]
    heavy = Geometric().log_predictive(Beta.trusted(a=np.array([[2.5]]), b=np.array([[1.5]])), grid.T)[0]
    assert np.exp(heavy).sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("family", "values", "message"),
    [
        (Poisson(), [0.0, 1.0, 2.5], r"Poisson needs whole numbers of at least 0, got 2\.5 at row 2, column 0"),
        (Poisson(), [0.0, -1.0], "got -1 at row 1"),
        (Geometric(), [0.0, 0.5], "Geometric needs whole numbers"),
        (Bernoulli(), [0.0, 2.0], "Bernoulli needs whole numbers from 0 to 1, got 2 at row 1"),
        (Categorical(), [0.0, 1.5], "Categorical needs whole numbers"),
        (Categorical(2), [0.0, 2.0], "whole numbers from 0 to 1, got 2 at row 1"),
        (Exponential(), [0.0, -2.0], "Exponential needs values of at least 0, got -2 at row 1"),
    ],
)
def test_values_outside_the_support_are_named(family: Family, values: list[float], message: str) -> None:
    with pytest.raises(PointmassError, match=message):
        EM(family).fit(values)
    fit = MLE(family).fit([0.0, 1.0, 1.0])
    with pytest.raises(PointmassError, match=message):
        fit.score_samples(values)


@pytest.mark.parametrize("family", [Poisson, Exponential, Bernoulli, Geometric])
def test_a_prior_of_another_kind_is_refused(family: type) -> None:
    wrong: object = Beta() if family in (Poisson, Exponential) else Gamma(1.0, 1.0)
    with pytest.raises(PointmassError, match="prior must be"):
        family(wrong)


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_fault_055_what_was_never_seen() -> None:
    """Maximum likelihood rules it out and says so; a posterior does not."""
    with pytest.warns(PointmassWarning, match="probability has entries at the edge"):
        fit = MLE(Bernoulli()).fit(np.zeros((20, 1)))
    assert fit.status_ == "boundary"
    assert fit.log_likelihood_ == 0.0
    assert VB(Bernoulli()).fit(np.zeros((20, 1))).score_samples([[1.0]])[0] == pytest.approx(np.log(1 / 22))


def test_fault_056_an_observation_of_probability_zero() -> None:
    """Its score is −∞ with a warning, and it leaves the components as probable as they were."""
    known = PointMass({"rate": [[0.0], [0.0]]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        fit = EM(Mixture(Poisson(prior=known), 2, PointMass([0.3, 0.7])), rng=0).fit(np.zeros((10, 1)))
    with pytest.warns(PointmassWarning, match="row 1 cannot occur"):
        assert fit.score_samples([[0.0], [3.0]]) == pytest.approx([0.0, -np.inf], abs=1e-12)
    assert fit.predict_proba([[3.0]])[0] == pytest.approx([0.3, 0.7])


def test_waiting_times_can_be_given_in_any_unit() -> None:
    """Rates scale with one over the unit, densities with the unit, to the last digits."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.exponential(1.0, (80, 2)), rng.exponential(9.0, (120, 2))])
    for estimator in (EM, MAP, VB):
        one = estimator(Mixture(Exponential(), 2), rng=0, n_init=2).fit(rows)
        other = estimator(Mixture(Exponential(), 2), rng=0, n_init=2).fit(1e12 * rows)
        assert other.estimate_["rate"] == pytest.approx(1e-12 * one.estimate_["rate"], rel=1e-9)
        assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - 400 * np.log(1e12), rel=1e-9)


def test_a_component_on_zeros_is_degenerate() -> None:
    rows = np.concatenate([np.zeros(30), np.random.default_rng(0).exponential(1.0, 70)])
    with pytest.warns(PointmassWarning):
        fit = EM(Mixture(Exponential(), 2), init=np.eye(2)[(rows > 0).astype(int)], rng=0).fit(rows)
    assert fit.status_ == "degenerate"
    assert np.isfinite(fit.estimate_["rate"]).all()


def test_no_start_is_a_trap() -> None:
    """A hard start whose component has only zeros would keep a rate of zero for ever."""
    rows = np.concatenate([np.random.default_rng(1).poisson(0.5, 100), np.random.default_rng(2).poisson(8.0, 100)])
    fit = EM(Mixture(Poisson(), 2), init="kmeans", rng=0).fit(rows)
    assert np.sort(fit.estimate_["rate"][:, 0]) == pytest.approx([0.5, 8.0], rel=0.3)
    assert fit.status_ == "converged"


def test_dirichlet_multinomial_is_scipys() -> None:
    alpha = np.array([2.5, 0.7, 1.3])
    rows = np.array([[0, 3, 1], [7, 0, 0], [0, 0, 0], [1, 1, 1]])
    prior = Multinomial(prior=Dirichlet(alpha)).broadcast_prior(Dirichlet(alpha), 1, 3)
    expected = [stats.dirichlet_multinomial(alpha, row.sum()).logpmf(row) if row.sum() else 0.0 for row in rows]
    assert Multinomial().log_predictive(prior, rows.T.astype(float))[0] == pytest.approx(expected, rel=1e-10)
    assert np.exp(Categorical(3).log_predictive(prior, np.arange(3.0)[None])[0]) == pytest.approx(alpha / alpha.sum())


@pytest.mark.parametrize("code", [1e9, 1e15])
def test_fault_054_a_code_that_would_make_too_many_categories(code: float) -> None:
    with pytest.raises(PointmassError, match=r"row 3 would make 10+1 categories; encode the categories as 0, 1, 2"):
        EM(Mixture(Categorical(), 2)).fit([0.0, 1.0, 2.0, code])


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_fault_055_a_category_never_seen() -> None:
    rows = np.array([0.0, 1.0, 0.0, 1.0])
    point, posterior = MLE(Categorical(3)).fit(rows), VB(Categorical(3)).fit(rows)
    assert point.status_ == "boundary"
    assert point.score_samples([2.0])[0] == -np.inf
    assert posterior.score_samples([2.0])[0] == pytest.approx(np.log(1 / 7))
    with pytest.raises(PointmassError, match="whole numbers from 0 to 1, got 2"):
        VB(Categorical()).fit(rows).score_samples([2.0])


def test_several_columns_of_codes_are_refused() -> None:
    with pytest.raises(PointmassError, match="one column of codes, got 2 columns"):
        EM(Categorical()).fit(np.zeros((4, 2)))


def test_two_categories_are_a_bernoulli() -> None:
    rows = (np.random.default_rng(0).random(200) < 0.3).astype(float)
    categories = VB(Categorical(prior=Dirichlet([2.0, 3.0]))).fit(rows)
    answers = VB(Bernoulli(Beta(3.0, 2.0))).fit(rows)
    assert categories.elbo_ == pytest.approx(answers.elbo_, rel=1e-12)
    assert categories.estimate_["probabilities"][1] == pytest.approx(answers.estimate_["probability"][0], rel=1e-12)
    assert categories.uncertainty().sd["probabilities"][1] == pytest.approx(answers.uncertainty().sd["probability"][0])
