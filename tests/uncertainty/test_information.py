"""Standard errors of points: numerical differentiation, published figures, robustness, boundaries."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, chain_cases, clusters, faithful, iris

from pointmass import EM, MAP, MLE, VB, Gaussian, HiddenMarkov, Mixture, PointMass, PointmassError, Poisson
from pointmass.families.family import divergence
from pointmass.inference.vectors import pack, unpack
from pointmass.uncertainty import available

ROWS = clusters(80, d=2, k=2, seed=4, spread=2.5)
WEIGHTS = np.random.default_rng(0).uniform(0.5, 2.0, 80)
LABELS = np.where(np.arange(80) % 9 == 0, (ROWS[:, 0] > np.median(ROWS[:, 0])).astype(int), -1)
CHAINS = chain_cases()
EXTRAS = {"plain": {}, "weights": {"sample_weight": WEIGHTS}, "labels": {"labels": LABELS}}


def observed_objective(fit, vector):
    """Observed-data log likelihood (log posterior for MAP) at unconstrained coordinates, by the sweep's E-step."""
    sweep, beliefs = fit.sweep_at_fit()
    moved = unpack(vector, beliefs, sweep.free_blocks)
    penalty = sum(divergence(belief, sweep.prior[name]) for name, belief in moved.items()) if fit._scored else 0.0
    return sweep.infer(moved).log_normaliser - penalty


def hessian(function, at, steps):
    """Central differences, extrapolated once."""

    def plain(scale):
        moves = np.diag(steps * scale)
        found = np.empty((len(at), len(at)))
        for i in range(len(at)):
            for j in range(i + 1):
                corners = [a * b * function(at + a * moves[i] + b * moves[j]) for a in (1, -1) for b in (1, -1)]
                found[i, j] = found[j, i] = sum(corners) / (4.0 * steps[i] * steps[j] * scale**2)
        return found

    return (4.0 * plain(1.0) - plain(2.0)) / 3.0


def numerical_sds(fit):
    """Delta-method sds of the public parameters from the numerical Hessian."""
    sweep, beliefs = fit.sweep_at_fit()
    at = pack(beliefs, sweep.free_blocks)
    rough = hessian(lambda vector: observed_objective(fit, vector), at, np.full(len(at), 1e-2))
    steps = 0.03 / np.sqrt(np.diag(-rough))
    covariance = np.linalg.inv(-hessian(lambda vector: observed_objective(fit, vector), at, steps))

    def public(vector):
        moved = fit.original(unpack(vector, beliefs, sweep.free_blocks))
        values = fit.model_.public({name: belief.parameter_mean() for name, belief in moved.items()})
        return np.concatenate([values[name].ravel() for name in fit.estimate_])

    slopes = np.stack([(public(at + move) - public(at - move)) / 2e-5 for move in 1e-5 * np.eye(len(at))], axis=1)
    return np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))


