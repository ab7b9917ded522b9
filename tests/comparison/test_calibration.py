"""Simulation-based calibration: what is exact passes, what is wrong is caught, and the test itself has its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from cases import assert_mean

from pointmass import (
    VB,
    Dirichlet,
    Gaussian,
    Gibbs,
    LinearRegression,
    Mixture,
    NormalInverseGamma,
    PointmassError,
    RandomEffects,
)
from pointmass.comparison.calibration import Quantities, Simulation, holm, ranks, simulate, uniformity
from pointmass.estimators.datatree import flat_draws
from pointmass.families import InverseGamma
from pointmass.families.conjugate import Parameters
from pointmass.models import Model, as_model

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
DRAWS = 99
CERTAIN = 1e-6
Draws = Callable[[Simulation, VB, int], Parameters]


def gamma(kappa: float) -> NormalInverseGamma:
    return NormalInverseGamma(mean=0.0, kappa=kappa, shape=3.0, scale=2.0)


def normal(kappa: float) -> Model:
    return as_model(Gaussian(prior=gamma(kappa)))


OVERLAPPING = Mixture(Gaussian(prior=gamma(0.5)), 2, weights_prior=Dirichlet(2.0))


def p_values(model: Model, n: int, simulations: int, methods: dict[str, Draws]) -> dict[str, float]:
    """Return the smallest p-value of each method, adjusted over all quantities."""
    found: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in methods}
    for number in range(simulations):
        data = simulate(model, n, 1, np.random.default_rng([1, number]))
        vb = VB(model, n_init=3, rng=number).fit(data.values)
        quantities = Quantities(vb, np.random.default_rng([2, number]))
        for name, method in methods.items():
            for quantity, rank in ranks(data.truth, method(data, vb, number), quantities, DRAWS).items():
                found[name][quantity].append(rank)
    rng = np.random.default_rng(3)
    return {
        name: min(holm({key: uniformity(np.array(rank), DRAWS, rng) for key, rank in by_quantity.items()}).values())
        for name, by_quantity in found.items()
    }


def mean_field(data: Simulation, vb: VB, seed: int) -> Parameters:
    draws = vb.uncertainty("mean_field", rng=seed + 10_000).draws
    assert draws is not None
    return draws


def gibbs_of(model: Model) -> Draws:
    """Return two chains' draws, every sixth of which are nearly independent here."""

    def draws(data: Simulation, vb: VB, seed: int) -> Parameters:
        return flat_draws(Gibbs(model, chains=2, draws=1000, tune=100, rng=seed + 20_000).fit(data.values).draws_)

    return draws


@QUIET
def test_the_exact_posterior_is_calibrated() -> None:
    found = p_values(normal(4.0), 3, 200, {"exact": mean_field})
    assert found["exact"] > CERTAIN


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_prior_variance_doubled_is_caught() -> None:
    """Two rows, 1,000 simulations; the means' prior variance is σ² / 4 and the sampler takes σ² / 2."""
    found = p_values(normal(4.0), 2, 1000, {"right": gibbs_of(normal(4.0)), "wrong": gibbs_of(normal(2.0))})
    assert found["right"] > CERTAIN
    assert found["wrong"] < CERTAIN


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_gibbs_is_calibrated_where_mean_field_is_not() -> None:
    """Two overlapping normals, 40 rows, 60 simulations."""
    found = p_values(OVERLAPPING, 40, 60, {"mean field": mean_field, "Gibbs": gibbs_of(OVERLAPPING)})
    assert found["mean field"] < CERTAIN
    assert found["Gibbs"] > CERTAIN


@QUIET
def test_quantities_do_not_depend_on_the_labels_of_what_they_rank() -> None:
    data = simulate(OVERLAPPING, 40, 1, np.random.default_rng(5))
    quantities = Quantities(VB(OVERLAPPING, n_init=2, rng=0).fit(data.values), np.random.default_rng(6))
    exchanged = {name: array[:, ::-1] for name, array in data.truth.items()}
    here, there = quantities(data.truth), quantities(exchanged)
    assert here.keys() == there.keys()
    for name, value in here.items():
        assert there[name] == pytest.approx(value, rel=1e-12), name


