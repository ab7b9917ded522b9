"""The frozen value: what it refuses, what its digest sees."""

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from pointmass.datasets import Dataset
from pointmass.errors import PointmassError

ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def full():
    return Dataset(
        ROWS,
        y=[1, 2, 3],
        labels=[0, -1, 1],
        lengths=[2, 1],
        columns=["a", "b"],
        truth={"labels": [0, 0, 1], "mean": [[1.0, 2.0]]},
        name="full",
        sample_weight=[1, 0, 2],
    )


def test_fields_are_frozen_and_arrays_read_only():
    data = full()
    with pytest.raises(FrozenInstanceError):
        data.name = "other"
    arrays = [data.X, data.y, data.labels, data.lengths, data.sample_weight, *data.truth.values()]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 9


def test_the_owner_of_the_rows_keeps_them_and_cannot_change_the_data():
    rows = ROWS.copy()
    data = Dataset(rows)
    rows[0, 0] = 99.0
    assert data.X[0, 0] == 1.0


def test_one_axis_is_one_column_and_types_are_settled():
    assert Dataset([1, 2, 3]).X.shape == (3, 1)
    assert Dataset(np.arange(3, dtype=np.float16)).X.dtype == np.float64
    assert Dataset(np.arange(3, dtype=">f8")).X.dtype == np.float64
    assert Dataset(np.arange(3, dtype=np.float32)).X.dtype == np.float32
    assert Dataset(np.asfortranarray(ROWS)).X.flags.c_contiguous
    assert Dataset(ROWS).columns == ("x1", "x2")


def test_missing_values_stay():
    assert np.isnan(Dataset([[np.nan, 1.0]]).X[0, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.empty((0, 2))}, "at least one row"),
        ({"X": np.empty((3, 0))}, "at least one row and one column"),
        ({"X": np.zeros((3, 2, 1))}, "shape"),
        ({"X": [["a"], ["b"], ["c"]]}, "numbers"),
        ({"X": ROWS + 1j}, "numbers"),
        ({"X": [[1.0], [2.0, 3.0]]}, "unequal length"),
        ({"X": np.ma.masked_equal(ROWS, 1.0)}, "masked"),
        ({"y": [1.0, 2.0]}, "y has shape"),
        ({"labels": [0, 1]}, "labels has shape"),
        ({"labels": [0, -2, 1]}, "below -1"),
        ({"labels": [0.0, 1.0, 1.0]}, "whole numbers"),
        ({"lengths": [2, 2]}, "sum to 4"),
        ({"lengths": [3, 0]}, "below 1"),
        ({"lengths": [[3]]}, "lengths has shape"),
        ({"columns": ["a"]}, "2 different names"),
        ({"columns": ["a", "a"]}, "2 different names"),
        ({"columns": [1, 2]}, "2 different names"),
        ({"truth": {"labels": [0, 1]}}, "truth"),
        ({"sample_weight": [[1.0, 1.0, 1.0]]}, "sample_weight has shape"),
    ],
)
def test_shapes_and_types_that_do_not_fit_are_refused(change, message):
    with pytest.raises(PointmassError, match=message):
        replace(full(), **change)


def test_the_digest_sees_all_that_a_fit_sees_and_nothing_else():
    data = full()
    seen = [
        {"X": ROWS + 1e-15},
        {"X": ROWS.astype(np.float32)},
        {"y": [1, 2, 4]},
        {"y": None},
        {"labels": [0, -1, 0]},
        {"lengths": [1, 2]},
        {"columns": ["a", "c"]},
        {"sample_weight": [1, 0, 1]},
    ]
    digests = {replace(data, **change).digest for change in seen}
    assert len(digests | {data.digest}) == len(seen) + 1
    unseen = replace(data, name="other", source="elsewhere", truth=None, X=np.asfortranarray(ROWS))
    assert unseen.digest == data.digest
    assert len(data.digest) == 64


def test_values_do_not_move_between_fields_unnoticed():
    assert Dataset([1.0, 2.0], y=[3.0, 4.0]).digest != Dataset([1.0, 2.0], sample_weight=[3.0, 4.0]).digest


def test_it_travels_to_another_process():
    data = full()
    assert pickle.loads(pickle.dumps(data)).digest == data.digest


def test_the_repr_is_short():
    assert repr(full()) == "Dataset(name='full', n=3, columns=('a', 'b'))"
