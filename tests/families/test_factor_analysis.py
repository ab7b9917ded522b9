"""Factor analysis and principal components: against SciPy, scikit-learn, closed forms and numerical derivatives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from families.family_contract import CHECKS, OF_COMPLETE_ROWS, close
from sampling.cases import prior_points, working_prior
from sampling.test_joint_density import assert_equal_densities, batch_density, our_density, pymc_density, volume
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.decomposition import FactorAnalysis as Peer

from pointmass import (
    EM,
    MAP,
    MLE,
    NUTS,
    VB,
    FactorAnalysis,
    Gaussian,
    Gibbs,
    Mixture,
    PointMass,
    PointmassError,
    compare,
    load_dataset,
    load_fit,
)
from pointmass.errors import PointmassWarning
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.families.coordinates import Coordinates
from pointmass.families.factor_analysis import NOISES
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.families.relevant_coefficients import RelevantCoefficients
from pointmass.families.triangular_loadings import TriangularLoadings
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Rows, as_model

WINE = load_wine().data
ONE = load_dataset("factor_analysis", n=150, rng=3).X
TWO = load_dataset(
    "factor_analysis", n=200, loadings=[[2, 0], [1.5, 1], [0, 1.2], [1, -1], [0.5, 0.5], [1, 1]], rng=1
).X

RELEVANT = GammaPrecision(1.5, 0.7)

ALONE = [check for check in CHECKS if check not in OF_COMPLETE_ROWS and "mixtures" not in check.__name__]
ALONE = [check for check in ALONE if not any(word in check.__name__ for word in ("log_joint", "predictive"))]


SIGNS = ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))


def covariance_of(estimate: dict[str, np.ndarray]) -> np.ndarray:
    loadings = estimate["loadings"]
    return loadings @ loadings.T + np.diag(np.broadcast_to(estimate["noise_variance"], len(loadings)))


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("check", ALONE, ids=lambda check: check.__name__)
def test_contract(check, noise: str) -> None:
    check(FactorAnalysis(noise=noise))


def standardised(name: str) -> np.ndarray:
    rows = load_dataset(name).X
    return np.asarray((rows - rows.mean(0)) / rows.std(0))


@pytest.mark.parametrize("n_factors", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_em_is_scikit_learns_maximum(n_factors: int) -> None:
    rows = standardised("wine")
    peer = Peer(n_factors, tol=1e-10, max_iter=20_000, svd_method="lapack").fit(rows)
    fit = EM(FactorAnalysis(n_factors), tol=1e-11, max_iter=5000).fit(rows)
    assert fit.status_ == "converged"
    assert fit.log_likelihood_ == pytest.approx(peer.score(rows) * len(rows), abs=1e-6)
    assert fit.estimate_["noise_variance"] == pytest.approx(peer.noise_variance_, abs=1e-4)
    assert covariance_of(fit.estimate_) == pytest.approx(peer.get_covariance(), abs=1e-4)


@pytest.mark.filterwarnings("ignore:.*edge of its range")
def test_no_digits_are_lost_where_noise_is_small() -> None:
    """At a uniqueness of 3e-8 the likelihood is that of a covariance, and below the largest that any has."""
    rows = load_dataset("iris").X
    fit = EM(FactorAnalysis(3), tol=1e-11, acceleration="newton").fit(rows)
    assert fit.estimate_["noise_variance"].min() < 1e-7
    assert fit.log_likelihood_ < MLE(Gaussian()).fit(rows).log_likelihood_
    expected = stats.multivariate_normal(fit.estimate_["mean"], covariance_of(fit.estimate_)).logpdf(rows).sum()
    assert fit.log_likelihood_ == pytest.approx(expected, abs=1e-5)


def largest_likelihood(rows: np.ndarray, q: int) -> float:
    """Jöreskog's (1967) likelihood with the loadings maximised out, from ten starts, uniquenesses of at least 1e-9."""
    n, d = rows.shape
    covariance = np.cov(rows, rowvar=False, ddof=0)

    def negative(logs: np.ndarray) -> float:
        scales = np.exp(-0.5 * logs)
        values = np.maximum(np.linalg.eigvalsh(covariance * np.outer(scales, scales))[::-1], 1e-300)
        top = np.maximum(values[:q], 1.0)
        total = logs.sum() + (np.log(top) + values[:q] / top).sum() + values[q:].sum()
        return float(0.5 * n * (total + d * np.log(2.0 * np.pi)))

    starts = np.log(np.random.default_rng(0).uniform(0.02, 0.9, (10, d)))
    ends = [minimize(negative, start, method="L-BFGS-B", bounds=[(np.log(1e-9), 1.0)] * d) for start in starts]
    return -min(end.fun for end in ends)


