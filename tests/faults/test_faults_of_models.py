"""Faults 35 to 47: components, options, priors and starts that make no sense, or hardly any."""

from __future__ import annotations

import numpy as np
import pytest
from faults.promises import (
    BAYES,
    FITTING,
    LATENT,
    assert_correct,
    assert_refused,
    assert_same,
    assert_sound,
    assert_warned,
    em,
    fitted,
    map_,
    mixture,
    rows,
    vb,
)

from pointmass import (
    Dirichlet,
    Gaussian,
    Mixture,
    NormalInverseGamma,
    NormalInverseWishart,
    PointMass,
    PointmassError,
)
from pointmass.estimators.memory import required_bytes

IDENTITY = np.eye(2)


@pytest.mark.parametrize("k", [0, -1])
def test_fault_035_no_components(k):
    with pytest.raises(PointmassError, match=f"n_components must be an integer of at least 1, got {k}"):
        Mixture(Gaussian(), k)


@pytest.mark.parametrize("k", [2.0, "2", True, None, [2], np.float64(2)])
def test_fault_036_components_that_are_no_integer(k):
    with pytest.raises(PointmassError, match="n_components must be an integer of at least 1"):
        Mixture(Gaussian(), k)


def test_fault_036_integers_of_numpy_are_integers():
    assert Mixture(Gaussian(), np.int64(2)) == Mixture(Gaussian(), 2)


@pytest.mark.parametrize("backend", FITTING)
def test_fault_037_as_many_components_as_rows(backend):
    x = rows(12)
    assert_warned(fitted(backend(mixture(k=12)), x), x, "only 12 rows for 12 components")


@pytest.mark.parametrize("backend", FITTING)
@pytest.mark.parametrize(("n", "warned"), [(9, True), (10, False)])
def test_fault_037_five_rows_a_component(backend, n, warned):
    fit = fitted(backend(mixture("spherical")), rows(n))
    assert any("rows for 2 components" in message for message in fit.warnings_) is warned


@pytest.mark.parametrize("backend", LATENT)
def test_fault_038_a_million_components(backend):
    """Refused by an estimate, before the start's responsibilities alone would take hundreds of gigabytes."""
    x = np.zeros((1_000_000, 1))
    x[::2] = 1.0
    assert_refused(backend(mixture(k=10**6)), x, r"n_components=1000000 .* needs about \d+ GB", "use fewer components")


def test_fault_038_estimate_grows_with_components_and_not_with_rows():
    needed = [required_bytes(mixture(k=k), 10**6, 1) for k in (10**4, 10**5, 10**6)]
    assert needed[1] / needed[0] == pytest.approx(10, rel=0.2)
    assert needed[2] / needed[1] == pytest.approx(10, rel=0.2)
    assert needed[2] > 4e11
    assert required_bytes(mixture(k=10), 10**9, 1) == required_bytes(mixture(k=10), 10**6, 1)


@pytest.mark.parametrize("backend", [em, map_, vb])
@pytest.mark.parametrize("value", [0, -1, 1.5, "10", True, None])
def test_fault_039_sweeps(backend, value):
    for option in ("max_iter", "n_init"):
        assert_refused(backend(mixture(), **{option: value}), rows(), f"{option} must be an integer of at least 1")


@pytest.mark.parametrize("backend", [em, map_, vb])
@pytest.mark.parametrize("value", [-1e-6, np.nan, np.inf, "1e-6", None, True])
def test_fault_040_tolerances(backend, value):
    assert_refused(backend(mixture(), tol=value), rows(), "tol must be a finite number of at least 0")


@pytest.mark.parametrize("acceleration", ["none", "anderson", "squarem"])
@pytest.mark.parametrize("backend", [em, map_, vb])
def test_fault_040_a_tolerance_of_zero_runs_to_the_end(backend, acceleration):
    fit = fitted(backend(mixture(), tol=0, max_iter=30, n_init=1, acceleration=acceleration), rows())
    assert_correct(fit, rows())
    assert fit.n_iter_ == 30
    assert fit.status_ == "max_iter"


@pytest.mark.parametrize("backend", [em, map_, vb])
def test_fault_041_not_converged(backend):
    fit = fitted(backend(mixture(), max_iter=1), rows())
    assert_warned(fit, rows(), "not converged in 1 sweeps; raise max_iter")
    assert not fit.converged_
    assert fit.status_ == "max_iter"
    assert fit.n_iter_ == 1


NOT_POSITIVE = np.array([[1.0, 2.0], [2.0, 1.0]])


@pytest.mark.parametrize(
    "build",
    [
        lambda matrix: NormalInverseWishart([0.0, 0.0], 1.0, 4.0, matrix),
        lambda matrix: Gaussian(covariance=PointMass(matrix)),
    ],
)
def test_fault_042_not_positive_definite(build):
    with pytest.raises(PointmassError, match="must be positive definite; its smallest eigenvalue is -1"):
        build(NOT_POSITIVE)


@pytest.mark.parametrize("backend", [em, map_, vb])
def test_fault_042_not_positive_definite_at_the_start(backend):
    init = {"weights": [0.5, 0.5], "mean": np.eye(2), "covariance": [IDENTITY, NOT_POSITIVE]}
    assert_refused(backend(mixture(), init=init), rows(), "init", "positive definite; its smallest eigenvalue is -1")
    init["covariance"] = np.zeros((2, 2, 2))
    assert_refused(backend(mixture(), init=init), rows(), "init", "positive definite")


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_fault_043_asymmetric_by_rounding(scale):
    matrix = scale * np.array([[1.0, 0.3], [0.3 + 1e-12, 2.0]])
    prior = NormalInverseWishart([0.0, 0.0], 1.0, 4.0, matrix)
    np.testing.assert_array_equal(prior.scale, prior.scale.T)
    assert_sound(fitted(vb(Gaussian(prior=prior)), rows()), rows())


