"""The same start, the same model: scikit-learn's mixtures end where ours do, wherever their updates are right."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, iris
from inference.naive import m_step
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from pointmass import EM, VB, Dirichlet, Gaussian, Mixture, NormalInverseGamma, NormalInverseWishart

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

THEIRS = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}
DATA = {"clusters": (clusters(150, d=3, k=2, seed=3, spread=2.0), 2), "iris": (iris(), 3)}


def start_for(rows, k):
    """Responsibilities by slabs along the first column, softened."""
    slab = np.clip((np.argsort(np.argsort(rows[:, 0])) * k) // len(rows), 0, k - 1)
    return np.where(slab[:, None] == np.arange(k), 0.8, 0.2 / (k - 1))


def precisions(theta, covariance):
    matrices = np.linalg.inv(theta["covariance"])
    return {
        "full": matrices,
        "tied": matrices[0],
        "diagonal": np.diagonal(matrices, axis1=1, axis2=2),
        "spherical": matrices[:, 0, 0],
    }[covariance]


def their_covariances(mixture, covariance, d):
    given = mixture.covariances_
    return {
        "full": lambda: given,
        "tied": lambda: np.array([given] * mixture.n_components),
        "diagonal": lambda: np.array([np.diag(row) for row in given]),
        "spherical": lambda: given[:, None, None] * np.eye(d),
    }[covariance]()


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("sweeps", [1, 40])
def test_em_equals_gaussian_mixture(covariance, name, sweeps):
    rows, k = DATA[name]
    theta = m_step(rows, start_for(rows, k), covariance)
    theirs = GaussianMixture(
        k,
        covariance_type=THEIRS[covariance],
        reg_covar=0.0,
        tol=0.0,
        max_iter=sweeps,
        weights_init=theta["weights"],
        means_init=theta["mean"],
        precisions_init=precisions(theta, covariance),
    ).fit(rows)
    ours = EM(Mixture(Gaussian(covariance), k), init=theta, acceleration="none", tol=0, max_iter=sweeps + 1).fit(rows)
    np.testing.assert_allclose(ours.estimate_["weights"], theirs.weights_, rtol=1e-6)
    np.testing.assert_allclose(ours.estimate_["mean"], theirs.means_, rtol=1e-6)
    np.testing.assert_allclose(
        ours.estimate_["covariance"], their_covariances(theirs, covariance, rows.shape[1]), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(ours.score_samples(rows), theirs.score_samples(rows), rtol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(rows), theirs.predict_proba(rows), atol=1e-6)
    assert ours.score(rows) == pytest.approx(theirs.score(rows), rel=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_accelerated_em_ends_where_gaussian_mixture_ends(covariance):
    rows, k = DATA["clusters"]
    theta = m_step(rows, start_for(rows, k), covariance)
    theirs = GaussianMixture(
        k,
        covariance_type=THEIRS[covariance],
        reg_covar=0.0,
        tol=1e-14,
        max_iter=20_000,
        weights_init=theta["weights"],
        means_init=theta["mean"],
        precisions_init=precisions(theta, covariance),
    ).fit(rows)
    ours = EM(Mixture(Gaussian(covariance), k), init=theta, tol=1e-11, max_iter=5000).fit(rows)
    assert ours.log_likelihood_ == pytest.approx(theirs.score(rows) * len(rows), abs=1e-7)
    np.testing.assert_allclose(ours.estimate_["mean"], theirs.means_, atol=1e-4)


class FromResponsibilities(BayesianGaussianMixture):
    """Starts at given responsibilities instead of k-means."""

    responsibilities = None

    def _initialize_parameters(self, X, *args, **kwargs):
        self._initialize(X, self.responsibilities)


def prior_of(covariance, d):
    """The same numbers in our words and in theirs."""
    scale = np.eye(d) * 1.5 + 0.2
    if covariance == "full":
        return NormalInverseWishart(np.full(d, 0.3), 0.7, d + 2.5, scale), scale
    # At d = 1 their Wishart with dof and scale is our gamma with half of each.
    theirs = 1.7 if covariance == "spherical" else np.array([1.7])
    return NormalInverseGamma(0.3, 0.7, 0.5 * (d + 2.5), 0.5 * 1.7), theirs


@pytest.mark.parametrize(("covariance", "d"), [("full", 1), ("full", 3), ("diagonal", 1), ("spherical", 1)])
@pytest.mark.parametrize("sweeps", [1, 40])
def test_vb_equals_bayesian_gaussian_mixture_where_its_update_is_conjugate(covariance, d, sweeps):
    rows, k = clusters(150, d=d, k=2, seed=3, spread=2.0), 2
    if covariance == "full" and d == 1:
        ours_prior, theirs_prior = NormalInverseWishart(0.3, 0.7, 3.5, 1.7), np.array([[1.7]])
    else:
        ours_prior, theirs_prior = prior_of(covariance, d)
    start = start_for(rows, k)
    theirs = FromResponsibilities(
        n_components=k,
        covariance_type=THEIRS[covariance],
        reg_covar=0.0,
        tol=0.0,
        max_iter=sweeps,
        mean_prior=np.full(d, 0.3),
        weight_concentration_prior_type="dirichlet_distribution",
        weight_concentration_prior=0.8,
        mean_precision_prior=0.7,
        degrees_of_freedom_prior=d + 2.5,
        covariance_prior=theirs_prior,
    )
    theirs.responsibilities = start
    theirs.fit(rows)
    model = Mixture(Gaussian(covariance, ours_prior), k, Dirichlet(0.8))
    ours = VB(model, init=start, acceleration="none", tol=0, max_iter=sweeps + 1).fit(rows)
    emission = ours.belief_["emission"]
    np.testing.assert_allclose(ours.belief_["weights"].concentration, theirs.weight_concentration_, rtol=1e-6)
    np.testing.assert_allclose(emission.mean, theirs.means_, rtol=1e-6)
    np.testing.assert_allclose(np.ravel(emission.kappa), theirs.mean_precision_, rtol=1e-6)
    factor = 1.0 if hasattr(emission, "dof") else 2.0
    freedom = emission.dof if factor == 1.0 else 2.0 * emission.shape.ravel()
    np.testing.assert_allclose(freedom, theirs.degrees_of_freedom_, rtol=1e-6)
    scale = factor * emission.scale.reshape(theirs.covariances_.shape)
    each = theirs.degrees_of_freedom_.reshape(-1, *[1] * (theirs.covariances_.ndim - 1))
    np.testing.assert_allclose(scale / each, theirs.covariances_, rtol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(rows), theirs.predict_proba(rows), atol=1e-6)


def test_their_bound_lacks_constants_that_ours_has():
    """At one component ours is the log evidence (test_closed_forms); theirs is not even near it."""
    rows = clusters(100, d=2, k=1, seed=1)
    prior = NormalInverseWishart(rows.mean(0), 1.0, 4.0, np.cov(rows.T))
    ours = VB(Mixture(Gaussian("full", prior), 1)).fit(rows)
    theirs = BayesianGaussianMixture(
        n_components=1, mean_precision_prior=1.0, degrees_of_freedom_prior=4.0, reg_covar=0.0
    ).fit(rows)
    assert abs(ours.elbo_ - theirs.lower_bound_) > 10.0
