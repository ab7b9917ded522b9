"""Beetles and doses (Bliss 1935), fingers and breaths (Finney 1947): published fits, and a spread that stays wrong."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import EM, VB, LogisticRegression, ProbitRegression, load_dataset
from pointmass.inference.plane_quadrature import integrate_plane

BEETLES = load_dataset("beetles", weights="beetles")
BREATHS = load_dataset("vaso_constriction")

# Dobson (1990), section 8.3: estimates, and the deviance about the shares of each dose.
DOBSON = {LogisticRegression: ([-60.72, 34.27], 11.23), ProbitRegression: ([-34.94, 19.73], 10.12)}


@pytest.mark.parametrize("family", DOBSON)
def test_the_published_curves_of_the_beetles(family: type) -> None:
    fit = EM(family(), tol=1e-12).fit(BEETLES.X, BEETLES.y, sample_weight=BEETLES.sample_weight)
    doses, places = np.unique(BEETLES.X, return_inverse=True)
    counts = np.zeros((len(doses), 2))
    np.add.at(counts, (places.ravel(), BEETLES.y.astype(int)), BEETLES.sample_weight)
    shares = counts / counts.sum(1, keepdims=True)
    saturated = (counts * np.log(np.where(counts > 0, shares, 1.0))).sum()
    coefficients, deviance = DOBSON[family]
    assert counts.sum() == 481 and fit.estimate_["coefficients"].round(2).tolist() == coefficients
    assert round(2.0 * (saturated - fit.log_likelihood_), 2) == deviance


def test_the_published_standard_errors_of_the_logistic_curve() -> None:
    fit = EM(LogisticRegression(), tol=1e-12).fit(BEETLES.X, BEETLES.y, sample_weight=BEETLES.sample_weight)
    assert fit.uncertainty("information").sd["coefficients"].round(2).tolist() == [5.18, 2.91]


def test_the_published_fit_of_the_breaths() -> None:
    """Pregibon (1981): estimates, standard errors and deviance."""
    fit = EM(LogisticRegression(), tol=1e-12).fit(BREATHS.X, BREATHS.y)
    assert fit.estimate_["coefficients"].round(3).tolist() == [-2.875, 5.179, 4.562]
    assert fit.uncertainty("information").sd["coefficients"].round(3).tolist() == [1.321, 1.865, 1.838]
    assert round(-2.0 * fit.log_likelihood_, 3) == 29.227


@pytest.mark.parametrize("family", DOBSON)
def test_mean_field_is_too_narrow_for_ever(family: type) -> None:
    """Its share of the exact sd goes to √(1 − what is missing), and linear response to the sd, as beetles multiply."""
    found = []
    for times in (1.0, 10.0, 100.0):
        fit = VB(family(), tol=1e-13).fit(BEETLES.X, BEETLES.y, sample_weight=times * BEETLES.sample_weight)
        exact = integrate_plane(fit.log_joint())
        mean = exact.expectation(lambda draws: draws["coefficients"])
        sd = np.sqrt(exact.expectation(lambda draws, mean=mean: (draws["coefficients"] - mean) ** 2))
        linear = fit.uncertainty("linear_response")
        law = np.sqrt(1.0 - linear.diagnostics["missing_information"]["coefficients"])
        share = fit.uncertainty("mean_field").sd["coefficients"] / sd
        found.append([np.abs(share / law - 1.0).max(), np.abs(linear.sd["coefficients"] / sd - 1.0).max()])
    errors = np.array(found)
    assert errors[0].max() < 0.01
    assert errors[1:] == pytest.approx(errors[:-1] / 10.0, rel=0.1)
