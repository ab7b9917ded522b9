"""Student-t rows: densities, fits, errors and evidences against SciPy, direct maximisation and quadrature."""

from __future__ import annotations

import warnings
from itertools import pairwise, product

import numpy as np
import pytest
from cases import COVARIANCES, clusters
from scipy import integrate, stats
from scipy.optimize import minimize

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    DegreesOfFreedom,
    Enumeration,
    Gaussian,
    HiddenMarkov,
    Mixture,
    NormalInverseGamma,
    PointMass,
    PointmassError,
    Product,
    StudentT,
    load_fit,
)
from pointmass.errors import PointmassWarning
from pointmass.families.coordinates import Coordinates
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.vectors import pack, unpack


def heavy(n: int = 60, d: int = 2, dof: float = 3.0, seed: int = 0) -> np.ndarray:
    """Correlated rows with heavy tails."""
    rng = np.random.default_rng(seed)
    mixing = np.eye(d) + 0.4 * rng.standard_normal((d, d))
    return 5.0 + rng.standard_normal((n, d)) @ mixing / np.sqrt(rng.chisquare(dof, n) / dof)[:, None]


def two_groups() -> np.ndarray:
    rows = heavy(100, seed=4)
    rows[:40] += 8.0
    return rows


ROWS = heavy()


def log_densities(rows: np.ndarray, mean: np.ndarray, scale: np.ndarray, dof: float) -> np.ndarray:
    return np.atleast_1d(stats.multivariate_t(mean, scale, df=float(dof)).logpdf(rows))


@pytest.mark.parametrize("dof", [None, 2.5])
@pytest.mark.parametrize("scale", COVARIANCES)
def test_densities_are_scipys(scale: str, dof: float | None) -> None:
    fit = EM(StudentT(scale, dof), rng=0).fit(ROWS)
    e = fit.estimate_
    expected = log_densities(ROWS, e["mean"], e["scale"], e["dof"])
    assert fit.score_samples(ROWS) == pytest.approx(expected, abs=1e-11)
    assert fit.log_likelihood_ == pytest.approx(expected.sum(), abs=1e-9)
    assert fit.objective_history_[-1] == pytest.approx(expected.sum(), abs=1e-6)


@pytest.mark.parametrize("dof", [None, 2.5])
def test_em_is_direct_maximisation(dof: float | None) -> None:
    fit = EM(StudentT(dof=dof), tol=1e-12, rng=0).fit(ROWS)
    below = np.tril_indices(2)

    def loss(vector: np.ndarray) -> float:
        factor = np.zeros((2, 2))
        factor[below] = vector[2:5]
        own = float(np.exp(vector[5])) if dof is None else dof
        return -float(log_densities(ROWS, vector[:2], factor @ factor.T + 1e-12 * np.eye(2), own).sum())

    start = np.concatenate([np.median(ROWS, axis=0), np.eye(2)[below], [1.0] * (dof is None)])
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
    assert fit.log_likelihood_ == pytest.approx(-found.fun, abs=1e-8)
    assert fit.estimate_["mean"] == pytest.approx(found.x[:2], abs=1e-5)


def test_many_degrees_of_freedom_are_a_normal_distribution() -> None:
    rows = clusters(60, d=2, k=1)
    normal, student = MLE(Gaussian()).fit(rows), EM(StudentT(dof=1e6), tol=1e-12).fit(rows)
    assert student.log_likelihood_ == pytest.approx(normal.log_likelihood_, abs=1e-3)  # a row's part is about δ² / ν
    assert student.estimate_["scale"] == pytest.approx(normal.estimate_["covariance"], rel=1e-5, abs=1e-5)


def test_light_tails_end_at_the_boundary_and_say_so() -> None:
    rows = np.linspace(-1.0, 1.0, 50)
    with pytest.warns(PointmassWarning, match="dof has entries at the edge"):
        fit = EM(StudentT()).fit(rows)
    assert fit.status_ == "boundary"
    assert fit.log_likelihood_ == pytest.approx(MLE(Gaussian()).fit(rows).log_likelihood_, abs=1e-3)