@QUIET
def test_each_free_number_is_ranked_once() -> None:
    data = simulate(OVERLAPPING, 40, 1, np.random.default_rng(5))
    quantities = Quantities(VB(OVERLAPPING, n_init=2, rng=0).fit(data.values), np.random.default_rng(6))
    assert quantities.entries == [
        ("weights", (0,)),
        ("mean", (0, 0)),
        ("mean", (1, 0)),
        ("covariance", (0, 0, 0)),
        ("covariance", (1, 0, 0)),
    ]


def test_truths_have_the_prior_s_moments_and_rows_the_truths() -> None:
    rng = np.random.default_rng(7)
    found = [simulate(normal(1.0), 400, 1, rng) for _ in range(400)]
    variances = np.array([each.truth["covariance"][0, 0, 0] for each in found])
    assert abs(variances.mean() - 1.0) < 5.0 / np.sqrt(400)  # an inverse gamma's sd is its mean at shape 3
    means = np.array([each.truth["mean"][0, 0] for each in found])
    standard = np.array([each.values.mean() for each in found]) - means
    assert abs((standard / np.sqrt(variances / 400)).mean()) < 5.0 / np.sqrt(400)


def test_regressions_are_simulated_with_features_of_their_own() -> None:
    prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=3.0, scale=2.0)
    found = simulate(as_model(LinearRegression(prior=prior)), 50, 3, np.random.default_rng(8))
    assert found.values.shape == (50, 3)
    assert found.truth["coefficients"].shape == (1, 3)


def test_a_prior_that_is_made_from_the_data_is_refused() -> None:
    with pytest.raises(PointmassError, match="explicit prior of emission"):
        simulate(as_model(Gaussian()), 10, 2, np.random.default_rng(0))


def test_a_flat_prior_is_refused() -> None:
    flat = NormalInverseGamma(mean=0.0, kappa=0.0, shape=3.0, scale=2.0)
    with pytest.raises(PointmassError, match="proper prior of emission"):
        simulate(as_model(Gaussian(prior=flat)), 10, 1, np.random.default_rng(0))


def test_a_rank_counts_the_draws_below() -> None:
    def identity(parameters: Parameters) -> Parameters:
        return {"x": parameters["x"]}

    draws = {"x": np.arange(11.0)}
    assert ranks({"x": np.array([7.5])}, draws, identity, 11) == {"x": 8}  # type: ignore[arg-type]
    assert ranks({"x": np.array([-1.0])}, draws, identity, 6) == {"x": 0}  # type: ignore[arg-type]


def test_uniform_ranks_are_rejected_as_often_as_said() -> None:
    """At 1 %, 2,000 times 200 ranks: between 0.3 and 2.1 % (5 standard errors are 1.1 %)."""
    rng = np.random.default_rng(9)
    found = np.array([uniformity(rng.integers(0, 100, 200), DRAWS, rng) for _ in range(2000)])
    assert abs((found < 0.01).mean() - 0.01) < 0.011
    assert uniformity(rng.integers(0, 80, 200), DRAWS, rng) < CERTAIN


def test_latents_that_rows_share_come_from_their_prior_given_the_parameters() -> None:
    """Means of 400 groups of one row: y − μ has the variance σ_b² + σ² of the truth that was drawn."""
    groups = np.arange(400.0)[:, None]
    model = RandomEffects(gamma(0.5), InverseGamma(3.0, 2.0), groups)
    data = simulate(model, 400, 2, np.random.default_rng(9), groups)
    truth = {name: float(array[0]) for name, array in data.truth.items()}
    squares = (data.values[:, 1] - truth["mean"]) ** 2 / (truth["group_variance"] + truth["noise_variance"])
    assert_mean(squares, 1.0)
    np.testing.assert_array_equal(data.values[:, :1], groups)
