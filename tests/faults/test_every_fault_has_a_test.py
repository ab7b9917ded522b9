"""Every row of the catalogue of numerical faults, 1 to 68, has a test here, or a reason why not yet."""

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


def numbers_in_names() -> set[int]:
    numbers = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for name in re.findall(r"^def test_fault_((?:\d{3}_)+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            numbers |= {int(number) for number in name.strip("_").split("_")}
    return numbers


def test_every_fault_is_tested_or_has_a_reason():
    assert numbers_in_names() | set(LATER) == set(range(1, 69))


def test_no_reason_outlives_its_test():
    assert not numbers_in_names() & set(LATER)
