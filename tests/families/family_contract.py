"""What every family must hold, stated without knowing which family it is."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from pointmass import EM, VB, Mixture, PointmassError, Product
from pointmass.errors import PointmassWarning
from pointmass.estimators import ESTIMATORS
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.constraints import constrain, log_jacobian, unconstrain
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Family
from pointmass.families.point_mass import PointMass
from pointmass.families.product_prior import ProductPrior
from pointmass.inference.labelled import labelled
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.one_by_one import OneByOne
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Rows, as_model, model_from_dict

DRAWS = 4000


def rows_for(family: Family) -> np.ndarray:
    """Return rows (60, 2), or one column, in the family's support: the first of these kinds that it accepts."""
    rng = np.random.default_rng(11)
    normal, positive = rng.standard_normal((60, 2)), rng.gamma(2.0, 1.5, (60, 2))
    counts, answers = rng.poisson(3.0, (60, 2)).astype(float), rng.integers(0, 2, (60, 2)).astype(float)
    codes = np.minimum(counts[:, :1], 4.0)
    mixed = np.column_stack([normal[:, 0], counts[:, 1], answers[:, 0], normal[:, 1]])
    trios = np.column_stack([counts, counts[::-1, 0]])
    known = np.repeat(positive[:, :1], 2, axis=1)  # limits that are equal
    targets = np.column_stack([normal[:, 0], answers[:, 1]])
    kinds = (normal, positive, counts, targets, answers, codes, mixed, trios, known)
    for rows in kinds:
        try:
            family.check_rows(rows)
        except PointmassError:
            continue
        return rows
    raise AssertionError(f"{family!r} accepts none of the kinds of rows known here; add one")


