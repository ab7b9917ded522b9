"""What scikit-learn users do with an estimator: parameters, clones, searches, pipelines, pickles, data frames."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pointmass import EM, MAP, MLE, VB, Gaussian, Mixture, NormalInverseWishart, PointmassError

X = np.random.default_rng(5).normal(size=(80, 2)) @ [[1.0, 0.3], [0.0, 0.7]] + np.repeat([[0.0], [6.0]], 40, axis=0)
X = X[np.random.default_rng(6).permutation(80)]
ASCENDING = [EM, MAP, VB]
FITS = [
    EM(Mixture(Gaussian(), 2), rng=0),
    MAP(Mixture(Gaussian("tied"), 2), rng=0),
    VB(Mixture(Gaussian("diagonal"), 2), rng=0),
    MLE(Gaussian("spherical")),
]


@pytest.mark.parametrize("estimator", ASCENDING)
def test_constructor_stores_its_arguments_verbatim(estimator):
    model, init = Mixture(Gaussian(), 2), np.full((5, 2), 0.5)
    options = dict(
        init=init,
        n_init="many",
        assignments=None,
        schedule=3,
        acceleration=[],
        tol=np.nan,
        max_iter=-1,
        rng=np.random.default_rng(0),
        random_state="seed",
    )
    made = estimator(model, **options)
    assert made.model is model
    assert all(getattr(made, name) is value for name, value in options.items())


@pytest.mark.parametrize("estimator", FITS)
def test_clone_keeps_the_model_and_forgets_the_fit(estimator):
    copy = clone(clone(estimator).fit(X))
    assert copy.get_params(deep=False)["model"] == estimator.model
    assert not hasattr(copy, "estimate_")
    with pytest.raises(NotFittedError):
        copy.predict(X)


def test_clone_of_an_estimator_whose_model_has_array_hyperparameters():
    prior = NormalInverseWishart([0.0, 0.0], 0.1, 4.0, np.eye(2))
    estimator = VB(Mixture(Gaussian(prior=prior), 2), rng=0)
    assert clone(estimator).model == estimator.model


def test_clone_of_a_fitted_start_fits_again():
    start = EM(Mixture(Gaussian(), 2), rng=0).fit(X)
    estimator = EM(Mixture(Gaussian(), 2), init={name: array for name, array in start.estimate_.items()})
    assert clone(estimator).fit(X).log_likelihood_ == pytest.approx(start.log_likelihood_, abs=1e-6)


@pytest.mark.parametrize("estimator", [EM, MAP, VB, MLE])
def test_both_seeds_given_is_an_error(estimator):
    with pytest.raises(PointmassError, match="rng and random_state are both given"):
        estimator(Gaussian(), rng=0, random_state=0).fit(X)


@pytest.mark.parametrize("estimator", ASCENDING)
def test_either_seed_gives_one_result(estimator):
    one = estimator(Mixture(Gaussian(), 2), rng=3).fit(X)
    other = estimator(Mixture(Gaussian(), 2), random_state=3).fit(X)
    again = estimator(Mixture(Gaussian(), 2), rng=np.random.default_rng(3)).fit(X)
    for fit in (other, again):
        assert all((fit.estimate_[name] == array).all() for name, array in one.estimate_.items())


def test_a_generator_is_consumed():
    rng = np.random.default_rng(3)
    EM(Mixture(Gaussian(), 2), rng=rng).fit(X)
    assert rng.bit_generator.state != np.random.default_rng(3).bit_generator.state


@pytest.mark.parametrize("seed", ["first", -1, 0.5])
def test_a_seed_that_is_none_is_refused_by_the_name_it_was_given(seed):
    with pytest.raises(PointmassError, match="random_state must be"):
        EM(Gaussian(), random_state=seed).fit(X)


@pytest.mark.parametrize("estimator", [EM, VB])
def test_search_over_models(estimator):
    models = [Mixture(Gaussian(), k) for k in (1, 2, 3)]
    search = GridSearchCV(estimator(models[0], rng=0), {"model": models}, cv=KFold(4)).fit(X)
    assert search.best_params_["model"] == models[1]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_search_over_options():
    grid = {"acceleration": ["none", "anderson"], "init": ["principal", "kmeans"]}
    search = GridSearchCV(EM(Mixture(Gaussian(), 2), rng=0), grid, cv=2, error_score="raise").fit(X)
    assert np.ptp(search.cv_results_["mean_test_score"]) < 1e-4


def test_pipeline():
    pipeline = make_pipeline(StandardScaler(), EM(Mixture(Gaussian(), 2), rng=0)).fit(X)
    alone = EM(Mixture(Gaussian(), 2), rng=0).fit(X)
    assert (pipeline.predict(X) == alone.predict(X)).all()
    volume = np.log(pipeline[0].scale_).sum()
    assert pipeline.score(X) - volume == pytest.approx(alone.score(X), abs=1e-9)


@pytest.mark.parametrize("estimator", FITS)
def test_pickle_keeps_every_answer(estimator):
    fit = clone(estimator).fit(X)
    loaded = pickle.loads(pickle.dumps(fit))
    assert (loaded.predict_proba(X) == fit.predict_proba(X)).all()
    assert (loaded.score_samples(X) == fit.score_samples(X)).all()
    assert loaded.model == fit.model
    assert loaded.warnings_ == fit.warnings_


@pytest.mark.parametrize("estimator", FITS)
def test_column_names_are_kept_and_checked(estimator):
    frame = pd.DataFrame(X, columns=["height", "weight"])
    fit = clone(estimator).fit(frame)
    assert list(fit.feature_names_in_) == ["height", "weight"]
    assert (fit.predict_proba(frame) == clone(estimator).fit(X).predict_proba(X)).all()
    with pytest.raises(PointmassError, match="feature names should match"):
        fit.predict(frame[["weight", "height"]])
    with pytest.raises(PointmassError, match="feature names should match"):
        fit.score_samples(frame.rename(columns={"height": "size"}))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2, 4, 8], "b": [True, False, True, True]}),
        pd.DataFrame({"a": pd.array([1, 2, 4, 8], dtype="Int64"), "b": [0.5, 0.1, 0.2, 0.7]}),
        pd.DataFrame({"a": np.array([1, 2, 4, 8], dtype=object), "b": np.array([0.5, 0.1, 0.2, 0.7], dtype="float32")}),
        pd.DataFrame([[1, 2], [3, 4], [5, 7], [0, 2]]),
    ],
)
def test_numeric_frames_of_every_type_are_read(frame):
    assert np.isfinite(VB(Gaussian()).fit(frame).elbo_)


def test_score_is_the_mean_of_score_samples():
    fit = clone(FITS[0]).fit(X)
    assert fit.score(X) == pytest.approx(fit.score_samples(X).mean(), rel=1e-14)


def test_repr_shows_the_model():
    assert "Mixture(family=Gaussian(), n_components=2)" in repr(EM(Mixture(Gaussian(), 2)))
