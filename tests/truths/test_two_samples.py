"""Two samples of 500: k-means can cluster the first and not the second; EM clusters both."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans

from pointmass import EM, Gaussian, Mixture, load_dataset
from pointmass.comparison.metrics.misassigned import share_misassigned


def errors(found: np.ndarray, labels: np.ndarray) -> int:
    return round(len(labels) * share_misassigned(found, labels))


def bayes_errors(data) -> int:
    truth = data.truth
    densities = [
        np.log(weight) + multivariate_normal.logpdf(data.X, mean, covariance)
        for weight, mean, covariance in zip(truth["weights"], truth["mean"], truth["covariance"], strict=True)
    ]
    return int((np.argmax(densities, axis=0) != truth["labels"]).sum())


def one_data_set(sample: str, seed: int, starts: int) -> tuple[int, int, int]:
    """Return the rows misassigned by k-means, by EM and by Bayes' rule."""
    data = load_dataset("two_samples", sample=sample, rng=seed)
    labels = data.truth["labels"]
    k_means = KMeans(2, n_init=starts, random_state=seed).fit_predict(data.X)
    em = EM(Mixture(Gaussian(), 2), n_init=starts, rng=seed).fit(data.X)
    return errors(k_means, labels), errors(em.predict(data.X), labels), bayes_errors(data)


@pytest.mark.parametrize(
    ("repetitions", "starts"),
    [
        (8, 5),
        pytest.param(100, 20, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
def test_rows_misassigned(repetitions, starts):
    first = np.array([one_data_set("first", seed, starts) for seed in range(repetitions)])
    second = np.array([one_data_set("second", seed, starts) for seed in range(repetitions)])
    assert np.median(first[:, 0]) == 0
    assert first[:, 1].max() <= 1
    assert 60 < np.median(second[:, 0]) < 210  # 147.5 over 100 data sets
    assert second[:, 1].max() <= 2
    assert second[:, 2].max() <= 2
    if repetitions >= 100:
        assert np.median(second[:, 0]) == pytest.approx(147.5, abs=25)
        assert np.quantile(second[:, 0], 0.05) < 60
        assert np.quantile(second[:, 0], 0.95) == pytest.approx(202, abs=25)
