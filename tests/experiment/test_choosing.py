"""Choosing the number of components from a file: what is refused, and that a run says what `select` says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report.runs import make_run

from pointmass import Gaussian, Mixture, PointmassError, load_dataset, select
from pointmass.experiment.config import load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.reading import open_run
from pointmass.experiment.seeding import generator_from
from pointmass.report import write_report
from pointmass.report.text import unbroken

FILE = """\
name: groups
data: {generator: heights, n: 60}
model: {mixture: {family: gaussian, n_components: 2}}
select:
  n_components: [1, 2]
  criteria: [bic, elbo]
  n_init: 2
"""


def study(**changes: Any) -> dict[str, Any]:
    model = {"mixture": {"family": "gaussian", "n_components": 2}}
    chosen = {"n_components": [1, 2], "criteria": ["bic", "elbo"], "n_init": 2}
    return {"name": "groups", "data": {"dataset": "faithful"}, "model": model, "select": chosen, **changes}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[1, 2]", "[1, 0]", r"5:21: select.n_components.1: must be at least 1, got 0"),
        ("[1, 2]", "[]", r"5:17: select.n_components: must not be empty"),
        ("[1, 2]", "3", r"5:17: select.n_components: must be a list, got 3"),
        ("elbo", "ebic", r"6:19: select.criteria.1: there is no 'ebic'; did you mean bic\?"),
        ("n_init: 2", "n_inits: 2", r"7:3: select.n_inits: there is no such key; did you mean n_init\?"),
        ("{mixture: {family: gaussian, n_components: 2}}", "gaussian", "select.n_components: Gaussian.. has no number"),
        ("select:", "selects:", "selects: there is no such key"),
    ],
)
def test_what_cannot_be_chosen_is_said_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(FILE.replace(old, new))
    with pytest.raises(PointmassError, match=message):
        load_config(path)


def test_a_study_without_anything_to_do() -> None:
    with pytest.raises(PointmassError, match="estimators: is missing"):
        load_config({"name": "empty", "data": {"dataset": "faithful"}, "model": "gaussian"})


def test_the_number_that_the_model_has_plays_no_part() -> None:
    several = {"model.mixture.n_components": [2, 3, 4]}
    assert len(plan(load_config(study(grid=several)))) == 1
    assert len(plan(load_config(study(estimators={"em": {}})))) == 2


@pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
def test_a_run_says_what_select_says(tmp_path: Path) -> None:
    folder = make_run(tmp_path, study())
    cell = plan(load_config(study()))[0].cell
    options = {"n_components": [1, 2], "criteria": ["bic", "elbo"], "n_init": 2}
    direct = select(Mixture(Gaussian(), 1), load_dataset("faithful").X, **options, rng=generator_from(cell.fit_entropy))
    run = open_run(folder)
    stored = run.fit(run.selections()[0])
    pd.testing.assert_frame_equal(stored.table, direct.table, check_exact=True)
    assert list(run.groups()) == []
    page = write_report(folder).read_text()
    assert all(unbroken(sentence) in page for sentence in direct.verdict)
    assert "BIC prefers 2 components" in page and "The number of components: faithful" in page
    assert (folder / "figures" / "select-01-selection.png").exists()
    table = pd.read_csv(folder / "tables" / "selection.csv")
    assert table["bic"].tolist() == direct.table["bic"].tolist()
    assert "| 2 | " in (folder / "report.md").read_text()


def test_a_choice_that_failed_is_said_beside_the_fits(tmp_path: Path) -> None:
    folder = make_run(tmp_path, study(estimators={"em": {"n_init": 1}}), states=("done", "failed"), reason="no luck")
    page = write_report(folder).read_text()
    assert "1 of 2 fits did not come about." in page and "no luck" in page
