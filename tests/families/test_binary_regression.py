"""Regressions of a 0/1 target: direct maximisation, published bounds, separation, and what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from cases import assert_mean
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit, log_expit, log_ndtr
from sklearn.linear_model import LogisticRegression as SklearnLogistic

from pointmass import (
    EM,
    MAP,
    VB,
    LogisticRegression,
    Mixture,
    PointMass,
    PointmassError,
    ProbitRegression,
    load_dataset,
)
from pointmass.errors import PointmassWarning
from pointmass.families import Normal, NormalCoefficients
from pointmass.families.logistic_normal import log_mean_expit
from pointmass.families.polya_gamma import polya_gamma_draws, polya_gamma_mean, polya_gamma_variance
from pointmass.families.separation import separating_direction

LOG_CHANCE = {ProbitRegression: log_ndtr, LogisticRegression: log_expit}
FAMILIES = pytest.mark.parametrize("family", LOG_CHANCE)

OFFSET, SCALE = np.array([10.0, -300.0]), np.array([1.0, 40.0])
Z = np.random.default_rng(4).standard_normal((90, 2))
X = OFFSET + SCALE * Z
Y = (0.4 + Z @ [1.5, -1.0] + np.random.default_rng(5).logistic(size=90) > 0).astype(float)
SIGN = 2.0 * Y - 1.0
DESIGN = np.column_stack([np.ones(90), Z])
WEIGHTS = np.random.default_rng(6).integers(1, 4, 90).astype(float)
TO_UNITS = np.vstack([[1.0, *(-OFFSET / SCALE)], np.column_stack([np.zeros(2), np.diag(1.0 / SCALE)])])


def log_likelihood(family: type, line: np.ndarray, weights: np.ndarray | float = 1.0) -> float:
    """Of coefficients of (1, z)."""
    return float((weights * LOG_CHANCE[family](SIGN * (DESIGN @ line))).sum())


@FAMILIES
def test_em_is_direct_maximisation(family: type) -> None:
    fit = EM(family(), tol=1e-12).fit(X, Y, sample_weight=WEIGHTS)
    found = minimize(lambda line: -log_likelihood(family, line, WEIGHTS), np.zeros(3), options={"gtol": 1e-9})
    assert fit.status_ == "converged"
    assert fit.log_likelihood_ == pytest.approx(-found.fun, abs=1e-8)
    assert fit.estimate_["coefficients"] == pytest.approx(TO_UNITS @ found.x, rel=1e-6)
    assert fit.predict(X) == pytest.approx(np.exp(LOG_CHANCE[family](DESIGN @ found.x)), abs=1e-6)
    assert fit.score_samples(X, Y) == pytest.approx(LOG_CHANCE[family](SIGN * (DESIGN @ found.x)), abs=1e-6)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_em_is_scikit_learns_logistic_regression_without_penalty(fit_intercept: bool) -> None:
    ours = EM(LogisticRegression(fit_intercept), tol=1e-12).fit(Z, Y).estimate_["coefficients"]
    theirs = SklearnLogistic(C=np.inf, fit_intercept=fit_intercept, tol=1e-10, max_iter=1000).fit(Z, Y)
    assert ours[int(fit_intercept) :] == pytest.approx(theirs.coef_[0], rel=1e-5)
    assert not fit_intercept or ours[0] == pytest.approx(theirs.intercept_[0], rel=1e-4)


@FAMILIES
@pytest.mark.parametrize("estimator", [EM, MAP])
def test_information_is_the_numerical_hessian(family: type, estimator: type) -> None:
    """Of the observed log likelihood, by differences that leave eight digits; for MAP with the prior's precision."""
    prior = Normal([0.1, -0.2, 0.3], 1.0, np.diag([4.0, 1.0, 2.0]))
    fit = estimator(family(prior=prior), tol=1e-14).fit(Z, Y)
    best, size = fit.estimate_["coefficients"], 2e-3

    def curvature(a: np.ndarray, b: np.ndarray, size: float) -> float:
        moves = (a + b, 1.0), (a - b, -1.0), (b - a, -1.0), (-a - b, 1.0)
        return sum(sign * log_likelihood(family, best + size * move) for move, sign in moves) / (4.0 * size**2)

    axes = np.eye(3)
    first, second = (np.array([[curvature(a, b, each) for a in axes] for b in axes]) for each in (size, 2.0 * size))
    hessian = -(4.0 * first - second) / 3.0 + (np.diag([0.25, 1.0, 0.5]) if estimator is MAP else 0.0)
    expected = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert fit.uncertainty("information").sd["coefficients"] == pytest.approx(expected, rel=1e-5)


