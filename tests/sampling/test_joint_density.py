"""The PyMC model is our model: the same log joint density at random points, to the last constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sampling.cases import (
    binary,
    chains,
    coarse,
    counts,
    experts,
    families,
    heavy_tails,
    held_lines,
    held_models,
    mixture,
    prior_points,
    products,
    regressions,
    rows_for,
    sequences_for,
    working_prior,
)

from pointmass import Gaussian, HiddenMarkov, Mixture, PointmassError, StickBreaking
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import Joint, build_joint
from pointmass.estimators.nuts.terms import FAMILY_TERMS
from pointmass.families import (
    GeneralisedDirichlet,
    NormalInverseGamma,
    NormalInverseGammaCoefficients,
    NormalInverseWishart,
    PointMass,
)
from pointmass.families.constraints import log_jacobian
from pointmass.families.point_mass import conjugate_of
from pointmass.families.product_prior import ProductPrior, parts_of
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.projections import identity
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Beliefs, Model, Rows

EMISSIONS = {**families(), **regressions(), **counts(), **coarse(), **heavy_tails(), **binary(), **products()}
CHAINS = chains()
EXPERTS = experts()
HELD = {**held_models(), "lines": (held_lines(), 3)}

pytestmark = pytest.mark.filterwarnings("default")  # what PyTensor's compiler says is not ours


@pytest.fixture(scope="module", autouse=True)
def backend() -> None:
    prepare_backend("pymc")


def pymc_density(joint: Joint, points: list[Beliefs]) -> np.ndarray:
    """Return PyMC's log joint, a density of its variables, without the Jacobians of their transforms."""
    import pytensor

    model = joint.pymc_model
    values = [model.rvs_to_values[free] for free in model.free_RVs]
    function = pytensor.function(values, model.logp(jacobian=False), mode="FAST_COMPILE", on_unused_input="ignore")
    places = joint.unconstrained([joint.values(point) for point in points])
    return np.array([function(*(place[value.name] for value in values)) for place in places])


def our_density(model: Model, rows: Rows, prior: Beliefs, points: list[Beliefs]) -> np.ndarray:
    """Return our log joint, a density of (weights, mean, precision)."""
    sweep = Sweep(model, rows, prior, identity, ASSIGNMENTS["soft"])
    return np.array([sweep(point).objective for point in points])


def volume(prior: Any, point: PointMass) -> float:
    """Return log |d (mean, precision) / d variables| of one block at a point."""
    if isinstance(prior, ProductPrior):
        return sum(volume(part, parts_of(point)[name]) for name, part in prior.parts.items())
    if isinstance(prior, NormalInverseGamma):  # the variable is the variance: |dτ / dσ²| = σ⁻⁴
        return float(-2.0 * np.log(point.parameters["variance"]).sum())
    if isinstance(prior, NormalInverseGammaCoefficients):
        return float(-2.0 * np.log(point.parameters["noise_variance"]).sum())
    if isinstance(prior, NormalInverseWishart):
        d = prior.dimension
        scale = np.linalg.cholesky(np.linalg.inv(prior.scale)).reshape(-1, d, d)
        precision = np.linalg.inv(point.parameters["covariance"]).reshape(-1, d, d)
        factor = np.linalg.solve(scale, np.linalg.cholesky(precision))
        logs = np.log(np.diagonal(factor, axis1=-2, axis2=-1))
        # Muirhead (1982), theorem 2.1.9, with dA_ii = dA_ii² / (2 A_ii); Λ = G W Gᵀ multiplies by |G|^(d + 1).
        constant = (d + 1) * np.log(np.diagonal(scale, axis1=-2, axis2=-1)).sum()
        return float((logs * (d - 1.0 - np.arange(d))).sum() + constant)
    if isinstance(prior, GeneralisedDirichlet):  # the variables are the sticks: |dπ / dv| = Π what is left
        return float(np.log(np.cumsum(point.parameters["weights"][::-1])[::-1][:-1]).sum())
    return 0.0


def assert_equal_densities(model: Model, rows: Rows) -> None:
    prior = working_prior(model, rows)
    points = prior_points(prior, 6)
    joint = build_joint(model, prior, rows)
    theirs, ours = pymc_density(joint, points), our_density(model, rows, prior, points)
    jacobians = [sum(volume(prior[name], point[name]) for name in prior) for point in points]
    assert theirs == pytest.approx(ours + np.array(jacobians), rel=1e-9, abs=1e-9)
    assert batch_density(model, rows, prior, points) == pytest.approx(ours, rel=1e-9, abs=1e-9)


