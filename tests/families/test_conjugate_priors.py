"""What must hold for any conjugate prior: its density, its update, its moments, and how they belong together."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from cases import assert_mean, assert_share
from families.conjugate_cases import CASES

from pointmass.families.coordinates import Coordinates

every_prior = pytest.mark.parametrize("case", CASES, ids=str)


def draws_of(belief, size, seed=0):
    """A list of parameter dicts."""
    arrays = belief.parameter_draws(size, np.random.default_rng(seed))
    return [{name: array[s] for name, array in arrays.items()} for s in range(size)]


def one_row(case, component):
    """The first row, known to belong to one component."""
    responsibilities = np.zeros((case.size, 1))
    responsibilities[component] = 1.0
    return case.rows[:1], responsibilities


@every_prior
def test_density_is_that_of_scipy(case):
    for parameters in draws_of(case.belief, 10):
        assert case.belief.log_density(parameters) == pytest.approx(
            case.log_density(case.belief, parameters), rel=1e-10, abs=1e-9
        )


@every_prior
def test_coefficients_times_statistics_are_the_log_density_at_a_point(case):
    r = case.responsibilities()
    for parameters in draws_of(case.belief, 5):
        value = case.expected_log_likelihood(case.belief.at(parameters), case.rows, r)
        assert value == pytest.approx(case.log_likelihood(parameters, case.rows, r), rel=1e-10)


@every_prior
def test_expected_log_likelihood_is_the_mean_over_draws(case):
    r = case.responsibilities()
    sample = np.array(
        [
            case.expected_log_likelihood(case.belief.at(parameters), case.rows, r)
            for parameters in draws_of(case.belief, 1000)
        ]
    )
    assert_mean(sample, case.expected_log_likelihood(case.belief, case.rows, r))


@every_prior
def test_update_is_bayes_rule_and_its_constant_the_predictive_density(case):
    for component in range(case.size):
        rows, r = one_row(case, component)
        posterior = case.belief.update(case.statistics(rows, r))
        log_predictive = case.predictive(case.belief, rows)[component, 0]
        for parameters in draws_of(case.other, 3):
            joint = case.belief.log_density(parameters) + case.log_likelihood(parameters, rows, r)
            assert posterior.log_density(parameters) == pytest.approx(joint - log_predictive, rel=1e-9, abs=1e-9)


@every_prior
def test_predictive_density_is_that_of_scipy(case):
    np.testing.assert_allclose(
        case.predictive(case.belief, case.rows), case.log_predictive(case.belief, case.rows), rtol=1e-10
    )


@every_prior
def test_update_in_batches_equals_one_update(case):
    r = case.responsibilities()
    whole = case.belief.update(case.statistics(case.rows, r))
    first, second = (case.statistics(case.rows[part], r[:, part]) for part in (slice(0, 3), slice(3, None)))
    for other in (case.belief.update(first + second), case.belief.update(second).update(first)):
        for name, array in whole.hyperparameters().items():
            np.testing.assert_allclose(other.hyperparameters()[name], array, rtol=1e-11, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("case", [case for case in CASES if "mean" in case.belief.constraints], ids=str)
def test_a_flat_prior_far_from_the_rows_leaves_their_mean_alone(case):
    """With κ = 0 the prior mean is any number; working coordinates put it at −offset / spread."""
    hyperparameters = case.belief.hyperparameters()
    far = {**hyperparameters, "kappa": 0.0 * hyperparameters["kappa"], "mean": hyperparameters["mean"] - 1e14}
    moments = case.statistics(case.rows, case.responsibilities())
    posterior = case.belief.with_hyperparameters(far).update(moments)
    np.testing.assert_allclose(posterior.mean, moments.row_means(), rtol=1e-14)


@every_prior
def test_derivative_of_the_update_is_the_centred_log_likelihood(case):
    """d/dε log q_ε(θ) = log p(y | θ) − E_ε[log p(y | θ)]: the gradient of the log partition is the mean statistic."""
    r, step = case.responsibilities(), 1e-5
    less, here, more = (
        case.belief.update(case.statistics(case.rows, r * weight)) for weight in (0.5 - step, 0.5, 0.5 + step)
    )
    expected = case.expected_log_likelihood(here, case.rows, r)
    for parameters in draws_of(case.belief, 3):
        slope = (more.log_density(parameters) - less.log_density(parameters)) / (2.0 * step)
        assert slope == pytest.approx(case.log_likelihood(parameters, case.rows, r) - expected, rel=1e-5, abs=1e-5)


@every_prior
def test_mode_is_a_stationary_maximum_of_the_density(case):
    mode = case.vector(case.belief.parameter_mode())
    log_density = lambda vector: case.belief.log_density(case.parameters(vector))  # noqa: E731
    top = log_density(mode)
    rng = np.random.default_rng(0)
    for _ in range(20):
        direction = rng.normal(size=mode.size)
        direction *= 1e-3 * np.abs(mode).min() / np.abs(direction).max()
        up, down = log_density(mode + direction), log_density(mode - direction)
        assert max(up, down) < top
        assert abs(up - down) <= 1e-2 * (2.0 * top - up - down) + 1e-11 * abs(top)


@every_prior
def test_mean_sd_and_quantiles_are_those_of_draws(case):
    draws = case.belief.parameter_draws(40_000, np.random.default_rng(1))
    mean, sd = case.belief.parameter_mean(), case.belief.parameter_sd()
    for name, sample in draws.items():
        varies = sd[name] > 0
        assert_mean(sample[:, varies], mean[name][varies])
        assert_mean((sample[:, varies] - mean[name][varies]) ** 2, sd[name][varies] ** 2)
        for probability in (0.025, 0.3, 0.5, 0.975):
            quantile = case.belief.parameter_quantile(probability)[name]
            assert_share(sample[:, varies] <= quantile[varies], probability)


@every_prior
def test_one_draw_is_a_point_and_draws_are_many(case):
    rng = np.random.default_rng(0)
    draws = case.belief.parameter_draws(3, rng)
    point = case.belief.draw(rng)
    for name, array in point.parameters.items():
        assert draws[name].shape == (3, *array.shape)


@every_prior
def test_divergence_is_the_mean_log_ratio_of_densities(case):
    assert case.belief.divergence(case.belief) == pytest.approx(0.0, abs=1e-9)
    value = case.belief.divergence(case.other)
    assert value > 0
    ratio = [
        case.log_density(case.belief, parameters) - case.log_density(case.other, parameters)
        for parameters in draws_of(case.belief, 800, seed=2)
    ]
    assert_mean(np.array(ratio), value)


@every_prior
def test_divergence_of_an_update_is_the_information_it_gained(case):
    """KL(q' ‖ q) = E_q'[log p(y | θ)] − log p(y), exactly, for q' the posterior of q and one row."""
    rows, r = one_row(case, 0)
    posterior = case.belief.update(case.statistics(rows, r))
    gained = case.expected_log_likelihood(posterior, rows, r) - case.predictive(case.belief, rows)[0, 0]
    assert posterior.divergence(case.belief) == pytest.approx(gained, rel=1e-9, abs=1e-10)


@every_prior
def test_point_mass_diverges_by_minus_the_log_density(case):
    point = case.belief.mode()
    assert point.divergence(case.other) == pytest.approx(-case.log_density(case.other, point.parameters), rel=1e-10)


@every_prior
def test_values_are_equal_hashable_copyable_and_readable(case):
    belief = case.belief
    again = belief.with_hyperparameters({name: array.copy() for name, array in belief.hyperparameters().items()})
    for copied in (again, copy.deepcopy(belief), pickle.loads(pickle.dumps(belief))):
        assert copied == belief
        assert hash(copied) == hash(belief)
    assert belief != case.other
    assert type(belief).__name__ in repr(belief)


def coordinate_maps(case):
    """Maps that the belief's layout admits: matrix, columns, one scale."""
    d = case.rows.shape[1]
    rng = np.random.default_rng(3)
    shift = rng.normal(size=d)
    matrix = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.uniform(0.5, 3.0, d))
    yield Coordinates(shift, np.asarray(1.7))
    if "common" not in case.name or d == 1:
        yield Coordinates(shift, rng.uniform(0.5, 3.0, d))
    if "wishart" in case.name or "normal" in case.name or d == 1:
        yield Coordinates(shift, matrix)


