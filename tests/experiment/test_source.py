"""Reading YAML that a stranger may have written."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from pointmass import PointmassError
from pointmass.experiment.source import read_file, read_text


def refusal(text: str) -> str:
    with pytest.raises(PointmassError) as caught:
        read_text(text, "study.yaml")
    return str(caught.value)


def test_values_know_their_places() -> None:
    document = read_text("name: a\ndata:\n  n: 3\n  columns: [x, y]\n", "study.yaml")
    assert document.tree == {"name": "a", "data": {"n": 3, "columns": ["x", "y"]}}
    assert str(document.place(("data", "columns", 1))) == "study.yaml:4:16"
    assert str(document.key_place(("data", "n"))) == "study.yaml:3:3"
    assert str(document.place(("data", "missing"))) == "study.yaml:3:3"


def test_fault_085_duplicate_key() -> None:
    assert refusal("seed: 1\nname: a\nseed: 2\n") == (
        "study.yaml:3:1: seed: this key is given twice; the first is in line 1"
    )


def test_fault_085_duplicate_keys_are_all_reported() -> None:
    assert len(refusal("a: 1\na: 2\nb: {c: 1, c: 2}\n").splitlines()) == 2


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("1e-6", 1e-6),
        ("no", "no"),
        ("on", "on"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("12:30:45", "12:30:45"),
        ("2026-11-20", "2026-11-20"),
        ("1_000", "1_000"),
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("", None),
        (".5", 0.5),
        ("1.", 1.0),
        ("'1'", "1"),
        ('"~"', "~"),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_fault_086_words_mean_what_yaml_1_2_says(word: str, meaning: object) -> None:
    value = read_text(f"key: {word}", "study.yaml").tree["key"]
    assert value == meaning
    assert type(value) is type(meaning)


def test_fault_086_the_files_own_version_changes_nothing() -> None:
    assert read_text("%YAML 1.1\n---\nkey: no\n", "study.yaml").tree == {"key": "no"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data:\n\tn: 1\n", "study.yaml:2:1: this is not YAML: a tab cannot indent YAML; use spaces"),
        ("a: 1\n  b: 2\n", "study.yaml:2:4: this is not YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "study.yaml:2:1: a configuration is one document; remove the second (after ---)"),
        ("a: 1\nb\n  c: 2\n", "study.yaml:2:1: this is not YAML: no ':' after this key"),
        ("a: [1, 2\n", "study.yaml:2:1: this is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("? [a]\n: 1\n", "study.yaml:1:3: a key must be a word"),
    ],
)
def test_fault_087_syntax_is_one_line(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: Jürgen\n".encode("latin-1"), "study.yaml:1: byte 8 of this line is not UTF-8; save it as UTF-8"),
        ("name: a\nx: é\n".encode("latin-1"), "study.yaml:2: byte 4 of this line is not UTF-8; save it as UTF-8"),
        ("name: a\n".encode("utf-16"), "study.yaml:1: byte 1 of this line is not UTF-8; save it as UTF-8"),
        (b"name: a\nx: 'b\0'\n", "study.yaml:2:6: this is not YAML: unacceptable character #x0000"),
    ],
)
def test_fault_088_bytes_that_are_not_utf_8(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(PointmassError) as caught:
        read_file(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fault_088_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes("\ufeffname: ü\n".encode())
    assert read_file(path).tree == {"name": "ü"}


def test_fault_090_yaml_bomb() -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10)]
    bomb = "l0: &l0 [x, x]\n" + "\n".join(levels)
    tracemalloc.start()
    began = time.perf_counter()
    message = refusal(bomb)
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message == "study.yaml:1:5: anchors (&) and aliases (*) are not accepted; write the value out"
    assert seconds < 0.5
    assert peak < 50e6


@pytest.mark.parametrize("text", ["[" * 5_000, "{a: " * 5_000, "- " * 5_000])
def test_fault_091_deep_nesting(text: str) -> None:
    began = time.perf_counter()
    assert "nested more than 40 deep" in refusal(text)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!mine", "!!float"])
def test_fault_093_tags(tag: str) -> None:
    assert "tags are not accepted" in refusal(f"a: {tag} ['touch /tmp/x']\n")


@pytest.mark.parametrize("word", [".nan", ".inf", "-.Inf", "1e400", "9" * 401])
def test_fault_100_numbers_that_are_not_finite(word: str) -> None:
    message = refusal(f"tol: {word}")
    assert message.startswith("study.yaml:1:6: tol: ")


def test_large_file(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("# " + "x" * 1_000_000, encoding="utf-8")
    with pytest.raises(PointmassError, match="may have 1 MB"):
        read_file(path)


def test_a_file_of_a_like_name_is_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("name: a\n", encoding="utf-8")
    with pytest.raises(
        PointmassError, match=r"stduy\.yml: this configuration does not exist; did you mean 'study.yaml'\?"
    ):
        read_file(tmp_path / "stduy.yml")
    with pytest.raises(PointmassError, match=r"this configuration does not exist; check the path$"):
        read_file(tmp_path / "nowhere" / "x.yaml")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(PointmassError, match="does not exist"):
        read_file(tmp_path / "none.yaml")
    with pytest.raises(PointmassError, match="is not a regular file"):
        read_file(tmp_path)
    with pytest.raises(PointmassError, match="is not a regular file"):
        read_file(Path("/dev/zero"))