@pytest.mark.filterwarnings("ignore:.*edge of its range", "ignore:FactorAnalysis did not converge")
@pytest.mark.parametrize(("n_factors", "status"), [(1, "boundary"), (2, "boundary"), (3, "converged")])
def test_heywood_cases_are_marked_and_nowhere_is_more_likely(n_factors: int, status: str) -> None:
    """Iris goes to the boundary with one factor and with two; three have more parameters than it takes."""
    rows = standardised("iris")
    fit = EM(FactorAnalysis(n_factors), tol=1e-11, max_iter=20_000).fit(rows)
    assert fit.status_ == status
    assert (fit.estimate_["noise_variance"] < 1e-4).any() == (status == "boundary")
    # On the way to the boundary sweeps freeze: the last thousandths of a nat are not worth them.
    assert fit.log_likelihood_ == pytest.approx(largest_likelihood(rows, n_factors), abs=5e-3)
    peer = Peer(n_factors, tol=1e-8, max_iter=2000, svd_method="lapack").fit(rows)
    assert fit.log_likelihood_ > peer.score(rows) * len(rows) - 1e-6
    if n_factors == 2:
        told = fit.uncertainty("information")
        assert not told.diagnostics["accepted"] and "boundary" in told.diagnostics["reasons"][0]
        assert MAP(FactorAnalysis(2)).fit(rows).status_ == "converged"


# -- principal components --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "n_factors"), [("iris", 1), ("iris", 3), ("wine", 2)])
def test_the_closed_form_is_scikit_learns_and_ems_maximum(name: str, n_factors: int) -> None:
    """Scikit-learn divides squares by n − 1, where the likelihood has its maximum at n: the covariance that it implies
    is proportional to those of the eigenvalues."""
    rows = load_dataset(name).X
    n = len(rows)
    peer = PCA(n_factors).fit(rows)
    covariance = peer.get_covariance() * (n - 1) / n
    expected = stats.multivariate_normal(peer.mean_, covariance, allow_singular=True).logpdf(rows).sum()
    model = FactorAnalysis(n_factors, noise="common")
    formula, swept = MLE(model).fit(rows), EM(model, tol=1e-11, max_iter=5000).fit(rows)
    assert formula.log_likelihood_ == pytest.approx(expected, abs=1e-6)
    assert swept.log_likelihood_ == pytest.approx(formula.log_likelihood_, abs=1e-6)
    assert peer.score(rows) * n < formula.log_likelihood_  # n − 1 is not the maximum
    for fit in (formula, swept):
        assert covariance_of(fit.estimate_) == pytest.approx(covariance, rel=1e-4, abs=1e-4)
        assert fit.estimate_["noise_variance"] == pytest.approx(peer.noise_variance_ * (n - 1) / n, rel=1e-6)
    assert formula.status_ == "converged"
    assert formula.objective_history_[0] == pytest.approx(expected, abs=1e-6)  # sweeps from there find nothing


