"""Variance components of Dyestuff and Dyestuff2 by evidence maximisation over the effects of batches.

With equal batches the maximum likelihood estimate of the mean is the grand mean whatever the variances are, so the
evidence of the centred yields is the profile likelihood; an intercept that is integrated out makes it the restricted
one.
"""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, BayesianRegression, PointmassWarning, load_dataset

pytestmark = pytest.mark.filterwarnings("ignore:.*rank")  # indicators of batches sum to one: their effects have a prior


def components(fit: EM) -> tuple[float, float]:
    """Return the variances of batches and of what is left."""
    return 1.0 / float(fit.estimate_["weight_precision"]), 1.0 / float(fit.estimate_["noise_precision"])


def maximum_likelihood(name: str) -> tuple[EM, float]:
    data = load_dataset(name)
    mean = float(data.y.mean())
    return EM(BayesianRegression(fit_intercept=False), tol=1e-10).fit(data.X, data.y - mean), mean


def test_maximum_likelihood_of_dyestuff() -> None:
    fit, mean = maximum_likelihood("dyestuff")
    batch, rest = components(fit)
    assert mean == 1527.5
    assert batch == pytest.approx(1388.3333, abs=1e-3)
    assert rest == pytest.approx(2451.25, abs=1e-3)
    assert fit.log_likelihood_ == pytest.approx(-163.663530, abs=5e-7)
    assert fit.status_ == "converged"


def test_restricted_maximum_likelihood_of_dyestuff() -> None:
    """Mean squares between and within batches: (11271.5 − 2451.25) / 5 = 1764.05, as lme4 prints it."""
    data = load_dataset("dyestuff")
    batch, rest = components(EM(BayesianRegression(), tol=1e-10).fit(data.X, data.y))
    assert batch == pytest.approx(1764.05, abs=0.02)
    assert rest == pytest.approx(2451.25, abs=0.05)


def test_batches_of_dyestuff2_do_not_differ() -> None:
    with pytest.warns(PointmassWarning, match="weight_precision has entries at the edge"):
        fit, mean = maximum_likelihood("dyestuff2")
    batch, rest = components(fit)
    data = load_dataset("dyestuff2")
    assert mean == pytest.approx(5.6656, abs=5e-5)
    assert batch < 1e-6 * rest
    assert rest == pytest.approx(float(data.y.var()), rel=1e-6)
    assert fit.log_likelihood_ == pytest.approx(-81.436518, abs=5e-7)
    assert np.abs(fit.estimate_["coefficients"]).max() < 1e-4
    assert fit.status_ == "boundary"
    assert fit.converged_
    sd = fit.uncertainty("information").sd
    assert np.isnan(sd["weight_precision"])
    assert sd["noise_precision"] == pytest.approx(np.sqrt(2.0 / 30.0) / rest, rel=1e-6)