@pytest.mark.parametrize("case", [case for case in CASES if "mean" in case.belief.constraints], ids=str)
def test_mapping_is_the_change_of_variables(case):
    """Densities in (mean, precision) differ by the Jacobian, measured here by finite differences."""
    for coordinates in coordinate_maps(case):
        mapped = case.belief.mapped(coordinates)

        def image(vector, coordinates=coordinates):
            return case.vector(case.belief.mapped_parameters(case.parameters(vector), coordinates))

        for parameters in draws_of(case.belief, 2):
            vector = case.vector(parameters)
            steps = 1e-6 * np.eye(vector.size)
            jacobian = np.array([(image(vector + step) - image(vector - step)) / 2e-6 for step in steps])
            there = mapped.log_density(case.belief.mapped_parameters(parameters, coordinates))
            volume = np.linalg.slogdet(jacobian)[1]
            assert there + volume == pytest.approx(case.belief.log_density(parameters), abs=1e-5)


@pytest.mark.parametrize("case", [case for case in CASES if "mean" in case.belief.constraints], ids=str)
def test_mapping_there_and_back_changes_nothing(case):
    for coordinates in coordinate_maps(case):
        back = case.belief.mapped(coordinates).mapped(coordinates.inverse)
        point = case.belief.mode().mapped(coordinates).mapped(coordinates.inverse)
        for name, array in case.belief.hyperparameters().items():
            np.testing.assert_allclose(back.hyperparameters()[name], array, rtol=1e-12, atol=1e-12)
        for name, array in case.belief.parameter_mode().items():
            np.testing.assert_allclose(point.parameters[name], array, rtol=1e-12, atol=1e-12)
