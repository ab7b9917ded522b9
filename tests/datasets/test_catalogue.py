"""Data sets by name: their shapes, and the facts that are known of them."""

import numpy as np
import pytest
from scipy.stats import poisson
from sklearn import datasets as scikit_learn

from pointmass.datasets import DATASETS, load_dataset
from pointmass.errors import PointmassError

SHAPES = {
    "faithful": (272, 2),
    "earthquakes": (107, 1),
    "darwin": (15, 1),
    "deaths": (1096, 1),
    "motorcycle": (133, 1),
    "xor": (40, 2),
    "murray": (12, 2),
    "tones": (150, 1),
    "stock_returns": (520, 1),
    "role_conflict": (216, 4),
    "iris": (150, 4),
    "wine": (178, 13),
    "diabetes": (442, 10),
    "diabetes_patients": (442, 10),
    "animals": (1, 4),
    "beetles": (15, 1),
    "vaso_constriction": (39, 2),
    "dyestuff": (30, 6),
    "dyestuff2": (30, 6),
    "schools": (8, 2),
    "remissions": (21, 2),
    "ulcer_patients": (1, 4),
}


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_loads_with_its_source(name):
    data = load_dataset(name)
    assert data.X.shape == SHAPES[name]
    assert len(data.columns) == data.X.shape[1]
    assert np.isfinite(data.X[~np.isnan(data.X)]).all()
    assert np.isnan(data.X).any() == (name in ("murray", "remissions"))
    assert data.name == name
    assert data.source
    assert data.digest == load_dataset(name).digest


def test_faithful_has_its_moments():
    data = load_dataset("faithful")
    assert data.columns == ("eruptions", "waiting")
    np.testing.assert_allclose(data.X.mean(axis=0), [3.487783, 70.897059], atol=5e-7)  # R: colMeans(faithful)
    n, centred = len(data.X), data.X - data.X.mean(axis=0)
    _, log_determinant = np.linalg.slogdet(centred.T @ centred / n)
    log_likelihood = -n / 2 * (2 * np.log(2 * np.pi) + log_determinant + 2)
    assert log_likelihood == pytest.approx(-1289.796745, abs=1e-6)


def test_earthquakes_has_its_poisson_likelihood():
    counts = load_dataset("earthquakes").X[:, 0]
    assert poisson.logpmf(counts, counts.mean()).sum() == pytest.approx(-391.91893, abs=1e-5)
    years = load_dataset("earthquakes", columns="year").X[:, 0]
    np.testing.assert_array_equal(years, np.arange(1900, 2007))


def test_deaths_have_their_poisson_likelihood():
    counts = load_dataset("deaths").X[:, 0]
    np.testing.assert_array_equal(np.bincount(counts.astype(int)), [162, 267, 271, 185, 111, 61, 27, 8, 3, 1])
    assert poisson.logpmf(counts, counts.mean()).sum() == pytest.approx(-2001.397848, abs=1e-6)


def test_iris_is_fishers_and_not_the_faulty_copy():
    data = load_dataset("iris")
    np.testing.assert_array_equal(data.X[[34, 37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]])
    assert data.label_names == ("setosa", "versicolor", "virginica")
    np.testing.assert_array_equal(data.labels, np.repeat([0, 1, 2], 50))
    np.testing.assert_array_equal(data.truth["labels"], data.labels)


@pytest.mark.parametrize("name", ["iris", "wine", "diabetes"])
def test_scikit_learns_sets_are_its_own_in_a_copy(name):
    ours, theirs = load_dataset(name), getattr(scikit_learn, f"load_{name}")()
    np.testing.assert_array_equal(ours.X, theirs.data)
    assert list(ours.columns) == list(theirs.feature_names)
    np.testing.assert_array_equal(ours.y if name == "diabetes" else ours.labels, theirs.target)
    assert not ours.X.flags.writeable
    assert theirs.data.flags.writeable


def test_roles_choose_columns():
    data = load_dataset("iris", columns="petal width (cm)", target="sepal width (cm)", labels=None)
    assert data.X.shape == (150, 1)
    assert data.y[0] == 3.5
    assert data.labels is None
    np.testing.assert_array_equal(data.truth["labels"], np.repeat([0, 1, 2], 50))
    assert load_dataset("iris", target="petal width (cm)").X.shape == (150, 3)
    assert load_dataset("diabetes", target=None).y is None


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("irsi", {}, "there is no data set 'irsi': did you mean 'iris'"),
        ("zzz", {}, "use animals, beetles, "),
        (5, {}, "there is no data set 5"),
        (["iris"], {}, "there is no data set"),
        ("iris", {"colums": "x"}, "no option of iris called 'colums': did you mean 'columns'"),
        ("iris", {"columns": "petal width"}, "did you mean 'petal width"),
        ("iris", {"columns": "species"}, "named twice"),
        ("heights", {"size": 3}, "no option of heights called 'size'"),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(name, options, message):
    with pytest.raises(PointmassError, match=message):
        load_dataset(name, **options)
