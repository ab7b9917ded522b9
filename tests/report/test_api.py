"""The verbs of a notebook, with real fits."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from report.pages import check_harmless
from report.runs import config

from pointmass import EM, VB, Gaussian, Mixture, PointmassError, compare, load_fit, run_experiment

RNG = np.random.default_rng(11)
ROWS = pd.DataFrame({"height": np.concatenate([RNG.normal(0.0, 1.0, 80), RNG.normal(5.0, 1.0, 120)])})
MODEL = Mixture(Gaussian(), n_components=2)


@pytest.fixture(scope="module")
def fits():
    return [EM(MODEL, n_init=2, rng=0).fit(ROWS), VB(MODEL, n_init=2, rng=1).fit(ROWS)]


@pytest.fixture(scope="module")
def comparison(fits):
    return compare(fits, truth={"mean": [[5.0], [0.0]], "weights": [0.6, 0.4]})


def test_compare_has_table_metrics_and_verdict(comparison):
    assert set(comparison.table["method"]) == {"EM", "VB"}
    assert comparison.metrics.query("metric == 'error_to_truth'")["value"].abs().max() < 0.5
    assert set(comparison.table["uncertainty"]) == {"information", "linear_response", "mean_field"}
    assert repr(comparison) == "Comparison(EM, VB; reference: none)"


def test_components_of_real_fits_are_matched(comparison):
    wide = comparison.table.query("parameter == 'mean'").pivot_table("estimate", "component", "method")
    np.testing.assert_allclose(wide["EM"], wide["VB"], atol=0.1)


def test_a_comparison_of_restored_fits_is_the_same(fits, comparison):
    restored = compare([load_fit(fit.to_datatree(rng=0)) for fit in fits], truth=comparison.matched.truth, data=ROWS)
    pd.testing.assert_frame_equal(restored.table, comparison.table, rtol=1e-9)


def test_a_mapping_keeps_its_names(fits):
    assert list(compare({"a": fits[0], "b": fits[0]}).table["method"].unique()) == ["a", "b"]
    assert list(compare([fits[0], fits[0]]).table["method"].unique()) == ["EM", "EM_2"]


def test_plot_returns_a_figure_or_says_why_not(comparison):
    assert isinstance(comparison.plot("density"), Figure)
    with pytest.raises(PointmassError, match="there is no figure 'pie'; the figures are forest, "):
        comparison.plot("pie")
    with pytest.raises(PointmassError, match="'clusters' cannot be drawn: the groups of the rows are not known"):
        comparison.plot("clusters")


def test_to_html_writes_one_page(comparison, tmp_path):
    page = comparison.to_html(tmp_path / "new" / "page.html")
    check_harmless(page.read_text())
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_is_one_error(comparison, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PointmassError, match="the page cannot be written here"):
        comparison.to_html(tmp_path / "file" / "page.html")


def test_run_experiment_leaves_a_report(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = run_experiment(config(figures=["forest"]), tmp_path / "run")
    assert run.status == 0
    check_harmless((run.path / "report.html").read_text())
    estimates = run.results.query("metric == 'estimate'")
    assert set(estimates["estimator"]) == {"em", "vb"}