def test_steep_slopes_have_their_standard_errors_and_are_no_saddle() -> None:
    """Nearly all rows are certain; the information is Σ p (1 − p) (1, x)(1, x)ᵀ."""
    rng = np.random.default_rng(1)
    features = rng.standard_normal((2000, 2))
    target = (50.0 * features @ [1.0, 0.5] + rng.logistic(size=2000) > 0).astype(float)
    fit = EM(LogisticRegression(), tol=1e-11).fit(features, target)
    design, chances = np.column_stack([np.ones(2000), features]), fit.predict(features)
    covariance = np.linalg.inv((design.T * (chances * (1.0 - chances))) @ design)
    assert fit.status_ == "converged"
    expected = np.sqrt(np.diag(covariance))
    assert fit.uncertainty("information").sd["coefficients"] == pytest.approx(expected, rel=1e-5)


def test_map_is_direct_maximisation_with_the_prior() -> None:
    prior = NormalCoefficients([0.1, -0.2, 0.3], np.diag([0.5, 1.0, 2.0]))

    def loss(line: np.ndarray) -> float:
        density = stats.norm.logpdf(line, prior.mean, 1.0 / np.diag(prior.factor)).sum()
        return -log_likelihood(LogisticRegression, line) - float(density)

    fit, found = MAP(LogisticRegression(prior=prior), tol=1e-12).fit(Z, Y), minimize(loss, np.zeros(3))
    assert fit.objective_history_[-1] == pytest.approx(-found.fun, abs=1e-8)
    assert fit.estimate_["coefficients"] == pytest.approx(found.x, abs=1e-4)


def bishops_bound(prior_mean: np.ndarray, prior_covariance: np.ndarray) -> float:
    """Iterate equations 10.156 to 10.163 of Bishop (2006) and return his bound, equation 10.159."""
    xi, precision = np.ones(len(Y)), np.linalg.inv(prior_covariance)
    for _ in range(2000):
        rate = (expit(xi) - 0.5) / (2.0 * xi)
        inner = precision + 2.0 * (DESIGN.T * rate) @ DESIGN
        covariance = np.linalg.inv(inner)
        mean = covariance @ (precision @ prior_mean + DESIGN.T @ (Y - 0.5))
        xi = np.sqrt(np.einsum("ni,ij,nj->n", DESIGN, covariance + np.outer(mean, mean), DESIGN))
    rate = (expit(xi) - 0.5) / (2.0 * xi)
    logs = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(prior_covariance)[1]
    squares = mean @ (precision + 2.0 * (DESIGN.T * rate) @ DESIGN) @ mean - prior_mean @ precision @ prior_mean
    return float(0.5 * (logs + squares) + (log_expit(xi) - 0.5 * xi + rate * xi**2).sum())


def test_the_elbo_of_the_logistic_is_the_bound_of_jaakkola_and_jordan() -> None:
    mean, covariance = np.array([0.1, -0.2, 0.3]), np.diag([4.0, 1.0, 2.0])
    fit = VB(LogisticRegression(prior=Normal(mean, 1.0, covariance)), tol=1e-13).fit(Z, Y)
    assert fit.elbo_ == pytest.approx(bishops_bound(mean, covariance), abs=1e-9)