def vector_of(sd):
    return np.concatenate([array.ravel() for array in sd.values()])


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("kind", [EM, MAP])
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_information_is_that_of_numerical_differentiation(covariance, kind, extra):
    fit = kind(Mixture(Gaussian(covariance), 2), rng=0, tol=1e-12, max_iter=5000).fit(ROWS, **EXTRAS[extra])
    assert fit.status_ == "converged"
    expected = numerical_sds(fit)
    np.testing.assert_allclose(vector_of(fit.uncertainty("information").sd), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", [EM, MAP])
@pytest.mark.parametrize("name", CHAINS)
def test_information_of_chains_is_that_of_numerical_differentiation(name, kind):
    model, rows, told = CHAINS[name]
    fit = kind(model, rng=0, tol=1e-12, max_iter=5000).fit(rows, **told)
    expected = numerical_sds(fit)
    np.testing.assert_allclose(vector_of(fit.uncertainty("information").sd), expected, rtol=1e-5, atol=1e-7)


def test_what_is_known_has_no_standard_error():
    model = Mixture(Gaussian(PointMass(np.eye(2))), 2, PointMass([0.5, 0.5]))
    fit = EM(model, rng=0, tol=1e-12).fit(ROWS)
    sd = fit.uncertainty("information").sd
    assert not sd["weights"].any()
    assert not sd["covariance"].any()
    np.testing.assert_allclose(vector_of(sd)[2:6], numerical_sds(fit)[2:6], rtol=1e-5)


def test_old_faithful_has_its_published_standard_errors():
    fit = EM(Mixture(Gaussian(), 2), rng=0, tol=1e-12).fit(faithful()[:, 1:])
    sd, order = fit.uncertainty().sd, np.argsort(fit.estimate_["mean"].ravel())
    sds = 0.5 * sd["covariance"].ravel() / np.sqrt(fit.estimate_["covariance"].ravel())
    found = [sd["weights"][0], *sd["mean"].ravel()[order], *sds[order]]
    assert found == pytest.approx([0.031165, 0.699675, 0.504595, 0.537322, 0.400962], abs=6e-7)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_one_component_has_its_closed_form(covariance):
    """sd(mean) = σ / √n; without latents nothing is missing."""
    uncertainty = MLE(Gaussian(covariance)).fit(ROWS).uncertainty()
    assert uncertainty.method == "information"
    sigma = np.sqrt(np.diag(MLE(Gaussian(covariance)).fit(ROWS).estimate_["covariance"]))
    np.testing.assert_allclose(uncertainty.sd["mean"], sigma / np.sqrt(80), rtol=1e-9)
    assert uncertainty.diagnostics["spectral_radius"] == pytest.approx(0.0, abs=1e-12)


def test_units_change_standard_errors_as_they_change_the_data():
    one, other = (EM(Mixture(Gaussian(), 2), rng=0, tol=1e-11).fit(x) for x in (ROWS, 1e6 + 1000.0 * ROWS))
    for name, power in {"weights": 0, "mean": 1, "covariance": 2}.items():
        first, second = one.uncertainty().sd[name], other.uncertainty().sd[name]
        np.testing.assert_allclose(second, 1000.0**power * first, rtol=1e-5, atol=1e-6 * 1000.0**power)


def test_intervals_stay_inside_the_parameter_space():
    uncertainty = EM(Mixture(Gaussian(), 2), rng=0).fit(ROWS[:25]).uncertainty()
    for level in (0.5, 0.95, 0.9999):
        interval = uncertainty.interval(level)
        assert (interval["weights"][0] > 0).all()
        assert (interval["weights"][1] < 1).all()
        variances = np.diagonal(interval["covariance"][0], axis1=1, axis2=2)
        assert (variances > 0).all()


def test_the_log_variance_interval_is_normal_on_its_scale():
    x = np.random.default_rng(3).normal(size=50)
    fit = MLE(Gaussian()).fit(x)
    lower, upper = fit.uncertainty().interval()["covariance"]
    half = 1.959963984540054 * np.sqrt(2.0 / 50)  # sd of log σ² is √(2/n)
    np.testing.assert_allclose(np.log([lower[0, 0], upper[0, 0]]), np.log(x.var()) + np.array([-half, half]), rtol=1e-8)


def scores(fit):
    """The score of each row by finite differences of its own log density."""
    sweep, beliefs = fit.sweep_at_fit()
    at = pack(beliefs, sweep.free_blocks)

    def log_density(vector):
        moved = unpack(vector, beliefs, sweep.free_blocks)
        inference = sweep.model.infer(moved, sweep.rows.coordinates)
        return inference.responsibilities(sweep.rows, sweep.assignment)[1]

    return np.stack([(log_density(at + m) - log_density(at - m)) / 2e-5 for m in 1e-5 * np.eye(len(at))], axis=1)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_sandwich_is_that_of_numerical_scores(extra):
    fit = EM(Mixture(Gaussian(), 2), rng=0, tol=1e-12).fit(ROWS, **EXTRAS[extra])
    sweep, beliefs = fit.sweep_at_fit()
    at = pack(beliefs, sweep.free_blocks)
    rough = hessian(lambda vector: observed_objective(fit, vector), at, np.full(len(at), 1e-2))
    bread = np.linalg.inv(-hessian(lambda vector: observed_objective(fit, vector), at, 0.03 / np.sqrt(np.diag(-rough))))
    rows = scores(fit)
    weights = np.ones(80) if sweep.rows.weights is None else sweep.rows.weights
    covariance = bread @ (rows * weights[:, None]).T @ rows @ bread
    public = lambda v: fit.original(unpack(v, beliefs, sweep.free_blocks))["emission"].parameters["mean"].ravel()  # noqa: E731
    slopes = np.stack([(public(at + m) - public(at - m)) / 2e-5 for m in 1e-5 * np.eye(len(at))], axis=1)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))
    np.testing.assert_allclose(fit.uncertainty("sandwich").sd["mean"].ravel(), expected, rtol=1e-5)


