"""Deaths of women over 80 a day: the mixture of two Poissons, and how few sweeps acceleration needs."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, MLE, VB, Gamma, Mixture, Poisson, load_dataset

START = {"weights": [0.3, 0.7], "rate": [[1.0], [2.5]]}
BEST = -1989.945860


def deaths() -> np.ndarray:
    return np.asarray(load_dataset("deaths").X)


def test_one_poisson() -> None:
    fit = MLE(Poisson()).fit(deaths())
    assert fit.estimate_["rate"][0] == pytest.approx(2.156934, abs=5e-7)
    assert fit.log_likelihood_ == pytest.approx(-2001.3978474, abs=5e-7)


def test_two_poissons() -> None:
    fit = EM(Mixture(Poisson(), 2), tol=1e-10, rng=0).fit(deaths())
    order = np.argsort(fit.estimate_["rate"][:, 0])
    assert fit.log_likelihood_ == pytest.approx(BEST, abs=5e-7)
    assert fit.estimate_["weights"][order][0] == pytest.approx(0.359885, abs=6e-7)
    assert fit.estimate_["rate"][order, 0] == pytest.approx([1.256095, 2.663404], abs=6e-7)
    assert fit.status_ == "converged"


@pytest.mark.parametrize("acceleration", ["anderson", "newton"])
def test_acceleration_needs_at_most_forty_evaluations(acceleration: str) -> None:
    fit = EM(Mixture(Poisson(), 2), init=START, acceleration=acceleration, tol=1e-7).fit(deaths())
    assert fit.n_iter_ <= 40
    assert fit.log_likelihood_ >= BEST - 1e-6


@pytest.mark.slow
def test_plain_needs_1287_sweeps() -> None:
    fit = EM(Mixture(Poisson(), 2), init=START, acceleration="none", tol=0.0, max_iter=1300).fit(deaths())
    first = int(np.argmax(fit.objective_history_ >= -1989.9458598829642 - 1e-6))
    assert first == pytest.approx(1287, abs=2)


def test_the_bound_alone_is_the_gamma_poisson_evidence() -> None:
    from scipy.special import gammaln

    counts = deaths()
    n, total = counts.size, counts.sum()
    evidence = 2 * np.log(3.0) - gammaln(2.0) + gammaln(2.0 + total) - (2.0 + total) * np.log(3.0 + n)
    evidence -= gammaln(counts + 1.0).sum()
    assert VB(Poisson(Gamma(2.0, 3.0))).fit(counts).elbo_ == pytest.approx(evidence, rel=1e-12)
