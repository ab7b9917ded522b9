"""CSV files: what is read, and one sentence for what is not (faults of data files, `test_fault_…`)."""

import ast
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import pointmass.datasets
from pointmass.datasets import read_csv, read_parquet
from pointmass.errors import PointmassError


@pytest.fixture
def write(tmp_path):
    def write(content, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, read=read_csv, **roles):
    """Return the message with which the file is refused, checked to be one line that names the file."""
    with pytest.raises(PointmassError) as caught:
        read(path, **roles)
    message = str(caught.value)
    assert "\n" not in message
    assert Path(path).name in message
    return message


# What is read


def test_columns_and_their_roles(write):
    path = write("height,sex,w,year,group\n171.5,man,1,1.5,a\n164,woman,0.5,2.5,a\n168,,2,3.5,b\n150,-1,2,4.5,b\n")
    data = read_csv(path, target="year", labels="sex", weights="w", sequence="group")
    np.testing.assert_array_equal(data.X, [[171.5], [164], [168], [150]])
    np.testing.assert_array_equal(data.y, [1.5, 2.5, 3.5, 4.5])
    np.testing.assert_array_equal(data.labels, [0, 1, -1, -1])
    np.testing.assert_array_equal(data.sample_weight, [1, 0.5, 2, 2])
    np.testing.assert_array_equal(data.lengths, [2, 2])
    assert data.columns == ("height",)
    assert data.label_names == ("man", "woman")
    assert (data.name, data.source, data.truth) == ("people", "people.csv", None)


def test_chosen_columns_come_in_the_order_asked_for(write):
    data = read_csv(write("a,b,c\n1,2,x\n3,4,y\n"), columns=["b", "a"])
    np.testing.assert_array_equal(data.X, [[2, 1], [4, 3]])
    assert data.columns == ("b", "a")
    assert read_csv(write("a,b,c\n1,2,x\n"), columns="b").X == 2


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4\r",
        "a,b\n1,2\n3,4\n\n\n",
        '"a","b"\n"1","2"\n"3","4"\n',
        " a, b \n 1, 2 \n3 ,4\n",
        'a, "b"\n1, "2"\n3,4\n',
        "\ufeffa,b\n1,2\n3,4\n",
        '\ufeff"a",b\n1,2\n3,4\n',
        "a,b\n+1,2.0\n3e0,4.\n",
    ],
)
def test_writings_of_one_table(write, text):
    data = read_csv(write(text))
    np.testing.assert_array_equal(data.X, [[1, 2], [3, 4]])
    assert data.columns == ("a", "b")


def test_missing_cells_are_nan(write):
    data = read_csv(write("a,b\n1,\n,2\nNaN,nan\n  ,3\n"))
    np.testing.assert_array_equal(data.X, [[1, np.nan], [np.nan, 2], [np.nan, np.nan], [np.nan, 3]])


@pytest.mark.parametrize(
    ("cells", "labels", "names"),
    [
        (["0", "1", "-1"], [0, 1, -1], ()),
        (["0.0", "1.0", ""], [0, 1, -1], ()),
        (["7", "3", "NaN"], [7, 3, -1], ()),
        (["yes", "no", ""], [1, 0, -1], ("no", "yes")),
        (["b", "-1", "a"], [1, -1, 0], ("a", "b")),
        (["10", "9", "a"], [0, 1, 2], ("10", "9", "a")),
        (["", "-1", ""], [-1, -1, -1], ()),
    ],
)
def test_labels_are_integers_or_sorted_names(write, cells, labels, names):
    data = read_csv(write("x,z\n" + "".join(f"1,{cell}\n" for cell in cells)), labels="z")
    np.testing.assert_array_equal(data.labels, labels)
    assert data.label_names == names


@pytest.mark.parametrize("cell", ["0.5", "-2", "1e10", "inf", "1e400"])
def test_numbers_that_are_no_labels(write, cell):
    message = refusal(write(f"x,z\n1,0\n1,{cell}\n"), labels="z")
    assert f"line 3, column 'z': '{cell}' is no label" in message


