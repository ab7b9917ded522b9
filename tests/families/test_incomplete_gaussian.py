"""Missing cells are integrated out: densities, fits and errors against SciPy, enumeration and complete data."""

from __future__ import annotations

import warnings
from itertools import pairwise, product

import numpy as np
import pytest
from cases import COVARIANCES, clusters
from scipy import stats
from scipy.optimize import minimize

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Enumeration,
    Gaussian,
    Gibbs,
    HiddenMarkov,
    IncompleteGaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointmassError,
    load_dataset,
    load_fit,
)
from pointmass.errors import PointmassWarning
from pointmass.uncertainty.resampling import parametric

NAN = np.nan


def masked(n: int = 60, d: int = 3, share: float = 0.25, seed: int = 0) -> np.ndarray:
    """Rows of one correlated normal with missing cells, at least one cell in each row."""
    rows = clusters(n, d=d, k=1, seed=seed)
    rng = np.random.default_rng(seed + 100)
    hidden = rng.random(rows.shape) < share
    hidden[np.arange(n), rng.integers(d, size=n)] = False
    return np.where(hidden, NAN, rows)


def log_densities(rows: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Log density of each row's observed cells, by SciPy."""
    seen = [~np.isnan(row) for row in rows]
    return np.array(
        [
            stats.multivariate_normal(mean[o], covariance[np.ix_(o, o)]).logpdf(row[o]) if o.any() else 0.0
            for row, o in zip(rows, seen, strict=True)
        ]
    )


ROWS = masked()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_densities_are_scipys_marginals(covariance: str) -> None:
    fit = EM(IncompleteGaussian(covariance), rng=0).fit(ROWS)
    expected = log_densities(ROWS, fit.estimate_["mean"], fit.estimate_["covariance"])
    assert fit.score_samples(ROWS) == pytest.approx(expected, abs=1e-11)
    assert fit.log_likelihood_ == pytest.approx(expected.sum(), abs=1e-9)
    assert fit.objective_history_[-1] == pytest.approx(expected.sum(), abs=1e-5)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_fit_to_complete_rows_scores_incomplete_ones(covariance: str) -> None:
    fit = EM(IncompleteGaussian(covariance), rng=0).fit(clusters(60, d=3, k=1))
    new = np.concatenate([ROWS[:10], [[NAN, NAN, NAN]]])
    expected = log_densities(new, fit.estimate_["mean"], fit.estimate_["covariance"])
    assert fit.score_samples(new) == pytest.approx(expected, abs=1e-11)


def test_em_is_direct_maximisation() -> None:
    fit = EM(IncompleteGaussian(), tol=1e-10, rng=0).fit(ROWS)
    below = np.tril_indices(3)

    def loss(vector: np.ndarray) -> float:
        factor = np.zeros((3, 3))
        factor[below] = vector[3:]
        return -float(log_densities(ROWS, vector[:3], factor @ factor.T + 1e-12 * np.eye(3)).sum())

    start = np.concatenate([np.nanmean(ROWS, axis=0), np.eye(3)[below]])
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
    assert fit.log_likelihood_ == pytest.approx(-found.fun, abs=1e-6)
    assert fit.estimate_["mean"] == pytest.approx(found.x[:3], abs=1e-4)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_nothing_missing_changes_nothing_to_the_last_digit(covariance: str, estimator: type) -> None:
    rows = clusters(80, d=2, k=2, seed=4, spread=2.5)
    for wrap in (lambda family: family, lambda family: Mixture(family, 2), lambda family: HiddenMarkov(family, 2)):
        plain, incomplete = (
            estimator(wrap(family(covariance)), n_init=2, rng=0).fit(rows) for family in (Gaussian, IncompleteGaussian)
        )
        for name, array in plain.estimate_.items():
            assert np.array_equal(array, incomplete.estimate_[name])
        assert np.array_equal(plain.objective_history_, incomplete.objective_history_)
        assert np.array_equal(plain.score_samples(rows), incomplete.score_samples(rows))


def test_nothing_missing_leaves_the_closed_form_and_exact_draws() -> None:
    rows = clusters(30, d=2, k=1)
    for method in (MLE, lambda model: Gibbs(model, rng=0)):
        plain, incomplete = (method(family()).fit(rows) for family in (Gaussian, IncompleteGaussian))
        assert np.array_equal(plain.estimate_["covariance"], incomplete.estimate_["covariance"])
    with pytest.raises(PointmassError, match="none where rows hide values"):
        MLE(IncompleteGaussian()).fit(ROWS)
    with pytest.raises(PointmassError, match="values are hidden"), warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        Enumeration(Mixture(IncompleteGaussian(), 2)).fit(ROWS[:8])


# -- variational -----------------------------------------------------------------------------------------------


def evidence_of_one_column(cells: np.ndarray, prior: NormalInverseGamma) -> float:
    """Chain rule of Student-t predictive densities."""
    m, k, a, b = float(prior.mean[0]), float(prior.kappa), float(prior.shape), float(prior.scale)
    total = 0.0
    for x in cells:
        total += stats.t(2 * a, m, np.sqrt(b * (k + 1) / (a * k))).logpdf(x)
        b, m = b + 0.5 * k * (x - m) ** 2 / (k + 1), (k * m + x) / (k + 1)
        k, a = k + 1, a + 0.5
    return total


def test_the_bound_is_below_the_evidence_and_corrected_draws_reach_it() -> None:
    """Of independent columns the evidence is a product of one-column evidences of the observed cells."""
    prior = NormalInverseGamma(mean=[0.0, 0.0, 0.0], kappa=0.5, shape=2.0, scale=1.5)
    alone = NormalInverseGamma(mean=0.0, kappa=0.5, shape=2.0, scale=1.5)
    evidence = sum(evidence_of_one_column(column[~np.isnan(column)], alone) for column in ROWS.T)
    fit = VB(IncompleteGaussian("diagonal", prior), tol=1e-9, rng=0).fit(ROWS)
    assert evidence - 2.0 < fit.elbo_ < evidence
    importance = next(one for one in fit.evidence(rng=0) if one.method == "importance")
    assert importance.value == pytest.approx(evidence, abs=5 * importance.mc_error + 1e-6)


def test_corrected_spread_of_independent_columns_is_the_exact_one() -> None:
    prior = NormalInverseGamma(mean=[0.0, 0.0, 0.0], kappa=0.5, shape=3.0, scale=1.5)
    fit = VB(IncompleteGaussian("diagonal", prior), tol=1e-10, rng=0).fit(ROWS)
    exact = []
    for column in ROWS.T:
        own = NormalInverseGamma(mean=0.0, kappa=0.5, shape=3.0, scale=1.5)
        exact.append(VB(Gaussian("diagonal", own)).fit(column[~np.isnan(column)]).belief_["emission"].parameter_sd())
    sds = np.array([float(each["mean"][0, 0]) for each in exact])
    found = fit.uncertainty("importance", rng=0)
    assert found.sd["mean"] == pytest.approx(sds, rel=0.03)
    assert (fit.uncertainty("mean_field").sd["mean"] < 0.97 * sds).all()


def test_predictive_of_observed_cells_is_a_student_t() -> None:
    prior = NormalInverseWishart(mean=np.zeros(3), kappa=0.5, dof=5.0, scale=np.eye(3))
    rows = clusters(20, d=3, k=1)
    fit = VB(IncompleteGaussian(prior=prior)).fit(rows)
    q = fit.belief_["emission"]
    freedom = q.dof[0] - 3 + 1
    shape = q.scale[0] * (1 + 1 / q.kappa[0]) / freedom
    seen = np.array([0, 2])
    expected = stats.multivariate_t(q.mean[0, seen], shape[np.ix_(seen, seen)], freedom).logpdf([0.4, -1.0])
    assert fit.score_samples([[0.4, NAN, -1.0]]) == pytest.approx(expected, abs=1e-10)
    assert fit.score_samples([[NAN, NAN, NAN]]) == pytest.approx(0.0, abs=1e-12)


# -- standard errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["full", "tied", "spherical", "mixture"])
def test_information_is_the_numerical_hessian(model: str) -> None:
    from uncertainty.test_information import numerical_sds

    rows = masked(80, d=2, share=0.2, seed=3)
    rows[:40] += 4.0
    chosen = Mixture(IncompleteGaussian(), 2) if model == "mixture" else IncompleteGaussian(model)
    fit = EM(chosen, tol=1e-12, rng=0, max_iter=5000).fit(rows)
    found = fit.uncertainty("information").sd
    assert np.concatenate([found[name].ravel() for name in fit.estimate_]) == pytest.approx(
        numerical_sds(fit), rel=1e-5, abs=1e-9
    )


@pytest.mark.slow
def test_intervals_cover_where_cells_are_missing_at_random() -> None:
    """Rows without missing cells are no fair sample here; the observed-data likelihood covers all the same."""
    hits, biased = [], []
    for seed in range(200):
        rows = load_dataset("masked_gaussian", n=100, missing=0.35, mechanism="at_random", rng=seed).X
        low, high = EM(IncompleteGaussian(), rng=0).fit(rows).uncertainty("information").interval(0.95)["mean"]
        hits.append((low < 0) & (high > 0))
        complete = rows[~np.isnan(rows).any(axis=1)]
        low, high = MLE(Gaussian()).fit(complete).uncertainty("information").interval(0.95)["mean"]
        biased.append((low < 0) & (high > 0))
    error = np.sqrt(0.95 * 0.05 / 200)
    assert (np.mean(hits, axis=0) > 0.95 - 4 * error).all()
    assert np.mean(biased, axis=0).max() < 0.7


# -- mixtures and chains ---------------------------------------------------------------------------------------


def test_a_mixture_is_scipys_mixture() -> None:
    rows = clusters(80, d=2, k=2, seed=4, spread=2.5)
    rows[::5, 0], rows[2::7, 1] = NAN, NAN
    fit = EM(Mixture(IncompleteGaussian(), 2), rng=0).fit(rows)
    e = fit.estimate_
    joint = np.stack([np.log(e["weights"][k]) + log_densities(rows, e["mean"][k], e["covariance"][k]) for k in (0, 1)])
    expected = np.logaddexp(*joint)
    assert fit.score_samples(rows) == pytest.approx(expected, abs=1e-10)
    assert fit.predict_proba(rows) == pytest.approx(np.exp(joint - expected).T, abs=1e-9)
    steps = np.diff(fit.objective_history_)
    assert (steps > -1e-9).all()
    draws = {name: array[None] for name, array in e.items()}
    assert fit.model_.log_likelihood(draws, fit._data, pointwise=True)[0] == pytest.approx(
        expected[~np.isnan(rows).all(axis=1)], abs=1e-10
    )


def test_a_chain_is_the_sum_over_its_paths() -> None:
    rows = clusters(7, d=2, k=2, seed=4, spread=2.5)
    rows[1, 0], rows[3, 1], rows[4] = NAN, NAN, NAN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)
        fit = MAP(HiddenMarkov(IncompleteGaussian(), 2), n_init=2, rng=0).fit(rows)
    e = fit.estimate_
    own = np.stack([log_densities(rows, e["mean"][k], e["covariance"][k]) for k in (0, 1)])
    total = -np.inf
    for path in product((0, 1), repeat=7):
        value = np.log(e["initial"][path[0]]) + sum(own[k, t] for t, k in enumerate(path))
        value += sum(np.log(e["transition_matrix"][i, j]) for i, j in pairwise(path))
        total = np.logaddexp(total, value)
    assert fit.score_samples(rows).sum() == pytest.approx(total, abs=1e-10)
    assert fit.log_likelihood_ == pytest.approx(total, abs=1e-10)


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_blocks_of_rows_and_weights_are_copies(estimator: type) -> None:
    weights = np.random.default_rng(0).integers(1, 4, len(ROWS)).astype(float)
    model = Mixture(IncompleteGaussian(), 2)
    start = np.random.default_rng(1).dirichlet([1.0, 1.0], len(ROWS))
    one = estimator(model, init=start).fit(ROWS, sample_weight=weights)
    copies = weights.astype(int)
    other = estimator(model, init=np.repeat(start, copies, axis=0)).fit(np.repeat(ROWS, copies, axis=0))
    assert one.estimate_["mean"] == pytest.approx(other.estimate_["mean"], abs=1e-3)
    assert one.objective_history_[-1] == pytest.approx(other.objective_history_[-1], abs=1e-5)


