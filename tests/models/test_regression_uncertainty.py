"""Uncertainty of a regression with latent coefficients: against differences, quadrature, bootstrap and samplers."""

from __future__ import annotations

import importlib
from functools import cache

import numpy as np
import pytest
from scipy import stats
from scipy.special import softmax

from pointmass import EM, MAP, NUTS, VB, BayesianRegression, Gibbs, PointmassError, PointmassWarning, load_fit
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.families import GammaPrecision
from pointmass.models import Rows
from pointmass.uncertainty import available

NOISE_PRIOR, WEIGHT_PRIOR = GammaPrecision(2.0, 1.5), GammaPrecision(1.5, 2.0)
PRIORS = {"noise_prior": NOISE_PRIOR, "weight_prior": WEIGHT_PRIOR}


@cache
def rows(n: int = 30, d: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.4 * rng.normal(size=(d, d)))
    y = X @ np.linspace(-1.5, 1.0, d) + rng.normal(size=n)
    return X - X.mean(0), y - y.mean()


def evidence(logs: np.ndarray) -> float:
    """The normal density of the targets with the weights summed out, by SciPy; precisions as logarithms."""
    X, y = rows()
    covariance = np.exp(-logs[0]) * np.eye(len(y)) + (X * np.exp(-logs[1:])) @ X.T
    return float(stats.multivariate_normal.logpdf(y, np.zeros(len(y)), covariance))