def batch_density(model: Model, rows: Rows, prior: Beliefs, points: list[Beliefs]) -> np.ndarray:
    """Return the same from all points at once, through unconstrained coordinates and back."""
    log_joint = LogJoint(model, rows, prior)
    native = {
        name: {key: np.stack([point[name].parameters[key] for point in points]) for key in points[0][name].parameters}
        for name in prior
    }
    mapped = {
        name: conjugate_of(prior[name]).mapped_parameters(values, rows.coordinates) for name, values in native.items()
    }
    vectors = log_joint.unconstrain(model.public(mapped))
    assert vectors.shape == (len(points), log_joint.size)
    densities = log_joint(vectors) + rows.total_weight * rows.coordinates.log_determinant
    for name, belief in prior.items():
        if not isinstance(belief, PointMass):
            kinds = belief.parameter_constraints
            densities -= belief.log_volume(native[name]) + log_jacobian(native[name], kinds, 1)
    return np.asarray(densities)


@pytest.mark.parametrize("name", EMISSIONS)
def test_independent_rows(name: str) -> None:
    family, d = EMISSIONS[name]
    assert_equal_densities(*rows_for(family, d, weights=True))


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("name", EMISSIONS)
def test_mixtures(name: str, labels: bool) -> None:
    family, d = EMISSIONS[name]
    assert_equal_densities(*rows_for(mixture(family), d, weights=labels, labels=labels))


@pytest.mark.parametrize("name", HELD)
def test_blocks_held_known(name: str) -> None:
    assert_equal_densities(*rows_for(*HELD[name], labels=True))


def test_stick_breaking() -> None:
    assert_equal_densities(*rows_for(Mixture(Gaussian(), 4, StickBreaking(1.7)), 2, weights=True, labels=True))


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str, missing: bool) -> None:
    assert_equal_densities(*sequences_for(*CHAINS[name], missing))


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("name", EXPERTS)
def test_experts(name: str, labels: bool) -> None:
    assert_equal_densities(*rows_for(*EXPERTS[name], weights=labels, labels=labels))


def test_one_sequence_whose_states_only_go_up() -> None:
    upwards = PointMass([[0.7, 0.3, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    model = HiddenMarkov(Gaussian(), 3, initial_prior=PointMass([1.0, 0.0, 0.0]), transition_prior=upwards)
    assert_equal_densities(*rows_for(model, 1))


def test_three_components_and_one() -> None:
    assert_equal_densities(*rows_for(mixture(Gaussian(), 3), 2, weights=True))
    assert_equal_densities(*rows_for(mixture(Gaussian(), 1), 2))


def test_all_labels_known() -> None:
    model, rows = rows_for(mixture(Gaussian()), 2, labels=True)
    known = Rows(rows.values, rows.coordinates, None, np.abs(rows.labels))
    assert_equal_densities(model, known)


def test_the_normal_density_is_pymc_s_multivariate_one() -> None:
    """Column given later columns is the same as PyMC's own multivariate normal."""
    import pymc as pm
    import pytensor.tensor as pt

    model, rows = rows_for(mixture(Gaussian()), 3)
    prior = working_prior(model, rows)
    z = rows.coordinates.transform(rows.values).T
    for point in prior_points(prior, 3):
        emission = point["emission"]
        with pm.Model(check_bounds=False):
            ours = FAMILY_TERMS["gaussian"](model.family, emission).output(pt.constant(z)).eval(mode="FAST_COMPILE")
        parameters = zip(emission.parameters["mean"], emission.parameters["covariance"], strict=True)
        theirs = [pm.logp(pm.MvNormal.dist(m, cov=s), z).eval(mode="FAST_COMPILE") for m, s in parameters]
        assert ours == pytest.approx(np.array(theirs), rel=1e-9)


@pytest.mark.parametrize("name", EMISSIONS)
def test_variables_and_parameters_are_inverses(name: str) -> None:
    family, d = EMISSIONS[name]
    model, rows = rows_for(mixture(family), d)
    prior = working_prior(model, rows)
    joint = build_joint(model, prior, rows)
    for point in prior_points(prior, 3):
        values = {key: np.asarray(value)[None, None] for key, value in joint.values(point).items()}
        for block, parameters in joint.parameters(values).items():
            for key, array in parameters.items():
                assert array[0, 0] == pytest.approx(point[block].parameters[key], rel=1e-9)


def test_a_family_without_a_term_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FAMILY_TERMS, "gaussian")
    model, rows = rows_for(Mixture(Gaussian(), 2), 2)
    with pytest.raises(PointmassError, match="no term for gaussian"):
        build_joint(model, working_prior(model, rows), rows)
