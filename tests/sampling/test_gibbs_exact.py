"""Gibbs against the exact posterior: closed forms without latents, enumeration of all assignments with them."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean
from sampling.cases import families, gamma, held_models, mixture, wishart
from sampling.enumeration import exact_draws

from pointmass import VB, Dirichlet, Gaussian, Gibbs, Mixture, PointmassError
from pointmass.estimators.gate import free_entries
from pointmass.families import PointMass
from pointmass.inference.chain import chain
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.projections import draw
from pointmass.inference.relabelling import Reference, relabel
from pointmass.inference.sweep import Sweep
from pointmass.latents import ASSIGNMENTS
from pointmass.models import Rows, as_model

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")


def mcse(array: np.ndarray) -> np.ndarray:
    from arviz_stats.base import array_stats

    return np.asarray(array_stats.mcse(array, chain_axis=0, draw_axis=1))


@QUIET
@pytest.mark.parametrize("name", families())
def test_without_latents_draws_are_from_the_exact_posterior(name: str) -> None:
    family, d = families()[name]
    X = np.random.default_rng(3).normal(size=(20, d)) + 1.0
    weights = np.random.default_rng(4).uniform(0.2, 2.0, size=20)
    gibbs = Gibbs(family, draws=4000, rng=1).fit(X, sample_weight=weights)
    exact = VB(family).fit(X, sample_weight=weights)
    assert gibbs.diagnostics_["sampler"] == "exact"
    for key, sample in gibbs.draws_.items():
        assert_mean(sample.reshape(-1, *sample.shape[2:]), exact.estimate_[key])
        assert sample.std(axis=(0, 1)) == pytest.approx(exact.uncertainty().sd[key], rel=0.15, abs=1e-12)


@QUIET
def test_known_labels_leave_nothing_to_iterate() -> None:
    X = np.random.default_rng(3).normal(size=(30, 2))
    labels = np.arange(30) % 2
    model = mixture(Gaussian())
    gibbs = Gibbs(model, draws=2000, rng=1).fit(X, labels=labels, sample_weight=np.full(30, 0.7))
    exact = VB(model).fit(X, labels=labels, sample_weight=np.full(30, 0.7))
    assert gibbs.diagnostics_["sampler"] == "exact"
    for key, sample in gibbs.draws_.items():
        assert_mean(sample.reshape(-1, *sample.shape[2:]), exact.estimate_[key])


TINY = {
    "full": (mixture(Gaussian("full", wishart(2))), 2, {}),
    "tied": (mixture(Gaussian("tied", wishart(2))), 2, {}),
    "diagonal": (mixture(Gaussian("diagonal", gamma(2, common=False))), 2, {}),
    "spherical": (mixture(Gaussian("spherical", gamma(2, common=True))), 2, {}),
    "exchangeable": (Mixture(Gaussian("full", gamma(1, common=True)), 2, Dirichlet(1.0)), 1, {}),
    "labels": (Mixture(Gaussian("full", wishart(1)), 2), 1, {"labels": [0, -1, -1, 1, -1, -1, -1, -1]}),
    "weights": (Mixture(Gaussian("full", wishart(1)), 2), 1, {"sample_weight": [1, 2, 1, 1, 0, 1, 1, 1]}),
    "equal weights": (Mixture(Gaussian(prior=gamma(1, common=True)), 2, PointMass([0.5, 0.5])), 1, {}),
}


@QUIET
@pytest.mark.parametrize("name", ["labels", "weights"])
def test_tiny_mixtures_against_enumeration(name: str) -> None:
    """Two chains alone, which are not run again when they are too short for the gate."""
    against_enumeration(name, 2, 3000)


@QUIET
@pytest.mark.slow
@pytest.mark.parametrize("name", TINY)
def test_tiny_mixtures_against_enumeration_at_length(name: str) -> None:
    against_enumeration(name, 4, 8000)


def against_enumeration(name: str, chains: int, draws: int) -> None:
    """Assert every relabelled mean within 4.5 standard errors: at most 13 entries a case, p below 1e-4 in all."""
    model, d, extra = TINY[name]
    X = np.random.default_rng(5).normal(size=(8, d)) + 1.5 * (np.arange(8) % 2)[:, None]
    gibbs = Gibbs(model, chains=chains, draws=draws, tune=300, rng=2).fit(X, **extra)
    copies = np.array(extra.get("sample_weight", np.ones(8)), dtype=int)
    labels = None if "labels" not in extra else np.array(extra["labels"])
    rows = Rows(np.repeat(X, copies, axis=0), gibbs.coordinates_, None, labels)
    flat = {key: array.reshape(-1, *array.shape[2:]) for key, array in gibbs.draws_.items()}
    working = gibbs._working(gibbs.prior_)
    exact = exact_draws(gibbs.model_, rows, working, 32_000, np.random.default_rng(6))
    exact = public(gibbs, exact)
    kinds = parameter_kinds(model.dims, gibbs.prior_)
    groups = model.interchangeable(gibbs.prior_, labels)
    reference = Reference.of(relabelled_once(flat, model, kinds), model.dims, kinds, groups)
    ours, theirs = relabel(flat, reference).draws, relabel(exact, reference).draws
    free = free_entries(gibbs.model_, gibbs.prior_, np.random.default_rng(0))
    for key, mask in free.items():
        sampled, independent = tame(key, ours[key])[:, mask], tame(key, theirs[key])[:, mask]
        error = np.hypot(
            np.atleast_1d(mcse(sampled.reshape(chains, draws, -1))), independent.std(axis=0) / np.sqrt(32_000)
        )
        distance = np.abs(sampled.mean(axis=0) - independent.mean(axis=0))
        assert (distance < 4.5 * error).all(), (key, distance / error)


def public(fit: Gibbs, working: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return public parameters of working coordinates in the data's units."""
    native = fit.model_.native(working)
    return fit.model_.public({name: fit._mapped(name, parameters) for name, parameters in native.items()})


