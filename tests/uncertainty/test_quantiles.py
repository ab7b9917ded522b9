"""Quantiles of an uncertainty: many probabilities in one question, by every method, and from what was stored."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
from cases import clusters
from families.family_contract import assert_quantiles_are_stacked

from pointmass import EM, VB, Gaussian, Gibbs, Mixture
from pointmass.errors import PointmassWarning
from pointmass.uncertainty.base import refused
from pointmass.uncertainty.stored import uncertainty_from_dataset, uncertainty_to_dataset

MODEL, ROWS = Mixture(Gaussian(), 2), clusters(60, d=2, k=2, seed=4, spread=2.5)
FITS = {
    "EM": EM(MODEL, n_init=2, rng=0).fit(ROWS),
    "VB": VB(MODEL, n_init=2, rng=0).fit(ROWS),
}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", PointmassWarning)  # two short chains are no reference, and say so
    FITS["Gibbs"] = Gibbs(MODEL, chains=2, draws=100, tune=50, rng=0).fit(ROWS)
METHODS = [
    *(("EM", name) for name in ("information", "sandwich", "bootstrap")),
    *(("VB", name) for name in ("mean_field", "linear_response", "importance")),
    ("Gibbs", "draws"),
]
PROBABILITIES = np.array([[0.025, 0.1, 0.26], [0.5, 0.8, 0.975]])  # kept in a file as they are, and not


@pytest.mark.parametrize(("fit", "method"), METHODS)
def test_quantiles_of_many_probabilities_are_those_of_each(fit, method, monkeypatch):
    monkeypatch.setattr(sys.modules["pointmass.uncertainty.bootstrap"], "_REPLICATES", 20)
    uncertainty = FITS[fit].uncertainty(method, rng=0)
    assert_quantiles_are_stacked(uncertainty.quantile, uncertainty.sd, PROBABILITIES)
    dims = {name: tuple(f"{name}_{axis}" for axis in range(sd.ndim)) for name, sd in uncertainty.sd.items()}
    restored = uncertainty_from_dataset(uncertainty_to_dataset(uncertainty, dims))
    assert_quantiles_are_stacked(restored.quantile, restored.sd, PROBABILITIES)


def test_what_is_refused_has_no_quantiles():
    found = refused("information", FITS["EM"].estimate_, 0.95, ["none"]).quantile(PROBABILITIES)
    assert all(np.isnan(array).all() and array.shape[:2] == (2, 3) for array in found.values())
