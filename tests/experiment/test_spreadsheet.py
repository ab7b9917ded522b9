"""Tables that go to a spreadsheet hold no formula."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from pointmass.experiment.spreadsheet import to_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_fault_112_text_that_looks_like_a_formula(start: str) -> None:
    evil = f'{start}HYPERLINK("http://example.org","x")'
    written = to_csv(pd.DataFrame({"section": [evil], evil: [1.0]})).decode()
    back = pd.read_csv(io.StringIO(written))
    assert back["section"][0] == f"'{evil}"
    assert list(back.columns) == ["section", f"'{evil}"]


def test_fault_112_numbers_keep_their_sign_and_their_digits() -> None:
    table = pd.DataFrame({"value": [-0.1, 1e-300], "component": pd.array([None, -1], dtype="Int64")})
    assert to_csv(table) == b"value,component\n-0.1,\n1e-300,-1\n"
