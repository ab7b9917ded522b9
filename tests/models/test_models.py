"""Models as values and as likelihoods."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from cases import COVARIANCES, assert_mean, clusters
from scipy import stats
from scipy.special import logsumexp

from pointmass import (
    Dirichlet,
    Gaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointMass,
    PointmassError,
    load_dataset,
)
from pointmass.families.coordinates import Coordinates
from pointmass.latents import ASSIGNMENTS
from pointmass.models import IndependentRows, Rows, as_model, model_from_dict
from pointmass.models.registry import LATENTS

MODELS = [
    Gaussian(),
    Gaussian("diagonal", NormalInverseGamma([0.0, 1.0], [1.0, 2.0], 3.0, 0.5)),
    Mixture(Gaussian(), 2),
    Mixture(Gaussian("tied", NormalInverseWishart([0.0, 0.0], 0.5, 4.0, np.eye(2))), 3, Dirichlet(0.5)),
    Mixture(Gaussian("spherical"), 2, Dirichlet([1.0, 3.0])),
    Mixture(Gaussian(PointMass(np.eye(2))), 2, PointMass([0.25, 0.75])),
]
every_model = pytest.mark.parametrize("model", MODELS, ids=repr)


@every_model
def test_a_model_survives_its_tree(model):
    tree = model.to_dict()
    again = model_from_dict(json.loads(json.dumps(tree)))
    assert again == as_model(model)
    assert hash(again) == hash(as_model(model))
    assert again.to_dict() == tree
    assert copy.deepcopy(model) == model
    assert repr(again) == repr(model)


def test_defaults_are_left_out_of_the_tree():
    assert Gaussian().to_dict() == "gaussian"
    assert Mixture(Gaussian(), 2).to_dict() == {"mixture": {"family": "gaussian", "n_components": 2}}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ("gausian", ("gausian",)),
        ({"mixture": {"family": "gaussian", "components": 2}}, ("mixture", "components")),
        ({"mixture": {"family": "gaussian", "n_components": 0}}, ("mixture", "n_components")),
        ({"mixture": {"family": "gaussian", "n_components": 2.0}}, ("mixture", "n_components")),
        ({"mixture": {"family": "gaussian", "n_components": True}}, ("mixture", "n_components")),
        (
            {"mixture": {"family": {"gaussian": {"covariance": "ful"}}, "n_components": 2}},
            ("mixture", "family", "gaussian", "covariance"),
        ),
        (
            {
                "mixture": {
                    "family": "gaussian",
                    "n_components": 2,
                    "weights_prior": {"dirichlet": {"concentration": 0}},
                }
            },
            ("mixture", "weights_prior", "dirichlet", "concentration"),
        ),
        (
            {"gaussian": {"prior": {"normal_inverse_wishart": {"mean": [0, 0], "kappa": 1, "dof": 4}}}},
            ("gaussian", "prior", "normal_inverse_wishart"),
        ),
    ],
)
def test_an_error_in_a_tree_names_its_place(tree, path):
    with pytest.raises(PointmassError) as caught:
        model_from_dict(tree)
    assert caught.value.path == path


def test_only_models_are_models():
    with pytest.raises(PointmassError, match="model must be a family"):
        as_model("gaussian")
    assert as_model(Gaussian()) == IndependentRows(Gaussian())
    assert set(LATENTS) == {"hidden_markov", "mixture", "mixture_of_experts"}


def parameters(covariance, d=2):
    rng = np.random.default_rng(0)
    matrix = np.array([[1.0, 0.4], [0.4, 2.0]])
    covariances = {
        "full": [matrix, 3.0 * matrix[::-1, ::-1]],
        "tied": [matrix, matrix],
        "diagonal": [np.diag([1.0, 2.0]), np.diag([0.5, 3.0])],
        "spherical": [np.eye(2), 4.0 * np.eye(2)],
    }[covariance]
    return {"weights": np.array([0.3, 0.7]), "mean": 2.0 * rng.normal(size=(2, d)), "covariance": np.array(covariances)}


def naive_log_joint(values, theta):
    return np.array(
        [
            np.log(weight) + stats.multivariate_normal.logpdf(values, mean, covariance)
            for weight, mean, covariance in zip(theta["weights"], theta["mean"], theta["covariance"], strict=True)
        ]
    )


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("assignment", ["soft", "hard"])
def test_the_e_step_is_the_naive_one(covariance, assignment):
    model, theta, values = Mixture(Gaussian(covariance), 2), parameters(covariance), clusters(40)
    coordinates = model.coordinates(values, None)
    points = model.points(model.native(theta), model.flat_prior(2))
    working = {name: point.mapped(coordinates.inverse) for name, point in points.items()}
    rows = Rows(values, coordinates, weights=np.linspace(0.5, 2.0, 40))
    inference = model.infer(working, coordinates)
    responsibilities, log_normaliser = inference.responsibilities(rows, ASSIGNMENTS[assignment])
    naive = naive_log_joint(values, theta)
    expected = logsumexp(naive, axis=0) if assignment == "soft" else naive.max(0)
    np.testing.assert_allclose(log_normaliser - coordinates.log_determinant, expected, rtol=1e-11)
    if assignment == "soft":
        np.testing.assert_allclose(responsibilities, np.exp(naive - expected), rtol=1e-9, atol=1e-15)
    statistics = inference.statistics(rows, ASSIGNMENTS[assignment])
    np.testing.assert_allclose(statistics.parts["weights"], (responsibilities * rows.weights).sum(1))
    means = coordinates.apply(statistics.parts["emission"].row_means())
    shares = responsibilities * rows.weights
    np.testing.assert_allclose(means, shares @ values / shares.sum(1, keepdims=True), rtol=1e-11)
    assert statistics.log_normaliser == pytest.approx(rows.weights @ log_normaliser)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_statistics_add_over_blocks_and_scale_with_weights(covariance):
    model, theta, values = Mixture(Gaussian(covariance), 2), parameters(covariance), clusters(40)
    identity = Coordinates.identity(2)
    inference = model.infer(model.points(model.native(theta), model.flat_prior(2)), identity)
    rows = Rows(values, identity)
    whole = inference.statistics(rows, ASSIGNMENTS["soft"])
    parts = [inference.statistics(block, ASSIGNMENTS["soft"]) for block in rows.blocks(7)]
    assert len(parts) == 6
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    double = inference.statistics(Rows(values, identity, np.full(40, 2.0)), ASSIGNMENTS["soft"])
    for other, factor in ((total, 1.0), (whole * 2.0, 2.0), (double, 2.0)):
        assert other.log_normaliser == pytest.approx(factor * whole.log_normaliser, rel=1e-13)
        np.testing.assert_allclose(other.parts["weights"], factor * whole.parts["weights"], rtol=1e-13)
        np.testing.assert_allclose(other.parts["emission"].sums, factor * whole.parts["emission"].sums, rtol=1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_public_parameters_survive_the_blocks(covariance):
    model, theta = Mixture(Gaussian(covariance), 2), parameters(covariance)
    back = model.public(model.native(theta))
    assert set(back) == set(model.dims)
    for name, array in theta.items():
        np.testing.assert_allclose(back[name], array)
        assert back[name].ndim == len(model.dims[name])
    alone = as_model(Gaussian(covariance))
    one = {name: theta[name][0] for name in ("mean", "covariance")}
    for name, array in alone.public(alone.native(one)).items():
        np.testing.assert_allclose(array, one[name])
    with pytest.raises(PointmassError, match="missing: weights"):
        model.native(one)


def test_samples_agree_with_the_generators_of_data():
    """Two samplers that share no code: the model's, and the plain NumPy generator of the data sets."""
    dataset = load_dataset("gaussian_mixture", n=20_000, rng=3)
    theta = {name: np.asarray(dataset.truth[name]) for name in ("weights", "mean", "covariance")}
    k, d = theta["mean"].shape
    rows, labels = Mixture(Gaussian(), k).sample(theta, 20_000, np.random.default_rng(4))
    assert rows.shape == (20_000, d)
    for sample, component in ((rows, labels), (dataset.X, dataset.truth["labels"])):
        assert_mean(component[:, None] == np.arange(k), theta["weights"])
        for c in range(k):
            centred = sample[component == c] - theta["mean"][c]
            assert_mean(centred, 0.0)
            assert_mean(centred[:, :, None] * centred[:, None, :], theta["covariance"][c])


