"""Coverage on labels that nobody chose, what a run's repetitions say of it, and the metrics of corrections."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from comparison.standins import COVARIANCE, MEAN, WEIGHTS, StandIn

from pointmass.comparison import evaluate_metrics, match_fits
from pointmass.comparison.ordered import in_order
from pointmass.comparison.phases import QUANTITIES, by_data_set
from pointmass.comparison.repetitions import coverage_differences, coverage_shares, numeric_axes, reference_of
from pointmass.uncertainty import Uncertainty

TRUTH = {"weights": WEIGHTS, "mean": MEAN, "covariance": COVARIANCE}
DIMS = {"weights": ("component",), "mean": ("component", "feature")}


def _coverage(fits, truth, metric="coverage"):
    rows = evaluate_metrics(match_fits(fits, truth=truth), [metric])
    return rows[["method", "parameter", "component", "value"]].reset_index(drop=True)


@pytest.mark.parametrize("metric", ["coverage", "interval_width"])
def test_neither_the_fit_s_labels_nor_the_truth_s_matter(metric):
    fit, swapped = (StandIn("VB", "posterior", spread=0.3, order=order) for order in ([0, 1], [1, 0]))
    swapped.draws_ = {name: array[:, ::-1] for name, array in fit.draws_.items()}
    backwards = {name: array[::-1] for name, array in TRUTH.items()}
    first = _coverage([fit], TRUTH, metric)
    for fits, truth in (([swapped], TRUTH), ([fit], backwards), ([swapped], backwards)):
        pd.testing.assert_frame_equal(_coverage(fits, truth, metric), first)


def test_draws_that_switch_their_labels_have_the_interval_of_those_that_do_not():
    rng = np.random.default_rng(0)
    draws = {"weights": rng.dirichlet([4.0, 6.0], 500), "mean": MEAN + 0.1 * rng.standard_normal((500, 2, 1))}
    switch = rng.random(500) < 0.5
    mixed = {name: np.where(switch.reshape(-1, *(1,) * (a.ndim - 1)), a[:, ::-1], a) for name, a in draws.items()}
    for name, array in in_order(mixed, DIMS).items():
        np.testing.assert_array_equal(array, in_order(draws, DIMS)[name])
    assert (np.diff(in_order(mixed, DIMS)["mean"][:, :, 0]) >= 0).all()


def test_intervals_of_an_exact_posterior_hold_the_truth_as_often_as_they_say():
    rng, repetitions, hits = np.random.default_rng(1), 300, []
    for seed in range(repetitions):
        at = {**TRUTH, "mean": MEAN + 0.3 * rng.standard_normal((2, 1))}  # a flat prior's posterior: estimate ± 0.3
        fit = StandIn("Gibbs", "draws", estimate=at, spread=0.3, seed=seed)
        rows = _coverage([fit], TRUTH)
        hits.append(rows.loc[rows["parameter"] == "mean", "value"].to_numpy())
    error = np.sqrt(0.95 * 0.05 / repetitions)
    assert np.abs(np.mean(hits, axis=0) - 0.95).max() < 4.0 * error


def test_an_interval_without_draws_goes_with_the_component_of_its_estimate():
    bounds = np.array([[[2.5], [-0.1]], [[2.7], [0.1]]])
    fit = StandIn("EM", estimate={"weights": WEIGHTS, "mean": MEAN[::-1]})
    fit.uncertainty = lambda *args, **kwargs: Uncertainty(
        "information", {"mean": np.full((2, 1), 0.05)}, 0.95, lambda p: {"mean": bounds[(p > 0.5).astype(int)]}
    )
    fit.stored_uncertainty_ = {"information": fit.uncertainty()}
    rows = _coverage([fit], {"weights": WEIGHTS, "mean": MEAN})
    assert rows["value"].tolist() == [1.0, 1.0]


def test_the_gap_is_the_best_estimate_minus_the_bound():
    rows = evaluate_metrics(match_fits([StandIn("VB", "posterior"), StandIn("Gibbs", "draws")]), ["evidence_gap"])
    assert rows["value"].tolist() == pytest.approx([-958.9 + 960.4])
    assert not len(evaluate_metrics(match_fits([StandIn("VB", "posterior")]), ["evidence_gap"]))


def _results(methods: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return tidy results of methods that hold the truth in the repetitions (r, separations) given as ones."""
    rows = []
    for name, hits in methods.items():
        kind = "draws" if name == "gibbs" else "importance"
        about = {"data": "d", "model": "m", "estimator": name}
        for (repetition, place), value in np.ndenumerate(hits):
            cell = {**about, "repetition": repetition, "data.separation": 2.0 + place, "status": "done"}
            number = {"uncertainty": kind, "parameter": "mean", "component": 0, "index": "0", "metric": "coverage"}
            rows.append({**cell, **number, "value": value, "mc_error": np.nan})
    return pd.DataFrame(rows)


def test_shares_and_paired_differences():
    rng = np.random.default_rng(2)
    hits = (rng.random((400, 3)) < 0.9).astype(float)
    other = hits * (rng.random((400, 3)) < 0.95)
    results = _results({"gibbs": hits, "same": hits, "other": other})
    assert numeric_axes(results) == ["data.separation"] and reference_of(results) == "gibbs"
    shares = coverage_shares(results, ["data.separation"])
    assert shares["share"].to_numpy() == pytest.approx(np.concatenate([a.mean(0) for a in (hits, hits, other)]))
    differences = coverage_differences(results, ["data.separation"], "gibbs")
    same = differences[differences["estimator"] == "same"]
    assert (same["difference"] == 0).all() and (same["error"] == 0).all()
    found = differences[differences["estimator"] == "other"]
    assert found["difference"].to_numpy() == pytest.approx((other - hits).mean(0))
    unpaired = np.sqrt(2.0) * shares["error"].mean()
    assert (found["error"] < unpaired).all()  # pairing on the same data takes most of the noise away


def test_quantities_shade_from_fine_to_trouble():
    for quantity in QUANTITIES.values():
        assert (quantity.shade(quantity.fine), quantity.shade(quantity.trouble)) == (0.0, 1.0)
        assert 0.0 < quantity.shade(0.5 * (quantity.fine + quantity.trouble)) < 1.0


def test_a_data_set_has_one_row():
    sets = by_data_set(_results({"gibbs": np.ones((4, 3)), "vb": np.eye(4)[:, :3]}))
    assert len(sets) == 12 and sets["importance"].sum() == pytest.approx(3.0)
