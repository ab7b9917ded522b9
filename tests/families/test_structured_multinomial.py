"""Counts in structured cells: what the hidden terms must satisfy, whatever the cells."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from families.family_contract import close
from scipy.special import betaln
from scipy.stats import dirichlet, multinomial

from pointmass import (
    EM,
    MLE,
    VB,
    Dirichlet,
    Enumeration,
    Mixture,
    Multinomial,
    PointmassError,
    Product,
    StructuredMultinomial,
)
from pointmass.families.cell_structure import STRUCTURES
from pointmass.families.coordinates import Coordinates
from pointmass.families.dirichlet_quadrature import dirichlet_nodes
from pointmass.families.expected import Expected

OWN = [[[0.3, 1, 0], [0.5, 0, 1]], [[0.7, 1, 0]], [[0.25, 0, 1], [0.25, 0, 1]]]
CELLS = [*STRUCTURES, OWN]


def case(cells: object, seed: int = 0) -> tuple[StructuredMultinomial, np.ndarray, np.ndarray]:
    """Return a family, rows (4, J), and logs (1, C) that need not be those of probabilities."""
    family = StructuredMultinomial(cells=cells)
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 9, (4, family.structure.n_cells)).astype(float)
    return family, rows, rng.normal(-1.0, 0.5, (1, family.structure.n_probabilities))


def total(family: StructuredMultinomial, rows: np.ndarray, logs: np.ndarray) -> float:
    kernel = family.kernel(Expected({"log_probabilities": logs}), np.zeros(1), Coordinates.identity(rows.shape[1]))  # type: ignore[arg-type]
    return float(kernel.log_density(kernel.features(rows), rows).sum())


def gradient(family: StructuredMultinomial, rows: np.ndarray, logs: np.ndarray) -> np.ndarray:
    steps = 1e-5 * np.eye(logs.shape[1])
    return np.array([total(family, rows, logs + h) - total(family, rows, logs - h) for h in steps]) / 2e-5


@pytest.mark.parametrize("cells", CELLS, ids=str)
def test_the_density_is_the_multinomial_of_the_cells(cells: object) -> None:
    family, rows, _ = case(cells)
    theta = np.random.default_rng(1).dirichlet(np.ones(family.structure.n_probabilities))
    share = family.cell_probabilities(theta)
    expected = multinomial.logpmf(rows, rows.sum(1), share).sum()
    assert total(family, rows, np.log(theta)[None]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("cells", CELLS, ids=str)
def test_expected_counts_are_the_gradient_and_what_is_hidden_the_curvature(cells: object) -> None:
    """Fisher's identity, and Louis's: derivatives of log Σ p(x, hidden) by the coefficients of the statistics."""
    family, rows, logs = case(cells)
    belief = Expected({"log_probabilities": logs})
    kernel = family.kernel(belief, np.zeros(1), Coordinates.identity(rows.shape[1]))  # type: ignore[arg-type]
    features, ones = kernel.features(rows), np.ones((1, len(rows)))
    counts = kernel.statistics(features, ones)[0, 1:]
    assert counts == pytest.approx(gradient(family, rows, logs), rel=1e-7, abs=1e-6)
    frame = family.frame(belief, rows.shape[1])  # type: ignore[arg-type]
    assert frame.features(features, 0).sum(1)[1:] == pytest.approx(counts, rel=1e-12)
    for c in range(logs.shape[1]):
        direction = np.zeros((1, 1, 1 + logs.shape[1]))
        direction[0, 0, 1 + c] = 1.0
        step = 1e-4 * direction[0, 0, 1:]
        slope = (gradient(family, rows, logs + step) - gradient(family, rows, logs - step)) / 2e-4
        assert frame.hidden(features, ones, direction)[0, 0, 1:] == pytest.approx(slope, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("cells", CELLS, ids=str)
def test_drawn_terms_have_the_expected_counts(cells: object) -> None:
    family, rows, logs = case(cells)
    belief = Expected({"log_probabilities": logs})
    kernel = family.kernel(belief, np.zeros(1), Coordinates.identity(rows.shape[1]))  # type: ignore[arg-type]
    features, ones = kernel.features(rows), np.ones((1, len(rows)))
    rng = np.random.default_rng(3)
    drawn = np.array([kernel.statistics(kernel.filled(features, ones, rng), ones)[0] for _ in range(2000)])
    close(drawn, kernel.statistics(features, ones)[0])


@pytest.mark.parametrize("cells", ["linkage", "blood_groups", "hardy_weinberg"])
def test_the_predictive_probabilities_of_all_tables_sum_to_one(cells: str) -> None:
    family, _, _ = case(cells)
    tables = [x for x in product(range(5), repeat=family.structure.n_cells) if sum(x) == 4]
    concentration = np.arange(1.0, 1.0 + family.structure.n_probabilities)[None] + 0.3
    posterior = family.flat_prior(1, 4).with_hyperparameters({"concentration": concentration})
    values = np.exp(family.log_predictive(posterior, np.array(tables, dtype=float).T)[0])
    assert values.sum() == pytest.approx(1.0, abs=1e-12)
    theta = dirichlet.rvs(concentration[0], 4000, random_state=5)
    close(multinomial.pmf(tables[7], 4, family.cell_probabilities(theta)), values[7])


def test_the_predictive_of_one_binomial_is_the_beta_binomial() -> None:
    """Two cells of one term each are a binomial; its predictive has a closed form at any size."""
    family = StructuredMultinomial(cells=[[[1.0, 1, 0]], [[1.0, 0, 1]]])
    posterior = family.flat_prior(1, 2).with_hyperparameters({"concentration": np.array([[40.0, 60.0]])})
    rows = np.array([[300.0, 500.0], [0.0, 0.0]])
    base = Multinomial().log_base_measure(rows.T)
    expected = betaln(40.0 + rows[:, 0], 60.0 + rows[:, 1]) - betaln(40.0, 60.0) + base
    assert family.log_predictive(posterior, rows.T)[0] == pytest.approx(expected, rel=1e-10)


def test_nodes_are_exact_for_powers() -> None:
    """E[θ₁² θ₃³] of a Dirichlet, by rising factorials."""
    nodes, weights = dirichlet_nodes(np.array([0.5, 1.5, 2.0]), 5)
    expected = (0.5 * 1.5) * (2.0 * 3.0 * 4.0) / (4.0 * 5.0 * 6.0 * 7.0 * 8.0)
    assert weights @ (nodes[:, 0] ** 2 * nodes[:, 2] ** 3) == pytest.approx(expected, rel=1e-13)


def test_cells_that_hide_nothing_have_the_closed_form() -> None:
    """Counting genes: p = (2 MM + MN) / 2n, and the evidence is a beta integral."""
    rows = np.array([[10.0, 20.0, 5.0], [4.0, 1.0, 0.0]])
    fit = MLE(StructuredMultinomial()).fit(rows)
    assert fit.estimate_["probabilities"][0] == pytest.approx(49.0 / 80.0, rel=1e-14)
    base = Multinomial().log_base_measure(rows.T).sum() + 21.0 * np.log(2.0)
    assert VB(StructuredMultinomial()).fit(rows).elbo_ == pytest.approx(betaln(50.0, 32.0) + base, rel=1e-12)


def test_rows_of_two_kinds_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    family = StructuredMultinomial(n_trials=50, cells="linkage")
    theta = np.array([[0.1, 0.9], [0.8, 0.2]])
    labels = rng.integers(0, 2, 60)
    rows = family.sample({"probabilities": theta}, labels, rng)
    fit = EM(Mixture(StructuredMultinomial(cells="linkage"), 2), rng=0).fit(rows)
    assert np.sort(fit.estimate_["probabilities"][:, 0]) == pytest.approx([0.1, 0.8], abs=0.06)
    assert np.all(np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[1:]))


def test_what_is_refused_and_how() -> None:
    with pytest.raises(PointmassError, match="cells must be one of hardy_weinberg, linkage, blood_groups"):
        StructuredMultinomial(cells="linkag")
    with pytest.raises(PointmassError, match=r"sum to 1 whatever the parameters are; at one place they sum to 0\."):
        StructuredMultinomial(cells=[[[0.5, 1, 0]], [[1.0, 0, 1]]])
    with pytest.raises(PointmassError, match="whole numbers"):
        StructuredMultinomial(cells=[[[1.0, 0.5, 0]], [[1.0, 0, 1]]])
    with pytest.raises(PointmassError, match="has 4 cells, and the rows have 3 columns"):
        EM(StructuredMultinomial(cells="linkage")).fit([[1, 2, 3]])
    with pytest.raises(PointmassError, match="none where rows hide values"):
        MLE(StructuredMultinomial(cells="linkage")).fit([[125, 18, 20, 34]])
    with pytest.raises(PointmassError, match="which a part of a Product cannot have"):
        EM(Product({"genes": StructuredMultinomial(cells="linkage")}, {"genes": [0, 1, 2, 3]})).fit([[5, 1, 1, 2]])
    for method in ("sandwich", "bootstrap"):
        with pytest.raises(PointmassError, match="one row is one unit"):
            EM(StructuredMultinomial(cells="linkage")).fit([[125, 18, 20, 34]]).uncertainty(method, rng=0)


def test_two_free_probabilities_have_an_exact_posterior() -> None:
    """By quadrature in the plane: importance weights find its evidence and its means."""
    family, rows = StructuredMultinomial(cells="blood_groups"), [[186, 38, 13, 284]]
    exact = Enumeration(family, rng=0).fit(rows)
    found = VB(family).fit(rows).uncertainty("importance", rng=0)
    error = found.diagnostics["log_evidence_error"]
    assert exact.log_evidence_ == pytest.approx(found.diagnostics["log_evidence"], abs=4 * error)
    assert found.mean is not None
    spread = found.sd["probabilities"] / np.sqrt(found.diagnostics["ess"])
    assert (np.abs(found.mean["probabilities"] - exact.estimate_["probabilities"]) < 4.5 * spread).all()


def test_a_model_survives_its_own_tree() -> None:
    family = StructuredMultinomial(cells=OWN, prior=Dirichlet([2.0, 3.0]))
    assert family.to_dict() == {
        "structured_multinomial": {"prior": {"dirichlet": {"concentration": [2.0, 3.0]}}, "cells": OWN}
    }