def test_the_closed_form_takes_weights_and_offsets() -> None:
    """A weight is a number of copies; data at 1e8 ± 1 give what data at 0 ± 1 give."""
    rows, copies = load_dataset("iris").X, np.arange(150) % 3
    model = FactorAnalysis(2, noise="common")
    weighted = MLE(model).fit(rows, sample_weight=copies)
    repeated = MLE(model).fit(np.repeat(rows, copies, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, abs=1e-8)
    assert covariance_of(weighted.estimate_) == pytest.approx(covariance_of(repeated.estimate_), abs=1e-10)
    moved = MLE(model).fit(np.repeat(rows, copies, axis=0) + 1e8)
    assert covariance_of(moved.estimate_) == pytest.approx(covariance_of(repeated.estimate_), abs=1e-6)


def test_without_a_formula_there_is_no_closed_form() -> None:
    with pytest.raises(PointmassError, match="there is none where rows hide values; use EM"):
        MLE(FactorAnalysis(1)).fit(ONE)


def test_principal_components_turn_with_the_columns() -> None:
    """A common noise variance singles out no column: turned data have the turned fit, whatever the method."""
    rows = load_dataset("iris").X
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    for fit in (EM(FactorAnalysis(2, noise="common"), tol=1e-11), MLE(FactorAnalysis(2, noise="common"))):
        plain, turned = fit.fit(rows).estimate_, fit.fit(rows @ turn.T).estimate_
        assert covariance_of(turned) == pytest.approx(turn @ covariance_of(plain) @ turn.T, abs=1e-5)


@pytest.mark.parametrize("estimator", [EM, MAP])
def test_densities_are_scipys(estimator: type) -> None:
    fit = estimator(FactorAnalysis(2), tol=1e-10, max_iter=5000).fit(WINE)
    e = fit.estimate_
    expected = stats.multivariate_normal(e["mean"], covariance_of(e)).logpdf(WINE)
    assert fit.score_samples(WINE) == pytest.approx(expected, abs=1e-8)
    draws = {name: np.stack([array, array]) for name, array in e.items()}
    assert fit.model_.log_likelihood(draws, fit._data) == pytest.approx([expected.sum()] * 2, abs=1e-6)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_no_plain_sweep_falls(estimator: type, noise: str) -> None:
    for seed in range(10):
        rows = load_dataset("factor_analysis", n=30, rng=seed).X
        with np.errstate(all="ignore"):
            fit = estimator(FactorAnalysis(1 + seed % 2, noise), acceleration="none", tol=0.0, max_iter=15).fit(rows)
        assert np.diff(fit.objective_history_).min() > -1e-8


def test_a_uniqueness_that_goes_to_zero_is_the_boundary() -> None:
    """Iris with one factor, a Heywood case: EM does not stop on the way there, as scikit-learn does."""
    rows = load_dataset("iris").X
    with pytest.warns(PointmassWarning, match="noise_variance has entries at the edge"):
        fit = EM(FactorAnalysis(1), tol=1e-10, max_iter=5000).fit(rows)
    assert fit.status_ == "boundary"
    assert fit.estimate_["noise_variance"].min() < 1e-4 * rows.var(axis=0).max()
    assert fit.log_likelihood_ == pytest.approx(-422.37776, abs=1e-4)
    assert MAP(FactorAnalysis(1)).fit(rows).status_ == "converged"


# -- what a rotation leaves alone ------------------------------------------------------------------------------


def test_rotated_starts_reach_one_fit() -> None:
    first = EM(FactorAnalysis(2), tol=1e-12, max_iter=5000).fit(TWO)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    start = {**first.estimate_, "loadings": 0.9 * first.estimate_["loadings"] @ turn}
    other = EM(FactorAnalysis(2), init=start, tol=1e-12, max_iter=5000).fit(TWO)
    assert np.abs(pack_loadings(first) - pack_loadings(other)).max() > 0.1
    for name, array in first.estimate_.items():
        assert other.estimate_[name] == pytest.approx(array, abs=1e-4)
    assert other.log_likelihood_ == pytest.approx(first.log_likelihood_, abs=1e-8)


def pack_loadings(fit: EM) -> np.ndarray:
    """The loadings that the belief holds, of whatever rotation the start was."""
    return np.asarray(fit.belief_["emission"].parameters["coefficients"][:, 1:])


@pytest.mark.parametrize("q", [1, 2, 3])
def test_the_section_meets_each_orbit_once(q: int) -> None:
    rng = np.random.default_rng(q)
    section = TriangularLoadings((4, 0, 2)[:q])
    loadings = rng.standard_normal((50, 6, q))
    turned = section.turned(loadings, np.ones(6))
    assert turned @ np.swapaxes(turned, -1, -2) == pytest.approx(loadings @ np.swapaxes(loadings, -1, -2), abs=1e-12)
    own = turned[:, list(section.anchors)]
    assert not np.triu(own, 1).any() and (np.diagonal(own, axis1=1, axis2=2) > 0).all()
    turns = np.linalg.qr(rng.standard_normal((50, q, q)))[0]
    assert section.turned(loadings @ turns, np.ones(6)) == pytest.approx(turned, abs=1e-12)
    assert section.turned(turned, np.ones(6)) == pytest.approx(turned, abs=1e-12)


@pytest.mark.parametrize("q", [1, 2, 3])
def test_densities_on_the_section_integrate_to_one(q: int) -> None:
    """∫ h = E_p[h / p] = 1 for a normal density h inside p, where p is the density of draws turned to the section."""
    d, model = q + 1, as_model(FactorAnalysis(q, anchors=tuple(range(q))))
    unit = np.broadcast_to(np.eye(q + 1), (d, q + 1, q + 1))
    prior = FactorCoefficients.trusted(
        mean=np.zeros((d, q + 1)), factor=unit, shape=np.full(d, 20.0), scale=np.full(d, 20.0)
    )
    log_joint = LogJoint(model, Rows(np.empty((0, d)), Coordinates.identity(d)), {"emission": prior})
    assert log_joint.size == d * (q + 2) - q * (q - 1) // 2
    draws = prior.parameter_draws(40_000, np.random.default_rng(q))
    vectors = log_joint.unconstrain(model.public({"emission": draws}))
    inside = stats.multivariate_normal(vectors.mean(0), 0.2 * np.cov(vectors.T))
    close(np.exp(inside.logpdf(vectors) - log_joint(vectors)), 1.0)


def test_standard_errors_are_those_of_the_section() -> None:
    """Rotations apart the information is regular: numerical derivatives of the likelihood along the section."""
    fit = EM(FactorAnalysis(2), tol=1e-13, max_iter=5000).fit(TWO)
    found, log_joint = fit.uncertainty("information"), fit.log_joint()
    assert found.diagnostics["accepted"]
    centre, size = (
        log_joint.unconstrain({name: array[None] for name, array in fit.estimate_.items()})[0],
        log_joint.size,
    )
    step = 1e-3 * np.eye(size)
    places = [centre + a * step[i] + b * step[j] for i in range(size) for j in range(size) for a, b in SIGNS]
    draws = log_joint.constrain(np.array(places))
    values = fit.model_.log_likelihood(draws, fit._data).reshape(size, size, 4)
    curvature = -values @ np.array([1.0, -1.0, -1.0, 1.0]) / 4e-6
    slopes = log_joint.constrain(centre + step), log_joint.constrain(centre - step)
    covariance = np.linalg.inv(curvature)
    for name, sd in found.sd.items():
        slope = ((slopes[0][name] - slopes[1][name]) / 2e-3).reshape(size, -1)
        expected = np.sqrt(np.einsum("ia,ij,ja->a", slope, covariance, slope))
        assert sd.ravel() == pytest.approx(expected, rel=2e-3, abs=1e-9), name


def test_what_is_no_rotation_and_is_not_told_has_no_standard_error() -> None:
    """Three factors of four columns have more parameters than a covariance has entries."""
    found = EM(FactorAnalysis(3), tol=1e-10, max_iter=5000).fit(ONE).uncertainty("information")
    assert not found.diagnostics["accepted"]
    assert "do not tell some direction" in found.diagnostics["reasons"][-1]
    assert np.isnan(found.sd["loadings"]).all()


# -- how many factors there are -----------------------------------------------------------------------------------


THREE = np.kron(np.eye(3), np.ones((4, 1))) * np.linspace(0.7, 1.2, 12)[:, None]
"""Three factors, each of four columns, of different strengths."""


@pytest.mark.parametrize("estimator", [VB, MAP])
@pytest.mark.parametrize("noise", ["common", pytest.param("each", marks=pytest.mark.slow)])
def test_superfluous_factors_are_switched_off(noise: str, estimator: type) -> None:
    rows = load_dataset("factor_analysis", n=300, loadings=THREE, noise_variance=0.5, rng=3).X
    model = FactorAnalysis(8, noise, loading_prior=GammaPrecision(1e-3, 1e-3))
    fit = estimator(model, max_iter=5000).fit(rows)
    lengths = np.sqrt((fit.estimate_["loadings"] ** 2).sum(axis=0))
    assert fit.status_ == "converged"
    assert (lengths[:3] > 1.0).all() and (lengths[3:] < 1e-3).all()
    plain = estimator(FactorAnalysis(8, noise), max_iter=5000).fit(rows)
    assert (np.sqrt((plain.estimate_["loadings"] ** 2).sum(axis=0)) > 0.1).all()
    told = fit.uncertainty("mean_field" if estimator is VB else "information")
    if estimator is VB:
        assert fit.elbo_ > plain.elbo_
        weights = fit.uncertainty("importance", rng=0).diagnostics
        assert not weights["accepted"] and "some loadings are switched off" in weights["reasons"][0]
    else:  # what is switched off has no order and no sign, and no standard error
        assert np.isnan(told.sd["loadings"][:, 3:]).all()
    assert (told.sd["loadings"][:, :3] > 0.01).all() and (told.sd["noise_variance"] > 0.0).all()


@pytest.mark.slow
def test_switched_off_factors_need_mcmc_however_many_draws_count() -> None:
    """Weights of these draws pass by their own measure with one seed and not with another."""
    loadings = np.kron(np.eye(2), np.ones((3, 1))) * [1.0, 0.9]
    rows = load_dataset("factor_analysis", n=100, loadings=loadings, noise_variance=0.4, rng=np.random.default_rng(5)).X
    fit = VB(FactorAnalysis(3, "common", loading_prior=GammaPrecision(1e-3, 1e-3)), n_init=2, rng=0).fit(rows)
    restored = load_fit(fit.to_datatree(uncertainty=["mean_field", "linear_response", "importance"]))
    verdict = compare([restored]).verdict
    assert "MCMC is needed" in verdict and "MCMC is not needed" not in verdict


def relevant_prior(noise: str, q: int = 1) -> RelevantCoefficients:
    family = FactorAnalysis(q, noise, loading_prior=RELEVANT)
    return family.default_prior(ONE[:, :3], None)


@pytest.mark.parametrize("noise", NOISES)
def test_the_prior_of_loadings_is_the_integral_over_their_precision(noise: str) -> None:
    prior = relevant_prior(noise)
    theta = {name: array[0] for name, array in prior.parameter_draws(1, np.random.default_rng(2)).items()}

    def integrand(log_precision: float) -> float:
        precision = np.exp(log_precision)
        given = prior._at(np.array([precision])).log_density(theta)
        return float(np.exp(given + RELEVANT.log_density({"precision": precision})) * precision)

    expected = quad(integrand, -25.0, 12.0, epsabs=0.0, epsrel=1e-10, limit=200)[0]
    assert prior.log_density(theta) == pytest.approx(np.log(expected), abs=1e-8)


@pytest.mark.parametrize("noise", NOISES)
def test_the_divergence_counts_the_precisions(noise: str) -> None:
    """E_q[log q − log p] of coefficients and precisions together, these distributed as is best for the belief."""
    prior, belief = relevant_prior(noise, 2), VB(FactorAnalysis(2, noise)).fit(ONE[:, :3]).belief_["emission"]
    own = GammaPrecision.trusted(shape=np.full(2, 1.5), rate=np.full(2, 0.7))
    precisions, rng = prior.precisions(belief), np.random.default_rng(0)

    def log_ratio(alpha: np.ndarray, theta: dict[str, np.ndarray]) -> float:
        above = belief.log_density(theta) + precisions.log_density({"precision": alpha})
        return float(above - prior._at(alpha).log_density(theta) - own.log_density({"precision": alpha}))

    draws = {**belief.parameter_draws(4000, rng), **precisions.parameter_draws(4000, rng)}
    each = [{name: array[s] for name, array in draws.items()} for s in range(4000)]
    close(np.array([log_ratio(theta.pop("precision"), theta) for theta in each]), belief.divergence(prior))
    for factor in (0.9, 1.1):  # of no other distribution of the precisions is it less
        other = GammaPrecision.trusted(shape=precisions.shape, rate=precisions.rate * factor)
        alpha, logs = other.parameter_mean()["precision"], other.expected_natural_parameters()["log_precision"]
        given = belief.divergence(prior._at(alpha)) + 1.5 * (np.log(alpha) - logs).sum()
        assert given + other.divergence(own) > belief.divergence(prior)


def test_drawn_precisions_have_their_conditional_mean() -> None:
    prior = relevant_prior("each", 2)
    point = prior._at(np.array([2.0, 3.0])).draw(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    found = [np.diagonal(prior.given(point, rng).factor[0])[1:] ** 2 for _ in range(4000)]
    close(np.array(found), prior.precisions(point).parameter_mean()["precision"])


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISES)
def test_precisions_that_are_drawn_give_the_posterior(noise: str) -> None:
    """Gibbs with drawn precisions, beside importance weights, whose density has them integrated out."""
    model = FactorAnalysis(1, noise, loading_prior=RELEVANT)
    gibbs, vb = Gibbs(model, rng=0).fit(ONE), VB(model, tol=1e-10).fit(ONE)
    corrected, bridge = vb.uncertainty("importance", rng=0), gibbs.evidence(rng=0)[0]
    assert gibbs.diagnostics_["reliable"] and corrected.diagnostics["accepted"]
    for name in ("loadings", "noise_variance"):
        assert corrected.sd[name] == pytest.approx(gibbs.draws_[name].std(axis=(0, 1)), rel=0.1)
    error = np.hypot(corrected.diagnostics["log_evidence_error"], bridge.mc_error)
    assert corrected.diagnostics["log_evidence"] == pytest.approx(bridge.value, abs=5 * error)


# -- derivatives -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", NOISES)
def test_information_is_the_numerical_hessian(noise: str) -> None:
    from uncertainty.test_information import numerical_sds

    fit = EM(FactorAnalysis(1, noise), tol=1e-13, max_iter=5000).fit(ONE)
    found = fit.uncertainty("information").sd
    ours = np.concatenate([found[name].ravel() for name in fit.estimate_])
    assert ours == pytest.approx(numerical_sds(fit), rel=1e-4)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize(("estimator", "loading_prior"), [(EM, None), (VB, None), (MAP, RELEVANT), (VB, RELEVANT)])
def test_the_jacobian_is_that_of_the_sweep(estimator: type, loading_prior: GammaPrecision | None, noise: str) -> None:
    model = FactorAnalysis(1, noise, loading_prior=loading_prior)
    sweep, beliefs = estimator(model, tol=1e-13, max_iter=3000).fit(ONE).sweep_at_fit()
    centre = pack(beliefs, sweep.free_blocks)

    def moved(vector: np.ndarray) -> np.ndarray:
        return pack(sweep(unpack(vector, beliefs, sweep.free_blocks)).beliefs, sweep.free_blocks)

    columns = [(moved(centre + step) - moved(centre - step)) / 2e-5 for step in 1e-5 * np.eye(len(centre))]
    jacobian = Jacobian(sweep, beliefs)
    matrix = jacobian.latent_covariance @ jacobian.coefficient_response
    ours, theirs = (np.sort(np.linalg.eigvals(each).real)[-6:] for each in (matrix, np.array(columns).T))
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


def test_expected_products_have_the_mean_that_complete_ones_have() -> None:
    family, rng = FactorAnalysis(2), np.random.default_rng(0)
    theta = {
        "mean": np.array([[1.0, -0.5, 0.3]]),
        "loadings": np.array([[[1.0, 0.2], [0.5, -0.4], [0.1, 0.9]]]),
        "noise_variance": np.array([[0.5, 0.8, 0.3]]),
    }
    point = family.flat_prior(1, 3).at(family.native(theta))
    kernel, found = family.kernel(point, np.zeros(1), Coordinates.identity(3)), []
    for _ in range(200):
        rows = family.sample(theta, np.zeros(500, dtype=int), rng)
        found.append(kernel.statistics(kernel.features(rows), np.full((1, 500), 1.0 / 500)).sums.ravel())
    error = np.std(found, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(found, axis=0) - family.mean_statistics(theta)[0]) < 5 * error + 1e-9).all()