# -- the border ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [EM, MAP, VB])
@pytest.mark.parametrize("wrap", [lambda family: family, lambda family: Mixture(family, 2)], ids=["alone", "mixture"])
def test_a_row_without_cells_changes_nothing_but_its_prediction(estimator: type, wrap) -> None:
    more = np.insert(ROWS, [0, 30], NAN, axis=0)
    one, other = (estimator(wrap(IncompleteGaussian()), n_init=2, rng=0).fit(rows) for rows in (ROWS, more))
    for name, array in one.estimate_.items():
        assert np.array_equal(array, other.estimate_[name])
    assert one.log_likelihood_ == other.log_likelihood_
    scores = other.score_samples(more)
    assert scores[[0, 31]] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.delete(scores, [0, 31]) == pytest.approx(one.score_samples(ROWS), abs=1e-12)


@pytest.mark.parametrize("estimator", [EM, MAP])
def test_a_last_step_without_cells_changes_nothing_but_its_prediction(estimator: type) -> None:
    """The last steps of a chain tell the others nothing when they were not seen (a mean field's states are tied to
    what it believes of the transitions, so its bound falls a little)."""
    more = np.concatenate([ROWS, np.full((2, 3), NAN)])
    model, options = HiddenMarkov(IncompleteGaussian(), 2), {"n_init": 1, "tol": 1e-10, "rng": 0}
    one, other = (estimator(model, **options).fit(rows) for rows in (ROWS, more))
    for name, array in one.estimate_.items():
        assert other.estimate_[name] == pytest.approx(array, abs=1e-4)
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_, abs=1e-6)
    assert other.predict_proba(more)[-1].sum() == pytest.approx(1.0)
    assert other.score_samples(more)[-2:] == pytest.approx([0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("wrap", [lambda family: Mixture(family, 2), lambda family: HiddenMarkov(family, 2)])
def test_a_column_without_cells_is_named_in_mixtures_and_chains(wrap) -> None:
    rows = ROWS.copy()
    rows[:, 2] = NAN
    with pytest.raises(PointmassError, match="column 2 of X is all NaN"):
        VB(wrap(IncompleteGaussian())).fit(rows)


@pytest.mark.slow
def test_intervals_of_a_mixture_cover_where_cells_are_missing() -> None:
    """Means of two groups, 6 sds apart, of which one cell in four is missing."""
    hits, truth = [], np.array([[0.0, 0.0], [6.0, 6.0]])
    for seed in range(100):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(120, 2)) + truth[rng.integers(2, size=120)]
        rows[rng.random(120) < 0.5, rng.integers(2)] = NAN
        fit = EM(Mixture(IncompleteGaussian(), 2), n_init=2, rng=0).fit(rows)
        order = fit.estimate_["mean"][:, 0].argsort()
        low, high = (end[order] for end in fit.uncertainty("information").interval(0.95)["mean"])
        hits.append((low < truth) & (truth < high))
    assert (np.abs(np.mean(hits, axis=0) - 0.95) < 4.0 * np.sqrt(0.95 * 0.05 / 100)).all()


@pytest.mark.slow
def test_intervals_of_a_chain_cover_where_cells_are_missing() -> None:
    """Two states 4 sds apart; where the first column lies above its state's mean the second mostly hides: at random."""
    hits, truth = [], np.array([[0.0, 0.0], [4.0, 4.0]])
    for seed in range(100):
        rng = np.random.default_rng(seed)
        path = np.cumsum(rng.random(150) < 0.1) % 2
        rows = truth[path] + rng.normal(size=(150, 2)) @ [[1.0, 0.6], [0.0, 0.8]]
        rows[(rows[:, 0] % 4.0 < 1.5) & (rng.random(150) < 0.8), 1] = NAN
        fit = EM(HiddenMarkov(IncompleteGaussian("tied"), 2), n_init=2, rng=0).fit(rows)
        order = fit.estimate_["mean"][:, 0].argsort()
        low, high = (end[order] for end in fit.uncertainty("information").interval(0.95)["mean"])
        hits.append((low < truth) & (truth < high))
    assert (np.abs(np.mean(hits, axis=0) - 0.95) < 4.0 * np.sqrt(0.95 * 0.05 / 100)).all()


def test_a_column_without_cells_is_named() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(ROWS, columns=["a", "b", "c"])
    table["b"] = NAN
    with pytest.raises(PointmassError, match="column 'b' of X is all NaN"):
        EM(IncompleteGaussian()).fit(table)
    weights = np.where(np.isnan(ROWS[:, 1]), 1.0, 0.0)
    with pytest.raises(PointmassError, match="column 1 of X is all NaN"):
        EM(IncompleteGaussian()).fit(ROWS, sample_weight=weights)


def test_other_families_and_infinities_are_refused() -> None:
    with pytest.raises(PointmassError, match="contains NaN"):
        EM(Gaussian()).fit(ROWS)
    with pytest.raises(PointmassError, match="infinity"):
        EM(IncompleteGaussian()).fit(np.where(np.isnan(ROWS), np.inf, ROWS))


def test_columns_never_seen_together_are_said() -> None:
    rows = clusters(40, d=2, k=1)
    rows[:20, 0], rows[20:, 1] = NAN, NAN
    with pytest.warns(PointmassWarning, match="no row shows columns 0 and 1 together"):
        VB(IncompleteGaussian(), rng=0).fit(rows)


def test_far_and_shifted_rows_keep_their_digits() -> None:
    near, far = (EM(IncompleteGaussian(), tol=1e-9, rng=0).fit(ROWS + shift) for shift in (0.0, 1e8))
    assert far.estimate_["covariance"] == pytest.approx(near.estimate_["covariance"], abs=1e-6)
    mixture = EM(Mixture(IncompleteGaussian(), 2), rng=0).fit(ROWS)
    assert np.isfinite(mixture.predict_proba([[1e200, NAN, 0.0], [NAN, -1e12, NAN]])).all()


def test_a_stored_fit_knows_that_cells_were_missing() -> None:
    fit = VB(IncompleteGaussian(), rng=0).fit(ROWS)
    again = load_fit(fit.to_datatree(100, rng=0))
    assert not fit.is_exact
    assert not again.is_exact
    assert np.array_equal(fit.score_samples(ROWS), again.score_samples(ROWS))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap_parametric", "sandwich"])
def test_other_errors_agree_with_the_information(method: str) -> None:
    fit = EM(IncompleteGaussian(), tol=1e-6, rng=0).fit(masked(100, d=2, share=0.2))
    information = fit.uncertainty("information").sd["mean"]
    assert fit.uncertainty(method, rng=0).sd["mean"] == pytest.approx(information, rel=0.2)


def test_resampled_rows_keep_their_missing_cells() -> None:
    fit = EM(IncompleteGaussian(), rng=0).fit(ROWS)
    again = parametric(fit.model_, fit.estimate_, fit._data, np.random.default_rng(0)).values
    assert np.array_equal(np.isnan(again), np.isnan(ROWS))


def test_blocks_of_rows_reach_the_same_maximum_and_sparse_assignments_are_refused() -> None:
    model = Mixture(IncompleteGaussian(), 2)
    start = np.random.default_rng(1).dirichlet([1.0, 1.0], len(ROWS))
    batch = MAP(model, init=start, tol=1e-8).fit(ROWS)
    blocks = MAP(model, init=batch, schedule={"incremental": {"blocks": 4}}, tol=1e-8).fit(ROWS)
    assert blocks.objective_history_[-1] == pytest.approx(batch.objective_history_[-1], abs=1e-5)
    with pytest.raises(PointmassError, match="sparse assignments freeze shares"):
        EM(model, assignments="sparse").fit(ROWS)