def weights_given(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression: mean and covariance of the weights at known precisions."""
    X, y = rows()
    covariance = np.linalg.inv(np.exp(logs[0]) * X.T @ X + np.exp(logs[1]) * np.eye(X.shape[1]))
    return np.exp(logs[0]) * covariance @ X.T @ y, covariance


def log_prior(logs: np.ndarray) -> float:
    """The gamma densities of the logarithms, by SciPy."""
    pairs = zip(np.exp(logs), (NOISE_PRIOR, WEIGHT_PRIOR), strict=True)
    return float(sum(stats.gamma.logpdf(x, own.shape, scale=1.0 / own.rate) for x, own in pairs) + logs.sum())


@cache
def exact() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean and sd of every parameter under the posterior, by quadrature over both precisions."""
    axis = np.linspace(-4.0, 4.0, 81)
    points = np.array([[a, b] for a in axis for b in axis])
    share = softmax([evidence(point) + log_prior(point) for point in points])
    given = [weights_given(point) for point in points]
    means, variances = np.array([mean for mean, _ in given]), np.array([np.diag(cov) for _, cov in given])
    found = {}
    for name, values in (("noise_precision", np.exp(points[:, 0])), ("weight_precision", np.exp(points[:, 1]))):
        found[name] = share @ values, np.sqrt(share @ values**2 - (share @ values) ** 2)
    mean = share @ means
    found["coefficients"] = mean, np.sqrt(share @ (variances + means**2) - mean**2)
    return found


def hessian(function, point: np.ndarray, step: float) -> np.ndarray:
    moves, signs = step * np.eye(len(point)), [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    rows = [[sum(s * t * function(point + s * a + t * b) for s, t in signs) for b in moves] for a in moves]
    return np.array(rows) / (4.0 * step**2)


@pytest.mark.parametrize("estimator", [EM, MAP])
def test_information_is_the_curvature_of_the_evidence(estimator: type) -> None:
    """Precisions by numerical differentiation; weights by the law of total variance (Kass and Steffey 1989)."""
    fit = estimator(BayesianRegression(fit_intercept=False, **PRIORS), tol=1e-12).fit(*rows())
    top = np.log([fit.estimate_["noise_precision"], fit.estimate_["weight_precision"]])
    # MAP is the mode of the density of the precisions, not of that of their logarithms.
    scored = 1.0 if estimator is MAP else 0.0
    covariance = np.linalg.inv(-hessian(lambda u: evidence(u) + scored * (log_prior(u) - u.sum()), top, 1e-3))
    found = fit.uncertainty()
    assert found.method == "information" and found.diagnostics["accepted"]
    sds = np.sqrt(np.diag(covariance)) * np.exp(top)
    assert [found.sd["noise_precision"], found.sd["weight_precision"]] == pytest.approx(sds, rel=1e-4)
    slopes = np.array([(weights_given(top + m)[0] - weights_given(top - m)[0]) / 2e-4 for m in 1e-4 * np.eye(2)])
    variances = np.diag(weights_given(top)[1] + slopes.T @ covariance @ slopes)
    assert found.sd["coefficients"] == pytest.approx(np.sqrt(variances), rel=1e-5)


def test_methods_of_a_posterior_against_quadrature() -> None:
    """Mean field is too narrow; linear response mends most of it; importance and Gibbs are the posterior."""
    model = BayesianRegression(fit_intercept=False, **PRIORS)
    vb, gibbs = VB(model, tol=1e-10).fit(*rows()), Gibbs(model, draws=1500, rng=1).fit(*rows())
    assert available(vb) == ("importance", "linear_response", "mean_field") and gibbs.diagnostics_["reliable"]
    best = vb.uncertainty(rng=2)
    assert best.method == "importance" and best.diagnostics["khat"] < 0.5
    response, narrow = vb.uncertainty("linear_response", rng=2), vb.uncertainty("mean_field")
    for name, (mean, sd) in exact().items():
        assert (narrow.sd[name] < sd).all() and (narrow.sd[name] < response.sd[name]).all()
        assert (np.abs(response.sd[name] - sd) < 0.7 * np.abs(narrow.sd[name] - sd)).all()
        assert response.draws[name].std(axis=0) == pytest.approx(sd, rel=0.15)
        error = sd / np.sqrt(best.diagnostics["ess"])
        assert (np.abs(best.mean[name] - mean) < 4.5 * error).all()
        assert best.sd[name] == pytest.approx(sd, rel=0.12)
        draws = gibbs.draws_[name].reshape(6000, -1)
        assert (np.abs(draws.mean(axis=0) - mean) < 4.5 * np.sqrt(3.0 / 6000) * sd).all()
        assert gibbs.uncertainty().sd[name] == pytest.approx(sd, rel=0.08)


def test_the_bootstrap_refits_weights_and_precisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """150 replicates, each with weights of its own: their errors are the posterior's, known to 6 %, five times that."""
    monkeypatch.setattr(importlib.import_module("pointmass.uncertainty.bootstrap"), "_REPLICATES", 150)
    fit = EM(BayesianRegression(fit_intercept=False)).fit(*rows())
    found = fit.uncertainty("bootstrap_parametric", rng=0)
    assert found.diagnostics["kept"] > 142
    assert found.sd["coefficients"] == pytest.approx(fit.uncertainty().sd["coefficients"], rel=0.3)
    with pytest.raises(PointmassError, match="rows that share coefficients are not independent"):
        fit.uncertainty("bootstrap")
    with pytest.raises(PointmassError, match="share the coefficients, so no row has a score"):
        fit.uncertainty("sandwich")


def test_a_pruned_weight_has_no_interval_of_its_precision() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(80, 6))
    y = X[:, :2] @ [2.0, -1.0] + 0.5 * rng.normal(size=80)
    with pytest.warns(PointmassWarning, match="boundary"):
        fit = EM(BayesianRegression("each"), tol=1e-8).fit(X, y)
    found = fit.uncertainty()
    pruned = fit.estimate_["weight_precision"] > 1e4
    assert pruned.any() and not pruned[:2].any()
    assert np.array_equal(np.isnan(found.sd["weight_precision"]), pruned)
    assert found.diagnostics["reasons"] == ["weight_precision lies on the boundary of its space"]


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
@pytest.mark.parametrize("relevance", ["common", "each"])
def test_draws_are_restored_predict_and_score(relevance: str) -> None:
    X, y = rows()
    fit = Gibbs(BayesianRegression(relevance), draws=200, tune=50, chains=2, rng=0).fit(X + 3.0, y + 1.0)
    restored = load_fit(fit.to_datatree())
    assert np.array_equal(restored.score_samples(X + 3.0, y + 1.0), fit.score_samples(X + 3.0, y + 1.0))
    vb = VB(BayesianRegression(relevance)).fit(X + 3.0, y + 1.0)
    assert fit.predict(X + 3.0) == pytest.approx(vb.predict(X + 3.0), abs=0.15)
    assert fit.score(X + 3.0, y + 1.0) == pytest.approx(vb.score(X + 3.0, y + 1.0), abs=0.03)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("relevance", ["common", "each"])
@pytest.mark.parametrize("intercept", [True, False])
def test_the_pymc_model_is_the_same_density(relevance: str, intercept: bool) -> None:
    """Its variables with the weights integrated out: p(y | β) p(β) / p(β | y) is the evidence, whatever β is."""
    import pytensor

    prepare_backend("pymc")
    X, y = rows()
    vb = VB(BayesianRegression(relevance, intercept)).fit(X + 3.0, y + 1.0, sample_weight=np.arange(30) % 3 + 1)
    prior, own = vb._working(vb.prior_), vb._data
    joint = build_joint(vb.model_, prior, own)
    rng = np.random.default_rng(0)
    for _ in range(4):
        point = {name: belief.draw(rng) for name, belief in vb._working(vb.belief_).items()}
        variables = {v.name: v for v in joint.pymc_model.free_RVs}
        inputs = [joint.pymc_model.rvs_to_values[v] for v in variables.values()]
        density = pytensor.function(inputs, joint.pymc_model.logp(jacobian=False), mode="FAST_COMPILE")
        place = joint.unconstrained([joint.values(point)])[0]
        sweep, precisions = vb.sweep_at_fit()[0], {name: point[name] for name in prior}
        posterior = sweep.with_latents(precisions)["coefficients"]
        ours = sweep(precisions).objective + posterior.log_density(point["coefficients"].parameters)
        assert density(*(place[value.name] for value in inputs)) == pytest.approx(float(ours), rel=1e-10)
        back = joint.parameters({name: value[None, None] for name, value in joint.values(point).items()})
        for name, belief in point.items():
            for key, value in belief.parameters.items():
                assert back[name][key][0, 0] == pytest.approx(value, rel=1e-12)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("relevance", ["common", "each"])
def test_nuts_agrees_with_gibbs(relevance: str) -> None:
    model = BayesianRegression(relevance)
    nuts, gibbs = NUTS(model, rng=0).fit(*rows()), Gibbs(model, draws=4000, rng=1).fit(*rows())
    assert nuts.diagnostics_["reliable"] and gibbs.diagnostics_["reliable"]
    ess = min(nuts.diagnostics_["min_ess_bulk"], gibbs.diagnostics_["min_ess_bulk"])
    for name, sd in gibbs.uncertainty().sd.items():
        assert (np.abs(nuts.estimate_[name] - gibbs.estimate_[name]) < 4.5 * sd * np.sqrt(2.0 / ess)).all()
        assert nuts.uncertainty().sd[name] == pytest.approx(sd, rel=0.15)


def test_hard_assignments_are_refused() -> None:
    with pytest.raises(PointmassError, match="no maximum"):
        EM(BayesianRegression(), assignments="hard").fit(*rows())


def test_stochastic_em_ends_about_the_optimum() -> None:
    model = BayesianRegression(fit_intercept=False)
    drawn, soft = EM(model, assignments="draw", max_iter=1000, rng=0).fit(*rows()), EM(model).fit(*rows())
    assert drawn.log_likelihood_ == pytest.approx(soft.log_likelihood_, abs=0.3)
    assert set(drawn.belief_) == {"noise_precision", "weight_precision", "coefficients"}


def test_the_density_of_draws_is_the_evidence() -> None:
    model = BayesianRegression(fit_intercept=False, **PRIORS)
    fit = VB(model).fit(*rows())
    draws = {"noise_precision": np.array([0.5, 2.0]), "weight_precision": np.array([3.0, 0.7])}
    ours = fit.model_.log_likelihood(draws, fit._data)
    pairs = np.log(np.column_stack(list(draws.values())))
    assert ours == pytest.approx([evidence(pair) for pair in pairs], rel=1e-9)
    assert isinstance(fit._data, Rows)
