"""Every row of the catalogue of faults has a test: numbers and fits to 68, samplers to 82, the system to 159."""

from __future__ import annotations

import re
from pathlib import Path

CATALOGUE = set(range(1, 160)) - {92, 102, 121, 144}
"""The catalogue has no row of the numbers left out."""


def numbers_in_names(folder: Path) -> set[int]:
    """Return the numbers in the names of tests, and in the names of their cases."""
    numbers = set()
    for path in folder.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"(?:def test_|id=\")fault_((?:\d{3}_(?:and_)?)+)", text):
            numbers |= {int(number) for number in re.findall(r"\d{3}", name)}
    return numbers


def test_every_fault_is_tested():
    assert CATALOGUE - numbers_in_names(Path(__file__).parents[1]) == set()
