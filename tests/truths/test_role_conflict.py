"""Stouffer and Toby's role conflict: two latent classes, as Goodman (1974) has them."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, VB, Bernoulli, Mixture, load_dataset


def likelihood_ratio(fit: EM, rows: np.ndarray) -> float:
    """Return G², twice the log ratio of the saturated table and the fit."""
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    return float(2 * ((counts * np.log(counts / len(rows))).sum() - fit.log_likelihood_))


def test_two_classes_are_goodmans() -> None:
    rows = np.asarray(load_dataset("role_conflict").X)
    assert likelihood_ratio(EM(Mixture(Bernoulli(), 1), rng=0).fit(rows), rows) == pytest.approx(81.084, abs=5e-4)
    fit = EM(Mixture(Bernoulli(), 2), tol=1e-10, rng=0).fit(rows)
    assert likelihood_ratio(fit, rows) == pytest.approx(2.720, abs=5e-4)
    order = np.argsort(fit.estimate_["weights"])
    assert fit.estimate_["weights"][order] == pytest.approx([0.279, 0.721], abs=5e-4)
    published = [[0.993, 0.940, 0.927, 0.769], [0.714, 0.330, 0.354, 0.132]]
    assert fit.estimate_["probability"][order] == pytest.approx(np.array(published), abs=5.1e-4)
    assert {entry["status"] for entry in fit.restarts_} == {"converged"}


def test_the_bound_prefers_two_classes() -> None:
    rows = np.asarray(load_dataset("role_conflict").X)
    bounds = [VB(Mixture(Bernoulli(), k), rng=0).fit(rows).elbo_ for k in (1, 2, 3)]
    assert int(np.argmax(bounds)) == 1