@pytest.mark.parametrize("cell", ["-0.5", "", "nan"])
def test_numbers_that_are_no_weights(write, cell):
    assert "line 3, column 'w'" in refusal(write(f"x,w\n1,0\n1,{cell}\n"), weights="w")


def test_sequences_are_neighbours(write):
    assert "line 4, column 's': sequence 'a' comes back" in refusal(write("x,s\n1,a\n1,b\n1,a\n"), sequence="s")
    assert "line 3, column 's': the sequence is missing" in refusal(write("x,s\n1,a\n1,\n"), sequence="s")


@pytest.mark.parametrize(
    ("roles", "message", "path"),
    [
        ({"columns": ["hight"]}, "no column 'hight': did you mean 'height'", ("columns",)),
        ({"target": "agee"}, "no column 'agee': did you mean 'age'", ("target",)),
        ({"columns": ["age", "age"]}, "'age' is named twice", ("columns",)),
        ({"columns": ["age"], "target": "age"}, "'age' is named twice, in columns and target", ("target",)),
        ({"columns": []}, "no column is left", ("columns",)),
        ({"columns": ["height", "age"], "labels": "age"}, "named twice", ("labels",)),
        ({"columns": 3}, "columns must be a list", ("columns",)),
        ({"columns": [3]}, "columns must name a column, got 3", ("columns",)),
        ({"weights": 3}, "weights must name a column, got 3", ("weights",)),
    ],
)
def test_roles_that_the_table_does_not_have(write, roles, message, path):
    with pytest.raises(PointmassError, match=message) as caught:
        read_csv(write("height,age\n1,2\n"), **roles)
    assert caught.value.path == path


def test_a_column_without_a_name_is_no_feature_unasked(write):
    path = write('"",a\n1,5\n2,6\n')
    with pytest.raises(PointmassError, match="column without a name"):
        read_csv(path)
    np.testing.assert_array_equal(read_csv(path, columns="a").X, [[5], [6]])


finite = st.floats(allow_nan=True, allow_infinity=False)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(X=arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=finite))
def test_what_is_written_comes_back_to_the_last_bit(tmp_path, X):
    path = tmp_path / "x.csv"
    rows = [",".join(map(repr, row)) for row in X.tolist()]
    path.write_text("\n".join([",".join(f"c{j}" for j in range(X.shape[1])), *rows]))
    np.testing.assert_array_equal(read_csv(path).X, X)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.one_of(st.binary(max_size=60), st.text('ab1.,;"\n\r -é\0', max_size=60).map(str.encode)))
def test_any_bytes_are_a_data_set_or_one_sentence(tmp_path, content):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        data = read_csv(path)
    except PointmassError as error:
        assert "\n" not in str(error)
    else:
        assert not np.isinf(data.X).any()


def test_a_table_of_many_chunks_keeps_its_lines_in_order(write):
    n = 5_000
    data = read_csv(write("a,b\n" + "".join(f"{i},{-i}\n" for i in range(n))))
    np.testing.assert_array_equal(data.X, np.stack([np.arange(n), -np.arange(n)], axis=1))


def test_a_million_rows_are_read_in_seconds(write):
    # Measured: 1.2 s of processor time; the limit is for a machine that does other things as well.
    rows = "".join(f"{i / 7!r},{i / 11!r}\n" for i in range(100_000)) * 10
    path = write("a,b\n" + rows)
    start = time.process_time()
    assert read_csv(path).X.shape == (1_000_000, 2)
    assert time.process_time() - start < 4


# What is refused


@pytest.mark.parametrize("read", [read_csv, read_parquet])
def test_fault_097_device_pipe_folder_url(tmp_path, read):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    start = time.monotonic()
    assert "device or a pipe" in refusal("/dev/zero", read)
    assert "device or a pipe" in refusal(pipe, read)
    assert "is a folder" in refusal(tmp_path, read)
    assert "is a URL: download it first" in refusal("https://example.org/people.csv", read)
    assert "is a URL" in refusal("file:///etc/passwd", read)
    assert "cannot be read (No such file or directory): check the path" in refusal(tmp_path / "missing.csv", read)
    assert "cannot be read (No such file or directory): did you mean 'pipe.csv'?" in refusal(
        tmp_path / "piep.csv", read
    )
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("path", [None, 5, b"people.csv", "", "a\0b"])
def test_fault_097_what_is_no_path(path):
    with pytest.raises(PointmassError, match="name of a local file"):
        read_csv(path)