def test_the_elbo_of_the_probit_is_a_mean_over_draws() -> None:
    """E_q[log p(y, z, β) − log q(z) − log q(β)], z the hidden values, drawn from SciPy's truncated normals."""
    covariance, rng = np.diag([4.0, 1.0, 2.0]), np.random.default_rng(7)
    fit = VB(ProbitRegression(prior=Normal(np.zeros(3), 1.0, covariance)), tol=1e-13).fit(Z, Y)
    belief = fit.belief_["emission"]
    q = stats.multivariate_normal(belief.mean[0], belief.covariance[0])
    centre = DESIGN @ belief.mean[0]
    limits = np.where(Y > 0, 0.0, -np.inf) - centre, np.where(Y > 0, np.inf, 0.0) - centre
    hidden = stats.truncnorm(*limits, loc=centre)
    lines, values = q.rvs(4000, random_state=rng), hidden.rvs((4000, len(Y)), random_state=rng)
    sample = stats.multivariate_normal(np.zeros(3), covariance).logpdf(lines) - q.logpdf(lines)
    sample += (stats.norm.logpdf(values, lines @ DESIGN.T) - hidden.logpdf(values)).sum(1)
    assert_mean(sample, fit.elbo_)


@FAMILIES
def test_the_bound_of_a_point_is_the_likelihood(family: type) -> None:
    """A prior that knows the coefficients leaves nothing to bound."""
    known = PointMass({"coefficients": [0.4, 1.5, -1.0]})
    fit = VB(family(prior=known)).fit(Z, Y)
    assert fit.elbo_ == pytest.approx(log_likelihood(family, np.array([0.4, 1.5, -1.0])), abs=1e-10)


@FAMILIES
def test_the_predictive_probability_is_a_mean_over_the_posterior(family: type) -> None:
    """Of six rows, which leave the predictors wide."""
    fit = VB(family(), tol=1e-10).fit(Z[:6], [0, 1, 0, 1, 1, 0])
    lines = fit.belief_["emission"].parameter_draws(20_000, np.random.default_rng(9))["coefficients"][:, 0]
    assert_mean(np.exp(LOG_CHANCE[family](lines @ DESIGN[:8].T)), np.exp(fit.score_samples(Z[:8], np.ones(8))))


@FAMILIES
@pytest.mark.parametrize("estimator", [MAP, VB])
def test_affine_maps_of_the_features_change_nothing(family: type, estimator: type) -> None:
    here, there = (estimator(family(), tol=1e-12).fit(features, Y) for features in (Z, X))
    assert there.predict(X) == pytest.approx(here.predict(Z), abs=1e-7)
    if estimator is VB:  # a density of coefficients, MAP's objective, has their units
        assert there.elbo_ == pytest.approx(here.elbo_, abs=1e-8)


@FAMILIES
def test_what_is_called_one_does_not_matter(family: type) -> None:
    here, there = (VB(family(), tol=1e-12).fit(Z, target) for target in (Y, 1.0 - Y))
    assert there.elbo_ == pytest.approx(here.elbo_, abs=1e-8)
    assert there.estimate_["coefficients"] == pytest.approx(-here.estimate_["coefficients"], abs=1e-6)


@FAMILIES
@pytest.mark.parametrize(
    ("case", "acceleration"),
    [("complete", "anderson"), ("quasi", "anderson"), ("one class", "anderson"), ("quasi", "newton")],
)
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_separated_targets_are_on_the_boundary(family: type, case: str, acceleration: str) -> None:
    """The likelihood grows for ever, to 0 or, with two equal rows of either class, to 2 log ½."""
    features = np.arange(12.0)
    target = np.ones(12) if case == "one class" else (features > 5).astype(float)
    if case == "quasi":
        features[5:7], target[5:7] = 5.5, [1.0, 0.0]
    fit = EM(family(), acceleration=acceleration).fit(features, target)
    assert fit.warnings_[0].startswith("the features separate the targets")
    assert fit.status_ == "boundary" and np.isfinite(fit.estimate_["coefficients"]).all()
    assert fit.log_likelihood_ == pytest.approx(2.0 * np.log(0.5) if case == "quasi" else 0.0, abs=0.01)
    assert np.isnan(fit.uncertainty("information").sd["coefficients"]).all()
    regular = MAP(family()).fit(features, target)
    assert regular.status_ == "converged" and np.isfinite(regular.uncertainty("information").sd["coefficients"]).all()


