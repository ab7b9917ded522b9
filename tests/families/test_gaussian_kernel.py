"""The fast form of a Gaussian's log density against the centred one, where digits are hard to keep."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES
from families.conjugate_cases import gamma_belief, wishart_belief
from scipy import stats

from pointmass import Gaussian
from pointmass.families.coordinates import Coordinates
from pointmass.families.normal_inverse_gamma import NormalInverseGamma
from pointmass.families.normal_inverse_wishart import NormalInverseWishart

BELIEFS = {
    "full": wishart_belief(3, 2, 0),
    "tied": wishart_belief(3, 2, 1, tied=True),
    "diagonal": gamma_belief(3, 2, 2),
    "spherical": gamma_belief(3, 2, 3, common=True),
}


def kernel_of(covariance, width=1.0, offset=0.0):
    """Components of one width, one of them near the origin, at a known distance from it."""
    mean = np.array([[0.0, 0.0], [3.0, 1.0], [-2.0, 4.0]]) + offset
    matrix = width**2 * np.array([[1.0, 0.6], [0.6, 2.0]])
    conjugate = NormalInverseWishart if covariance in ("full", "tied") else NormalInverseGamma
    parameters = {
        "full": {"covariance": np.array([matrix] * 3)},
        "tied": {"covariance": matrix},
        "diagonal": {"variance": width**2 * np.ones((3, 2))},
        "spherical": {"variance": width**2 * np.ones(3)},
    }[covariance]
    point = {"mean": mean, **parameters}
    family = Gaussian(covariance)
    belief = conjugate.natural_parameters_at(point)
    public = family.public(point)
    return _Kernel(family, belief, public)


class _Kernel:
    def __init__(self, family, expected, public):
        self.public = public
        self.kernel = family.kernel(_Fixed(expected), np.zeros(3), Coordinates.identity(2))

    def log_density(self, rows):
        return self.kernel.log_density(self.kernel.features(rows), rows)


class _Fixed:
    def __init__(self, expected):
        self.expected = expected

    def expected_natural_parameters(self):
        return self.expected


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize(
    ("width", "offset"), [(1.0, 0.0), (1e-3, 0.0), (1e-8, 0.0), (1.0, 1e3), (1.0, 1e8), (1e3, 1e8)]
)
def test_log_density_keeps_its_digits(covariance, width, offset):
    kernel = kernel_of(covariance, width, offset)
    noise = np.random.default_rng(0).normal(size=(40, 2))
    for k in range(3):
        rows = kernel.public["mean"][k] + width * noise
        # Rounding of the rows themselves, seen in units of the width.
        unit = np.finfo(float).eps * np.abs(rows).max() / width
        value = kernel.log_density(rows)[k]
        step = rows - kernel.public["mean"][k]
        expected = stats.multivariate_normal.logpdf(step / width, cov=kernel.public["covariance"][k] / width**2)
        np.testing.assert_allclose(value, expected - 2.0 * np.log(width), atol=1e-9 + 50.0 * unit)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_statistics_of_tight_components_give_their_moments(covariance):
    """Mean and scatter of rows a billionth wide, at a distance of 5 from the origin."""
    width = 1e-9
    kernel = kernel_of(covariance, width)
    rows = kernel.public["mean"][1] + width * np.random.default_rng(1).normal(size=(500, 2))
    responsibilities = np.array([np.zeros(500), np.ones(500), np.zeros(500)])
    moments = kernel.kernel.statistics(kernel.kernel.features(rows), responsibilities)
    step = rows - kernel.public["mean"][1]
    np.testing.assert_allclose(moments.row_means()[1] - kernel.public["mean"][1], step.mean(0), atol=1e-15)
    centred = step - step.mean(0)
    expected = {
        "full": centred.T @ centred,
        "tied": centred.T @ centred,
        "diagonal": (centred**2).sum(0),
        "spherical": (centred**2).sum(),
    }[covariance]
    np.testing.assert_allclose(moments.central_scatter()[1], expected, rtol=1e-9, atol=1e-9 * width**2 * 500)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_moments_about_another_centre_are_those_of_shifted_rows(covariance):
    family, rows = Gaussian(covariance), np.random.default_rng(2).normal(size=(30, 2))
    kernel = family.kernel(BELIEFS[covariance], np.zeros(3), Coordinates.identity(2))
    r = np.random.default_rng(3).dirichlet(np.ones(3), size=30).T
    centre = np.random.default_rng(4).normal(size=(3, 2))
    moved = kernel.statistics(kernel.features(rows), r).about(centre)
    for k in range(3):
        direct = kernel.statistics(kernel.features(rows - centre[k]), r)
        np.testing.assert_allclose(moved.count[k], direct.count[k], rtol=1e-13)
        np.testing.assert_allclose(moved.total[k], direct.total[k], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(moved.scatter[k], direct.scatter[k], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_moments_add_whatever_their_centres(covariance):
    family, rows = Gaussian(covariance), np.random.default_rng(5).normal(size=(30, 2))
    kernel = family.kernel(BELIEFS[covariance], np.zeros(3), Coordinates.identity(2))
    r = np.random.default_rng(6).dirichlet(np.ones(3), size=30).T
    whole = kernel.statistics(kernel.features(rows), r)
    first, second = (kernel.statistics(kernel.features(rows[part]), r[:, part]) for part in (slice(9), slice(9, 30)))
    elsewhere = second.about(np.random.default_rng(7).normal(size=(3, 2)))
    for total in (first + second, first + elsewhere, elsewhere + first, (first + second) * 2.0 * 0.5):
        np.testing.assert_allclose(total.row_means(), whole.row_means(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(total.central_scatter(), whole.central_scatter(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_offset_of_a_component_is_added_to_its_log_density(covariance):
    rows = np.random.default_rng(8).normal(size=(5, 2))
    plain, raised = (
        Gaussian(covariance).kernel(BELIEFS[covariance], offset, Coordinates.identity(2))
        for offset in (np.zeros(3), np.array([1.0, -2.0, -np.inf]))
    )
    with np.errstate(invalid="ignore"):
        difference = raised.log_density(raised.features(rows), rows) - plain.log_density(plain.features(rows), rows)
    np.testing.assert_allclose(difference[:2], np.array([[1.0], [-2.0]]) * np.ones(5), rtol=1e-12)
    assert np.isneginf(difference[2]).all()