# -- posteriors --------------------------------------------------------------------------------------------------


def test_the_predictive_density_is_the_mean_of_the_density() -> None:
    """Of 500 draws kept for the purpose; beside 4,000 others, within five of the errors of both."""
    fit = VB(FactorAnalysis(1)).fit(ONE)
    draws = fit.belief_["emission"].parameter_draws(4000, np.random.default_rng(7))
    rows = Rows(ONE[:5], Coordinates.identity(4))
    densities = np.exp(fit.model_.log_likelihood(fit.model_.public({"emission": draws}), rows, pointwise=True))
    error = densities.std(axis=0) * np.sqrt(1 / 4000 + 1 / 500)
    assert (np.abs(densities.mean(axis=0) - np.exp(fit.score_samples(ONE[:5]))) < 5 * error).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("noise", NOISES)
def test_pymc_has_the_same_density_with_precisions(noise: str) -> None:
    """Ours of all coordinates at once is on one order and one sign of each of two factors, of which there are eight."""
    prepare_backend("pymc")
    model = as_model(FactorAnalysis(2, noise, loading_prior=RELEVANT))
    rows = Rows(TWO[:12], model.coordinates(TWO[:12], None))
    prior = working_prior(model, rows)
    points = prior_points(prior, 4)
    ours = our_density(model, rows, prior, points)
    jacobians = [volume(prior["emission"], point["emission"]) for point in points]
    assert pymc_density(build_joint(model, prior, rows), points) == pytest.approx(ours + jacobians, rel=1e-9)
    assert batch_density(model, rows, prior, points) == pytest.approx(ours + np.log(8.0), rel=1e-9)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("noise", NOISES)
