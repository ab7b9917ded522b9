"""Linear response: the derivative of the variational answer to a tilt of the prior, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, two_normals

from pointmass import EM, VB, Dirichlet, Gaussian, Mixture, NormalInverseWishart, PointMass
from pointmass.families.normal import Normal
from pointmass.uncertainty.linearised import Linearised

ROWS = clusters(80, d=2, k=2, seed=4, spread=2.5)
PRIOR = NormalInverseWishart(mean=[0.5, -0.5], kappa=0.3, dof=5.0, scale=np.eye(2))


def fitted(model, x=ROWS, **arguments):
    return VB(model, rng=0, tol=1e-12, max_iter=5000).fit(x, **arguments)


def refitted(model, fit):
    return VB(model, init=fit, tol=1e-13, max_iter=5000).fit(ROWS).estimate_


def covariance_with(fit, response_index):
    """Cov(g, c_j) of the public parameters with one of the sweep's coefficients."""
    linearised = Linearised(fit)
    info = linearised.information
    return linearised.shaped(linearised.loadings @ info.amplification @ info.factor[response_index])


@pytest.mark.parametrize("component", [0, 1])
def test_it_is_the_answer_to_a_tilt_of_the_weights_prior(component):
    """Multiplying the prior by π_k^ε adds ε to its concentration; d E[g] / dε = Cov(g, log π_k)."""
    fit = fitted(Mixture(Gaussian(prior=PRIOR), 2))
    tilt = 1e-3 * np.eye(2)[component]
    above, below = (refitted(Mixture(Gaussian(prior=PRIOR), 2, Dirichlet(1.0 + s * tilt)), fit) for s in (1, -1))
    expected = covariance_with(fit, component)
    for name, array in expected.items():
        np.testing.assert_allclose((above[name] - below[name]) / 2e-3, array, rtol=1e-4, atol=1e-6)


def test_its_sds_are_those_of_a_tilt_by_the_mean_itself():
    """With a known, common variance E[Λμ] is linear in the mean: a shift of the prior mean tilts by it.

    Under N(m₀, 1/κ₀) per component, m₀ → m₀ + ε / κ₀ multiplies the prior of *both* means by exp(ε μ): the answer of
    Σ μ_k is the variance of Σ μ_k.
    """
    x = two_normals(200, separation=2.5)

    def model(shift):
        prior = Normal(mean=[1.0 + shift / 0.5], kappa=0.5, covariance=[[1.0]])
        return Mixture(Gaussian(PointMass([[1.0]]), prior), 2)

    fit = fitted(model(0.0), x)
    linearised = Linearised(fit)
    info = linearised.information
    covariance = linearised.loadings @ info.amplification @ linearised.loadings.T
    mean = slice(2, 4)  # after the two weights
    above, below = (
        VB(model(s * 1e-3), init=fit, tol=1e-13, max_iter=5000).fit(x).estimate_["mean"].sum() for s in (1, -1)
    )
    assert covariance[mean, mean].sum() == pytest.approx((above - below) / 2e-3, rel=1e-5)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_without_latents_it_is_the_exact_posterior(covariance):
    fit = VB(Gaussian(covariance)).fit(ROWS)
    narrow, wide = fit.uncertainty("mean_field"), fit.uncertainty("linear_response")
    for name in narrow.sd:
        np.testing.assert_allclose(wide.sd[name], narrow.sd[name], rtol=1e-9)
        np.testing.assert_allclose(wide.interval()[name], narrow.interval()[name], rtol=1e-9)
    assert wide.diagnostics["exact"]


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_far_apart_it_adds_nothing_and_nearer_it_adds_more(covariance):
    radii = []
    for distance in (30.0, 4.0, 2.5):
        x = np.concatenate([ROWS[:40] * 0.3, ROWS[:40] * 0.3 + distance])
        fit = fitted(Mixture(Gaussian(covariance), 2), x)
        wide = fit.uncertainty("linear_response")
        radii.append(wide.diagnostics["spectral_radius"])
        ratios = [wide.sd[name] / fit.uncertainty("mean_field").sd[name] for name in ("weights", "mean")]
        assert min(ratio.min() for ratio in ratios) >= 1.0 - 1e-9
        if distance > 20:
            assert max(ratio.max() for ratio in ratios) < 1.0 + 1e-6
    assert radii == sorted(radii)


def test_it_becomes_the_information_as_data_outweigh_the_prior():
    """Every row's weight times c: linear response and the inverse observed information differ by O(1/c)."""
    gaps = []
    for c in (10.0, 100.0):
        weights = np.full(len(ROWS), c)
        sds = [
            kind(Mixture(Gaussian(prior=PRIOR), 2), init="principal", tol=1e-9, max_iter=5000)
            .fit(ROWS, sample_weight=weights)
            .uncertainty(method)
            .sd["mean"]
            for kind, method in ((EM, "information"), (VB, "linear_response"))
        ]
        gaps.append(c * np.abs(sds[1] / sds[0] - 1.0).max())
    assert gaps[0] == pytest.approx(gaps[1], rel=0.2)
    assert gaps[0] < 1.0


def test_intervals_keep_shape_and_space():
    fit = fitted(Mixture(Gaussian(), 2))
    wide = fit.uncertainty("linear_response")
    lower, upper = wide.interval(0.999)["weights"]
    assert (lower > 0).all()
    assert (upper < 1).all()
    narrow = fit.uncertainty("mean_field").interval()
    for name, (low, high) in wide.interval().items():
        assert (low <= narrow[name][0] + 1e-12).all()
        assert (high >= narrow[name][1] - 1e-12).all()


def test_a_fit_that_has_not_converged_is_not_accepted():
    with pytest.warns(UserWarning, match="not converged"):
        fit = VB(Mixture(Gaussian(), 2), rng=0, max_iter=2, n_init=1).fit(two_normals(300))
    uncertainty = fit.uncertainty("linear_response")
    assert not uncertainty.diagnostics["accepted"]
    assert "max_iter" in " ".join(uncertainty.diagnostics["reasons"])
