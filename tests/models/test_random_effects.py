"""Random effects: likelihood, maximum, errors and posterior against SciPy, direct maximisation and samplers."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from families.family_contract import close
from sampling.cases import prior_points, working_prior
from sampling.test_joint_density import pymc_density
from scipy.optimize import minimize
from scipy.stats import invgamma, multivariate_normal, norm

from pointmass import (
    EM,
    MAP,
    MLE,
    NUTS,
    VB,
    Gibbs,
    NormalInverseGamma,
    PointmassError,
    RandomEffects,
    compare,
    load_dataset,
    load_fit,
)
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.families import InverseGamma
from pointmass.families.point_mass import PointMass
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Rows, model_from_dict

UNEQUAL = load_dataset("random_effects", n=29, n_groups=7, balanced=False, mean=3.0, rng=4)
EQUAL = load_dataset("random_effects", n=32, n_groups=8, mean=-2.0, group_variance=2.0, rng=1)
NAMES = ("mean", "noise_variance", "group_variance")


def log_likelihood(mean: float, within: float, between: float, data=UNEQUAL) -> float:
    """The normal density of all targets, effects summed out, by SciPy."""
    same = (data.X == data.X.T).astype(float)
    covariance = within * np.eye(len(same)) + between * same
    return float(multivariate_normal.logpdf(data.y, np.full(len(same), mean), covariance))


def test_the_likelihood_is_a_normal_density() -> None:
    fit = EM(RandomEffects()).fit(UNEQUAL.X, UNEQUAL.y)
    rng = np.random.default_rng(0)
    draws = {
        "mean": rng.normal(3.0, 2.0, 20),
        "noise_variance": rng.gamma(2.0, 1.0, 20),
        "group_variance": rng.gamma(1.0, 1.0, 20),
    }
    draws["group_variance"][0] = 0.0
    expected = [log_likelihood(*theta) for theta in zip(*(draws[name] for name in NAMES), strict=True)]
    assert fit.model_.log_likelihood(draws, fit._data) == pytest.approx(expected, abs=1e-9)
    assert fit.objective_history_[-1] == pytest.approx(fit.log_likelihood_, abs=1e-9)


def test_em_ends_where_direct_maximisation_ends() -> None:
    fit = EM(RandomEffects(), tol=1e-12).fit(UNEQUAL.X, UNEQUAL.y)
    best = minimize(
        lambda v: -log_likelihood(v[0], *np.exp(v[1:])), [3.0, 0.0, 0.0], method="BFGS", options={"gtol": 1e-8}
    )
    assert fit.log_likelihood_ == pytest.approx(-best.fun, abs=1e-7)
    found = [float(fit.estimate_[name]) for name in NAMES]
    assert found == pytest.approx([best.x[0], *np.exp(best.x[1:])], rel=1e-4)


def test_standard_errors_are_those_of_the_numerical_hessian() -> None:
    fit = EM(RandomEffects(), tol=1e-13).fit(UNEQUAL.X, UNEQUAL.y)
    centre = np.array([float(fit.estimate_[name]) for name in NAMES])
    step = 1e-3 * centre
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    curvature = [
        [sum(-a * b * log_likelihood(*(centre + a * step * u + b * step * v)) for a, b in signs) for v in np.eye(3)]
        for u in np.eye(3)
    ]
    covariance = np.linalg.inv(np.array(curvature) / (4.0 * np.outer(step, step)))
    found = fit.uncertainty("information")
    assert [float(found.sd[name]) for name in NAMES] == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


def test_the_closed_form_is_ems_maximum() -> None:
    formula, swept = (kind(RandomEffects()).fit(EQUAL.X, EQUAL.y) for kind in (MLE, lambda model: EM(model, tol=1e-12)))
    for name in (*NAMES, "effects"):
        assert swept.estimate_[name] == pytest.approx(formula.estimate_[name], rel=1e-6)
    assert formula.log_likelihood_ == pytest.approx(swept.log_likelihood_, abs=1e-9)
    with pytest.raises(PointmassError, match="closed form"):
        MLE(RandomEffects()).fit(UNEQUAL.X, UNEQUAL.y)


def test_weights_are_copies_and_units_do_not_matter() -> None:
    copies = np.arange(len(UNEQUAL.y)) % 2 + 1
    weighted = EM(RandomEffects(), tol=1e-12).fit(UNEQUAL.X, UNEQUAL.y, sample_weight=copies)
    repeated = EM(RandomEffects(), tol=1e-12).fit(np.repeat(UNEQUAL.X, copies, axis=0), np.repeat(UNEQUAL.y, copies))
    moved = EM(RandomEffects(), tol=1e-12).fit(UNEQUAL.X, 1e8 + UNEQUAL.y, sample_weight=copies)
    indicators = EM(RandomEffects(), tol=1e-12).fit(
        np.eye(7)[UNEQUAL.X.ravel().astype(int)], UNEQUAL.y, sample_weight=copies
    )
    for name in NAMES[1:]:
        for other in (repeated, moved, indicators):
            assert other.estimate_[name] == pytest.approx(weighted.estimate_[name], rel=1e-5)
    for other in (repeated, indicators):
        assert other.log_likelihood_ == pytest.approx(weighted.log_likelihood_, abs=1e-9)


@pytest.mark.parametrize("kind", [EM, MAP, VB])
def test_the_jacobian_is_that_of_the_sweep(kind: type) -> None:
    sweep, beliefs = kind(RandomEffects(), tol=1e-13, max_iter=3000).fit(UNEQUAL.X, UNEQUAL.y).sweep_at_fit()
    centre = pack(beliefs, sweep.free_blocks)

    def moved(vector: np.ndarray) -> np.ndarray:
        return pack(sweep(unpack(vector, beliefs, sweep.free_blocks)).beliefs, sweep.free_blocks)

    columns = [(moved(centre + step) - moved(centre - step)) / 2e-5 for step in 1e-5 * np.eye(len(centre))]
    jacobian = Jacobian(sweep, beliefs)
    matrix = jacobian.latent_covariance @ jacobian.coefficient_response
    ours = np.sort(np.linalg.eigvals(matrix).real)[-3:]
    theirs = np.sort(np.linalg.eigvals(np.array(columns).T).real)[-3:]
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-7)


def test_the_predictive_density_of_a_point_is_normal() -> None:
    fit = EM(RandomEffects(), tol=1e-10).fit(EQUAL.X, EQUAL.y)
    e, belief = fit.estimate_, fit.belief_["effects"]
    rows, target = np.array([[0.0], [3.0], [99.0]]), np.array([-1.0, 0.5, -2.0])
    variances = np.append(np.diag(belief.covariance[0])[[0, 3]], e["group_variance"]) + e["noise_variance"]
    centres = e["mean"] + np.append(e["effects"][[0, 3]], 0.0)
    assert fit.score_samples(rows, target) == pytest.approx(norm.logpdf(target, centres, np.sqrt(variances)), abs=1e-9)
    assert fit.predict(rows) == pytest.approx(centres)


# -- posteriors --------------------------------------------------------------------------------------------------


PRIORS = {
    "noise_prior": NormalInverseGamma(mean=-1.0, kappa=0.2, shape=2.0, scale=1.5),
    "group_prior": InverseGamma(2.5, 1.2),
}


@pytest.mark.filterwarnings("default")
def test_pymc_has_the_same_density() -> None:
    """Of effects in units of their deviation: prior and likelihood by SciPy, with the Jacobian σ_b for each group."""
    prepare_backend("pymc")
    model = VB(RandomEffects(**PRIORS)).fit(EQUAL.X, EQUAL.y).model_
    values = np.column_stack([EQUAL.X, EQUAL.y])
    rows = Rows(values, model.coordinates(values, None))
    prior = working_prior(model, rows)
    joint, rng = build_joint(model, prior, rows), np.random.default_rng(0)
    points = [
        {
            **point,
            "effects": PointMass.trusted(parameters={"coefficients": rng.standard_normal((1, 8))}, conjugate=None),
        }
        for point in prior_points(prior, 4)
    ]
    unit, level = rows.coordinates.scale[-1], rows.coordinates.shift[-1]
    expected = []
    for point in points:
        (mean,), (within,) = (
            point["observation"].parameters[name].ravel() for name in ("coefficients", "noise_variance")
        )
        between, standard = (
            point["group_variance"].parameters["variance"].item(),
            point["effects"].parameters["coefficients"][0],
        )
        effects = np.sqrt(between) * standard
        total = norm.logpdf(
            (EQUAL.y - level) / unit, mean + effects[EQUAL.X.ravel().astype(int)], np.sqrt(within)
        ).sum()
        total += norm.logpdf(standard).sum() + norm.logpdf(mean, (-1.0 - level) / unit, np.sqrt(within / 0.2))
        total += invgamma.logpdf(within, 2.0, scale=1.5 / unit**2) + invgamma.logpdf(between, 2.5, scale=1.2 / unit**2)
        expected.append(total)
    assert pymc_density(joint, points) == pytest.approx(expected, rel=1e-9)


def test_the_bound_is_below_the_evidence() -> None:
    """The evidence by the mean of SciPy's likelihood over draws of the prior."""
    data = load_dataset("random_effects", n=8, n_groups=4, mean=-1.0, rng=2)
    fit = VB(RandomEffects(**PRIORS), tol=1e-10).fit(data.X, data.y)
    rng = np.random.default_rng(0)
    within, between = 1.5 / rng.gamma(2.0, 1.0, 100_000), 1.2 / rng.gamma(2.5, 1.0, 100_000)
    mean = rng.normal(-1.0, np.sqrt(within / 0.2))
    draws = {"mean": mean, "noise_variance": within, "group_variance": between}
    logs = fit.model_.log_likelihood(draws, fit._data)
    evidence = np.log(np.exp(logs - logs.max()).mean()) + logs.max()
    error = np.exp(logs - logs.max()).std() / np.exp(logs - logs.max()).mean() / np.sqrt(len(logs))
    assert error < 0.02
    assert fit.elbo_ < evidence
    found = fit.uncertainty("importance", rng=0).diagnostics
    assert found["log_evidence"] == pytest.approx(evidence, abs=5.0 * np.hypot(error, found["log_evidence_error"]))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("default")
