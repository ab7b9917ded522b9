"""Darwin's fifteen differences: robust location and scale, to the digits that are known."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, MLE, Gaussian, StudentT, load_dataset

ROWS = load_dataset("darwin").X
FOUND = {1.0: (24.970542, 15.705869, -75.343620), 4.0: (26.461861, 26.158824, -74.651704)}


@pytest.mark.parametrize("acceleration", ["anderson", "squarem", "newton", "expansion", "none"])
@pytest.mark.parametrize("dof", FOUND)
def test_known_degrees_of_freedom(dof: float, acceleration: str) -> None:
    fit = EM(StudentT(dof=dof), acceleration=acceleration, tol=1e-13).fit(ROWS)
    mean, scale, log_likelihood = FOUND[dof]
    assert fit.status_ == "converged"
    # What the last 1e-13 nats are worth: √(2e-13) of a standard error of about 8.
    assert fit.estimate_["mean"][0] == pytest.approx(mean, abs=5e-6)
    assert np.sqrt(fit.estimate_["scale"][0, 0]) == pytest.approx(scale, abs=5e-6)
    assert fit.log_likelihood_ == pytest.approx(log_likelihood, abs=5e-7)


def test_estimated_degrees_of_freedom() -> None:
    fit = EM(StudentT(), tol=1e-12).fit(ROWS)
    assert fit.estimate_["mean"][0] == pytest.approx(26.8398, abs=5e-5)
    assert np.sqrt(fit.estimate_["scale"][0, 0]) == pytest.approx(22.6951, abs=5e-5)
    assert float(fit.estimate_["dof"]) == pytest.approx(2.5009, abs=5e-5)
    assert fit.log_likelihood_ == pytest.approx(-74.546181, abs=5e-7)


def test_the_normal_distribution() -> None:
    fit = MLE(Gaussian()).fit(ROWS)
    assert fit.estimate_["mean"][0] == pytest.approx(20.9333, abs=5e-5)
    assert np.sqrt(fit.estimate_["covariance"][0, 0]) == pytest.approx(36.4645, abs=5e-5)
    assert fit.log_likelihood_ == pytest.approx(-75.229180, abs=5e-7)


@pytest.mark.parametrize("dof", FOUND)
def test_parameter_expansion_saves_iterations_and_never_falls(dof: float) -> None:
    """About half of them for one degree of freedom, where most is missing; the objective rises with each."""
    fits = {
        name: EM(StudentT(dof=dof), acceleration=name, tol=1e-10, max_iter=5000).fit(ROWS)
        for name in ("none", "expansion")
    }
    shares = {1.0: 0.6, 4.0: 0.85}
    assert fits["expansion"].n_iter_ <= shares[dof] * fits["none"].n_iter_
    assert fits["expansion"].log_likelihood_ == pytest.approx(fits["none"].log_likelihood_, abs=1e-8)
    assert np.diff(fits["expansion"].objective_history_).min() > -1e-8
