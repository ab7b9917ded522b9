"""Parquet files: the same table as CSV, and one sentence for what is not read."""

import datetime
import decimal

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from pointmass.datasets import read_csv, read_parquet
from pointmass.errors import PointmassError


@pytest.fixture
def write(tmp_path):
    def write(columns, name="people.parquet"):
        table = columns if isinstance(columns, pyarrow.Table) else pyarrow.table(columns)
        pyarrow.parquet.write_table(table, tmp_path / name)
        return tmp_path / name

    return write


def test_csv_and_parquet_hold_the_same_data(write, tmp_path):
    path = write(
        {
            "x": [1.5, None, 3.0],
            "n": [1, 2, 3],
            "z": ["b", None, "a"],
            "w": [1, 2, 0],
            "s": [7, 7, 8],
        }
    )
    text = tmp_path / "people.csv"
    text.write_text("x,n,z,w,s\n1.5,1,b,1,7\n,2,,2,7\n3,3,a,0,8\n")
    roles = {"labels": "z", "weights": "w", "sequence": "s"}
    ours, theirs = read_parquet(path, **roles), read_csv(text, **roles)
    assert ours.digest == theirs.digest
    assert ours.label_names == theirs.label_names == ("a", "b")
    np.testing.assert_array_equal(ours.lengths, [2, 1])


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array([1, 2, None], pyarrow.int64()),
        pyarrow.array([1, 2, None], pyarrow.uint8()),
        pyarrow.array([1, 2, None], pyarrow.float64()),
        pyarrow.array([1, 2, None], pyarrow.float16()),
        pyarrow.array([decimal.Decimal(1), decimal.Decimal(2), None], pyarrow.decimal128(5, 2)),
        pyarrow.array([1, 2, None]).dictionary_encode(),
        pyarrow.chunked_array([[1], [2, None]]),
    ],
)
def test_all_numbers_become_float64(write, column):
    data = read_parquet(write({"a": column}))
    np.testing.assert_array_equal(data.X, [[1], [2], [np.nan]])
    assert data.X.dtype == np.float64


def test_booleans_are_numbers_and_nulls_missing(write):
    data = read_parquet(write({"a": [True, False], "b": pyarrow.nulls(2)}))
    np.testing.assert_array_equal(data.X, [[1, np.nan], [0, np.nan]])


def test_float32_stays_where_it_stands_alone(write):
    single = pyarrow.array([1.0, 2.0], pyarrow.float32())
    path = write({"a": single, "b": single, "c": [1.0, 2.0]})
    assert read_parquet(path, columns=["a", "b"]).X.dtype == np.float32
    assert read_parquet(path).X.dtype == np.float64


def test_labels_of_any_type(write):
    numbers = write({"x": [1.0, 2.0, 3.0], "z": [2, None, 0]})
    np.testing.assert_array_equal(read_parquet(numbers, labels="z").labels, [2, -1, 0])
    floats = write({"x": [1.0, 2.0, 3.0], "z": [2.0, float("nan"), 0.0]})
    np.testing.assert_array_equal(read_parquet(floats, labels="z").labels, [2, -1, 0])
    categories = pyarrow.array(["b", None, "a"]).dictionary_encode()
    np.testing.assert_array_equal(
        read_parquet(write({"x": [1.0, 2.0, 3.0], "z": categories}), labels="z").labels, [1, -1, 0]
    )


def test_an_index_that_pandas_stored_is_no_feature(tmp_path):
    import pandas

    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]})
    frame[frame.a > 1].to_parquet(tmp_path / "x.parquet")
    data = read_parquet(tmp_path / "x.parquet")
    assert data.columns == ("a", "b")
    np.testing.assert_array_equal(data.X, [[2, 5], [3, 6]])


def test_names_with_dots_are_names(write):
    np.testing.assert_array_equal(read_parquet(write({"a.b": [1.0], "a": [2.0]}), columns="a.b").X, [[1]])


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        (["1", "2"], "column 'a' has type string, not numbers"),
        ([datetime.date(2026, 1, 1)] * 2, "column 'a' has type date32"),
        ([datetime.datetime(2026, 1, 1)] * 2, "column 'a' has type timestamp"),
        ([[1.0], [2.0]], "column 'a' has type list"),
        ([{"b": 1.0}] * 2, "column 'a' has type struct"),
        ([b"1", b"2"], "column 'a' has type binary"),
        ([1.0, float("inf")], "row 2, column 'a': inf is not finite"),
        ([-float("inf"), 1.0], "row 1, column 'a': -inf is not finite"),
    ],
)
def test_fault_108_columns_that_are_not_numbers(write, column, fault):
    with pytest.raises(PointmassError, match=fault):
        read_parquet(write({"a": column}))


def test_fault_109_no_rows_no_columns(write, tmp_path):
    with pytest.raises(PointmassError, match="names but no rows"):
        read_parquet(write({"a": pyarrow.array([], pyarrow.float64())}))
    with pytest.raises(PointmassError, match="no rows"):
        read_parquet(write(pyarrow.table({})))
    (tmp_path / "empty.parquet").touch()
    with pytest.raises(PointmassError, match="is empty"):
        read_parquet(tmp_path / "empty.parquet")


def test_fault_110_duplicate_columns(write):
    table = pyarrow.Table.from_arrays([pyarrow.array([1.0])] * 2, names=["a", "a"])
    with pytest.raises(PointmassError, match="2 columns named 'a'"):
        read_parquet(write(table))


def test_fault_105_damaged_files(write, tmp_path):
    whole = write({"a": [1.0] * 1000}).read_bytes()
    for content in (
        whole[:-10],
        whole[:50],
        b"PAR1",
        b"a,b\n1,2\n",
        whole[:4] + bytes(len(whole) - 8) + b"PAR1",
    ):
        path = tmp_path / "damaged.parquet"
        path.write_bytes(content)
        with pytest.raises(PointmassError, match=r"damaged\.parquet is no Parquet file that can be read"):
            read_parquet(path)


def test_fault_103_a_small_file_of_too_many_rows(write, monkeypatch):
    path = write({"a": np.zeros(10_000)})
    monkeypatch.setattr("pointmass.datasets.readers.parquet_table.MEMORY_LIMIT", 79_999)
    with pytest.raises(PointmassError, match=r"has 10000 rows, so 1 of its columns need .* GB: choose fewer"):
        read_parquet(path)


def test_a_wrong_weight_is_named_by_its_row(write):
    with pytest.raises(PointmassError, match="row 2, column 'w': -1 is no weight"):
        read_parquet(write({"x": [1.0, 2.0], "w": [1.0, -1.0]}), weights="w")