def given(family: Family, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what a user passes to ``fit`` and ``predict_proba``: X, or X and y of a conditional family."""
    return (rows[:, :-1], rows[:, -1]) if family.is_conditional else (rows,)


def posterior_of(family: Family, rows: np.ndarray) -> tuple[ConjugatePrior, ConjugatePrior]:
    """Return the default prior and its exact posterior given ``rows``, both with a component axis."""
    prior = family.broadcast_prior(family.default_prior(rows, None), 1, rows.shape[1])
    statistics = family.sufficient_statistics(rows.T).sum(1)[None]
    return prior, family.update(prior, family.statistics_of(statistics, rows.shape[1]))


def with_prior(family: Family, prior: ConjugatePrior) -> Family:
    """Return the family with an explicit prior; a product's parts get theirs."""
    if isinstance(prior, ProductPrior):
        parts = {name: with_prior(part, prior.parts[name]) for name, part in family.families.items()}
        return Product(parts, family.columns)
    return type(family)(**{**family.options(), "prior": prior})


def close(sample: np.ndarray, value: float | np.ndarray) -> None:
    """Assert that a Monte Carlo mean lies within five of its standard errors of ``value``."""
    error = sample.std(axis=0, ddof=1) / np.sqrt(len(sample))
    assert np.all(np.abs(sample.mean(axis=0) - value) <= 5.0 * error + 1e-9)


def assert_quantiles_are_stacked(
    quantile: Callable[..., Parameters], sd: Parameters, probabilities: np.ndarray, atol: float = 0.0
) -> None:
    """Assert that the axes of probabilities lead, each entry has its own quantile, and they increase."""
    found, alone = quantile(probabilities), [quantile(float(probability)) for probability in probabilities.ravel()]
    assert set(found) == set(sd)
    for name, spread in sd.items():
        each = np.array([one[name] for one in alone])
        assert each.shape == (probabilities.size, *np.shape(spread))
        assert found[name].shape == (*probabilities.shape, *np.shape(spread))
        np.testing.assert_allclose(found[name].reshape(each.shape), each, rtol=1e-9, atol=atol)
        assert np.all((np.diff(each, axis=0) >= 0) | np.isnan(spread))


def assert_quantiles_of_a_belief_are_stacked(belief: ConjugatePrior | PointMass) -> None:
    """Assert it of a belief, whose spreads are numbers or infinite."""
    sd = belief.parameter_sd()
    assert not any(np.isnan(spread).any() for spread in sd.values())
    probabilities = np.array([[0.001, 0.025, 0.3], [0.5, 0.9, 0.999]])
    assert_quantiles_are_stacked(belief.parameter_quantile, sd, probabilities, atol=1e-12)


def draws_of(belief: ConjugatePrior) -> list[dict[str, np.ndarray]]:
    """Return draws of the parameters, one dict each."""
    arrays = belief.parameter_draws(DRAWS, np.random.default_rng(5))
    return [{name: array[s] for name, array in arrays.items()} for s in range(DRAWS)]


def log_density_of(family: Family, belief: ConjugatePrior, rows: np.ndarray) -> np.ndarray:
    """Return E[log p(row)] (n,) under a belief about one component."""
    kernel = family.kernel(belief, np.zeros(1), Coordinates.identity(rows.shape[1]))
    return kernel.log_density(kernel.features(rows), rows)[0]


def plugged_in(family: Family) -> tuple[np.ndarray, ConjugatePrior, np.ndarray]:
    """Return five rows (5, d), a posterior, and the log densities (draws, 5) of the rows at draws from it."""
    rows = rows_for(family)[:5]
    _, posterior = posterior_of(family, rows_for(family))
    return rows, posterior, np.array([log_density_of(family, posterior.at(t), rows) for t in draws_of(posterior)])


def check_update_is_additive(family: Family) -> None:
    """Two batches one after the other give what both together give."""
    rows = rows_for(family)
    prior, both = posterior_of(family, rows)
    belief = prior
    for part in (rows[:25], rows[25:]):
        statistics = family.sufficient_statistics(part.T).sum(1)[None]
        belief = family.update(belief, family.statistics_of(statistics, rows.shape[1]))
    for name, array in both.hyperparameters().items():
        assert getattr(belief, name) == pytest.approx(array, rel=1e-10)


def check_expectations_are_means_over_draws(family: Family) -> None:
    """E[η] · t is the mean of the plug-in log density."""
    rows, posterior, plugged = plugged_in(family)
    close(plugged, log_density_of(family, posterior, rows))


def check_the_predictive_density_is_the_mean_of_the_density(family: Family) -> None:
    """p(row | rows) = E[p(row | θ)]."""
    rows, posterior, plugged = plugged_in(family)
    close(np.exp(plugged), np.exp(family.log_predictive(posterior, rows.T)[0]))


def check_divergence_is_a_mean_over_draws(family: Family) -> None:
    """KL(q ‖ p) = E_q[log q − log p], and 0 from itself."""
    prior, posterior = posterior_of(family, rows_for(family))
    sample = np.array([posterior.log_density(t) - prior.log_density(t) for t in draws_of(posterior)])
    close(sample, posterior.divergence(prior))
    assert posterior.divergence(posterior) == pytest.approx(0.0, abs=1e-10)


def check_the_mode_is_the_highest_point(family: Family) -> None:
    """No nearby parameters have a higher density."""
    _, posterior = posterior_of(family, rows_for(family))
    mode, kinds = posterior.parameter_mode(), posterior.parameter_constraints
    vector, top = unconstrain(mode, kinds), posterior.log_density(posterior.parameter_mode())
    rng = np.random.default_rng(6)
    for size in (1e-1, 1e-2, 1e-3):
        for _ in range(50):
            near = constrain(vector + size * rng.standard_normal(vector.size), mode, kinds)
            assert posterior.log_density(near) <= top + 1e-9 * abs(top)


def check_log_density_takes_draws(family: Family) -> None:
    """A leading axis of draws is kept, and each draw has the density that it has alone."""
    prior, posterior = posterior_of(family, rows_for(family))
    draws = posterior.parameter_draws(20, np.random.default_rng(9))
    for belief in (prior, posterior, family.flat_prior(1, rows_for(family).shape[1])):
        alone = [belief.log_density({name: array[s] for name, array in draws.items()}) for s in range(20)]
        assert belief.log_density(draws) == pytest.approx(np.array(alone), rel=1e-12)


def check_densities_in_free_coordinates_integrate_to_one(family: Family) -> None:
    """∫ h = E_q[h / q] = 1 for a normal density h inside q, in unconstrained coordinates, Jacobians included."""
    _, posterior = posterior_of(family, rows_for(family))
    draws = posterior.parameter_draws(DRAWS, np.random.default_rng(10))
    kinds = posterior.parameter_constraints
    vectors = unconstrain(draws, kinds, 1)
    inside = stats.multivariate_normal(vectors.mean(0), 0.4 * np.cov(vectors.T))
    density = posterior.log_density(draws) + posterior.log_volume(draws) + log_jacobian(draws, kinds, 1)
    close(np.exp(inside.logpdf(vectors) - density), 1.0)


def check_moments_and_quantiles_are_those_of_draws(family: Family) -> None:
    """Means, standard deviations and the share of draws below quantiles agree with the draws."""
    _, posterior = posterior_of(family, rows_for(family))
    draws = posterior.parameter_draws(DRAWS, np.random.default_rng(7))
    mean, sd = posterior.parameter_mean(), posterior.parameter_sd()
    for name, array in draws.items():
        close(array, mean[name])
        assert array.std(0) == pytest.approx(sd[name], rel=0.15, abs=1e-12)
        for probability in (0.025, 0.5, 0.9):
            below = (array <= posterior.parameter_quantile(probability)[name] + 1e-12).mean(0)
            error = np.sqrt(probability * (1 - probability) / DRAWS)
            held = np.ptp(array, axis=0) == 0
            assert np.all(held | (np.abs(below - probability) < 5 * error))


def check_quantiles_of_many_probabilities_are_those_of_each(family: Family) -> None:
    """Prior, posterior and a point answer an array of probabilities as they answer its entries."""
    prior, posterior = posterior_of(family, rows_for(family))
    for belief in (prior, posterior, posterior.mode()):
        assert_quantiles_of_a_belief_are_stacked(belief)


def check_samples_have_the_mean_statistics(family: Family) -> None:
    """E[t | θ] is the mean of t over samples."""
    _, posterior = posterior_of(family, rows_for(family))
    theta = family.public(posterior.parameter_mode())
    labels, rng = np.zeros(DRAWS, dtype=int), np.random.default_rng(8)
    if family.is_conditional:
        features = np.tile(rows_for(family)[:5, :-1], (DRAWS // 5, 1))
        sample = np.column_stack([features, family.sample_target(theta, features, labels, rng)])
        expected = family.mean_statistics_given(theta, features)[0]
    else:
        sample, expected = family.sample(theta, labels, rng), family.mean_statistics(theta)[0]
    close(family.sufficient_statistics(sample.T).T, expected)


def check_the_elbo_alone_is_the_log_evidence(family: Family) -> None:
    """Without latents the ELBO is Σ log p(row | rows before it)."""
    rows = rows_for(family)
    prior = family.default_prior(rows, None)
    model, evidence, belief = with_prior(family, prior), 0.0, family.broadcast_prior(prior, 1, rows.shape[1])
    for row in rows:
        evidence += float(family.log_predictive(belief, row[:, None])[0, 0])
        statistics = family.sufficient_statistics(row[:, None]).sum(1)[None]
        belief = family.update(belief, family.statistics_of(statistics, rows.shape[1]))
    assert VB(model).fit(*given(family, rows)).elbo_ == pytest.approx(evidence, rel=1e-9)


def check_mixtures_of_it_work_in_every_method(family: Family) -> None:
    """EM and VB never fall, Gibbs draws, and the model survives its own tree."""
    rows = rows_for(family)
    model = Mixture(family, 2)
    assert model_from_dict(model.to_dict()) == model
    for estimator in (EM, VB):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*edge of its range")  # a legal place for a maximum, which says so
            fit = estimator(model, n_init=2, rng=0).fit(*given(family, rows))
        steps = np.diff(fit.objective_history_)
        assert np.all(steps >= -1e-10 * np.abs(fit.objective_history_[1:]))
        assert fit.predict_proba(*given(family, rows)).sum(1) == pytest.approx(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)  # two short chains are no reference, and say so
        gibbs = ESTIMATORS["gibbs"](model, chains=2, draws=100, tune=20, rng=0).fit(*given(family, rows))
    assert set(gibbs.draws_) == set(as_model(model).dims)
    assert all(np.isfinite(array).all() for array in gibbs.draws_.values())


def check_log_joint_is_the_sweeps_objective(family: Family) -> None:
    """At points, Σ log normaliser + log prior is the log joint density less its Jacobians, for a batch of them."""
    rows = rows_for(family)
    model = as_model(Mixture(family, 2))
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(rows))
    block = Rows(rows, model.coordinates(rows, weights), weights, np.resize([-1, 0, -1, 1], len(rows)))
    prior = {n: b.mapped(block.coordinates.inverse) for n, b in model.prior(rows, weights).items()}
    sweep = Sweep(model, block, prior, identity, ASSIGNMENTS["soft"])
    points = [{n: b.draw(rng) for n, b in prior.items()} for rng in np.random.default_rng(2).spawn(4)]
    drawn = {n: {k: np.stack([p[n].parameters[k] for p in points]) for k in points[0][n].parameters} for n in prior}
    log_joint = LogJoint(model, block, prior)
    public = model.public({n: type(b).mapped_parameters(drawn[n], block.coordinates) for n, b in prior.items()})
    found = log_joint(log_joint.unconstrain(public)) + block.total_weight * block.coordinates.log_determinant
    for name, belief in prior.items():
        kinds = belief.parameter_constraints
        found = found - belief.log_volume(drawn[name]) - log_jacobian(drawn[name], kinds, 1)
    assert found == pytest.approx(np.array([sweep(point).objective for point in points]), rel=1e-8)


def check_assignments_have_one_evidence(family: Family) -> None:
    """With all components known, the chain rule of predictive densities and the bound give one log evidence."""
    rows = rows_for(family)[:7]
    model = as_model(Mixture(family, 2))
    block = Rows(rows, model.coordinates(rows, None))
    prior = {n: b.mapped(block.coordinates.inverse) for n, b in model.prior(rows, None).items()}
    labels = np.random.default_rng(3).integers(0, 2, (5, len(rows)))
    ways = labelled(model, block, prior), OneByOne(model, block, prior)
    assert ways[0].log_evidences(labels) == pytest.approx(ways[1].log_evidences(labels), rel=1e-9)
    fit = ESTIMATORS["enumeration"](model, draws=100, rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PointmassWarning)  # seven rows are few, and say so
        bound = VB(model, n_init=2, rng=0).fit(*given(family, rows)).elbo_
        assert bound <= fit.fit(*given(family, rows)).log_evidence_ + 1e-9


CHECKS: tuple[Callable[[Family], None], ...] = (
    check_update_is_additive,
    check_expectations_are_means_over_draws,
    check_the_predictive_density_is_the_mean_of_the_density,
    check_divergence_is_a_mean_over_draws,
    check_the_mode_is_the_highest_point,
    check_log_density_takes_draws,
    check_densities_in_free_coordinates_integrate_to_one,
    check_moments_and_quantiles_are_those_of_draws,
    check_quantiles_of_many_probabilities_are_those_of_each,
    check_samples_have_the_mean_statistics,
    check_the_elbo_alone_is_the_log_evidence,
    check_mixtures_of_it_work_in_every_method,
    check_log_joint_is_the_sweeps_objective,
    check_assignments_have_one_evidence,
)

OF_COMPLETE_ROWS = (
    check_expectations_are_means_over_draws,
    check_samples_have_the_mean_statistics,
    check_the_elbo_alone_is_the_log_evidence,
    check_assignments_have_one_evidence,
)
"""What does not hold where something of every row is hidden: statistics are expectations, and the ELBO is a bound."""