def test_fault_097_a_pipe_that_replaces_the_file_is_not_waited_for(tmp_path, write, monkeypatch):
    regular, pipe = os.stat(write("a\n1\n")), tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    monkeypatch.setattr(os, "stat", lambda path, **_: regular)
    assert "device or a pipe" in refusal(pipe)


def test_fault_097_home_and_variables_are_not_expanded(monkeypatch, tmp_path):
    (tmp_path / "people.csv").write_text("a\n1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(PointmassError, match="No such file"):
        read_csv("~/people.csv")
    with pytest.raises(PointmassError, match="No such file"):
        read_csv("$HOME/people.csv")


def test_fault_097_a_link_to_a_regular_file_is_read(write, tmp_path):
    link = tmp_path / "ü ñ.csv"
    link.symlink_to(write("a\n1\n"))
    assert read_csv(link).X == 1


def test_fault_103_huge_file(tmp_path):
    path = tmp_path / "huge.csv"
    path.touch()
    os.truncate(path, 50 * 10**9)
    start = time.monotonic()
    message = refusal(path)
    assert "50.0 GB" in message
    assert "Parquet" in message
    assert time.monotonic() - start < 1


def test_fault_103_zeros_below_the_limit_take_no_memory(tmp_path):
    path = tmp_path / "zeros.csv"
    path.touch()
    os.truncate(path, 10**9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "line 1 holds a zero byte" in refusal(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_fault_103_one_line_without_end(write):
    assert "longer than 1 MB" in refusal(write("1" * 2**20))
    assert "line 2" in refusal(write("a\n" + "1" * 2**20))


def test_fault_104_ragged_row(write):
    assert "line 3 has 3 cells where line 1 names 2 columns" in refusal(write("a,b\n1,2\n1,2,3\n"))
    assert "line 3 has 1 cells where line 1 names 2 columns" in refusal(write("a,b\n1,2\n1\n"))
    late = write("a,b\n" + "1,2\n" * 4000 + "1\n")
    assert "line 4002" in refusal(late)


def test_fault_104_line_is_right_after_cells_of_many_lines(write):
    path = write('a,b\n1,"two\nlines"\n1,"and\r\nthree\n"\n1\n')
    assert "line 7 has 1 cells" in refusal(path, columns="a")


@pytest.mark.parametrize("content", ["a,b\n1,2\n\n3,4\n", "a\n1\n\n3\n", "a\n" + "1\n" * 1022 + "\n\n3\n"])
def test_fault_104_blank_line_between_rows(write, content):
    line = content.split("\n").index("") + 1
    assert f"line {line} is blank" in refusal(write(content))


def test_fault_104_open_quotation_mark(write):
    message = refusal(write('a,b\n1,"2\n3,4\n'))
    assert "line 3" in message
    assert "quotation marks" in message


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("name,b\nJosé,1\n".encode("latin-1"), "line 2, byte 4"),
        (b"a,b\n" + b"1,2\n" * 5000 + b"1,\xff\n", "line 5002, byte 3"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1, byte 1"),
        (b"a,b\n1,\0\n", "line 2"),
    ],
)
def test_fault_105_bad_bytes(write, content, place):
    message = refusal(write(content))
    assert place in message
    assert "UTF-8" in message


@pytest.mark.parametrize("cell", ["1e400", "-1e400", "inf", "-Infinity", "INF"])
def test_fault_106_overflow(write, cell):
    message = refusal(write(f"a,b\n1,2\n1,{cell}\n"))
    assert f"line 3, column 'b': '{cell}' is" in message


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("a;b\n1,5;2\n", "write commas between cells"),
        ("a\tb\n1\t2\n", "write commas between cells"),
        ("a,b\n1;2\n", "write commas, not ';'"),
        ("a,b\n1,000,2\n", "write 1.5 and 1000"),
        ('a,b\n"1,000",2\n', "write decimals as 1.5 and thousands as 1000"),
        ('a,b\n"1,5",2\n', "write decimals as 1.5 and thousands as 1000"),
        ('a,b\n"1,000,000.5",2\n', "write decimals as 1.5 and thousands as 1000"),
        ("a,b\n1;5,2\n", "separate the columns by commas"),
    ],
)
def test_fault_107_decimal_comma_and_semicolon(write, content, hint):
    assert hint in refusal(write(content))


