"""Assignments up to permutations: together with their images they are all assignments, each once."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product

import numpy as np
import pytest

from pointmass.inference.labellings import labellings, rows_within

CASES = {
    "equal": ([-1] * 6, [0, 0, 0]),
    "one apart": ([-1] * 5, [0, 1, 0]),
    "two pairs": ([-1] * 5, [0, 1, 1, 0]),
    "all apart": ([-1] * 4, [0, 1, 2]),
    "known rows": ([-1, 2, -1, 2, -1], [0, 0, 2]),
    "one component": ([-1] * 4, [0]),
    "fewer rows than components": ([-1] * 2, [0, 0, 0, 0]),
}


def images(labels: np.ndarray, groups: list[int]) -> set[tuple[int, ...]]:
    """Return what permutations within the groups make of one assignment."""
    k = range(len(groups))
    allowed = (p for p in permutations(k) if all(groups[i] == groups[p[i]] for i in k))
    return {tuple(order[label] for label in labels) for order in allowed}


@pytest.mark.parametrize("name", CASES)
def test_every_assignment_is_an_image_of_exactly_one(name: str) -> None:
    known, groups = CASES[name]
    found = labellings(np.array(known), np.array(groups))
    orbits = [images(labels, groups) for labels in found.labels]
    choices = [range(len(groups)) if label < 0 else [label] for label in known]
    assert Counter(image for orbit in orbits for image in orbit) == Counter(product(*choices))
    assert np.exp(found.log_counts) == pytest.approx([len(orbit) for orbit in orbits])


@pytest.mark.parametrize("groups", [[0, 0], [0, 1], [0, 0, 0], [0, 1, 1], [0, 0, 0, 0]])
def test_the_most_rows_are_counted_without_listing_them(groups: list[int]) -> None:
    for largest in (1, 10, 365, 1000):
        most = rows_within(np.array(groups), largest)
        assert len(labellings(np.full(most, -1), np.array(groups)).labels) <= largest
        assert len(labellings(np.full(most + 1, -1), np.array(groups)).labels) > largest