def test_outliers_hardly_move_the_mean() -> None:
    rows = np.append(np.random.default_rng(0).standard_normal(100), [1e3] * 3)
    assert abs(EM(StudentT()).fit(rows).estimate_["mean"][0]) < 0.3
    assert EM(Gaussian()).fit(rows).estimate_["mean"][0] > 20.0


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_weights_are_copies(estimator: type) -> None:
    weights = np.random.default_rng(0).integers(1, 4, len(ROWS))
    model = StudentT(prior=None if estimator is EM else PRIOR_2)
    one = estimator(model, tol=1e-10).fit(ROWS, sample_weight=weights)
    other = estimator(model, tol=1e-10).fit(np.repeat(ROWS, weights, axis=0))
    assert one.objective_history_[-1] == pytest.approx(other.objective_history_[-1], abs=1e-6)
    for name, array in one.estimate_.items():
        assert array == pytest.approx(other.estimate_[name], rel=1e-3)


# -- steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [EM, VB])
def test_no_plain_sweep_falls_in_a_hundred_data_sets(estimator: type) -> None:
    lowest = 0.0
    for seed in range(100):
        rows = heavy(30, d=1 + seed % 2, dof=(1.0, 3.0, 30.0)[seed % 3], seed=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PointmassWarning)
            fit = estimator(StudentT(), acceleration="none", tol=0.0, max_iter=15).fit(rows)
        lowest = min(lowest, float(np.diff(fit.objective_history_).min()))
    assert lowest > -1e-8


# -- derivatives -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["free", "known", "spherical", "mixture"])
def test_information_is_the_numerical_hessian(name: str) -> None:
    from uncertainty.test_information import numerical_sds

    models = {
        "free": StudentT(),
        "known": StudentT(dof=2.5),
        "spherical": StudentT("spherical"),
        "mixture": Mixture(StudentT("tied", dof=4.0), 2),
    }
    rows = two_groups() if name == "mixture" else heavy(150, seed=3)
    fit = EM(models[name], tol=1e-12, rng=0, max_iter=5000).fit(rows)
    found = fit.uncertainty("information").sd
    assert np.concatenate([found[key].ravel() for key in fit.estimate_]) == pytest.approx(
        numerical_sds(fit), rel=1e-5, abs=1e-9
    )


@pytest.mark.parametrize("estimator", [EM, VB])
@pytest.mark.parametrize("k", [1, 2])
def test_the_jacobian_is_that_of_the_sweep(estimator: type, k: int) -> None:
    """The largest eigenvalue of J is that of the sweep itself, differentiated numerically in free coordinates."""
    model = StudentT("diagonal") if k == 1 else Mixture(StudentT("diagonal"), 2)
    rows = heavy(100) if k == 1 else two_groups()
    sweep, beliefs = estimator(model, tol=1e-13, rng=0, max_iter=3000).fit(rows).sweep_at_fit()
    blocks = sweep.free_blocks
    centre = pack(beliefs, blocks)

    def moved(vector: np.ndarray) -> np.ndarray:
        return pack(sweep(unpack(vector, beliefs, blocks)).beliefs, blocks)

    columns = [(moved(centre + step) - moved(centre - step)) / 2e-5 for step in 1e-5 * np.eye(len(centre))]
    radius = np.abs(np.linalg.eigvals(np.array(columns).T)).max()
    jacobian = Jacobian(sweep, beliefs)
    matrix = jacobian.latent_covariance @ jacobian.coefficient_response
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(radius, rel=1e-4)


def test_expected_statistics_have_the_mean_that_complete_ones_have() -> None:
    """E over rows of E[t | row] is E[t], at the parameters that the rows come from."""
    family, rng = StudentT(dof=5.0), np.random.default_rng(0)
    theta = {"mean": np.array([[1.0, -0.5]]), "scale": np.array([[[1.0, 0.3], [0.3, 0.5]]]), "dof": np.array([5.0])}
    point = type(family.flat_prior(1, 2)).of(family.flat_prior(1, 2).parts).at(family.native(theta))
    kernel, found = family.kernel(point, np.zeros(1), Coordinates.identity(2)), []
    for _ in range(200):
        rows = family.sample(theta, np.zeros(500, dtype=int), rng)
        moments, scales = kernel.statistics(kernel.features(rows), np.full((1, 500), 1.0 / 500)).parts
        found.append(np.concatenate([scales.count, moments.sums[0], scales.excess]))
    error = np.std(found, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(found, axis=0) - family.mean_statistics(theta)[0]) < 5 * error + 1e-9).all()