def test_pymc_has_the_same_density(noise: str) -> None:
    prepare_backend("pymc")
    model = as_model(FactorAnalysis(2, noise))
    rows = Rows(TWO[:12], model.coordinates(TWO[:12], None))
    assert working_prior(model, rows)["emission"].is_proper
    assert_equal_densities(model, rows)


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISES)
def test_corrected_spread_is_that_of_gibbs(noise: str) -> None:
    gibbs = Gibbs(FactorAnalysis(1, noise), rng=0).fit(ONE)
    fit = VB(FactorAnalysis(1, noise), tol=1e-10).fit(ONE)
    corrected, narrow = fit.uncertainty("importance", rng=0), fit.uncertainty("mean_field")
    assert gibbs.diagnostics_["reliable"]
    for name in ("mean", "noise_variance"):
        sds = gibbs.draws_[name].std(axis=(0, 1))
        assert corrected.sd[name] == pytest.approx(sds, rel=0.1)
        assert (narrow.sd[name] < 1.02 * sds).all()
    assert narrow.sd["mean"][0] < 0.8 * gibbs.draws_["mean"].std(axis=(0, 1))[0]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("default")
def test_all_methods_agree_on_two_factors() -> None:
    """On the section loadings are identified: their sds and the log evidence, by weights and by two samplers."""
    model = FactorAnalysis(2)
    gibbs, vb = Gibbs(model, rng=0).fit(TWO), VB(model, tol=1e-10).fit(TWO)
    nuts = NUTS(model, rng=0).fit(TWO)
    assert gibbs.diagnostics_["reliable"] and nuts.diagnostics_["reliable"]
    table = compare([vb, gibbs, nuts], uncertainty=["importance", "linear_response", "draws"]).table
    free = table[table["sd_ratio"].notna()]
    assert set(free["parameter"]) == {"mean", "loadings", "noise_variance"}
    for method, tolerance in (("importance", 0.12), ("linear_response", 0.12), ("draws", 0.1)):
        assert (free["sd_ratio"][free["uncertainty"] == method] - 1.0).abs().max() < tolerance
    corrected = vb.uncertainty("importance", rng=0).diagnostics
    bridge = gibbs.evidence(rng=0)[0]
    error = np.hypot(corrected["log_evidence_error"], bridge.mc_error)
    assert corrected["log_evidence"] == pytest.approx(bridge.value, abs=5 * error)