@FAMILIES
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_plain_sweeps_that_creep_to_infinity_do_not_converge(family: type) -> None:
    fit = EM(family(), acceleration="none", max_iter=200).fit(np.arange(12.0), np.arange(12) > 5)
    assert fit.status_ == "max_iter" and fit.warnings_[0].startswith("the features separate the targets")


def test_one_row_of_many_undoes_a_separation() -> None:
    """Wherever it stands: a look at some of the rows decides nothing that the others do not."""
    design = np.column_stack([np.ones(20_000), np.linspace(-1.0, 1.0, 20_000)])
    sign = np.where(design[:, 1] > 0.0, 1.0, -1.0)
    found = separating_direction(design, sign)
    assert found is not None and (sign * (design @ found) >= -1e-9).all()
    for row in (7, 12_345, 19_990):
        undone = sign.copy()
        undone[row] *= -1.0
        assert separating_direction(design, undone) is None


def test_targets_that_no_plane_separates_are_not_said_to_be() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", PointmassWarning)
        assert EM(LogisticRegression()).fit(X, Y).warnings_ == []


@FAMILIES
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_a_constant_feature_leaves_a_point_without_standard_errors(family: type) -> None:
    """Its posterior has the prior's spread, and that of the other feature as without it."""
    features = np.column_stack([np.full(90, 3.0), Z[:, 0]])
    assert np.isnan(EM(family(), tol=1e-10).fit(features, Y).uncertainty("information").sd["coefficients"]).all()
    fit, alone = (VB(family(), tol=1e-10).fit(each, Y) for each in (features, Z[:, :1]))
    found, expected = (each.uncertainty("linear_response").sd["coefficients"] for each in (fit, alone))
    assert np.isfinite(found).all() and found[2] == pytest.approx(expected[1], rel=1e-3)


@FAMILIES
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_collinear_features_are_said_to_be(family: type) -> None:
    fit = EM(family(), tol=1e-10).fit(np.column_stack([Z, Z.sum(1)]), Y)
    assert fit.status_ == "converged" and "rank 3 of 4" in fit.warnings_[0]
    found = fit.uncertainty("information")
    assert np.isnan(found.sd["coefficients"]).all() and "singular" in found.diagnostics["reasons"][0]
    assert fit.log_likelihood_ == pytest.approx(EM(family(), tol=1e-10).fit(Z, Y).log_likelihood_, abs=1e-8)


@FAMILIES
def test_other_targets_are_refused_with_their_row(family: type) -> None:
    wrong = Y.copy()
    wrong[7] = 2.0
    with pytest.raises(PointmassError, match="needs targets 0 and 1, got 2 at row 7"):
        EM(family()).fit(Z, wrong)
    with pytest.raises(PointmassError, match=r"got 0\.5 at row 0"):
        EM(family()).fit(Z, Y).score_samples(Z[:1], [0.5])


@FAMILIES
def test_options_of_another_kind_are_refused(family: type) -> None:
    with pytest.raises(PointmassError, match="prior must be Normal, NormalCoefficients, PointMass or None"):
        family(prior=3.0)
    with pytest.raises(PointmassError, match="fit_intercept must be True or False"):
        family(fit_intercept=1)
    with pytest.raises(PointmassError, match="3 coefficients"):
        MAP(family(prior=Normal([0.0, 0.0], 1.0, np.eye(2)))).fit(Z, Y)
    with pytest.raises(PointmassError, match="lower triangular"):
        NormalCoefficients([0.0, 0.0], np.ones((2, 2)))


def test_one_number_is_the_variance_of_each_coefficient() -> None:
    here = MAP(ProbitRegression(prior=Normal(0.5, 2.0, 3.0)), tol=1e-12).fit(Z, Y)
    there = MAP(ProbitRegression(prior=Normal(np.full(3, 0.5), 1.0, 1.5 * np.eye(3))), tol=1e-12).fit(Z, Y)
    assert here.objective_history_[-1] == pytest.approx(there.objective_history_[-1], abs=1e-10)


