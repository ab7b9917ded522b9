"""Where the answer is known in closed form, every estimator gives it to the last digits."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters
from families.conjugate_cases import ORACLES

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Dirichlet,
    Gaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointMass,
)
from pointmass.families import Normal

ROWS = clusters(50, d=2, k=1, seed=1) + 3.0
KNOWN = np.array([[2.0, 0.5], [0.5, 1.0]])
WISHART = NormalInverseWishart([1.0, 2.0], 0.8, 5.0, [[2.0, 0.3], [0.3, 1.0]])
FAMILIES = {
    "full": Gaussian("full", WISHART),
    "tied": Gaussian("tied", WISHART),
    "diagonal": Gaussian("diagonal", NormalInverseGamma([1.0, 2.0], [0.8, 1.5], [2.0, 3.0], [1.0, 2.0])),
    "spherical": Gaussian("spherical", NormalInverseGamma([1.0, 2.0], 0.8, 2.0, 1.5)),
    "known": Gaussian(PointMass(KNOWN), Normal([1.0, 2.0], 0.8, KNOWN)),
    "full, default prior": Gaussian("full"),
    "spherical, default prior": Gaussian("spherical"),
}
every_family = pytest.mark.parametrize("name", FAMILIES)
OFFSETS = {"near zero": 0.0, "far from zero": 1e6}


def log_evidence(prior, rows, weights=None):
    """log p(rows), one row after another by SciPy's predictive density, updated by the textbook's formulas."""
    weights = np.ones(len(rows)) if weights is None else weights
    total = 0.0
    for row, weight in zip(rows, weights, strict=True):
        for _ in range(int(weight)):
            total += ORACLES[type(prior)][1](prior, row[None])[0, 0]
            prior = textbook_update(prior, row)
    return total, prior


def textbook_update(prior, row):
    """Posterior of one row (Murphy 2012, sections 4.6.1 and 4.6.3), one component."""
    kappa, step = prior.kappa + 1.0, row - prior.mean[0]
    each = prior.kappa if np.ndim(prior.kappa) == 2 else prior.kappa[:, None]
    mean = prior.mean + step / (each + 1.0)
    if isinstance(prior, Normal):
        return Normal.trusted(mean=mean, kappa=kappa, covariance=prior.covariance)
    if isinstance(prior, NormalInverseWishart):
        scatter = np.outer(step, step) * prior.kappa[0] / kappa[0]
        return NormalInverseWishart.trusted(mean=mean, kappa=kappa, dof=prior.dof + 1.0, scale=prior.scale + scatter)
    elementwise = np.ndim(prior.shape) == 2
    squares = step**2 if elementwise else (step**2).sum()
    return NormalInverseGamma.trusted(
        mean=mean,
        kappa=kappa,
        shape=prior.shape + (0.5 if elementwise else 0.5 * row.size),
        scale=prior.scale + 0.5 * squares * prior.kappa / kappa,
    )


def assert_same_belief(one, other, rtol=1e-9):
    for name, array in other.hyperparameters().items():
        np.testing.assert_allclose(one.hyperparameters()[name], array, rtol=rtol, err_msg=name)


@every_family
@pytest.mark.parametrize("weights", [None, np.arange(50) % 3 + 1.0], ids=["plain", "weighted"])
def test_vb_is_the_exact_posterior_and_its_elbo_the_log_evidence(name, weights):
    vb = VB(FAMILIES[name]).fit(ROWS, sample_weight=weights)
    evidence, posterior = log_evidence(vb.prior_["emission"], ROWS, weights)
    assert vb.elbo_ == pytest.approx(evidence, rel=1e-9)
    assert_same_belief(vb.belief_["emission"], posterior)
    assert vb.converged_
    assert vb.n_iter_ <= 2


@every_family
def test_predictive_density_is_the_ratio_of_evidences(name):
    vb = VB(FAMILIES[name]).fit(ROWS)
    prior, new = vb.prior_["emission"], np.array([[0.0, 1.0], [9.0, -3.0]])
    before = log_evidence(prior, ROWS)[0]
    ratios = [log_evidence(prior, np.vstack([ROWS, row]))[0] - before for row in new]
    np.testing.assert_allclose(vb.score_samples(new), ratios, rtol=1e-9)


def moments(rows, covariance, weights=None):
    weights = np.ones(len(rows)) if weights is None else weights
    mean = weights @ rows / weights.sum()
    matrix = (weights[:, None] * (rows - mean)).T @ (rows - mean) / weights.sum()
    if covariance == "diagonal":
        matrix = np.diag(np.diag(matrix))
    if covariance == "spherical":
        matrix = np.trace(matrix) / len(matrix) * np.eye(len(matrix))
    return {"mean": mean, "covariance": matrix}


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("weights", [None, np.linspace(0.1, 4.0, 50)], ids=["plain", "weighted"])
@pytest.mark.parametrize("offset", OFFSETS.values(), ids=OFFSETS)
def test_mle_is_the_sample_moments(covariance, weights, offset):
    mle = MLE(Gaussian(covariance)).fit(ROWS + offset, sample_weight=weights)
    expected = moments(ROWS + offset - offset, covariance, weights)
    np.testing.assert_allclose(mle.estimate_["mean"] - offset, expected["mean"], rtol=1e-12 + 1e-16 * offset)
    np.testing.assert_allclose(mle.estimate_["covariance"], expected["covariance"], rtol=1e-11, atol=1e-15 * offset)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_em_of_one_component_is_the_mle(covariance):
    mle = MLE(Gaussian(covariance)).fit(ROWS)
    for model in (Gaussian(covariance), Mixture(Gaussian(covariance), 1)):
        em = EM(model, rng=0).fit(ROWS)
        for name, array in mle.estimate_.items():
            np.testing.assert_allclose(em.estimate_[name].reshape(array.shape), array, rtol=1e-12)
        assert em.log_likelihood_ == pytest.approx(mle.log_likelihood_, rel=1e-13)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_vb_of_one_component_is_the_exact_posterior(covariance):
    alone, mixture = VB(Gaussian(covariance)).fit(ROWS), VB(Mixture(Gaussian(covariance), 1), rng=0).fit(ROWS)
    assert mixture.elbo_ == pytest.approx(alone.elbo_, rel=1e-12)
    for name, array in alone.belief_["emission"].hyperparameters().items():
        np.testing.assert_allclose(mixture.belief_["emission"].hyperparameters()[name], array, rtol=1e-10)


LABELLED = np.concatenate([ROWS, ROWS[:20] * 0.5 - 4.0])
LABELS = np.repeat([0, 1], [50, 20])


def class_moments(covariance, weights=None):
    """Per-class sample moments; a tied covariance pools the scatter about the class means."""
    weights = np.ones(70) if weights is None else weights
    classes = [np.arange(50), np.arange(50, 70)]
    each = "full" if covariance == "tied" else covariance
    parts = [moments(LABELLED[rows], each, weights[rows]) for rows in classes]
    matrices = np.array([part["covariance"] for part in parts])
    shares = np.array([weights[rows].sum() for rows in classes]) / weights.sum()
    if covariance == "tied":
        matrices = np.repeat(np.einsum("k,kij->ij", shares, matrices)[None], 2, axis=0)
    return {"weights": shares, "mean": np.array([part["mean"] for part in parts]), "covariance": matrices}


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("kind", [MLE, EM])
@pytest.mark.parametrize("weights", [None, np.linspace(0.5, 3.0, 70)], ids=["plain", "weighted"])
def test_all_labels_known_is_the_closed_form(covariance, kind, weights):
    fit = kind(Mixture(Gaussian(covariance), 2)).fit(LABELLED, labels=LABELS, sample_weight=weights)
    for name, array in class_moments(covariance, weights).items():
        np.testing.assert_allclose(fit.estimate_[name], array, rtol=1e-11, atol=1e-13)
    assert fit.status_ == "converged"
    assert fit.n_iter_ <= 2
    np.testing.assert_array_equal(np.unique(fit.predict(LABELLED)), [0, 1])


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical"])
def test_all_labels_known_makes_vb_exact(covariance):
    """Independent classes: each its own exact posterior, the weights a Dirichlet; the ELBO is the evidence."""
    vb = VB(Mixture(FAMILIES[covariance], 2, Dirichlet([1.5, 0.5]))).fit(LABELLED, labels=LABELS)
    np.testing.assert_allclose(vb.belief_["weights"].concentration, [51.5, 20.5], rtol=1e-12)
    evidence = 0.0
    for k, rows in enumerate((LABELLED[:50], LABELLED[50:])):
        alone = VB(FAMILIES[covariance]).fit(rows)
        evidence += alone.elbo_
        for name, array in alone.belief_["emission"].hyperparameters().items():
            np.testing.assert_allclose(vb.belief_["emission"].hyperparameters()[name][k], array[0], rtol=1e-9)
    # Dirichlet-multinomial by sequential counting.
    counts = np.array([1.5, 0.5])
    for label in LABELS:
        evidence += np.log(counts[label] / counts.sum())
        counts[label] += 1.0
    assert vb.elbo_ == pytest.approx(evidence, rel=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_map_under_a_flat_prior_is_the_mle(covariance):
    """The documented flat prior in (mean, precision), to the limit: kappa and scale towards nothing."""
    tiny = 1e-13
    flat = {
        "full": NormalInverseWishart([0.0, 0.0], tiny, 2.0, tiny * np.eye(2)),
        "tied": NormalInverseWishart([0.0, 0.0], tiny, 2.0, tiny * np.eye(2)),
        "diagonal": NormalInverseGamma(0.0, tiny, 0.5, tiny),
        "spherical": NormalInverseGamma(0.0, tiny, tiny, tiny),
    }[covariance]
    fit = MAP(Gaussian(covariance, flat)).fit(ROWS)
    for name, array in moments(ROWS, covariance).items():
        np.testing.assert_allclose(fit.estimate_[name], array, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("name", ["full", "tied", "diagonal", "spherical", "known"])
def test_map_is_the_mode_of_the_exact_posterior(name):
    fit, vb = MAP(FAMILIES[name]).fit(ROWS), VB(FAMILIES[name]).fit(ROWS)
    mode = vb.model_.public({"emission": vb.belief_["emission"].parameter_mode()})
    for key, array in mode.items():
        np.testing.assert_allclose(fit.estimate_[key], array, rtol=1e-11)
    prior, at = fit.prior_["emission"], fit.belief_["emission"].parameters
    expected = fit.log_likelihood_ + ORACLES[type(prior)][0](prior, at)
    assert fit.objective_history_[-1] == pytest.approx(expected, rel=1e-11)
