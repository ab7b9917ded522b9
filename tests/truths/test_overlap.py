"""Overlapping components: how narrow mean field is, how slow plain EM is, and how often intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from cases import two_normals
from truths.observed_information import standard_errors

from pointmass import EM, VB, Gaussian, Mixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning"),
]
MODEL = Mixture(Gaussian(), 2)
SEPARATIONS = (1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)


def start(separation: float, weight: float = 0.5) -> dict:
    return {"weights": [weight, 1 - weight], "mean": [[0.0], [separation]], "covariance": np.ones((2, 1, 1))}


def sd_ratio(separation: float, seed: int) -> float:
    """Return mean field's sd of the first mean over the observed information's."""
    x = two_normals(1000, separation, seed)
    options = {"init": start(separation), "tol": 1e-9, "max_iter": 10_000}
    em, vb = EM(MODEL, **options).fit(x), VB(MODEL, **options).fit(x)
    first = np.argmin(vb.estimate_["mean"])
    return vb.uncertainty("mean_field").sd["mean"].ravel()[first] / standard_errors(em, x.ravel())[1]


@pytest.mark.parametrize(
    ("separation", "ratio"), list(zip(SEPARATIONS, (0.10, 0.17, 0.30, 0.46, 0.81, 1.01, 1.03), strict=True))
)
def test_mean_field_over_observed_information(separation, ratio):
    """Medians over 20 data sets; which data sets and which weak prior moves them by a few per cent."""
    measured = np.median([sd_ratio(separation, seed) for seed in range(20)])
    assert measured == pytest.approx(ratio, rel=0.08, abs=0.05)


def plain_sweeps(separation: float, seed: int) -> int:
    """Return how many plain sweeps from the truth gain at least 1e-10 nats."""
    options = {"init": start(separation), "acceleration": "none", "tol": 1e-11, "max_iter": 60_000}
    gains = np.diff(EM(MODEL, **options).fit(two_normals(1000, separation, seed)).objective_history_)
    return int(np.argmax(gains < 1e-10))


@pytest.mark.parametrize(
    ("separation", "sweeps"), list(zip(SEPARATIONS, (4952, 1335, 383, 145, 35, 7, 3), strict=True))
)
def test_plain_sweeps(separation, sweeps):
    measured = [plain_sweeps(separation, seed) for seed in range(20)]
    error = np.std(measured) / np.sqrt(len(measured))
    assert np.mean(measured) == pytest.approx(sweeps, abs=4 * error + 0.05 * sweeps + 1)


def covered(separation: float, seed: int) -> list[bool]:
    """Return whether mean field's 95 % intervals hold the weight, the means and the precisions."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=200) + separation * (rng.random(200) < 0.6)
    fit = VB(MODEL, n_init=3, rng=seed).fit(x)
    order = np.argsort(fit.estimate_["mean"].ravel())
    truth = {"weights": np.array([0.4, 0.6]), "mean": np.array([0.0, separation]), "covariance": np.ones(2)}
    hits = {}
    for name, (lower, upper) in fit.uncertainty("mean_field").interval().items():
        hits[name] = (lower.ravel()[order] <= truth[name]) & (truth[name] <= upper.ravel()[order])
    return [hits["weights"][0], *hits["mean"], *hits["covariance"]]


@pytest.mark.parametrize(
    ("separation", "coverage"),
    [
        (2.0, (0.22, 0.315, 0.34, 0.57, 0.555)),
        (2.5, (0.475, 0.485, 0.54, 0.645, 0.595)),
        (3.0, (0.645, 0.65, 0.67, 0.755, 0.73)),
        (4.0, (0.92, 0.83, 0.915, 0.84, 0.885)),
        (6.0, (0.955, 0.94, 0.915, 0.93, 0.955)),
    ],
)
def test_coverage_of_mean_field(separation, coverage):
    """200 data sets here and 200 there: 4 standard errors of the difference."""
    measured = np.mean([covered(separation, seed) for seed in range(200)], axis=0)
    expected = np.array(coverage)
    assert (np.abs(measured - expected) < 4.0 * np.sqrt(2.0 * expected * (1.0 - expected) / 200)).all()
