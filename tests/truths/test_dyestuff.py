"""Variance components of Dyestuff and Dyestuff2 by evidence maximisation over the effects of batches.

With equal batches the maximum likelihood estimate of the mean is the grand mean whatever the variances are, so the
evidence of the centred yields is the profile likelihood; an intercept that is integrated out makes it the restricted
one. `RandomEffects` has the mean among its parameters.
"""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, MLE, VB, BayesianRegression, PointmassWarning, RandomEffects, load_dataset

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


def estimators() -> list[EM]:
    return [MLE(RandomEffects()), EM(RandomEffects(), tol=1e-12)]


@pytest.mark.parametrize("estimator", estimators(), ids=["MLE", "EM"])
def test_random_effects_of_dyestuff(estimator: EM) -> None:
    data = load_dataset("dyestuff")
    fit = estimator.fit(data.X, data.y)
    e = fit.estimate_
    assert fit.status_ == "converged"
    assert e["mean"] == pytest.approx(1527.5, abs=1e-8)
    assert e["group_variance"] == pytest.approx(1388.3333, abs=1e-3)
    assert e["noise_variance"] == pytest.approx(2451.25, abs=1e-3)
    assert fit.log_likelihood_ == pytest.approx(-163.663530, abs=5e-7)
    if fit.method_name == "MLE":
        assert fit.objective_history_[0] == pytest.approx(fit.log_likelihood_, abs=1e-9)  # sweeps find nothing
    expected = np.sqrt((e["group_variance"] + e["noise_variance"] / 5.0) / 6.0)
    assert fit.uncertainty("information").sd["mean"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("estimator", estimators(), ids=["MLE", "EM"])
def test_random_effects_of_dyestuff2_are_on_the_boundary(estimator: EM) -> None:
    data = load_dataset("dyestuff2")
    with pytest.warns(PointmassWarning, match="group_variance has entries at the edge"):
        fit = estimator.fit(data.X, data.y)
    assert fit.status_ == "boundary" and fit.converged_
    assert fit.estimate_["mean"] == pytest.approx(5.6656, abs=5e-5)
    assert fit.estimate_["group_variance"] < 1e-9 * fit.estimate_["noise_variance"]
    assert fit.log_likelihood_ == pytest.approx(-81.436518, abs=5e-7)
    found = fit.uncertainty("information")
    assert np.isnan(found.sd["group_variance"])
    assert found.sd["mean"] == pytest.approx(float(np.sqrt(data.y.var() / 30.0)), rel=1e-4)
    assert VB(RandomEffects()).fit(data.X, data.y).estimate_["group_variance"] > 0.1


def test_plain_steps_creep_to_the_boundary() -> None:
    """Like 1/t: four times as many sweeps leave a quarter of the variance."""
    data = load_dataset("dyestuff2")
    found = []
    for sweeps in (200, 800):
        with pytest.warns(PointmassWarning, match="not converged"):
            fit = EM(RandomEffects(), acceleration="none", tol=1e-14, max_iter=sweeps).fit(data.X, data.y)
        assert fit.status_ == "max_iter"
        found.append(float(fit.estimate_["group_variance"]))
    assert found[0] / found[1] == pytest.approx(4.0, rel=0.05)