# -- posteriors --------------------------------------------------------------------------------------------------

PRIOR_1 = NormalInverseGamma(mean=4.0, kappa=0.5, shape=2.0, scale=1.5)
PRIOR_2 = StudentT().normal.default_prior(ROWS, None)


def exact(rows: np.ndarray, dof: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Log evidence, means and sds of mean and scale of one column by quadrature over the mean and the log scale."""
    means, logs = np.linspace(-2.0, 12.0, 1201), np.linspace(-4.0, 5.0, 901)
    mean, variance = means[:, None], np.exp(logs)[None, :]
    log_joint = stats.invgamma(2.0, scale=1.5).logpdf(variance) + np.log(variance)
    log_joint = log_joint + stats.norm.logpdf(mean, 4.0, np.sqrt(variance / 0.5))
    for row in rows.ravel():
        log_joint = log_joint + stats.t.logpdf(row, dof, mean, np.sqrt(variance))
    top = log_joint.max()
    density = np.exp(log_joint - top)
    total = integrate.trapezoid(integrate.trapezoid(density, logs), means)
    weights = density / density.sum()
    first = np.array([(weights * mean).sum(), (weights * variance).sum()])
    second = np.array([(weights * mean**2).sum(), (weights * variance**2).sum()])
    return float(np.log(total) + top), first, np.sqrt(second - first**2)


def test_the_bound_is_below_the_evidence_and_corrected_draws_are_the_posterior() -> None:
    rows = heavy(25, d=1, dof=2.0, seed=2)
    evidence, means, sds = exact(rows, 2.0)
    fit = VB(StudentT(dof=2.0, prior=PRIOR_1), tol=1e-10, rng=0).fit(rows)
    assert evidence - 3.0 < fit.elbo_ < evidence
    corrected = fit.uncertainty("importance", rng=0)
    found = next(one for one in fit.evidence(rng=0) if one.method == "importance")
    assert found.value == pytest.approx(evidence, abs=5 * found.mc_error + 1e-6)
    assert corrected.sd["mean"][0] == pytest.approx(sds[0], rel=0.05)
    assert corrected.sd["scale"][0, 0] == pytest.approx(sds[1], rel=0.1)
    assert corrected.mean["mean"][0] == pytest.approx(means[0], abs=0.1 * sds[0])
    assert fit.uncertainty("mean_field").sd["mean"][0] < 0.95 * sds[0]


@pytest.mark.parametrize("belief", ["joint", pytest.param("factorised", marks=pytest.mark.slow)])
def test_the_predictive_density_integrates_to_one(belief: str) -> None:
    fit = VB(StudentT(prior=PRIOR_1), belief=belief).fit(heavy(25, d=1, seed=2))
    points = np.sinh(np.linspace(-14.0, 14.0, 4001))
    density = np.exp(fit.score_samples(5.0 + points[:, None]))
    assert integrate.trapezoid(density, points) == pytest.approx(1.0, abs=1e-4)


def test_the_posterior_of_the_degrees_of_freedom_is_bayes_rule() -> None:
    """Given scales, the posterior density is prior × Π gamma densities, by SciPy, to one constant."""
    scales = np.random.default_rng(0).gamma(2.0, 0.5, 20)
    statistics = type("Given", (), {"count": np.array([20.0]), "excess": 0.5 * np.sum(scales - 1 - np.log(scales))})
    prior = DegreesOfFreedom(2.5, 0.3).broadcast(1, 1)
    posterior = prior.update(statistics)
    values = np.array([0.3, 2.0, 7.0, 40.0])
    expected = stats.gamma(2.5, scale=1 / 0.3).logpdf(values)
    expected = expected + np.array([stats.gamma(v / 2, scale=2 / v).logpdf(scales).sum() for v in values])
    ours = np.array([float(posterior.log_density({"dof": np.array([v])})) for v in values])
    assert np.ptp(ours - expected) < 1e-9
    grid = np.exp(np.linspace(-5.0, 6.0, 2001))
    density = np.exp([float(posterior.log_density({"dof": np.array([v])})) for v in grid])
    assert integrate.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-5)
    assert integrate.trapezoid(density * grid, grid) == pytest.approx(posterior.parameter_mean()["dof"][0], rel=1e-4)


# -- mixtures, chains, files -------------------------------------------------------------------------------------


def test_a_mixture_is_scipys_mixture_and_survives_the_file() -> None:
    rows = two_groups()
    fit = EM(Mixture(StudentT(), 2), rng=0).fit(rows)
    e = fit.estimate_
    parts = [log_densities(rows, *(e[name][k] for name in ("mean", "scale", "dof"))) for k in (0, 1)]
    joint = np.log(e["weights"])[:, None] + np.array(parts)
    assert fit.score_samples(rows) == pytest.approx(np.logaddexp(*joint), abs=1e-10)
    draws = {name: array[None] for name, array in e.items()}
    assert fit.model_.log_likelihood(draws, fit._data)[0] == pytest.approx(fit.log_likelihood_, abs=1e-8)
    restored = load_fit(fit.to_datatree())
    assert restored.score_samples(rows) == pytest.approx(fit.score_samples(rows), abs=1e-12)
    assert restored.model_ == fit.model_


def test_a_chain_is_the_sum_over_its_paths() -> None:
    rows = two_groups()[36:43]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        fit = MAP(HiddenMarkov(StudentT(dof=3.0), 2), n_init=2, rng=0).fit(rows)
    e = fit.estimate_
    own = np.array([log_densities(rows, e["mean"][k], e["scale"][k], 3.0) for k in (0, 1)])
    total = -np.inf
    for path in product((0, 1), repeat=7):
        value = np.log(e["initial"][path[0]]) + sum(own[k, t] for t, k in enumerate(path))
        value += sum(np.log(e["transition_matrix"][i, j]) for i, j in pairwise(path))
        total = np.logaddexp(total, value)
    assert fit.log_likelihood_ == pytest.approx(total, abs=1e-10)


def test_known_parameters_stay_known() -> None:
    known = PointMass({"mean": [[0.0], [9.0]], "scale": [[[1.0]], [[4.0]]], "dof": [3.0, 5.0]})
    fit = EM(Mixture(StudentT(prior=known), 2), rng=0).fit(heavy(40, d=1))
    assert fit.estimate_["dof"].tolist() == [3.0, 5.0]
    assert fit.estimate_["mean"].ravel().tolist() == [0.0, 9.0]


# -- refusals ----------------------------------------------------------------------------------------------------


def test_what_has_no_closed_form_is_refused_in_one_sentence() -> None:
    with pytest.raises(PointmassError, match="MLE is a closed form"):
        MLE(StudentT()).fit(ROWS)
    with pytest.raises(PointmassError, match="values are hidden"):
        Enumeration(Mixture(StudentT(), 2)).fit(ROWS[:9])
    with pytest.raises(PointmassError, match="hidden values may be"):
        EM(Mixture(StudentT(), 2), assignments="sparse").fit(ROWS)
    with pytest.raises(PointmassError, match="a part of a Product cannot have"):
        EM(Product({"x": StudentT(), "y": Gaussian()})).fit(ROWS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scale": "round"}, "scale must be one of full"),
        ({"dof": 0.0}, "dof must be greater than 0"),
        ({"dof": [1.0, 2.0]}, "dof must be one number"),
        ({"prior": DegreesOfFreedom()}, "prior must be NormalInverseWishart"),
        ({"dof_prior": 3.0}, "dof_prior must be DegreesOfFreedom"),
        ({"dof": 3.0, "dof_prior": DegreesOfFreedom()}, "dof is known, so it takes no dof_prior"),
    ],
)
def test_options_out_of_range_are_said(options: dict, said: str) -> None:
    with pytest.raises(PointmassError, match=said):
        StudentT(**options)
