"""Every row of the catalogue of faults has a test, or a reason why not yet.

Numbers 1 to 68, on numbers and fits, are tested in this folder; 83 to 159, on configurations, data files, runs, the
machine and the report, beside what they test.
"""

from __future__ import annotations

import re
from pathlib import Path

CATEGORIES = "belongs to the families of categories and counts"
CHAINS = "belongs to the models of chains"
REGRESSION = "belongs to the families of regression"

LATER = {
    54: CATEGORIES,
    55: CATEGORIES,
    56: "a Gaussian's density is nowhere zero; " + CATEGORIES,
    57: CHAINS,
    58: CHAINS,
    59: CHAINS,
    60: CHAINS,
    61: CHAINS,
    62: CHAINS,
    63: REGRESSION,
    64: REGRESSION,
    65: REGRESSION,
}


SYSTEM = set(range(83, 160)) - {92, 102, 121, 144}
"""The catalogue has no row of the numbers left out."""


def numbers_in_names(folder: Path = Path(__file__).parent) -> set[int]:
    """Return the numbers in the names of tests, and in the names of their cases."""
    numbers = set()
    for path in folder.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"(?:def test_|id=\")fault_((?:\d{3}_(?:and_)?)+)", text):
            numbers |= {int(number) for number in re.findall(r"\d{3}", name)}
    return numbers


def test_every_fault_is_tested_or_has_a_reason():
    assert numbers_in_names() | set(LATER) == set(range(1, 69))


def test_every_fault_of_configurations_files_runs_and_reports_is_tested():
    assert SYSTEM - numbers_in_names(Path(__file__).parents[1]) == set()


def test_no_reason_outlives_its_test():
    assert not numbers_in_names() & set(LATER)
