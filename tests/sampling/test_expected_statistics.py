"""NUTS on the package's own likelihood: value and slopes are those of PyMC's terms, whatever the model."""

from __future__ import annotations

import numpy as np
import pytest
from sampling.cases import (
    binary,
    chains,
    coarse,
    counts,
    experts,
    factors,
    families,
    heavy_tails,
    held_models,
    mixture,
    prior_points,
    products,
    regressions,
    rows_for,
    sequences_for,
    working_prior,
)
from sampling.test_incomplete import MODELS as INCOMPLETE
from sampling.test_incomplete import rows_with_holes

from pointmass import NUTS, BayesianRegression, Gaussian, Gibbs, HiddenMarkov, Mixture, PointmassError, StickBreaking
from pointmass.estimators.nuts.backend import prepare_backend
from pointmass.estimators.nuts.joint import Joint, build_joint
from pointmass.estimators.nuts.likelihoods import LIKELIHOODS, expected_statistics
from pointmass.estimators.nuts.likelihoods.fisher import Fisher
from pointmass.estimators.nuts.terms import FAMILY_TERMS, LATENT_TERMS
from pointmass.models import Model, Rows
from pointmass.values import snake_case

EMISSIONS = {**families(), **regressions(), **counts(), **products(), **coarse(), **heavy_tails(), **binary()}
CHAINS = chains()
EXPERTS = experts()

# Not compared here yet: PyMC's normal log probabilities are good to 1e-7 alone.
NOT_COMPARED = {"censored_exponential", "censored_gaussian", "measured_gaussian"}

SLOW = [pytest.mark.slow, pytest.mark.timeout(900)]

pytestmark = pytest.mark.filterwarnings("default")  # what PyTensor's compiler says is not ours


@pytest.fixture(scope="module", autouse=True)
def backend() -> None:
    prepare_backend("pymc")


def pymc_slopes(joint: Joint, values: list[np.ndarray]) -> list[np.ndarray]:
    """Return PyMC's log likelihood and PyTensor's own derivative of it by each variable."""
    import pytensor
    from pytensor.graph import clone_replace

    free = joint.pymc_model.free_RVs
    variables = [each.type() for each in free]
    likelihood = clone_replace(joint.log_likelihood, dict(zip(free, variables, strict=True)))
    outputs = [likelihood, *pytensor.grad(likelihood, variables, disconnected_inputs="ignore")]
    function = pytensor.function(variables, outputs, mode="FAST_COMPILE", on_unused_input="ignore")
    return [np.asarray(found) for found in function(*values)]


def assert_same_slopes(model: Model, rows: Rows) -> None:
    """Assert that values and slopes are the same; where cells are missing, values up to a constant of the units."""
    prior = working_prior(model, rows)
    joint = build_joint(model, prior, rows)
    point = joint.values(prior_points(prior, 1)[0])
    values = [np.asarray(point[name], dtype=float) for name in joint.names]
    likelihood, slopes = Fisher(joint, model, rows)(values)
    expected, *theirs = pymc_slopes(joint, values)
    if rows.has_all_cells:
        assert likelihood == pytest.approx(expected, rel=1e-11, abs=1e-9)
    trios = zip(joint.names, joint.transforms, slopes, theirs, strict=True)
    for name, transform, *both in trios:
        # Probabilities sum to one: what all of them have in common moves nothing.
        found, slope = (each - each.mean(-1, keepdims=True) * (transform == "simplex") for each in both)
        # What an entry's slope is made of: counts over probabilities, distances over variances. These may cancel.
        assert found == pytest.approx(slope, rel=1e-8, abs=1e-8 * (1.0 + np.abs(slope).max())), name


def test_every_term_has_a_case() -> None:
    """A new family or latent enters here by its line in the registry."""
    cases = [*(family for family, _ in EMISSIONS.values()), *(model.family for model in INCOMPLETE.values())]
    cases += [family for family, _ in factors().values()]
    assert {snake_case(type(family).__name__) for family in cases} == set(FAMILY_TERMS) - NOT_COMPARED
    latents = [rows_for(Gaussian(), 1)[0], rows_for(mixture(Gaussian()), 1)[0], HiddenMarkov(Gaussian(), 2)]
    latents += [model for model, _ in EXPERTS.values()]
    assert {snake_case(type(model.latent).__name__) for model in latents} == set(LATENT_TERMS)


@pytest.mark.parametrize("name", EMISSIONS)
def test_mixtures(name: str) -> None:
    family, d = EMISSIONS[name]
    assert_same_slopes(*rows_for(mixture(family), d, weights=True, labels=True))