def test_all_methods_agree() -> None:
    model = RandomEffects(**PRIORS)
    fits = [VB(model, tol=1e-10), Gibbs(model, draws=2000, rng=0), NUTS(model, draws=2000, rng=0)]
    vb, gibbs, nuts = (fit.fit(EQUAL.X, EQUAL.y) for fit in fits)
    assert gibbs.diagnostics_["reliable"] and nuts.diagnostics_["reliable"]
    table = compare([vb, gibbs, nuts], uncertainty=["importance", "draws"]).table
    ratios = table["sd_ratio"][table["sd_ratio"].notna()]
    assert len(ratios) == 3 * 11 and np.abs(ratios - 1.0).max() < 0.12
    bridge, found = gibbs.evidence(rng=0)[0], vb.uncertainty("importance", rng=0).diagnostics
    error = np.hypot(found["log_evidence_error"], bridge.mc_error)
    assert found["log_evidence"] == pytest.approx(bridge.value, abs=5.0 * error)


def test_it_survives_the_file() -> None:
    for estimator in (EM, VB):
        fit = estimator(RandomEffects(**PRIORS)).fit(EQUAL.X, EQUAL.y)
        restored = load_fit(fit.to_datatree())
        assert restored.model_ == fit.model_
        assert restored.score_samples(EQUAL.X, EQUAL.y) == pytest.approx(fit.score_samples(EQUAL.X, EQUAL.y), abs=1e-12)
    tree = {"random_effects": {"group_prior": {"inverse_gamma": {"shape": 2.5, "rate": 1.2}}}}
    assert model_from_dict(tree) == RandomEffects(group_prior=InverseGamma(2.5, 1.2))