@pytest.mark.parametrize("c", [0.0, 0.3, 1.0, 3.0, 3.2, 20.0, 500.0])
def test_polya_gamma_draws_have_their_laplace_transform(c: float) -> None:
    """E[exp(−s ω)] = cosh(c/2) / cosh(√(c²/4 + s/2)); the mean is minus the slope of its logarithm at zero."""
    draws = polya_gamma_draws(np.full(20_000, c), np.random.default_rng(8))

    def log_transform(s: float) -> float:
        root = np.sqrt(0.25 * c**2 + 0.5 * s + 0j)
        return float(np.log(np.cosh(0.5 * c)) - np.log(np.cosh(root)).real)

    mean, variance = float(polya_gamma_mean(np.array(c))), float(polya_gamma_variance(np.array(c)))
    for s in (0.3 / mean, 3.0 / mean):
        assert_mean(np.exp(-s * draws), np.exp(log_transform(s)))
    h = 1e-3 / mean
    near, far = (log_transform(each) - log_transform(-each) for each in (h, 2.0 * h))
    assert mean == pytest.approx((far - 8.0 * near) / (12.0 * h), rel=1e-7)
    assert_mean(draws, mean)
    assert_mean((draws - mean) ** 2, variance)


@pytest.mark.parametrize("mean", [-40.0, -3.0, 0.0, 2.5, 30.0])
@pytest.mark.parametrize("sd", [0.0, 1e-3, 0.7, 3.0, 12.0, 60.0])
def test_the_mean_of_a_logistic_function_is_that_of_quad(mean: float, sd: float) -> None:
    def density(step: float) -> float:
        return float(np.exp(log_expit(mean + sd * step) - 0.5 * step**2)) / np.sqrt(2.0 * np.pi)

    places = np.clip([-mean / max(sd, 1e-9), 0.0, sd], -11.9, 11.9)
    expected = quad(density, -12.0, 12.0, points=np.unique(places), epsabs=0.0, epsrel=1e-12, limit=500)[0]
    if expected > 1e-280:
        assert log_mean_expit(np.array([mean]), np.array([sd**2]))[0] == pytest.approx(np.log(expected), abs=1e-10)


def test_very_wide_predictors_are_those_of_a_normal_that_is_wider_still() -> None:
    narrow, wide = (log_mean_expit(np.array([30.0]), np.array([sd**2]))[0] for sd in (99.999, 100.001))
    assert wide == pytest.approx(narrow, abs=1e-5)


@FAMILIES
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_step_lowers_the_objective(family: type) -> None:
    """A hundred data sets, near separation and far from it; plain sweeps, and what is extrapolated from them."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        line = rng.normal(size=3) * rng.choice([0.3, 2.0, 8.0])
        data = load_dataset(
            f"{'probit' if family is ProbitRegression else 'logistic'}_regression", coefficients=line, n=40, rng=rng
        )
        for estimator in (EM, MAP, VB):
            for acceleration in ("none", "anderson"):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", PointmassWarning)
                    fit = estimator(family(), acceleration=acceleration, max_iter=200, rng=0).fit(data.X, data.y)
                assert np.diff(fit.objective_history_).min(initial=0.0) >= -1e-8


def test_two_groups_with_opposite_slopes_are_found() -> None:
    rng = np.random.default_rng(1)
    x, which = rng.uniform(-2.0, 2.0, (1500, 1)), rng.random(1500) < 0.5
    y = (np.where(which, 2.0 + 3.0 * x[:, 0], -1.0 - 3.0 * x[:, 0]) + rng.logistic(size=1500) > 0).astype(float)
    fit = EM(Mixture(LogisticRegression(), 2), n_init=2, rng=0).fit(x, y)
    assert np.diff(fit.objective_history_).min() > -1e-8
    assert np.sort(fit.estimate_["coefficients"][:, 1]) == pytest.approx([-3.0, 3.0], abs=2.0)
