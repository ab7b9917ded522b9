"""The data tree of a configuration."""

import numpy as np
import pytest

from pointmass.datasets import build_dataset, check_dataset_config, load_dataset
from pointmass.errors import PointmassError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text("height,age,sex\n170,21,m\n160,22,w\n")
    return tmp_path


def test_a_generator_takes_the_other_keys():
    config = {"generator": "two_samples", "sample": "second", "n": 50}
    assert build_dataset(config, rng=1).digest == load_dataset("two_samples", sample="second", n=50, rng=1).digest
    assert config == {"generator": "two_samples", "sample": "second", "n": 50}


def test_columns_of_a_generator_keep_their_own_truth():
    options = {"n": 30, "covariance": "full", "dimension": 3}
    whole = load_dataset("gaussian_mixture", **options, rng=1)
    part = build_dataset({"generator": "gaussian_mixture", **options, "columns": ["x3", "x1"]}, rng=1)
    assert part.columns == ("x3", "x1")
    np.testing.assert_array_equal(part.X, whole.X[:, [2, 0]])
    np.testing.assert_array_equal(part.truth["mean"], whole.truth["mean"][:, [2, 0]])
    np.testing.assert_array_equal(part.truth["covariance"][:, 0, 1], whole.truth["covariance"][:, 2, 0])
    np.testing.assert_array_equal(part.truth["covariance"][:, 0, 0], whole.truth["covariance"][:, 2, 2])
    np.testing.assert_array_equal(part.truth["labels"], whole.truth["labels"])


def test_paths_are_relative_to_the_base(folder, monkeypatch):
    config = {"csv": "people.csv", "columns": ["height"], "labels": "sex"}
    data = build_dataset(config, rng=0, base_path=folder)
    np.testing.assert_array_equal(data.X, [[170], [160]])
    np.testing.assert_array_equal(data.labels, [0, 1])
    absolute = build_dataset(config | {"csv": str(folder / "people.csv")}, base_path="/elsewhere")
    assert absolute.digest == data.digest
    monkeypatch.chdir(folder)
    assert build_dataset(config).digest == data.digest


def test_labels_of_a_named_data_set_reach_a_fit_only_when_asked_for():
    hidden = build_dataset({"dataset": "iris"})
    assert hidden.labels is None
    np.testing.assert_array_equal(hidden.truth["labels"], np.repeat([0, 1, 2], 50))
    told = build_dataset({"dataset": "iris", "labels": "species"})
    np.testing.assert_array_equal(told.labels, np.repeat([0, 1, 2], 50))
    assert build_dataset({"dataset": "diabetes"}).y is not None


@pytest.mark.parametrize(
    ("config", "message", "path"),
    [
        ({}, "exactly one of generator, csv, parquet, dataset, got none", ()),
        ({"csv": "a.csv", "dataset": "iris"}, "exactly one of .* got csv and dataset", ()),
        ({"generator": "hieghts"}, "no generator 'hieghts': did you mean 'heights'", ("generator",)),
        ({"generator": ["heights"]}, "no generator", ("generator",)),
        ({"generator": "os.system"}, "no generator 'os.system'", ("generator",)),
        ({"generator": "heights", "nn": 5}, "no option of heights called 'nn': did you mean 'n'", ("nn",)),
        ({"generator": "heights", "n": 2.5}, "n must be a whole number", ("n",)),
        ({"generator": "heights", "n": 10**15}, "GB: lower n", ("n",)),
        ({"generator": "heights", "rng": 5}, "rng is no option of data", ("rng",)),
        ({"generator": "heights", "labels": "sex"}, "no option of heights called 'labels'", ("labels",)),
        ({"generator": "heights", "columns": ["hight"]}, "did you mean 'height'", ("columns",)),
        ({"dataset": "irsi"}, "did you mean 'iris'", ("dataset",)),
        ({"dataset": "iris", "columns": ["nose"]}, "no column 'nose'", ("columns",)),
        ({"dataset": "iris", 5: 6}, "no option of iris called '5'", ("5",)),
        ({"csv": "missing.csv"}, "missing.csv cannot be read", ("csv",)),
        ({"csv": "http://example.org/x.csv"}, "is a URL", ("csv",)),
        ({"csv": 5}, "a path must be text, got 5", ("csv",)),
        ({"csv": "people.csv"}, "line 2, column 'sex': 'm' is not a number", ("csv",)),
        ({"csv": "people.csv", "target": "agee"}, "did you mean 'age'", ("target",)),
        ({"csv": "people.csv", "colums": ["age"]}, "no option of csv called 'colums'", ("colums",)),
        ({"csv": "people.csv", "path": "x"}, "no option of csv called 'path'", ("path",)),
        ({"parquet": "people.csv"}, "no Parquet file", ("parquet",)),
    ],
)
def test_faults_are_found_by_building_and_by_checking_alike(folder, config, message, path):
    for act in (lambda: build_dataset(config, 0, folder), lambda: check_dataset_config(config, folder)):
        with pytest.raises(PointmassError, match=message) as caught:
            act()
        assert caught.value.path == path


def test_checking_draws_one_row_only():
    check_dataset_config({"generator": "heights", "n": 500_000_000})
    check_dataset_config({"generator": "heights"})
    check_dataset_config({"dataset": "faithful", "columns": ["waiting"]})
    with pytest.raises(PointmassError, match="GB"):
        check_dataset_config({"generator": "gaussian_mixture", "n": 10**8, "dimension": 20})
