"""Hidden Markov models: what they must equal, in every method; sequences, missing steps, weights, labels, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from chains import enumerated
from scipy import stats

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Dirichlet,
    Enumeration,
    Gaussian,
    Gibbs,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    PointMass,
    PointmassError,
    PointmassWarning,
)
from pointmass.latents.stationary import stationary_distribution
from pointmass.models import model_from_dict

TRANSITIONS = np.array([[0.9, 0.1], [0.25, 0.75]])
POINT = {
    "initial": np.array([0.3, 0.7]),
    "transition_matrix": TRANSITIONS,
    "mean": np.array([[0.0], [2.0]]),
    "covariance": np.array([[[1.0]], [[0.5]]]),
}


def series(n: int = 200, seed: int = 0, gap: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    states = np.zeros(n, dtype=int)
    for t in range(1, n):
        states[t] = rng.random() < TRANSITIONS[states[t - 1], 1]
    return gap * states[:, None] + rng.normal(size=(n, 1)), states


def at_point(point: dict = POINT, **options: object) -> EM:
    """Return a fit whose parameters are all known."""
    emission = PointMass({name: point[name] for name in ("mean", "covariance")})
    model = HiddenMarkov(
        Gaussian(prior=emission),
        2,
        initial_prior=PointMass(point["initial"]),
        transition_prior=PointMass(point["transition_matrix"]),
    )
    return EM(model).fit(series(20)[0], **options)


def log_densities(x: np.ndarray) -> np.ndarray:
    variance = POINT["covariance"].ravel()[:, None]
    return -0.5 * ((x.ravel() - POINT["mean"]) ** 2 / variance + np.log(2 * np.pi * variance))


def test_verbs_equal_the_sum_over_all_paths():
    fit, x = at_point(), series(8)[0]
    evidence, states, _ = enumerated(log_densities(x), np.log(POINT["initial"]), np.log(TRANSITIONS))
    assert fit.score_samples(x).sum() == pytest.approx(evidence, abs=1e-10)
    np.testing.assert_allclose(fit.predict_proba(x), states.T, atol=1e-10)
    two = fit.score_samples(x, lengths=[3, 5])
    np.testing.assert_allclose(two, np.concatenate([fit.score_samples(x[:3]), fit.score_samples(x[3:])]))


def test_a_missing_step_is_summed_out():
    fit, x = at_point(), series(6)[0]
    x[[0, 3]] = np.nan
    densities = np.where(np.isnan(x.ravel()), 0.0, log_densities(x))
    evidence, states, _ = enumerated(densities, np.log(POINT["initial"]), np.log(TRANSITIONS))
    scores = fit.score_samples(x)
    assert scores.sum() == pytest.approx(evidence, abs=1e-10)
    np.testing.assert_allclose(scores[[0, 3]], 0.0, atol=1e-12)
    np.testing.assert_allclose(fit.predict_proba(x), states.T, atol=1e-10)


def test_missing_steps_at_the_end_change_nothing_but_the_predictions():
    x, _ = series(120)
    longer = np.concatenate([x, np.full((5, 1), np.nan)])
    model = HiddenMarkov(Gaussian(), 2)
    for estimator in (EM, MAP):
        one, other = estimator(model, rng=0).fit(x), estimator(model, rng=0).fit(longer)
        assert other.objective_history_[-1] == pytest.approx(one.objective_history_[-1], abs=1e-5)
    # A variational posterior keeps the states of these steps apart from the transitions, which costs some nats.
    assert VB(model, rng=0).fit(longer).elbo_ < VB(model, rng=0).fit(x).elbo_
    assert other.predict_proba(longer).shape == (125, 2)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_equal_transition_rows_are_a_mixture(estimator):
    x, _ = series(150)
    shares = np.array([0.6, 0.4])
    chain = HiddenMarkov(
        Gaussian(), 2, initial_prior=PointMass(shares), transition_prior=PointMass(np.tile(shares, (2, 1)))
    )
    one = estimator(chain, rng=0, tol=1e-10).fit(x)
    other = estimator(Mixture(Gaussian(), 2, weights_prior=PointMass(shares)), rng=0, tol=1e-10).fit(x)
    assert one.objective_history_[-1] == pytest.approx(other.objective_history_[-1], abs=1e-8)
    np.testing.assert_allclose(one.estimate_["mean"], other.estimate_["mean"], atol=1e-4)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_one_state_is_independent_rows(estimator):
    x, _ = series(50)
    one, other = estimator(HiddenMarkov(Gaussian(), 1), rng=0).fit(x), estimator(Gaussian(), rng=0).fit(x)
    assert one.objective_history_[-1] == pytest.approx(other.objective_history_[-1], abs=1e-9)


@pytest.mark.parametrize("estimator", [EM, VB])
def test_the_order_of_sequences_does_not_matter(estimator):
    parts = [series(n, seed)[0] for seed, n in enumerate((40, 70, 25))]
    fits = [
        estimator(HiddenMarkov(Gaussian(), 2), init=dict(POINT)).fit(
            np.concatenate([parts[s] for s in order]), lengths=[len(parts[s]) for s in order]
        )
        for order in ((0, 1, 2), (2, 0, 1))
    ]
    assert fits[0].objective_history_[-1] == pytest.approx(fits[1].objective_history_[-1], abs=1e-9)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_a_weight_is_a_number_of_copies_of_a_sequence(estimator):
    one, other = series(60, 1)[0], series(40, 2)[0]
    model = HiddenMarkov(Gaussian(prior=None), 2)
    weights = np.repeat([2.0, 1.0], [60, 40])
    weighted = estimator(model, init=dict(POINT)).fit(
        np.concatenate([one, other]), lengths=[60, 40], sample_weight=weights
    )
    copied = estimator(model, init=dict(POINT)).fit(np.concatenate([one, one, other]), lengths=[60, 60, 40])
    assert weighted.objective_history_[-1] == pytest.approx(copied.objective_history_[-1], abs=1e-6)


def test_known_states_are_counted():
    x, states = series(100)
    fit = MLE(HiddenMarkov(Gaussian(), 2)).fit(x, labels=states)
    counts = np.array([[((states[:-1] == i) & (states[1:] == j)).sum() for j in (0, 1)] for i in (0, 1)])
    np.testing.assert_allclose(fit.estimate_["transition_matrix"], counts / counts.sum(1, keepdims=True))
    np.testing.assert_allclose(fit.estimate_["initial"], [1.0, 0.0])
    np.testing.assert_allclose(fit.estimate_["mean"].ravel(), [x[states == k].mean() for k in (0, 1)])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_the_bound_lies_below_the_evidence_and_gibbs_draws_from_the_posterior():
    x, _ = series(8, gap=2.0)
    rows = Dirichlet([[4.0, 1.0], [2.0, 3.0]])
    model = HiddenMarkov(Gaussian(), 2, transition_prior=rows, initial_prior=Dirichlet([5.0, 1.0]))
    exact, bound = Enumeration(model, rng=0).fit(x), VB(model, rng=0).fit(x)
    assert bound.elbo_ < exact.log_evidence_
    drawn = Gibbs(model, rng=1, draws=500, tune=200).fit(x)
    for name in ("transition_matrix", "initial"):
        found, truth = drawn.draws_[name].reshape(-1, *exact.estimate_[name].shape), exact.estimate_[name]
        error = found.std(axis=0) / np.sqrt(drawn.diagnostics_["min_ess_bulk"])
        assert (np.abs(found.mean(axis=0) - truth) < 5.0 * error + 0.01).all()


def test_stationary_start_has_the_stationary_distribution_and_its_step_is_a_maximum():
    delta = stationary_distribution(TRANSITIONS)
    np.testing.assert_allclose(delta @ TRANSITIONS, delta)
    x, _ = series(80)
    free = EM(HiddenMarkov(Gaussian(), 2), rng=0).fit(x)
    fit = EM(HiddenMarkov(Gaussian(), 2, stationary=True), rng=0, tol=1e-10).fit(x)
    assert set(fit.estimate_) == {"transition_matrix", "mean", "covariance"}
    assert fit.log_likelihood_ < free.log_likelihood_
    point = {**fit.estimate_, "initial": stationary_distribution(fit.estimate_["transition_matrix"])}
    assert at_point(point).score_samples(x).sum() == pytest.approx(fit.log_likelihood_, abs=1e-8)
    for i, step in ((0, 1e-3), (0, -1e-3), (1, 1e-3), (1, -1e-3)):
        beside = fit.estimate_["transition_matrix"].copy()
        beside[i] += [step, -step]
        other = {**point, "transition_matrix": beside, "initial": stationary_distribution(beside)}
        assert at_point(other).score_samples(x).sum() < fit.log_likelihood_


@pytest.mark.parametrize("estimator", [VB, Gibbs])
def test_a_stationary_start_is_refused_where_updates_must_be_conjugate(estimator):
    with pytest.raises(PointmassError, match="needs conjugate updates"):
        estimator(HiddenMarkov(Gaussian(), 2, stationary=True)).fit(series(30)[0])


def test_predict_is_the_best_path():
    x, states = series(200)
    fit = EM(HiddenMarkov(Gaussian(), 2), init=dict(POINT)).fit(x)
    assert (fit.predict(x) == states).mean() > 0.9
    assert fit.predict(x, lengths=[50, 150]).shape == (200,)


def test_samples_follow_the_chain():
    rows, states = at_point().sample(20_000, rng=0)
    for i in (0, 1):
        after = states[1:][states[:-1] == i]
        assert abs(after.mean() - TRANSITIONS[i, 1]) < 5 * 0.5 / np.sqrt(len(after))
        own = rows[states == i]
        assert abs(own.mean() - POINT["mean"][i, 0]) < 5 / np.sqrt(len(own))


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_fault_057_a_state_never_visited_has_the_prior_or_an_even_row():
    x, states = series(60)
    with pytest.warns(PointmassWarning, match="empty"):
        em = EM(HiddenMarkov(Gaussian(), 3), init=dict(_three(states))).fit(x, labels=states)
    np.testing.assert_allclose(em.estimate_["transition_matrix"][2], 1.0 / 3.0)
    vb = VB(HiddenMarkov(Gaussian(), 3, transition_prior=Dirichlet([1.0, 2.0, 3.0]))).fit(x, labels=states)
    np.testing.assert_allclose(vb.belief_["transition_matrix"].concentration[2], [1.0, 2.0, 3.0])


def _three(states: np.ndarray) -> dict:
    return {
        "initial": np.full(3, 1 / 3),
        "transition_matrix": np.full((3, 3), 1 / 3),
        "mean": np.array([[0.0], [2.0], [9.0]]),
        "covariance": np.ones((3, 1, 1)),
    }


def test_fault_058_sequences_of_length_one_leave_even_rows():
    x, _ = series(40)
    fit = EM(HiddenMarkov(Gaussian(), 2), rng=0).fit(x, lengths=np.ones(40, dtype=int))
    np.testing.assert_allclose(fit.estimate_["transition_matrix"], 0.5)
    mixture = EM(Mixture(Gaussian(), 2), rng=0).fit(x)
    assert fit.log_likelihood_ == pytest.approx(mixture.log_likelihood_, abs=1e-4)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([10, 0, 20], "at least 1, got 0 for sequence 1"),
        ([10, 10], "sum to 20, but X has 30 rows"),
        ([15.5, 14.5], "one integer for each sequence"),
        ([[15, 15]], "one integer for each sequence"),
    ],
)
def test_fault_059_lengths_that_are_none(lengths, message):
    with pytest.raises(PointmassError, match=message):
        EM(HiddenMarkov(Gaussian(), 2)).fit(series(30)[0], lengths=lengths)


def test_fault_061_rows_that_do_not_sum_to_one_are_refused_with_their_sums():
    with pytest.raises(PointmassError, match=r"sums \[1.1, 1.0\]"):
        HiddenMarkov(Gaussian(), 2, transition_prior=PointMass([[0.9, 0.2], [0.5, 0.5]]))
    with pytest.raises(PointmassError, match=r"rows of transition_matrix .* sums"):
        EM(HiddenMarkov(Gaussian(), 2), init={**POINT, "transition_matrix": [[0.9, 0.2], [0.5, 0.5]]}).fit(series(9)[0])


def test_weights_within_a_sequence_are_refused():
    with pytest.raises(PointmassError, match="changes within a sequence"):
        EM(HiddenMarkov(Gaussian(), 2)).fit(series(30)[0], sample_weight=np.arange(30) + 1.0)


def switching() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, states = rng.normal(size=(60, 1)), np.repeat([0, 1, 0], 20)
    return x, np.where(states, 3.0, -1.0) * x[:, 0] + 0.3 * rng.normal(size=60)


@pytest.mark.parametrize("features", ["known", "missing"])
def test_a_regression_may_miss_the_target_of_a_step(features):
    """It is summed out: the likelihood is that of the steps before and after, with one transition more between."""
    x, y = switching()
    y[[5, 30]] = np.nan
    if features == "missing":
        x[[5, 30]] = np.nan
    fit = EM(HiddenMarkov(LinearRegression(), 2), n_init=2, rng=0).fit(x, y)
    estimate, seen = fit.estimate_, ~np.isnan(y)
    scale = np.sqrt(estimate["noise_variance"])[:, None]
    lines = estimate["coefficients"] @ np.stack([np.ones(60), np.where(seen, x[:, 0], 0.0)])
    densities = np.where(seen, stats.norm.logpdf(np.where(seen, y, 0.0), lines, scale), 0.0)
    with np.errstate(divide="ignore"):
        logs = np.log(estimate["initial"]), np.log(estimate["transition_matrix"])
    first = slice(0, 8)
    evidence, states, _ = enumerated(densities[:, first], *logs)
    assert fit.score_samples(x[first], y[first]).sum() == pytest.approx(evidence, abs=1e-9)
    np.testing.assert_allclose(fit.predict_proba(x[first], y[first]), states.T, atol=1e-9)
    assert fit.score_samples(x, y)[[5, 30]] == pytest.approx(0.0, abs=1e-9)


def test_a_target_without_its_features_is_refused_by_place():
    x, y = switching()
    x[7] = np.nan
    with pytest.raises(PointmassError, match="X is NaN at row 7, y is not"):
        EM(HiddenMarkov(LinearRegression(), 2)).fit(x, y)
    with pytest.raises(PointmassError, match="y contains NaN"):
        EM(HiddenMarkov(LinearRegression(), 2)).fit(switching()[0], np.full(60, np.nan))
    with pytest.raises(PointmassError, match="y contains NaN"):
        EM(Mixture(LinearRegression(), 2)).fit(switching()[0], np.where(np.arange(60) == 3, np.nan, y))


def test_partly_missing_rows_are_refused_by_place():
    x = np.zeros((20, 2))
    x[3, 1] = np.nan
    with pytest.raises(PointmassError, match="NaN"):
        EM(HiddenMarkov(Gaussian(), 2)).fit(x)


def test_models_are_read_and_written():
    model = HiddenMarkov(Gaussian("diagonal"), 3, transition_prior=Dirichlet(2.0), stationary=True)
    assert model_from_dict(model.to_dict()) == model
    prior = {"dirichlet": {"concentration": 2.0}}
    tree = {"hidden_markov": {"family": "gaussian", "n_states": 2, "initial_prior": prior}}
    assert model_from_dict(tree) == HiddenMarkov(Gaussian(), 2, initial_prior=Dirichlet(2.0))


@pytest.mark.parametrize(
    "options", [{"n_states": 0}, {"n_states": 2, "stationary": 1}, {"n_states": 2, "initial_prior": 3}]
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(PointmassError, match="HiddenMarkov"):
        HiddenMarkov(Gaussian(), **options)