@pytest.mark.parametrize("name", ["full", "regression", "poisson", "product"])
def test_independent_rows(name: str) -> None:
    family, d = EMISSIONS[name]
    assert_same_slopes(*rows_for(family, d, weights=True))


@pytest.mark.parametrize("name", factors())
def test_factors(name: str) -> None:
    family, d = factors()[name]
    assert_same_slopes(*rows_for(family, d, weights=True))


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str) -> None:
    assert_same_slopes(*sequences_for(*CHAINS[name], missing=True))


@pytest.mark.parametrize("name", EXPERTS)
def test_experts(name: str) -> None:
    assert_same_slopes(*rows_for(*EXPERTS[name], weights=True, labels=True))


@pytest.mark.parametrize("name", INCOMPLETE)
def test_missing_cells(name: str) -> None:
    assert_same_slopes(INCOMPLETE[name], rows_with_holes(INCOMPLETE[name]))


@pytest.mark.parametrize("name", ["weights", "emission"])
def test_blocks_held_known(name: str) -> None:
    assert_same_slopes(*rows_for(*held_models()[name]))


def test_stick_breaking() -> None:
    assert_same_slopes(*rows_for(Mixture(Gaussian(), 4, StickBreaking(1.7)), 2, weights=True))


@pytest.mark.parametrize("mode", ["FAST_COMPILE", pytest.param("NUMBA", marks=SLOW)])
def test_both_likelihoods_make_the_same_posterior(mode: str) -> None:
    """Through PyMC's transforms, by the interpreter and as numba compiles it for nutpie."""
    import pytensor

    model, rows = sequences_for(*CHAINS["poisson"], missing=True)
    prior = working_prior(model, rows)
    start = prior_points(prior, 1)
    found = []
    for likelihood in LIKELIHOODS.values():
        joint = build_joint(model, prior, rows, likelihood)
        values = [joint.pymc_model.rvs_to_values[free] for free in joint.pymc_model.free_RVs]
        log_joint = joint.pymc_model.logp()
        outputs = [log_joint, *pytensor.grad(log_joint, values)]
        place = joint.unconstrained([joint.values(start[0])])[0]
        found.append(pytensor.function(values, outputs, mode=mode)(*(place[value.name] for value in values)))
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-8, abs=1e-8)


def test_no_parameters_are_a_step_too_far() -> None:
    model, rows = rows_for(mixture(families()["full"][0]), 3)
    joint = build_joint(model, working_prior(model, rows), rows, expected_statistics)
    point = joint.values(prior_points(working_prior(model, rows), 1)[0])
    values = [np.asarray(point[name], dtype=float) for name in joint.names]
    values[joint.names.index("bartlett_squares")][:] = 0.0
    likelihood, slopes = Fisher(joint, model, rows)(values)
    assert likelihood == -np.inf and all((slope == 0.0).all() for slope in slopes)


def test_an_unknown_likelihood_is_refused() -> None:
    with pytest.raises(PointmassError, match="likelihood must be one of pymc, pointmass; got 'stan'"):
        NUTS(Gaussian(), likelihood="stan").fit(np.arange(9.0))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["plain", "mixture", "chain"])
def test_the_same_posterior(name: str) -> None:
    """Draws on one likelihood and on the other have the same means and spreads, and those of Gibbs."""
    from sampling.test_nuts_compiled import assert_agree, assert_same_spreads, matched

    X = np.random.default_rng(3).normal(size=(120, 1)) + 4.0 * (np.arange(120) % 40 >= 20)[:, None]
    model = {"plain": Gaussian(), "mixture": Mixture(Gaussian(), 2), "chain": HiddenMarkov(Gaussian(), 2)}[name]
    labels = None if name == "plain" else np.where(np.arange(120) % 40 == 5, 0, np.where(np.arange(120) == 25, 1, -1))
    own = NUTS(model, likelihood="pointmass", rng=1).fit(X, labels=labels)
    assert own.diagnostics_["reliable"]
    for other in (NUTS(model, rng=2), Gibbs(model, draws=4000, rng=3)):
        assert_agree(matched(own, other.fit(X, labels=labels)), other)
        assert_same_spreads(own, other)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_pymc_samples_it_too() -> None:
    X = np.random.default_rng(3).normal(size=(40, 1))
    fit = NUTS(Gaussian(), likelihood="pointmass", sampler="pymc", draws=500, tune=300, rng=0).fit(X)
    assert fit.diagnostics_["reliable"] and fit.estimate_["mean"][0] == pytest.approx(X.mean(), abs=0.05)


def test_latents_that_are_drawn_are_refused() -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20.0)
    with pytest.raises(PointmassError, match=r"draws coefficients of BayesianRegression.*leave out likelihood"):
        NUTS(BayesianRegression(), likelihood="pointmass", rng=0).fit(X, y)
