"""Old Faithful by variational Bayes: bounds with every constant, and how many components stay occupied."""

from __future__ import annotations

from math import lgamma

import numpy as np
import pytest
from cases import faithful

from pointmass import VB, Dirichlet, Gaussian, Mixture, NormalInverseWishart

X = faithful()
Z = (X - X.mean(0)) / X.std(0)
STANDARD = Gaussian(prior=NormalInverseWishart(np.zeros(2), 1.0, 5.0, np.eye(2)))
RAW = Gaussian(prior=NormalInverseWishart(X.mean(0), 1.0, 2.0, np.cov(X.T)))


def occupied(fit) -> int:
    return int((fit.predict_proba(Z).sum(0) > 1.0).sum())


@pytest.mark.parametrize(
    ("concentration", "components", "elbo"),
    [
        (0.001, 2, -434.908),
        (1.0, 3, -444.079),
        (10.0, 6, -467.612),
    ],
)
@pytest.mark.parametrize("n_init", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_standardised_six_components(concentration, components, elbo, n_init):
    fit = VB(Mixture(STANDARD, 6, Dirichlet(concentration)), n_init=n_init, rng=0).fit(Z)
    assert occupied(fit) == components
    np.testing.assert_allclose([start["objective"] for start in fit.restarts_], elbo, atol=6e-4)


@pytest.mark.parametrize(
    ("k", "approximation"), list(enumerate([-560.999, -426.965, -430.098, -433.039, -435.471, -437.500], start=1))
)
def test_standardised_elbo_plus_log_labellings(k, approximation):
    fit = VB(Mixture(STANDARD, k), n_init=2, rng=0).fit(Z)
    assert fit.elbo_ + lgamma(k + 1) == pytest.approx(approximation, abs=6e-4)


def test_two_components_have_the_largest_evidence():
    bounds = [VB(Mixture(STANDARD, k), n_init=2, rng=0).fit(Z).elbo_ + lgamma(k + 1) for k in (1, 2, 3)]
    assert np.argmax(bounds) == 1


# Two degrees of freedom: an empty component keeps the prior's infinite mean, and the fit says so.
@pytest.mark.filterwarnings("ignore:.*posterior mean of covariance is infinite")
@pytest.mark.parametrize(
    ("k", "elbo"),
    list(
        enumerate([-1303.897517794859, -1178.571838, -1183.406408, -1187.839315, -1191.988329, -1195.917976], start=1)
    ),
)
def test_raw_elbo(k, elbo):
    assert VB(Mixture(RAW, k), n_init=2, tol=1e-9, rng=0).fit(X).elbo_ == pytest.approx(elbo, abs=1e-6)
