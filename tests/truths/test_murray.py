"""Murray's twelve rows (1977): two maxima and a saddle, the published figures."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, IncompleteGaussian, load_dataset
from pointmass.inference.saddles import is_saddle

MAXIMUM, SADDLE = -29.974286, -30.033342
AT_SADDLE = {"mean": [0.0, 0.0], "covariance": [[2.5, 0.0], [0.0, 2.5]]}


def rows() -> np.ndarray:
    return np.asarray(load_dataset("murray").X)


def beside(correlation: float) -> dict[str, list]:
    return {"mean": [0.0, 0.0], "covariance": [[2.5, 2.5 * correlation], [2.5 * correlation, 2.5]]}


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_two_maxima(sign: float) -> None:
    fit = EM(IncompleteGaussian(), init=beside(0.1 * sign), tol=1e-10).fit(rows())
    covariance = fit.estimate_["covariance"]
    assert fit.status_ == "converged"
    assert fit.log_likelihood_ == pytest.approx(MAXIMUM, abs=5e-7)
    assert fit.estimate_["mean"] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert np.diag(covariance) == pytest.approx([8.0 / 3.0, 8.0 / 3.0], abs=1e-5)
    assert covariance[0, 1] / covariance[0, 0] == pytest.approx(0.5 * sign, abs=1e-5)


def test_plain_em_stays_at_the_saddle_for_ever_and_it_is_called_no_maximum() -> None:
    fit = EM(IncompleteGaussian(), init=AT_SADDLE, acceleration="none", tol=0.0, max_iter=200).fit(rows())
    assert fit.estimate_["covariance"] == pytest.approx(2.5 * np.eye(2), abs=1e-12)
    assert fit.log_likelihood_ == pytest.approx(SADDLE, abs=5e-7)
    assert not fit.converged_
    assert is_saddle(*fit.sweep_at_fit())


def test_a_fit_that_begins_at_the_saddle_leaves_it() -> None:
    fit = EM(IncompleteGaussian(), init=AT_SADDLE, tol=1e-9).fit(rows())
    assert fit.log_likelihood_ == pytest.approx(MAXIMUM, abs=5e-7)
    assert fit.status_ == "converged"


def test_a_saddle_that_no_step_gains_from_has_that_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointmass.estimators.ascending.leave_saddles", lambda sweep, ascent, again, tol: ascent)
    with pytest.warns(UserWarning, match="stands at a saddle"):
        fit = EM(IncompleteGaussian(), init=AT_SADDLE).fit(rows())
    assert (fit.status_, fit.converged_) == ("saddle", False)


def test_the_default_start_finds_a_maximum() -> None:
    fit = EM(IncompleteGaussian(), rng=0).fit(rows())
    assert fit.log_likelihood_ == pytest.approx(MAXIMUM, abs=1e-6)