def test_it_survives_the_file() -> None:
    models = [FactorAnalysis(1), FactorAnalysis(1, "common", loading_prior=RELEVANT)]
    for estimator, model in product((EM, VB), models):
        fit = estimator(model, tol=1e-8).fit(ONE)
        restored = load_fit(fit.to_datatree())
        assert restored.model_ == fit.model_
        assert restored.score_samples(ONE[:9]) == pytest.approx(fit.score_samples(ONE[:9]), abs=1e-12)


# -- refusals ----------------------------------------------------------------------------------------------------


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(PointmassError, match="n_factors must be an integer of at least 1"):
        FactorAnalysis(0)
    with pytest.raises(PointmassError, match="prior must be PointMass or None"):
        FactorAnalysis(1, prior=3.0)
    with pytest.raises(PointmassError, match="noise must be one of each, common, got 'none'"):
        FactorAnalysis(1, noise="none")
    with pytest.raises(PointmassError, match="loading_prior must be GammaPrecision or None"):
        FactorAnalysis(2, loading_prior=0.1)
    for anchors in ((0,), (1, 1), (-1, 2), ("a", "b")):
        with pytest.raises(PointmassError, match="anchors must be 2 different columns by number"):
            FactorAnalysis(2, anchors=anchors)
    with pytest.raises(PointmassError, match="there are 4 columns"):
        EM(FactorAnalysis(2, anchors=(0, 4))).fit(ONE)
    with pytest.raises(PointmassError, match="needs more columns than factors"):
        EM(FactorAnalysis(4)).fit(ONE)
    with pytest.raises(PointmassError, match="FactorAnalysis stands alone"):
        EM(Mixture(FactorAnalysis(1), 2)).fit(ONE)


def test_known_parameters_stay_known() -> None:
    known = {"mean": [0.0] * 4, "loadings": [[1.0]] * 4, "noise_variance": [0.5] * 4}
    fit = EM(FactorAnalysis(1, prior=PointMass(known))).fit(ONE)
    assert fit.estimate_["loadings"].ravel().tolist() == [1.0] * 4