def relabelled_once(flat: dict[str, np.ndarray], model: Mixture, kinds: dict[str, str]) -> dict[str, np.ndarray]:
    """Return the draws sorted by mean, a labelling of its own to build a reference from."""
    order = flat["mean"][:, :, 0].argsort(axis=1)
    return {
        key: np.take_along_axis(array, order.reshape(*order.shape, *(1,) * (array.ndim - 2)), axis=1)
        for key, array in flat.items()
    }


def tame(key: str, array: np.ndarray) -> np.ndarray:
    """Return something whose variance exists: three rows a component leave covariances without one."""
    return np.arctan(array) if key != "weights" else array


@QUIET
@pytest.mark.parametrize("name", held_models())
def test_blocks_held_known_stay_known(name: str) -> None:
    model, d = held_models()[name]
    X = np.random.default_rng(5).normal(size=(40, d))
    gibbs = Gibbs(model, chains=2, draws=200, tune=50, rng=2).fit(X)
    for block, belief in gibbs.prior_.items():
        if isinstance(belief, PointMass):
            native = gibbs.model_.native({key: array[0] for key, array in gibbs.draws_.items()})[block]
            for key, value in belief.parameters.items():
                assert native[key] == pytest.approx(np.broadcast_to(value, native[key].shape), rel=1e-12)


def test_nothing_to_draw_is_refused() -> None:
    known = PointMass({"mean": [0.0], "covariance": [[1.0]]})
    with pytest.raises(PointmassError, match="nothing to draw"):
        Gibbs(Gaussian(prior=known)).fit([1.0, 2.0, 3.0])


def test_weights_that_are_not_whole_are_refused() -> None:
    X = np.random.default_rng(5).normal(size=(30, 1))
    with pytest.raises(PointmassError, match=r"sample_weight 0\.5 is not a whole number; use whole numbers"):
        Gibbs(Mixture(Gaussian(), 2), rng=0).fit(X, sample_weight=np.full(30, 0.5))
    with pytest.raises(PointmassError, match="copies"):
        Gibbs(Mixture(Gaussian(), 2), rng=0).fit(X, sample_weight=np.full(30, 1e12))


@pytest.mark.slow
@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_geweke_joint_distribution(covariance: str) -> None:
    """Geweke (2004): rows drawn given parameters, parameters by a sweep given rows; the parameters keep their prior."""
    d = 2
    prior = wishart(d) if covariance in ("full", "tied") else gamma(d, common=covariance == "spherical")
    model = as_model(mixture(Gaussian(covariance, prior)))
    rng = np.random.default_rng(8)
    blocks = model.prior(np.zeros((5, d)), None)
    coordinates = Rows(np.eye(5, d), model.coordinates(np.eye(5, d), None)).coordinates
    identity = type(coordinates).identity(d)
    beliefs = {name: belief.draw(rng) for name, belief in blocks.items()}
    visited = []
    for _ in range(40_000):
        parameters = model.public({name: point.parameters for name, point in beliefs.items()})
        values, _ = model.sample(parameters, 5, rng)
        sweep = Sweep(model, Rows(values, identity), blocks, draw, ASSIGNMENTS["draw"])
        beliefs = next(chain(sweep, beliefs, rng))
        visited.append(model.public({name: point.parameters for name, point in beliefs.items()}))
    direct = model.public({name: belief.parameter_draws(40_000, rng) for name, belief in blocks.items()})
    for key, array in direct.items():
        sample = tame(key, np.array([state[key] for state in visited])).reshape(4, 10_000, -1)
        expected = tame(key, array).reshape(40_000, -1)
        error = np.hypot(np.atleast_1d(mcse(sample)), expected.std(axis=0) / 200.0) + 1e-9
        distance = np.abs(sample.mean(axis=(0, 1)) - expected.mean(axis=0))
        assert (distance < 5.0 * error).all(), (key, distance / error)