def test_moments_of_the_inverse_gamma_are_those_of_draws() -> None:
    belief = InverseGamma.trusted(shape=np.array([[7.0]]), rate=np.array([[3.0]]))
    draws = belief.parameter_draws(40_000, np.random.default_rng(0))["variance"][:, 0, 0]
    close(draws, belief.parameter_mean()["variance"][0, 0])
    close((draws - belief.parameter_mean()["variance"][0, 0]) ** 2, belief.parameter_sd()["variance"][0, 0] ** 2)
    for probability in (0.025, 0.5, 0.9):
        close((draws <= belief.parameter_quantile(probability)["variance"][0, 0]).astype(float), probability)
    at = {"variance": np.array([[0.7]])}
    assert belief.log_density(at) + belief.log_volume(at) == pytest.approx(invgamma.logpdf(0.7, 7.0, scale=3.0))
    assert np.isinf(InverseGamma(1.0, 1.0).parameter_mean()["variance"])


def test_the_bootstrap_draws_new_effects_and_never_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level of G groups of m rows has variance (σ² + m σ_b²) / (G m), of which σ² / (G m) would be left if effects
    stayed as they are. Errors of predicted effects are those that their posterior has, to the order of 1 / G."""
    monkeypatch.setattr(importlib.import_module("pointmass.uncertainty.bootstrap"), "_REPLICATES", 150)
    data = load_dataset("random_effects", n=40, n_groups=10, group_variance=4.0, rng=2)
    fit = EM(RandomEffects()).fit(data.X, data.y)
    found = fit.uncertainty("bootstrap_parametric", rng=0)
    within, between = (fit.estimate_[name] for name in NAMES[1:])
    expected = np.sqrt((within + 4.0 * between) / 40.0)
    sigmas = 5.0 / np.sqrt(2.0 * found.diagnostics["kept"])
    assert expected > 2.0 * np.sqrt(within / 40.0)
    assert found.sd["mean"] == pytest.approx(expected, rel=sigmas)
    posterior = fit.uncertainty("information").sd["effects"]
    assert found.sd["effects"].mean() == pytest.approx(posterior.mean(), rel=0.2)
    assert (np.abs(found.draws["effects"].mean(axis=0) - fit.estimate_["effects"]) < sigmas * posterior * 1.5).all()
    for method in ("bootstrap", "bootstrap_bayesian"):
        with pytest.raises(PointmassError, match="rows that share effects are not independent"):
            fit.uncertainty(method)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(PointmassError, match="noise_prior must be NormalInverseGamma or None"):
        RandomEffects(noise_prior=InverseGamma(1.0, 1.0))
    with pytest.raises(PointmassError, match="needs two groups, one of them with two rows"):
        EM(RandomEffects()).fit(np.arange(9.0)[:, None], np.arange(9.0))
    fit = EM(RandomEffects()).fit(EQUAL.X, EQUAL.y)
    with pytest.raises(PointmassError, match="share its effect"):
        fit.uncertainty("sandwich")
    with pytest.raises(PointmassError, match="not independent"):
        fit.model_.log_likelihood({name: fit.estimate_[name][None] for name in NAMES}, fit._data, pointwise=True)
