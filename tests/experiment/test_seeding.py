"""Seeds and keys follow from content, never from position."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from experiment.studies import study

from pointmass.experiment.config import load_config
from pointmass.experiment.grid import Cell, cell_key, cells_of
from pointmass.experiment.plan import plan
from pointmass.experiment.seeding import generator_from


def by_hand(seed: int, content: Any) -> np.random.Generator:
    """Return the documented rule: SeedSequence([seed, *words(sha256(canonical JSON))])."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    words = np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=">u4").tolist()
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def cells(**changes: Any) -> list[Cell]:
    return list(cells_of(load_config(study(**changes))))


def test_the_documented_rule() -> None:
    cell = cells(repetitions=2)[-1]
    data = {"generator": "gaussian", "n": 40}
    vb = {"type": "vb", "n_init": 1}
    assert generator_from(cell.data_entropy).random() == by_hand(7, [data, 1]).random()
    assert generator_from(cell.fit_entropy).random() == by_hand(7, [data, "gaussian", vb, 1]).random()


def test_every_estimator_sees_the_same_rows() -> None:
    mle, vb = cells()
    assert mle.data_entropy == vb.data_entropy
    assert mle.fit_entropy != vb.fit_entropy


def test_repetitions_and_seeds_differ() -> None:
    entropies = {tuple(cell.data_entropy) for cell in cells(repetitions=3, grid={"seed": [1, 2]})}
    assert len(entropies) == 6


def test_a_study_divided_has_the_cells_of_the_whole() -> None:
    whole = [cell.key for cell in plan(load_config(study(repetitions=5)))]
    parts = [study(repetitions=3), study(repetitions=2, first_repetition=3)]
    assert whole == [cell.key for part in parts for cell in plan(load_config(part))]


def test_a_new_value_on_an_axis_changes_no_old_cell() -> None:
    few = {cell.key for cell in plan(load_config(study(grid={"data.n": [20, 30]})))}
    many = {cell.key for cell in plan(load_config(study(grid={"data.n": [10, 20, 30], "seed": [7, 8]})))}
    assert few < many


def test_another_name_or_a_reference_changes_no_cell() -> None:
    plain = {cell.key for cell in plan(load_config(study()))}
    marked = study(name="other", estimators={"mle": {}, "vb": {"n_init": 1, "reference": True}}, metrics="none")
    assert {cell.key for cell in plan(load_config(marked))} == plain


def test_an_uncertainty_method_of_others_changes_no_cell() -> None:
    mle, vb = (cell.uncertainty for cell in cells(uncertainty=["draws", "mean_field"]))
    assert (mle, vb) == ((), ("mean_field",))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"data": {"generator": "gaussian", "n": 41}},
        {"model": {"gaussian": {"covariance": "diagonal"}}},
        {"estimators": {"mle": {"type": "vb", "n_init": 1}}},
        {"repetitions": 2},
    ],
)
def test_what_determines_a_result_is_in_its_key(change: dict[str, Any]) -> None:
    before = plan(load_config(study(estimators={"mle": {}})))[0].key
    after = plan(load_config(study(**{"estimators": {"mle": {}}, **change})))[-1].key
    assert before != after


def test_fault_126_the_algorithms_version_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    (cell, _) = cells()
    before = cell_key(cell, "0")
    monkeypatch.setattr("pointmass.experiment.grid.ALGORITHM_VERSION", -1)
    assert cell_key(cell, "0") != before