@pytest.mark.parametrize("cell", ["-", "abc", "NA", "1_000", "0x10", "True", "١٢", "1.5\u00a0", "1 2", "--1"])
def test_fault_108_text_in_a_column_of_numbers(write, cell):
    message = refusal(write("a,b\n" + "1,2\n" * 3000 + f"1,{cell}\n"))
    assert f"line 3002, column 'b': {cell!r} is not a number" in message


def test_fault_108_text_elsewhere_is_no_matter(write):
    np.testing.assert_array_equal(read_csv(write("a,b\n1,x\n2,y\n"), columns="a").X, [[1], [2]])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "is empty"),
        ("\ufeff", "line 1 is blank"),
        ("\n\n", "line 1 is blank"),
        (",\n1,2\n", "line 1 is blank"),
        ("a,b", "has names but no rows"),
        ("a,b\n", "has names but no rows"),
        ("a,b\n\n\n", "has names but no rows"),
        ("1,2\n3,4\n", "line 1 holds numbers only"),
    ],
)
def test_fault_109_empty_file_header_only(write, content, fault):
    assert fault in refusal(write(content))


def test_fault_110_duplicate_columns(write):
    assert "line 1 names columns 1 and 3 'a'" in refusal(write("a,b,a\n1,2,3\n"))
    assert "names columns 1 and 2 'a'" in refusal(write("a, a\n1,2\n"), columns="a")


def test_fault_111_integer_of_400_digits(write):
    message = refusal(write("a\n1\n" + "9" * 400 + "\n"))
    assert "line 3, column 'a'" in message
    assert "(400 characters) is beyond the largest double" in message
    assert len(message) < 400


def test_fault_112_formulas_are_text(write):
    formula = '=HYPERLINK("http://example.org","x")'
    quoted = formula.replace('"', '""')
    path = write(f'x,"{quoted}"\n1,"{quoted}"\n2,@SUM(1)\n')
    data = read_csv(path, columns="x", labels=formula)
    assert data.label_names == (formula, "@SUM(1)")
    assert "is not a number" in refusal(path)


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("name", ["x.pkl", "x.pickle", "x.joblib", "x.npy", "x.npz", "x.csv", "x.parquet", "x.RDS"])
@pytest.mark.parametrize("read", [read_csv, read_parquet])
@pytest.mark.parametrize("protocol", [0, 5])
def test_fault_114_a_pickle_is_never_run(write, tmp_path, name, read, protocol):
    import pickle

    marker = tmp_path / "marker"
    refusal(write(pickle.dumps([Evil(marker)], protocol=protocol), name), read)
    assert not marker.exists()


def test_fault_114_arrays_of_objects_and_foreign_files(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, x=np.array([{}], dtype=object))
    assert "is a NumPy archive, which is never opened" in refusal(path)
    assert "is a Parquet file: read it as one" in refusal_of_parquet_as_csv(tmp_path)


def refusal_of_parquet_as_csv(folder):
    import pyarrow
    import pyarrow.parquet

    path = folder / "x.csv"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1.0]}), path)
    return refusal(path)


def test_fault_114_no_unpickler_in_the_source():
    banned = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve", "eval", "exec", "allow_pickle"}
    for file in Path(pointmass.datasets.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = {getattr(node, field, None) for field in ("id", "attr", "arg", "module")}
            names |= {alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)}
            assert not names & banned, file


def test_the_import_is_light():
    heavy = "pandas pyarrow sklearn scipy matplotlib pymc"
    code = f"import sys, pointmass.datasets; print(*(m for m in '{heavy}'.split() if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
