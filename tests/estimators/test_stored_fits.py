"""A stored fit, restored, is the fit: it predicts, scores and tells the same; ArviZ reads it as it is."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import xarray as xr
from cases import COVARIANCES, clusters

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Dirichlet,
    Gaussian,
    HiddenMarkov,
    Mixture,
    NormalInverseWishart,
    PointMass,
    PointmassError,
    load_fit,
)
from pointmass.uncertainty import quick

ROWS = clusters(60, d=2, k=2, seed=4, spread=2.5) + 50.0
LABELS = np.arange(60) % 2
WISHART = NormalInverseWishart([50.0, 50.0], 0.1, 5.0, np.eye(2))


def fits():
    for covariance in COVARIANCES:
        model = Mixture(Gaussian(covariance), 2)
        yield f"MLE {covariance}", MLE(model).fit(ROWS, labels=LABELS)
        for kind in (EM, MAP, VB):
            yield f"{kind.__name__} {covariance}", kind(model, n_init=2, rng=0).fit(ROWS)
            yield f"{kind.__name__} {covariance} alone", kind(Gaussian(covariance)).fit(ROWS)
    weighted = Mixture(Gaussian("full", WISHART), 2, Dirichlet(2.0))
    yield "VB with priors and weights", VB(weighted, rng=0).fit(ROWS, sample_weight=np.arange(60.0))
    known = Mixture(Gaussian(PointMass(np.eye(2))), 2, PointMass([0.4, 0.6]))
    yield "EM with known blocks", EM(known, rng=0).fit(ROWS)
    yield "VB with known blocks", VB(known, rng=0).fit(ROWS)
    yield "EM from responsibilities", EM(Mixture(Gaussian(), 2), init=np.eye(2)[LABELS], max_iter=500).fit(ROWS)
    chain, lengths = HiddenMarkov(Gaussian("tied"), 2), [20, 1, 39]
    for kind in (EM, MAP, VB):
        yield f"{kind.__name__} chain", kind(chain, n_init=2, rng=0).fit(ROWS)
        yield f"{kind.__name__} chain of sequences", kind(chain, n_init=2, rng=0).fit(ROWS, lengths=lengths)
    yield "VB in one column", VB(Mixture(Gaussian(), 2), rng=0).fit(ROWS[:, 0])


FITS = dict(fits())
every_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS)


@cache
def stored(fit):
    """The tree of a fit, made once for all tests that only read it."""
    return fit.to_datatree(draws=20, rng=0)


def rows_for(fit):
    return ROWS[:, : fit.n_features_in_]


def assert_predicts_alike(restored, fit):
    rows = rows_for(fit)
    assert type(restored) is type(fit)
    np.testing.assert_array_equal(restored.predict_proba(rows), fit.predict_proba(rows))
    np.testing.assert_array_equal(restored.score_samples(rows), fit.score_samples(rows))
    np.testing.assert_array_equal(restored.predict(rows), fit.predict(rows))
    np.testing.assert_array_equal(restored.sample(5, rng=1)[0], fit.sample(5, rng=1)[0])


@every_fit
def test_a_restored_fit_predicts_and_scores_to_the_last_bit(fit):
    assert_predicts_alike(load_fit(stored(fit)), fit)


@pytest.mark.parametrize("name", ["MLE tied", "EM full", "MAP diagonal", "VB spherical", "VB with known blocks"])
def test_so_does_one_restored_from_a_file(name, tmp_path):
    fit, path = FITS[name], tmp_path / "fit.nc"
    fit.to_datatree(draws=20, rng=0).to_netcdf(path, engine="h5netcdf")
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        assert_predicts_alike(load_fit(tree.load()), fit)


@every_fit
def test_a_restored_fit_tells_the_same(fit):
    restored = load_fit(stored(fit))
    for name in (
        "status_",
        "converged_",
        "n_iter_",
        "elapsed_",
        "log_likelihood_",
        "warnings_",
        "restarts_",
        "kind",
        "method_name",
        "n_features_in_",
    ):
        assert getattr(restored, name) == getattr(fit, name), name
    assert hasattr(restored, "elbo_") == hasattr(fit, "elbo_")
    np.testing.assert_array_equal(restored.objective_history_, fit.objective_history_)
    for name, array in fit.estimate_.items():
        np.testing.assert_array_equal(restored.estimate_[name], array)
    for beliefs in ("belief_", "prior_"):
        for name, belief in getattr(fit, beliefs).items():
            other = getattr(restored, beliefs)[name]
            assert type(other) is type(belief)
            for key, array in belief.hyperparameters().items():
                np.testing.assert_array_equal(other.hyperparameters()[key], array)
    assert restored.model_ == fit.model_


@every_fit
def test_a_restored_fit_can_be_stored_again(fit):
    once = stored(fit)
    twice = load_fit(once).to_datatree(draws=20, rng=0)
    assert set(twice.children) == set(once.children)
    for name, node in once.children.items():
        xr.testing.assert_identical(twice[name].to_dataset(), node.to_dataset())
    assert {**twice.attrs, "seed": 0} == {**once.attrs, "seed": 0}


@every_fit
def test_a_restored_posterior_has_the_same_intervals(fit):
    if fit.kind != "posterior":
        return
    tree = stored(fit)
    restored = load_fit(tree)
    assert quick(restored) == quick(fit)
    for method in quick(fit):
        one, other = fit.uncertainty(method, rng=3), restored.uncertainty(method, rng=3)
        for name, array in one.sd.items():
            np.testing.assert_array_equal(other.sd[name], array)
            np.testing.assert_array_equal(other.interval()[name], one.interval()[name])
            np.testing.assert_allclose(other.interval(0.9)[name], one.interval(0.9)[name], rtol=1e-12)
            np.testing.assert_allclose(other.interval(0.77)[name], one.interval(0.77)[name], rtol=1e-3, atol=1e-4)
    if not fit.model_.has_latent:
        return
    for name, array in restored.uncertainty("linear_response").draws.items():
        np.testing.assert_array_equal(array, tree["uncertainty_linear_response"][f"draw_{name}"].values)


@every_fit
def test_a_restored_fit_can_be_fitted_again_and_is_a_start(fit):
    restored = load_fit(stored(fit))
    if fit.model_.has_latent and fit.method_name != "MLE":
        again = type(fit)(fit.model_, init=restored).fit(rows_for(fit))
        assert again.log_likelihood_ > fit.log_likelihood_ - 5.0


def test_a_point_has_no_posterior_and_a_posterior_no_point():
    point, posterior = FITS["EM full"].to_datatree(), FITS["VB full"].to_datatree(draws=50, rng=0)
    assert "point_estimate" in point.children
    assert not {"posterior", "uncertainty_mean_field"} & set(point.children)
    assert not {"chain", "draw"} & set(point["point_estimate"].dims)
    assert posterior["posterior"].sizes["draw"] == 50
    assert "uncertainty_mean_field" in posterior.children
    assert "point_estimate" not in posterior.children


def test_the_tree_is_complete_and_named():
    tree = FITS["VB full"].to_datatree(draws=50, rng=0, observed_data=True, log_likelihood=True)
    assert tree["posterior"]["mean"].dims == ("chain", "draw", "component", "feature")
    assert tree["posterior"]["covariance"].dims == ("chain", "draw", "component", "feature", "feature_2")
    np.testing.assert_array_equal(tree["observed_data"]["X"].values, ROWS)
    assert tree["log_likelihood"]["X"].dims == ("chain", "draw", "row")
    assert json.loads(tree.attrs["model"]) == FITS["VB full"].model_.to_dict()
    assert json.loads(tree.attrs["versions"])["numpy"] == np.__version__
    assert json.loads(tree.attrs["seed"]) == 0
    level = tree["uncertainty_mean_field"].attrs["level"]
    interval = FITS["VB full"].uncertainty("mean_field", level=level).interval()["mean"]
    np.testing.assert_allclose(tree["uncertainty_mean_field"]["lower_mean"], interval[0])


def test_pointwise_log_likelihood_is_that_of_each_draw():
    fit = FITS["VB full"]
    tree = fit.to_datatree(draws=5, rng=0, log_likelihood=True)
    from inference.naive import log_joint
    from scipy.special import logsumexp

    for s in range(5):
        theta = {name: tree["posterior"][name].values[0, s] for name in fit.estimate_}
        expected = logsumexp(log_joint(ROWS, theta), axis=1)
        np.testing.assert_allclose(tree["log_likelihood"]["X"].values[0, s], expected, rtol=1e-10)


@pytest.mark.filterwarnings("ignore:Estimated shape parameter of Pareto:UserWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered in scalar divide:RuntimeWarning")  # constant zeros
@pytest.mark.parametrize("name", [name for name in FITS if name.startswith("VB") and "known" not in name])
def test_arviz_summarises_and_compares_it_as_it_is(name):
    import arviz_stats

    tree = FITS[name].to_datatree(draws=200, rng=0, log_likelihood=True)
    summary = arviz_stats.summary(tree, round_to="none")
    assert "mean" in summary.columns
    means = tree["posterior"]["mean"].mean(("chain", "draw")).values.ravel()
    np.testing.assert_allclose(summary.filter(like="mean[", axis=0)["mean"].astype(float), means, rtol=1e-6)
    loo = arviz_stats.loo(tree, pointwise=True)
    score = FITS[name].score(rows_for(FITS[name]))
    assert loo.elpd / loo.n_data_points == pytest.approx(score, abs=0.3)


def test_a_start_that_is_not_stored_is_not_replaced_by_the_default():
    restored = load_fit(FITS["EM from responsibilities"].to_datatree())
    assert restored.init is None
    assert restored.max_iter == 500
    with pytest.raises(PointmassError, match="init"):
        restored.fit(ROWS)


@pytest.mark.parametrize("damage", ["group", "attribute", "json"])
def test_a_tree_that_is_no_fit_is_refused(damage):
    tree = FITS["EM full"].to_datatree()
    if damage == "group":
        tree = tree.drop_nodes("belief_emission")
    elif damage == "attribute":
        del tree.attrs["model"]
    else:
        tree.attrs["model"] = "{"
    with pytest.raises(PointmassError, match="not a fit of pointmass"):
        load_fit(tree)
    with pytest.raises(PointmassError):
        load_fit(xr.DataTree())


def test_a_path_is_no_stored_fit() -> None:
    with pytest.raises(PointmassError, match=r"got str; open a file with xarray\.open_datatree first"):
        load_fit("fit.nc")
