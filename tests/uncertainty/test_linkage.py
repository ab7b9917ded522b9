"""Linkage (Dempster, Laird and Rubin 1977): what the Jacobian says, to the digits that are known."""

from __future__ import annotations

import numpy as np
import pytest
from uncertainty.linkage import COUNTS, missing_information


def test_the_point_and_its_standard_error():
    """θ̂ solves 197 θ² − 15 θ − 68 = 0; the complete and observed informations are in closed form."""
    jacobian, info, loadings = missing_information(COUNTS, bayes=False)
    theta = jacobian.beliefs[0] / jacobian.beliefs.sum()
    assert theta == pytest.approx(np.roots([197.0, -15.0, -68.0]).max(), abs=1e-12)
    complete = float(info.complete(loadings)[0, 0])
    total = complete + float(info.excess(loadings)[0, 0])
    assert info.radius == pytest.approx(0.1327787, abs=5e-8)
    assert 1.0 / complete == pytest.approx(435.317854, abs=5e-6)
    assert 1.0 / total == pytest.approx(377.516900, abs=5e-6)
    assert np.sqrt(total) == pytest.approx(0.05146735, abs=5e-9)


def exact(counts):
    """Mean and sd of θ under a uniform prior, by quadrature on a grid that the likelihood fills."""
    theta = np.linspace(1e-9, 1.0 - 1e-9, 2_000_001)
    log = counts[0] * np.log(2.0 + theta) + (counts[1] + counts[2]) * np.log1p(-theta) + counts[3] * np.log(theta)
    weights = np.exp(log - log.max())
    mean = np.average(theta, weights=weights)
    return mean, np.sqrt(np.average((theta - mean) ** 2, weights=weights))


def mean_field(jacobian):
    a, b = jacobian.beliefs
    return a / (a + b), np.sqrt(a * b / (a + b + 1.0)) / (a + b)


def test_the_variational_posterior():
    jacobian, _, _ = missing_information(COUNTS, bayes=True)
    assert jacobian.beliefs == pytest.approx([64.649767, 39.0], abs=5e-7)
    assert mean_field(jacobian) == pytest.approx((0.6237329, 0.0473564), abs=5e-8)
    assert exact(COUNTS) == pytest.approx((0.6228061, 0.0509404), abs=5e-8)


RATIOS = [(1, 0.92964, 5), (10, 0.93107, 5), (100, 0.93123, 5), (1000, 0.931245, 6)]


@pytest.mark.parametrize(("times", "ratio", "digits"), RATIOS)
def test_mean_field_is_too_narrow_for_ever(times, ratio, digits):
    """VB sd / exact sd goes to √(1 − rate), not to one, as the counts grow."""
    jacobian, _, _ = missing_information(COUNTS * times, bayes=True)
    assert mean_field(jacobian)[1] / exact(COUNTS * times)[1] == pytest.approx(ratio, abs=0.5 * 10.0**-digits)


@pytest.mark.parametrize("times", [1, 10, 100, 1000])
def test_the_missing_information_predicts_it(times):
    """√(1 − λ) of the variational sweep's own Jacobian: right to O(1/n), known before any sampling."""
    jacobian, info, loadings = missing_information(COUNTS * times, bayes=True)
    narrow, wide = mean_field(jacobian)[1], exact(COUNTS * times)[1]
    complete = float(info.complete(loadings)[0, 0])
    corrected = np.sqrt(narrow**2 + float(info.excess(loadings)[0, 0]))
    assert np.sqrt(1.0 - info.radius) == pytest.approx(narrow / wide, abs=5e-3 / times)
    assert corrected == pytest.approx(wide, rel=5e-3 / times)
    assert narrow**2 == pytest.approx(complete, rel=3e-2 / times)
    assert np.sqrt(1.0 - missing_information(COUNTS, bayes=False)[1].radius) == pytest.approx(0.9312472, abs=5e-8)


def test_the_small_set():
    counts = np.array([14.0, 0.0, 1.0, 5.0])
    jacobian, info, loadings = missing_information(counts, bayes=False)
    assert jacobian.beliefs[0] / jacobian.beliefs.sum() == pytest.approx(0.9034401, abs=5e-8)
    variance = float(info.complete(loadings)[0, 0] + info.excess(loadings)[0, 0])
    assert np.sqrt(variance) == pytest.approx(0.0932347, abs=5e-8)
    assert mean_field(missing_information(counts, bayes=True)[0]) == pytest.approx((0.8346815, 0.1026410), abs=5e-8)
    assert exact(counts) == pytest.approx((0.8311240, 0.1079404), abs=5e-8)
