"""Figures of a whole run: the configurations of the calibration studies, small, from their cells to the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report.runs import config, make_run

from pointmass.comparison.phases import QUANTITIES, by_data_set, by_point
from pointmass.experiment.config import load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.reading import open_run
from pointmass.experiment.results import results_of
from pointmass.figures import STUDY_FIGURES, svg_bytes
from pointmass.report import write_report

CONFIGS = Path(__file__).parents[2] / "configs"
SMALL = (
    "estimators.em.n_init=1",
    "estimators.vb.n_init=1",
    "estimators.gibbs={chains: 4, draws: 250, tune: 50, reference: true}",
    "grid={data.separation: [6.0, 9.0], data.n: [60, 80]}",
    "figures=[phase_diagram, coverage]",
    "repetitions=2",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    study = load_config(CONFIGS / "phase_diagram.yaml", SMALL)
    return make_run(tmp_path_factory.mktemp("phases") / "run", study)


@pytest.fixture(scope="module")
def results(folder):
    return results_of(open_run(folder))


def test_every_quantity_is_measured_at_every_point(results):
    sets = by_data_set(results)
    assert len(sets) == 2 * 2 * 2
    points = by_point(sets, ["data.n", "data.separation"])
    assert points.shape == (4, len(QUANTITIES) + 1)
    assert np.isfinite(points.drop(columns="sd_ratio")).all(axis=None)  # a reference may fail its gate
    assert ((points["missing_information"] >= 0) & (points["missing_information"] < 1)).all()


def test_well_apart_nothing_is_missing_and_mean_field_is_safe(results):
    far = by_data_set(results).query("`data.separation` == 9")
    assert (far["missing_information"] < 0.2).all() and (far["predicted"] > 0.9).all()


@pytest.mark.parametrize("name", STUDY_FIGURES)
def test_figures_draw_the_same_each_time_and_their_captions_have_numbers(results, name):
    recipe = STUDY_FIGURES[name]
    assert not recipe.lacks(results)
    assert svg_bytes(recipe.plot(results)) == svg_bytes(recipe.plot(results))
    caption = recipe.caption(results)
    assert any(character.isdigit() for character in caption.text) and "nan" not in caption.text.lower()
    assert len(caption.alt) > 30


def test_what_is_not_there_is_said(results):
    once = results[results["repetition"] == 0]
    assert "two repetitions" in STUDY_FIGURES["coverage"].lacks(once)
    assert "two axes" in STUDY_FIGURES["phase_diagram"].lacks(results[results["data.n"] == 60])
    empty = pd.DataFrame(columns=results.columns)
    assert all(recipe.lacks(empty) for recipe in STUDY_FIGURES.values())


def test_the_report_shows_them_before_the_sections(folder):
    page = write_report(folder).read_text(encoding="utf-8")
    for name, recipe in STUDY_FIGURES.items():
        assert page.index(f">{recipe.title}<") < page.index("At a glance")
        assert (folder / "figures" / f"study-{name.replace('_', '-')}.png").stat().st_size > 10_000
    assert "study-phase-diagram.png" in (folder / "report.md").read_text(encoding="utf-8")


def test_a_report_of_one_section_has_none(run):
    assert not list((run / "figures").glob("study-*"))


def test_figures_that_were_asked_for_and_lack_something_say_so(tmp_path):
    tree = config(figures=["coverage"], repetitions=2, estimators={"em": {"n_init": 1}})
    page = write_report(make_run(tmp_path / "asked", tree)).read_text(encoding="utf-8")
    assert "Not drawn: an axis of numbers in the grid." in page


def test_nuts_judges_data_sets_of_the_phase_diagram_and_gibbs_is_the_same_fit():
    whole = plan(load_config(CONFIGS / "phase_diagram.yaml"))
    few = plan(load_config(CONFIGS / "phase_diagram_nuts.yaml"))
    sets = {cell.digest for cell in few}
    assert len(sets) == 0.02 * len({cell.digest for cell in whole})
    assert sets <= {cell.digest for cell in whole}
    assert {cell.key for cell in few if cell.cell.estimator != "nuts"} <= {cell.key for cell in whole}


def test_the_coverage_study_and_the_phase_diagram_share_data():
    whole = {cell.key for cell in plan(load_config(CONFIGS / "phase_diagram.yaml"))}
    shared = [cell for cell in plan(load_config(CONFIGS / "coverage.yaml", ["repetitions=10"])) if cell.key in whole]
    assert {cell.cell.estimator for cell in shared} == {"em", "vb", "gibbs"}
