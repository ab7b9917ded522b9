"""The objective is the bound that it says: every constant, every block, and its maximum where an update ends."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from cases import COVARIANCES, assert_mean, clusters, responsibilities
from families.conjugate_cases import (
    ORACLES,
    component_covariances,
    dirichlet_log_density,
)
from inference.naive import log_joint
from inference.sweeps import bench
from scipy.special import gammaln, logsumexp

from pointmass import Dirichlet, Gaussian, Mixture, NormalInverseGamma, NormalInverseWishart, PointMass
from pointmass.families import Normal
from pointmass.families.constraints import constrain, unconstrain
from pointmass.latents import ASSIGNMENTS

PRIORS = {
    "full": Gaussian("full", NormalInverseWishart([0.5, 0.0], 0.7, 5.0, [[2.0, 0.3], [0.3, 1.0]])),
    "tied": Gaussian("tied", NormalInverseWishart([0.5, 0.0], 0.7, 5.0, [[2.0, 0.3], [0.3, 1.0]])),
    "diagonal": Gaussian("diagonal", NormalInverseGamma([0.5, 0.0], [0.7, 1.5], [2.0, 3.0], [1.0, 2.0])),
    "spherical": Gaussian("spherical", NormalInverseGamma([0.5, 0.0], 0.7, 2.0, 1.5)),
    "known": Gaussian(PointMass([[1.0, 0.2], [0.2, 2.0]]), Normal([0.5, 0.0], 0.7, [[1.0, 0.2], [0.2, 2.0]])),
}
every_family = pytest.mark.parametrize("name", PRIORS)
WEIGHTS_PRIOR = Dirichlet([1.5, 0.8])


def mixture(name, k=2):
    return Mixture(PRIORS[name], k, WEIGHTS_PRIOR)


def fitted(ready, sweeps=5):
    beliefs = ready.posterior(responsibilities(len(ready.rows), 2))
    for _ in range(sweeps):
        beliefs = ready.sweep(beliefs).beliefs
    return beliefs


# -- Monte Carlo --------------------------------------------------------------------------------------------


@every_family
@pytest.mark.parametrize("setting", ["plain", "weights", "labels"])
def test_bound_is_the_mean_of_log_p_minus_log_q(name, setting):
    """E_q[log p(x, z | θ) + log p(θ) − log q(z) − log q(θ)] with SciPy's densities, z summed out exactly."""
    rows = clusters(12, seed=4)
    weights = np.linspace(0.5, 2.0, 12) if setting == "weights" else np.ones(12)
    labels = np.array([0, 1] + [-1] * 10) if setting == "labels" else None
    ready = bench(
        mixture(name), rows, "vb", working=False, labels=labels, weights=weights if setting == "weights" else None
    )
    beliefs = fitted(ready)
    bound = ready.sweep(beliefs).objective
    r = ready.model.infer(beliefs, ready.rows.coordinates).responsibilities(ready.rows, ASSIGNMENTS["soft"])[0].T
    entropy = -(weights[:, None] * np.where(r > 0, r * np.log(np.where(r > 0, r, 1.0)), 0.0)).sum()
    log_emission = ORACLES[type(beliefs["emission"])][0]
    emission, mixing = (
        belief.parameter_draws(300, np.random.default_rng(5)) for belief in (beliefs["emission"], beliefs["weights"])
    )
    sample = []
    for s in range(300):
        theta = {key: array[s] for key, array in emission.items()}
        pi = {"weights": mixing["weights"][s]}
        joint = log_joint(
            rows, {"weights": pi["weights"], "mean": theta["mean"], "covariance": component_covariances(theta)}
        )
        sample.append(
            (weights[:, None] * r * joint).sum()
            + entropy
            + log_emission(ready.sweep.prior["emission"], theta)
            - log_emission(beliefs["emission"], theta)
            + dirichlet_log_density(ready.sweep.prior["weights"], pi)
            - dirichlet_log_density(beliefs["weights"], pi)
        )
    assert_mean(np.array(sample), bound)
    assert np.std(sample) / np.sqrt(300) < 0.2


@every_family
def test_objective_of_a_point_is_the_log_likelihood_and_the_log_prior_density(name):
    rows = clusters(12, seed=4)
    ready = bench(mixture(name), rows, "map", working=False)
    beliefs = fitted(ready)
    public = ready.public(beliefs)
    prior = ready.sweep.prior
    expected = (
        logsumexp(log_joint(rows, public), axis=1).sum()
        + ORACLES[type(prior["emission"])][0](prior["emission"], beliefs["emission"].parameters)
        + dirichlet_log_density(prior["weights"], beliefs["weights"].parameters)
    )
    assert ready.sweep(beliefs).objective == pytest.approx(expected, rel=1e-11)


# -- coordinate optimality ----------------------------------------------------------------------------------