def test_components_are_interchangeable_unless_a_prior_or_a_label_tells_them_apart():
    values = clusters(30)

    def groups(model, labels=None):
        return model.interchangeable(model.prior(values, None), labels).tolist()

    assert groups(Mixture(Gaussian(), 3)) == [0, 0, 0]
    assert groups(Mixture(Gaussian("tied"), 3)) == [0, 0, 0]
    assert groups(Mixture(Gaussian(), 3, Dirichlet([1.0, 2.0, 1.0]))) == [0, 1, 0]
    assert groups(Mixture(Gaussian(), 3), np.array([-1, 1] + [-1] * 28)) == [0, 1, 0]
    assert groups(Mixture(Gaussian(), 2), np.array([0, 1] + [-1] * 28)) == [0, 1]


@pytest.mark.parametrize("covariance", ["diagonal", "spherical", "tied", "full"])
def test_columns_are_never_taken_for_components(covariance):
    """As many columns as components: a prior that differs by column still leaves the components interchangeable."""
    values = clusters(30) * np.array([1.0, 10.0]) + np.array([0.0, 5.0])
    model = Mixture(Gaussian(covariance), 2)
    assert model.interchangeable(model.prior(values, None), None).tolist() == [0, 0]


def test_too_few_rows_are_refused():
    with pytest.raises(PointmassError, match="n_components=3 needs at least as many rows"):
        Mixture(Gaussian(), 3).check(np.zeros((2, 1)))
