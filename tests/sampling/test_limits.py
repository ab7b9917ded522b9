"""PyMC's density of rows known by limits is ours, up to the one constant that working units are."""

from __future__ import annotations

import numpy as np
import pytest
from sampling.test_joint_density import our_density, pymc_density, volume

from pointmass import CensoredExponential, CensoredGaussian, Gamma, MeasuredGaussian, Mixture, NormalInverseGamma
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.models import Rows, as_model

pytestmark = pytest.mark.filterwarnings("default")  # what PyTensor's compiler says is not ours

ROWS = np.array([[0.5, 0.5], [0.1, 0.7], [1.0, np.nan], [2.0, 2.0], [np.nan, 0.4], [0.3, 5.0], [3.0, np.nan]])
MODELS = {
    "exponential": as_model(CensoredExponential(Gamma(1.5, 0.5))),
    "mixture of exponentials": Mixture(CensoredExponential(Gamma(1.5, 0.5)), 2),
    "normal": as_model(CensoredGaussian(prior=NormalInverseGamma(0.3, 0.7, 1.7, 0.9))),
    "mixture of normals": Mixture(CensoredGaussian(), 2),
}
MEASURED = np.array([[0.5, 0.5], [3.0, 2.0], [-1.0, 0.1], [2.0, 0.0]])


@pytest.mark.parametrize("k", [1, 2])
def test_pymc_has_the_density_of_what_was_measured(k: int) -> None:
    prepare_backend("pymc")
    family = MeasuredGaussian(prior=NormalInverseGamma(0.3, 0.7, 1.7, 0.9))
    model = Mixture(family, k) if k > 1 else as_model(family)
    rows = Rows(MEASURED, model.coordinates(MEASURED, None), np.array([1.0, 2.0, 1.0, 1.5]))
    prior = {key: belief.mapped(rows.coordinates.inverse) for key, belief in model.prior(MEASURED, None).items()}
    points = [{key: belief.draw(rng) for key, belief in prior.items()} for rng in np.random.default_rng(0).spawn(5)]
    joint = build_joint(model, prior, rows)
    volumes = np.array([sum(volume(prior[key], point[key]) for key in prior) for point in points])
    assert pymc_density(joint, points) == pytest.approx(our_density(model, rows, prior, points) + volumes, abs=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_pymc_has_the_density_of_what_is_known(name: str) -> None:
    prepare_backend("pymc")
    model = MODELS[name]
    rows = Rows(ROWS, model.coordinates(ROWS, None), np.array([1.0, 2.0, 1.0, 1.0, 1.5, 1.0, 3.0]))
    prior = {key: belief.mapped(rows.coordinates.inverse) for key, belief in model.prior(ROWS, None).items()}
    points = [{key: belief.draw(rng) for key, belief in prior.items()} for rng in np.random.default_rng(0).spawn(5)]
    joint = build_joint(model, prior, rows)
    volumes = [sum(volume(prior[key], point[key]) for key in prior) for point in points]
    found = pymc_density(joint, points) - our_density(model, rows, prior, points) - volumes
    # PyMC's normal distribution function is right to some 1e-7; ours is held against quadrature elsewhere.
    assert np.ptp(found) == pytest.approx(0.0, abs=1e-5)
