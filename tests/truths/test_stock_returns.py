"""A chain of two regressions with the published figures of a Markov-switching regression, standard errors included.

StataCorp (2015), *Stata Time-Series Reference Manual, Release 14*, mswitch: absolute returns of the S&P 500 on the ones
before, constant, slope and variance switching, the first state stationary.
"""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, HiddenMarkov, LinearRegression, load_dataset
from pointmass.latents.stationary import stationary_distribution

LOG_LIKELIHOOD = -745.7977
TO_CALM = (0.7530865, 0.6825357)  # the probability of the calm state after itself, and after the other
TO_CALM_ERRORS = (0.0634387, 0.0662574)
COEFFICIENTS = np.array([[0.7641424, 0.0790744], [1.972771, 0.5279530]])
COEFFICIENT_ERRORS = np.array([[0.0782852, 0.0301862], [0.2784204, 0.0857841]])
NOISE_SDS = (0.5895792, 1.605333)


@pytest.fixture(scope="module")
def fit() -> EM:
    data = load_dataset("stock_returns")
    return EM(HiddenMarkov(LinearRegression(), 2, stationary=True), n_init=5, tol=1e-10, rng=0).fit(data.X, data.y)


@pytest.fixture(scope="module")
def states(fit: EM) -> np.ndarray:
    """Return the order of the states: the calm one first."""
    return np.argsort(fit.estimate_["noise_variance"])


def test_estimates(fit: EM, states: np.ndarray) -> None:
    """To the digits printed: a unit of the last one."""
    assert fit.log_likelihood_ == pytest.approx(LOG_LIKELIHOOD, abs=5e-5)
    transitions = fit.estimate_["transition_matrix"][np.ix_(states, states)]
    assert transitions[:, 0] == pytest.approx(TO_CALM, abs=1e-6)
    np.testing.assert_allclose(fit.estimate_["coefficients"][states], COEFFICIENTS, atol=1e-6)
    assert np.sqrt(fit.estimate_["noise_variance"][states]) == pytest.approx(NOISE_SDS, abs=1e-6)


def test_standard_errors(fit: EM, states: np.ndarray) -> None:
    """Those of the observed information."""
    sd = fit.uncertainty("information").sd
    assert sd["transition_matrix"][np.ix_(states, states)][:, 0] == pytest.approx(TO_CALM_ERRORS, abs=1e-6)
    np.testing.assert_allclose(sd["coefficients"][states], COEFFICIENT_ERRORS, atol=1e-6)


def test_the_published_optimum_is_the_best_of_the_starts(fit: EM) -> None:
    """Some starts end lower, at -746.362: the restarts are needed."""
    assert max(start["objective"] for start in fit.restarts_) == pytest.approx(LOG_LIKELIHOOD, abs=5e-5)


def test_a_free_first_state_gains_what_it_need_not_share(fit: EM) -> None:
    """At the free estimates a stationary chain has at least the share of the first state times the free likelihood."""
    data = load_dataset("stock_returns")
    free = EM(HiddenMarkov(LinearRegression(), 2), n_init=5, rng=0).fit(data.X, data.y)
    shares = stationary_distribution(free.estimate_["transition_matrix"])
    assert free.estimate_["initial"].max() == pytest.approx(1.0)
    assert 0.0 < free.log_likelihood_ - fit.log_likelihood_ <= -np.log(shares[free.estimate_["initial"].argmax()])
