"""The natural and mean maps of a likelihood: what exponential families promise, for every covariance type."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pointmass import Gaussian
from pointmass.families.conjugate import Parameters
from pointmass.families.gaussian import COVARIANCES

K, D = 3, 2


def parameters(family: Gaussian, rng: np.random.Generator) -> Parameters:
    """Return public parameters of K components that the covariance type allows."""
    root = rng.standard_normal((K, D, D))
    covariance = root @ np.swapaxes(root, 1, 2) + 0.5 * np.eye(D)
    return family.public(family.native({"mean": rng.standard_normal((K, D)), "covariance": covariance}))


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_natural_parameters_times_statistics_is_the_log_density(covariance: str) -> None:
    rng = np.random.default_rng(1)
    family = Gaussian(covariance)
    theta, rows = parameters(family, rng), rng.standard_normal((20, D))
    ours = family.natural_parameters(theta) @ family.sufficient_statistics(rows.T)
    for k in range(K):
        peer = stats.multivariate_normal(theta["mean"][k], theta["covariance"][k]).logpdf(rows)
        assert ours[k] == pytest.approx(peer, abs=1e-10)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_the_gradient_of_the_log_partition_is_the_mean_statistic(covariance: str) -> None:
    """Along any curve θ(ε), dA = E[t] · dη; a wrong factor of a pair of columns would show."""
    rng = np.random.default_rng(2)
    family = Gaussian(covariance)
    start, end = parameters(family, rng), parameters(family, rng)

    def at(epsilon: float) -> Parameters:
        return {name: start[name] + epsilon * (end[name] - start[name]) for name in start}

    step = 1e-5
    slope = (family.log_partition(at(step)) - family.log_partition(at(-step))) / (2 * step)
    natural = (family.natural_parameters(at(step)) - family.natural_parameters(at(-step))) / (2 * step)
    expected = (natural[:, 1:] * family.mean_statistics(start)[:, 1:]).sum(1)
    assert slope == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_mean_statistics_are_those_of_samples(covariance: str) -> None:
    rng = np.random.default_rng(3)
    family = Gaussian(covariance)
    theta = parameters(family, rng)
    for k in range(K):
        t = family.sufficient_statistics(family.sample(theta, np.full(40_000, k), rng).T)
        error = t.std(1) / np.sqrt(t.shape[1])
        assert np.all(np.abs(t.mean(1) - family.mean_statistics(theta)[k]) <= 5 * error + 1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_the_mean_map_has_an_inverse(covariance: str) -> None:
    family = Gaussian(covariance)
    theta = parameters(family, np.random.default_rng(4))
    back = family.from_mean_statistics(family.mean_statistics(theta), D)
    for name, array in theta.items():
        assert back[name] == pytest.approx(array, abs=1e-12)
