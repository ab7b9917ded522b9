"""The table of design section 4, and the metrics beside it."""

from __future__ import annotations

import numpy as np
import pytest
from comparison.standins import StandIn

from pointmass.comparison import (
    COLUMNS,
    METRICS,
    TIDY_COLUMNS,
    Failure,
    element_name,
    elements,
    estimates_table,
    evaluate_metrics,
    match_fits,
    tidy_results,
)
from pointmass.comparison.metrics.misassigned import share_misassigned
from pointmass.datasets import Dataset
from pointmass.errors import PointmassError

ALONE = {"mean": np.array([1.0, 2.0]), "covariance": np.array([[2.0, 0.3], [0.3, 1.0]])}


def test_columns_are_the_contract(matched):
    table = estimates_table(matched)
    assert tuple(table.columns) == COLUMNS
    assert " ".join(COLUMNS) == ("method uncertainty parameter component index estimate sd lower upper level sd_ratio")


def test_a_point_has_no_interval(matched):
    point = estimates_table(matched).query("method == 'em'")
    assert (point["uncertainty"] == "none").all()
    assert point[["sd", "lower", "upper", "level", "sd_ratio"]].isna().all(axis=None)
    assert point["estimate"].notna().all()


def test_ratios_are_to_the_reference_and_one_for_itself(matched):
    table = estimates_table(matched)
    assert table.query("method == 'nuts'")["sd_ratio"].to_numpy() == pytest.approx(1.0)
    assert table.query("method == 'vb'")["sd_ratio"].to_numpy() == pytest.approx(0.25, rel=0.1)


def test_ratios_are_withheld_from_an_unreliable_reference(ladder):
    bad = StandIn("NUTS", "draws", spread=0.28, diagnostics_={"reliable": False, "reasons": ["R-hat 1.3"]})
    table = estimates_table(match_fits({**ladder, "nuts": bad}, reference="nuts"))
    assert table["sd_ratio"].isna().all()


def test_index_is_empty_or_one_or_two_numbers():
    table = estimates_table(match_fits([StandIn("EM")]))
    assert dict(table.groupby("parameter")["index"].first()) == {"weights": "", "mean": "0", "covariance": "0,0"}


def test_a_family_alone_has_no_component():
    table = estimates_table(match_fits([StandIn("MLE", estimate=ALONE)]))
    assert table["component"].isna().all()
    assert list(table["index"]) == ["0", "1", "0,0", "0,1", "1,1"]


def test_pairs_of_a_symmetric_matrix_are_listed_once_and_structural_zeros_not_at_all():
    diagonal = ALONE | {"covariance": np.diag([2.0, 1.0])}
    table = estimates_table(match_fits([StandIn("MLE", estimate=diagonal)]))
    assert list(table.query("parameter == 'covariance'")["index"]) == ["0,0", "1,1"]


def test_names_use_the_data_s_columns():
    matched = match_fits([StandIn("MLE", estimate=ALONE)], data=Dataset(np.zeros((3, 2)) + 1.0, columns=["a", "b"]))
    names = [element_name(matched, element) for element in elements(matched)]
    assert names == ["mean[a]", "mean[b]", "covariance[a, a]", "covariance[a, b]", "covariance[b, b]"]


def test_every_metric_gives_rows_in_the_tidy_form(matched):
    table = evaluate_metrics(matched)
    assert tuple(table.columns) == TIDY_COLUMNS
    not_here = {"error_to_truth", "misassigned", "coverage"}  # no truth is known
    not_here |= {"khat", "missing_information", "accepted", "ess"}  # the stand-ins' methods say nothing of themselves
    assert set(table["metric"]) == set(METRICS) - not_here
    assert np.isfinite(table["value"]).all()


def test_an_elbo_is_never_in_the_rows_of_a_point(matched):
    table = evaluate_metrics(matched, ["elbo", "log_likelihood"])
    assert list(table.query("metric == 'elbo'")["method"]) == ["vb"]
    assert set(table.query("metric == 'log_likelihood'")["method"]) == {"em", "vb", "nuts"}


def test_sd_ratio_has_the_monte_carlo_error_of_the_reference(matched):
    row = evaluate_metrics(matched, ["sd_ratio"]).iloc[0]
    assert row["mc_error"] == pytest.approx(row["value"] * np.sqrt(0.5 / 812), rel=1e-12)


def test_error_to_truth_is_matched(ladder):
    truth = {"mean": np.array([[2.6], [0.0]]), "weights": np.array([0.6, 0.4])}
    errors = evaluate_metrics(match_fits(ladder, truth=truth), ["error_to_truth"])
    assert errors["value"].to_numpy() == pytest.approx(0.0, abs=1e-12)
    assert len(errors) == 3 * 4


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_misassignment_does_not_depend_on_the_names_of_groups(order):
    labels = np.repeat([0, 1, 2], [10, 20, 30])
    predicted = labels.copy()
    predicted[:3] = 1
    assert share_misassigned(np.array(order)[predicted], labels) == pytest.approx(3 / 60)


def test_unknown_labels_do_not_count():
    assert share_misassigned(np.array([0, 0, 1]), np.array([-1, 0, 1])) == 0.0
    assert np.isnan(share_misassigned(np.array([0]), np.array([-1])))


def test_misassigned_uses_the_true_labels(ladder):
    rows = np.concatenate([np.full(40, -3.0), np.full(60, 6.0)])
    data = Dataset(rows, truth={"labels": np.repeat([1, 0], [40, 60])})
    assert evaluate_metrics(match_fits(ladder, data=data), ["misassigned"])["value"].tolist() == [0.0] * 3


def test_tidy_results_leave_out_what_does_not_exist(matched):
    tidy = tidy_results(matched)
    assert tuple(tidy.columns) == TIDY_COLUMNS
    assert set(tidy.query("method == 'em' and parameter == 'mean'")["metric"]) == {"estimate"}
    assert tidy["value"].notna().all()


def test_an_unknown_metric_is_refused_with_the_known_ones(matched):
    with pytest.raises(PointmassError, match="there is no metric 'aic'; the metrics are log_likelihood, "):
        evaluate_metrics(matched, ["aic"])


def test_fits_with_other_numbers_of_components_share_a_table():
    three = {
        "weights": np.full(3, 1 / 3),
        "mean": np.array([[0.0], [2.0], [4.0]]),
        "covariance": np.ones((3, 1, 1)),
    }
    table = estimates_table(match_fits({"two": StandIn("EM"), "three": StandIn("EM", estimate=three)}))
    assert table.groupby("method").size().to_dict() == {"two": 6, "three": 9}


def test_failures_stay_with_the_comparison(ladder):
    failure = Failure("gibbs", "timeout", "took longer than 60 s")
    assert match_fits(ladder, failures=[failure]).failures == (failure,)