def test_fault_043_asymmetric_by_more():
    with pytest.raises(PointmassError, match="scale must be symmetric"):
        NormalInverseWishart([0.0, 0.0], 1.0, 4.0, [[1.0, 0.3], [0.7, 2.0]])


@pytest.mark.parametrize("dof", [1.0, 0.5, -3.0, np.nan, np.inf, "4"])
def test_fault_044_degrees_of_freedom(dof):
    with pytest.raises(PointmassError, match="NormalInverseWishart: dof must be"):
        NormalInverseWishart([0.0, 0.0], 1.0, dof, IDENTITY)


@pytest.mark.parametrize("name", ["kappa", "shape", "scale"])
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf, "1"])
def test_fault_044_hyperparameters_of_a_variance(name, value):
    good = {"mean": 0.0, "kappa": 1.0, "shape": 2.0, "scale": 2.0}
    with pytest.raises(PointmassError, match=f"NormalInverseGamma: {name} must be"):
        NormalInverseGamma(**{**good, name: value})


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0], "1", True])
def test_fault_045_concentration(value):
    with pytest.raises(PointmassError, match="Dirichlet: concentration must be"):
        Dirichlet(value)


@pytest.mark.parametrize("backend", BAYES)
@pytest.mark.parametrize("concentration", [1e-300, 1e-3, 1e10, 1e300])
def test_fault_046_extreme_concentrations(backend, concentration):
    fit = fitted(backend(mixture(k=3, weights_prior=Dirichlet(concentration))), rows())
    assert_correct(fit, rows())
    assert np.isfinite(getattr(fit, "elbo_", 0.0))


@pytest.mark.parametrize("concentration", [1e10, 1e300])
def test_fault_046_a_strong_concentration_holds_the_weights(concentration):
    free = mixture(k=3, weights_prior=Dirichlet(concentration))
    held = mixture(k=3, weights_prior=PointMass(np.full(3, 1 / 3)))
    for backend in (map_, vb):
        assert_same(fitted(backend(held), rows()), fitted(backend(free), rows()), 1e-4)


@pytest.mark.parametrize("concentration", [1e-300, 1e-3])
def test_fault_046_a_weak_concentration_empties_a_component_of_a_mode(concentration):
    fit = fitted(map_(mixture(k=3, weights_prior=Dirichlet(concentration))), rows())
    assert_warned(fit, rows(), r"component \d is empty \(weight 0\): the estimate lies on the boundary")
    assert fit.status_ == "boundary"


EXTREMES = [("kappa", 1e-300), ("kappa", 1e300), ("dof", 1.0 + 1e-7), ("dof", 1e12), ("dof", 1e300)]
EXTREMES += [("scale", 1e-300 * IDENTITY), ("scale", 1e300 * IDENTITY)]


@pytest.mark.parametrize("backend", [map_, *BAYES])
@pytest.mark.parametrize(("name", "value"), EXTREMES)
def test_fault_046_extreme_priors(backend, name, value):
    options = {"mean": [0.0, 0.0], "kappa": 0.01, "dof": 4.0, "scale": IDENTITY, name: value}
    model = Mixture(Gaussian(prior=NormalInverseWishart(**options)), 2)
    assert_sound(fitted(backend(model), rows()), rows())


@pytest.mark.parametrize("backend", [map_, vb])
@pytest.mark.parametrize("mean", [1e30, 1e150, 1e300])
def test_fault_046_a_prior_mean_out_of_all_reach(backend, mean):
    """Refused, or flagged as degenerate: a scale of 1e60 beside one of 1 has no digits left."""
    model = Mixture(Gaussian(prior=NormalInverseWishart([mean, 0.0], 0.01, 4.0, IDENTITY)), 2)
    try:
        fit = fitted(backend(model), rows())
    except PointmassError as error:
        assert "nearer" in str(error)
    else:
        assert_sound(fit, rows())
        assert fit.status_ == "degenerate"


@pytest.mark.parametrize("backend", [em, map_, vb])
@pytest.mark.parametrize("weights", [[0.5, 0.9], [1.5, -0.5], [np.nan, 1.0], [0.0, 0.0]])
def test_fault_047_weights_of_a_start(backend, weights):
    init = {"weights": weights, "mean": np.eye(2), "covariance": [IDENTITY, IDENTITY]}
    assert_refused(backend(mixture(), init=init), rows(), "init", "weights must be")


@pytest.mark.parametrize("weights", [[0.5, 0.9], [1.5, -0.5], [0.2, 0.3, 0.5]])
def test_fault_047_known_weights(weights):
    with pytest.raises(PointmassError, match="known weights must be 2 numbers of at least 0 that sum to 1"):
        mixture(weights_prior=PointMass(weights))


STARTS = [
    {"weights": [0.5, 0.5]},
    {"weights": [0.5, 0.5], "mean": np.eye(2), "covariance": [IDENTITY]},
    {"weights": [1 / 3] * 3, "mean": np.ones((3, 2)), "covariance": [IDENTITY] * 3},
    np.ones((60, 2)),
    np.full((60, 3), 1 / 3),
    np.full((60, 2), np.nan),
    "k-means",
    3.0,
    object(),
]


@pytest.mark.parametrize("backend", [em, map_, vb])
@pytest.mark.parametrize("init", STARTS)
def test_fault_047_starts_of_another_shape(backend, init):
    assert_refused(backend(mixture(), init=init), rows(), "init")


@pytest.mark.parametrize("backend", LATENT)
def test_lengths_are_refused_where_there_is_no_chain(backend):
    assert_refused(backend(mixture()), rows(), "lengths are for models of chains", "leave them out", lengths=[30, 30])
