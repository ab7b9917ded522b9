"""Heights of women and men, not told apart: what 500 and 2,000 people say about the two means."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, MLE, Gaussian, Mixture, load_dataset

START = {"weights": [0.5, 0.5], "mean": [[162.8], [176.0]], "covariance": [[[49.0]], [[7.4**2]]]}


def test_separation_is_about_1_8():
    truth = load_dataset("heights").truth
    distance = np.diff(truth["mean"].ravel()).item()
    assert distance / np.sqrt(truth["covariance"].mean()) == pytest.approx(1.8, abs=0.05)


def one_data_set(n: int, seed: int) -> list[float]:
    """Return the lower mean, its weight, the gain over one normal, and the plain sweeps to the local optimum."""
    x = load_dataset("heights", n=n, rng=seed).X
    fit = EM(Mixture(Gaussian(), 2), rng=seed, max_iter=5000).fit(x)
    plain = EM(Mixture(Gaussian(), 2), init=START, acceleration="none", tol=1e-8, max_iter=30_000).fit(x)
    first = int(np.argmin(fit.estimate_["mean"]))
    gain = fit.log_likelihood_ - MLE(Gaussian()).fit(x).log_likelihood_
    return [fit.estimate_["mean"].ravel()[first], fit.estimate_["weights"][first], gain, plain.n_iter_]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize(
    ("n", "data_sets", "sd_mean", "sd_weight", "gain", "sweeps"),
    [
        (500, 60, 3.6, 0.25, 5.2, 2300),
        (2000, 40, 1.9, 0.12, 14.8, 2700),
    ],
)
def test_spread_over_data_sets(n, data_sets, sd_mean, sd_weight, gain, sweeps):
    """The sds of so many data sets have a relative error of about 10 %; the sweeps depend on when they stop."""
    results = np.array([one_data_set(n, seed) for seed in range(data_sets)])
    error = results[:, 2].std() / np.sqrt(data_sets)
    assert results[:, 0].std(ddof=1) == pytest.approx(sd_mean, rel=0.3)
    assert results[:, 1].std(ddof=1) == pytest.approx(sd_weight, rel=0.3)
    assert results[:, 2].mean() == pytest.approx(gain, abs=4 * error)
    assert sweeps / 2 < results[:, 3].mean() < sweeps * 2