def test_one_sequence_starts_on_the_boundary_and_says_so():
    """The likelihood of one sequence is highest where its first state is certain: no standard error there."""
    _, rows, _ = CHAINS["normals, known start"]
    uncertainty = EM(HiddenMarkov(Gaussian(), 2), rng=0, tol=1e-12).fit(rows).uncertainty("information")
    assert np.isnan(uncertainty.sd["initial"]).all() and np.isfinite(uncertainty.sd["transition_matrix"]).all()
    assert not uncertainty.diagnostics["accepted"] and "initial" in uncertainty.diagnostics["reasons"][0]


def test_several_parameters_on_the_boundary_are_listed_in_a_sentence():
    """Two runs of the counts 2 and 9: the first state is certain, and the second is never left."""
    with pytest.warns(UserWarning, match="boundary"):
        fit = EM(HiddenMarkov(Poisson(), 2), init="random_rows", rng=0).fit(np.repeat([2.0, 9.0], 10))
    told = fit.uncertainty("information").diagnostics["reasons"][0]
    assert told == "initial and transition_matrix lie on the boundaries of their spaces"


@pytest.mark.parametrize("name", ["tied pairs, sequences", "counts, sequences, weights"])
def test_the_sandwich_of_chains_is_that_of_numerical_scores_of_sequences(name):
    model, rows, told = CHAINS[name]
    fit = EM(model, rng=0, tol=1e-12, max_iter=5000).fit(rows, **told)
    sweep, beliefs = fit.sweep_at_fit()
    at = pack(beliefs, sweep.free_blocks)
    rough = hessian(lambda vector: observed_objective(fit, vector), at, np.full(len(at), 1e-2))
    bread = np.linalg.inv(-hessian(lambda vector: observed_objective(fit, vector), at, 0.03 / np.sqrt(np.diag(-rough))))
    first = np.cumsum(told["lengths"]) - told["lengths"]
    units = np.add.reduceat(scores(fit), first, axis=0)
    weights = told.get("sample_weight", np.ones(len(rows)))[first]
    covariance = bread @ (units * weights[:, None]).T @ units @ bread

    def public(vector):
        return fit.original(unpack(vector, beliefs, sweep.free_blocks))["emission"].parameter_mean()

    key = "mean" if "mean" in fit.estimate_ else "rate"
    slopes = [(public(at + m)[key] - public(at - m)[key]).ravel() / 2e-5 for m in 1e-5 * np.eye(len(at))]
    expected = np.sqrt(np.einsum("ji,jk,ki->i", slopes, covariance, slopes))
    np.testing.assert_allclose(fit.uncertainty("sandwich").sd[key].ravel(), expected, rtol=1e-5)


