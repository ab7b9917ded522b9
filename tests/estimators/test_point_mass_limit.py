"""From posterior to point mass: every row's weight times c, at a fixed prior."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters

from pointmass import EM, VB, Gaussian, Mixture, NormalInverseGamma, NormalInverseWishart

ROWS = clusters(80, d=2, k=2, seed=6, spread=3.0)
PRIORS = {
    "full": NormalInverseWishart([0.0, 0.0], 1.0, 5.0, np.eye(2)),
    "tied": NormalInverseWishart([0.0, 0.0], 1.0, 5.0, np.eye(2)),
    "diagonal": NormalInverseGamma(0.0, 1.0, 2.5, 0.5),
    "spherical": NormalInverseGamma(0.0, 1.0, 2.5, 0.5),
}


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_c_times_the_distance_between_em_and_vb_settles(covariance):
    model = Mixture(Gaussian(covariance, PRIORS[covariance]), 2)
    # Plain sweeps contract the parameters themselves to their last digits.
    exact = {"tol": 0, "max_iter": 300, "acceleration": "none"}
    em = EM(model, init=EM(model, rng=1).fit(ROWS), **exact).fit(ROWS)
    scaled = []
    for c in (1e2, 1e3, 1e4):
        vb = VB(model, init=em, **exact).fit(ROWS, sample_weight=np.full(80, c))
        scaled.append({name: c * (array - em.estimate_[name]) for name, array in vb.estimate_.items()})
    for name, last in scaled[-1].items():
        size = np.abs(last).max()
        assert 1e-5 < size < 1e3
        np.testing.assert_allclose(scaled[1][name], last, atol=0.01 * size)
        np.testing.assert_allclose(scaled[0][name], last, atol=0.1 * size)


@pytest.mark.parametrize("method", ["mean_field", "linear_response"])
def test_the_spread_shrinks_like_one_over_the_root_of_c(method):
    model = Mixture(Gaussian("full", PRIORS["full"]), 2)
    start = EM(model, rng=1).fit(ROWS)
    sds = [
        VB(model, init=start, tol=1e-9 * c).fit(ROWS, sample_weight=np.full(80, c)).uncertainty(method).sd["mean"]
        for c in (1e2, 1e4)
    ]
    np.testing.assert_allclose(sds[0] / sds[1], 10.0, rtol=0.02)