def complete_bound(ready, statistics, beliefs):
    """E_q[log p(x, z | θ)] − KL(q ‖ p) at fixed responsibilities: what the update of a block maximises."""
    expected = {name: belief.expected_natural_parameters() for name, belief in beliefs.items()}
    moments = statistics.parts["emission"]
    assert not moments.centre.any()
    emission = (ready.model.family.coefficients(expected["emission"]) * moments.sums).sum()
    memberships = (expected["weights"]["log_weights"] * statistics.parts["weights"]).sum()
    return emission + memberships - ready.sweep.divergence(beliefs)


@every_family
@pytest.mark.parametrize("method", ["em", "map", "vb"])
def test_no_perturbation_of_a_block_beats_its_update(name, method):
    rows = clusters(15, seed=6)
    ready = bench(mixture(name), rows, method, working=False)
    beliefs = fitted(ready, 2)
    statistics = ready.sweep.infer(beliefs)
    updated = ready.sweep.update(statistics, beliefs)
    best = complete_bound(ready, statistics, updated)
    assert best >= complete_bound(ready, statistics, beliefs) - 1e-12 * abs(best)
    rng = np.random.default_rng(7)
    for block, belief in updated.items():
        arrays, kinds = belief.hyperparameters(), belief.constraints
        centre = unconstrain(arrays, kinds)
        for size in (1e-3, 1e-2, 0.3):
            for _ in range(10):
                step = size * rng.normal(size=centre.size)
                up, down = (
                    complete_bound(
                        ready,
                        statistics,
                        {**updated, block: belief.with_hyperparameters(constrain(centre + sign * step, arrays, kinds))},
                    )
                    for sign in (1.0, -1.0)
                )
                assert max(up, down) < best
                if size == 1e-3:
                    # Stationary: the slope is small against the curvature.
                    assert abs(up - down) < 0.02 * (2.0 * best - up - down) + 1e-10 * abs(best)


# -- enumeration --------------------------------------------------------------------------------------------


def log_prior_of_labels(concentration, labels):
    """Dirichlet-multinomial probability of one sequence of labels."""
    counts = np.bincount(labels, minlength=len(concentration))
    return (
        gammaln(concentration.sum())
        - gammaln(concentration.sum() + counts.sum())
        + (gammaln(concentration + counts) - gammaln(concentration)).sum()
    )


def log_evidence(ready, known):
    """Full enumeration: log Σ_z p(z) p(x | z) over all labellings that agree with the known labels."""
    prior, concentration = ready.sweep.prior["emission"], ready.sweep.prior["weights"].concentration
    family, rows = ready.model.family, ready.rows.values
    terms = []
    for path in product(range(len(concentration)), repeat=len(rows)):
        labels = np.array(path)
        if ((known >= 0) & (labels != known)).any():
            continue
        terms.append(log_prior_of_labels(concentration, labels) + sequential(family, prior, rows, labels))
    return logsumexp(terms)


def sequential(family, prior, rows, labels):
    """log p(rows | labels), one row after another, each by SciPy's predictive density."""
    belief, total = prior, 0.0
    for row, label in zip(rows, labels, strict=True):
        total += ORACLES[type(prior)][1](belief, row[None])[label, 0]
        belief = belief.update(_one_row(family, belief, row, label))
    return total


def _one_row(family, belief, row, label):
    memberships = np.zeros((len(belief.mean), 1))
    memberships[label] = 1.0
    kernel = family.kernel(belief, np.zeros(len(memberships)), bench(family, row[None], working=False).rows.coordinates)
    return kernel.statistics(kernel.features(row[None]), memberships)


@every_family
@pytest.mark.parametrize("known", [[], [0, 1, 0], [0, 1, 1, 0, 0]], ids=["no label", "some labels", "all labels"])
def test_log_evidence_by_enumeration_is_never_below_the_bound(name, known):
    rows = clusters(5, seed=8)
    labels = np.array(known + [-1] * (5 - len(known)))
    ready = bench(mixture(name), rows, "vb", working=False, labels=labels if known else None)
    evidence = log_evidence(ready, labels)
    bound = ready.sweep(fitted(ready, 200)).objective
    if len(known) == 5:
        assert bound == pytest.approx(evidence, rel=1e-10)
    else:
        assert evidence - 3.0 < bound < evidence


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_log_likelihood_by_enumeration_is_exact(covariance):
    rows = clusters(8, seed=9)
    ready = bench(mixture(covariance), rows, "em", working=False)
    theta = ready.public(fitted(bench(mixture(covariance), rows, "map", working=False)))
    joint = log_joint(rows, theta)
    paths = [joint[np.arange(8), list(labels)].sum() for labels in product(range(2), repeat=8)]
    assert ready.sweep(ready.at(theta)).objective == pytest.approx(logsumexp(paths), rel=1e-12)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_hard_objective_is_the_best_path(covariance):
    rows = clusters(8, seed=9)
    ready = bench(mixture(covariance), rows, "em", assignments="hard", working=False)
    theta = ready.public(fitted(bench(mixture(covariance), rows, "map", working=False)))
    joint = log_joint(rows, theta)
    best = max(joint[np.arange(8), list(labels)].sum() for labels in product(range(2), repeat=8))
    assert ready.sweep(ready.at(theta)).objective == pytest.approx(best, rel=1e-12)