def test_the_sandwich_is_right_where_the_model_is_wrong():
    """A normal fitted to heavy tails: Var(σ̂²) = (m₄ − σ⁴) / n, five times what the information says."""
    x = np.random.default_rng(1).standard_t(5, size=2000)
    fit = MLE(Gaussian()).fit(x)
    centred = x - x.mean()
    expected = np.sqrt((np.mean(centred**4) - np.mean(centred**2) ** 2) / 2000)
    assert fit.uncertainty("sandwich").sd["covariance"][0, 0] == pytest.approx(expected, rel=1e-8)
    assert fit.uncertainty("information").sd["covariance"][0, 0] < 0.7 * expected


def test_a_weight_on_the_boundary_is_marked_and_has_no_sd():
    """A third component with no row: its weight is 0 and no interval is claimed for it."""
    r = np.zeros((len(ROWS), 3))
    r[np.arange(len(ROWS)), (ROWS[:, 0] > np.median(ROWS[:, 0])).astype(int)] = 1.0
    with pytest.warns(UserWarning, match="boundary"):
        fit = EM(Mixture(Gaussian(), 3), init=r).fit(ROWS)
    uncertainty = fit.uncertainty()
    assert fit.status_ == "boundary"
    assert np.isnan(uncertainty.sd["weights"][2])
    assert (uncertainty.sd["weights"][:2] > 0).all()
    assert not uncertainty.diagnostics["accepted"]
    assert "boundary" in " ".join(uncertainty.diagnostics["reasons"])


@pytest.mark.parametrize("model", [Mixture(Gaussian(), 1), HiddenMarkov(Gaussian(), 1)], ids=["mixture", "chain"])
def test_the_only_weight_of_one_component_is_on_no_boundary(model):
    """It is one and known to be: the answer is that of the family alone, by every method."""
    one, alone = (EM(each).fit(ROWS[:, 0]).uncertainty() for each in (model, Gaussian()))
    assert one.diagnostics["accepted"] and not one.diagnostics["reasons"]
    np.testing.assert_allclose(one.sd["mean"][0], alone.sd["mean"], rtol=1e-9)
    for name in set(one.sd) - {"mean", "covariance"}:
        assert not one.sd[name].any()
        assert all((end == 1.0).all() for end in one.interval()[name])


def test_a_collapsed_component_has_no_sd():
    x = np.concatenate([iris()[:40, 0], [60.0]])
    with pytest.warns(UserWarning, match="unbounded"):
        fit = EM(Mixture(Gaussian(), 2), init=np.stack([x < 50, x > 50], axis=1).astype(float)).fit(x)
    uncertainty = fit.uncertainty()
    assert fit.status_ == "degenerate"
    assert np.isnan(uncertainty.sd["covariance"][1]).all()
    assert any("degenerate" in reason for reason in uncertainty.diagnostics["reasons"])


@pytest.mark.parametrize("assignments", ["hard", "draw"])
def test_hard_and_drawn_assignments_have_no_standard_errors(assignments):
    fit = EM(Mixture(Gaussian(), 2), assignments=assignments, max_iter=50, rng=0).fit(ROWS)
    assert available(fit) == ()
    with pytest.raises(PointmassError, match="no interval"):
        fit.uncertainty()
    with pytest.raises(PointmassError, match="soft"):
        fit.sweep_at_fit()


def test_missing_information_is_told_parameter_by_parameter():
    fit = EM(Mixture(Gaussian(), 2), rng=0, tol=1e-12).fit(faithful()[:, 1:])
    facts = fit.uncertainty().diagnostics
    assert facts["spectral_radius"] == pytest.approx(fit.rate_, abs=5e-3)
    for name, array in facts["missing_information"].items():
        assert array.shape == fit.estimate_[name].shape
        assert (array >= 0).all()
        assert (array <= facts["spectral_radius"] + 1e-9).all()


def test_vb_has_no_information():
    with pytest.raises(PointmassError, match="no uncertainty method 'information'"):
        VB(Gaussian()).fit(ROWS).uncertainty("information")
