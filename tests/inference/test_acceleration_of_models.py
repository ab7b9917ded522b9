"""Every model has a slow example that acceleration makes at least five times cheaper, every evaluation counted."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import (
    EM,
    MAP,
    VB,
    Bernoulli,
    BernoulliNetwork,
    CensoredExponential,
    CensoredGaussian,
    Exponential,
    FactorAnalysis,
    Gaussian,
    Geometric,
    HiddenMarkov,
    IncompleteGaussian,
    LinearRegression,
    LogisticRegression,
    MeasuredGaussian,
    Mixture,
    MixtureOfExperts,
    Multinomial,
    Poisson,
    ProbitRegression,
    Product,
    RandomEffects,
    StructuredMultinomial,
    StudentRegression,
    StudentT,
    load_dataset,
)
from pointmass.families import GammaPrecision, Normal
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import ascend

CLOSE = 1e-6


def groups(rng, n=1000):
    return rng.random(n) < 0.4


def chain(rng, n, stay):
    states = np.zeros(n, dtype=int)
    for t in range(1, n):
        states[t] = states[t - 1] if rng.random() < stay else 1 - states[t - 1]
    return states


def poisson(rng):
    return Mixture(Poisson(), 2), rng.poisson(np.where(groups(rng), 1.3, 2.7)).astype(float)[:, None]


def exponential(rng):
    return Mixture(Exponential(), 2), rng.exponential(np.where(groups(rng), 1.0, 3.0))[:, None]


def geometric(rng):
    return Mixture(Geometric(), 2), (rng.geometric(np.where(groups(rng), 0.6, 0.25)) - 1.0)[:, None]


def bernoulli(rng):
    chances = np.where(groups(rng), 0.35, 0.65)[:, None]
    return Mixture(Bernoulli(), 2), (rng.random((1000, 4)) < chances).astype(float)


def multinomial(rng):
    shares = ([0.3, 0.3, 0.4], [0.5, 0.3, 0.2])
    rows = np.array([rng.multinomial(5, shares[int(group)]) for group in groups(rng)], dtype=float)
    return Mixture(Multinomial(n_trials=5), 2), rows


def regression(rng):
    x = rng.uniform(-1.0, 1.0, 500)
    y = np.where(rng.random(500) < 0.4, 0.5 + x, -0.3 + 0.3 * x) + 0.8 * rng.normal(size=500)
    return Mixture(LinearRegression(), 2), x[:, None], y


def experts(rng):
    options = {"gate": [[0.0, -0.5], [0.0, 0.5]], "coefficients": [[0.5, 1.0], [-0.3, 0.3]], "noise_sd": [0.6, 0.6]}
    data = load_dataset("mixture_of_experts", n=1000, rng=rng, **options)
    return MixtureOfExperts(LinearRegression(), 2), data.X, data.y


def network(rng):
    options = {"hidden": [[0.0, 1.5, 0.0], [0.0, 0.0, 1.5]], "output": [[1.0, -1.5, -1.5], [-1.0, 1.5, 1.5]]}
    data = load_dataset("bernoulli_network", n=200, rng=rng, **options)
    return BernoulliNetwork(2), data.X, data.y


def mixed(rng):
    group = groups(rng)
    rows = np.column_stack([rng.normal(size=1000) + group, rng.poisson(np.where(group, 1.5, 3.0))])
    return Mixture(Product({"size": Gaussian(), "visits": Poisson()}), 2), rows


def gaussian_chain(rng):
    return HiddenMarkov(Gaussian(), 2), (rng.normal(size=1000) + chain(rng, 1000, 0.7))[:, None]


def poisson_chain(rng):
    return HiddenMarkov(Poisson(), 2), rng.poisson(2.0 + chain(rng, 600, 0.8)).astype(float)[:, None]


def incomplete(rng):
    rows = rng.normal(size=(300, 2)) @ np.array([[1.0, 0.95], [0.0, 0.3]])
    rows[:220, 1], rows[220:290, 0] = np.nan, np.nan
    return IncompleteGaussian(), rows


def heavy_tails(rng):
    return StudentT(), rng.standard_t(8, (300, 1))


def one_factor(rng):
    options = {"loadings": np.ones((4, 1)), "noise_variance": [0.05, 0.05, 0.5, 0.5]}
    return FactorAnalysis(1), load_dataset("factor_analysis", n=300, rng=rng, **options).X


def steep_probit(rng):
    X = rng.normal(size=(100, 1))
    return ProbitRegression(prior=Normal(0.0, 1.0, 1e4)), X, (2.5 * X[:, 0] + rng.normal(size=100) > 0) * 1.0


def steep_logistic(rng):
    X = rng.normal(size=(100, 1))
    return LogisticRegression(prior=Normal(0.0, 1.0, 1e4)), X, (12.0 * X[:, 0] + rng.logistic(size=100) > 0) * 1.0


def principal_components(rng):
    options = {"loadings": np.ones((4, 1)), "noise_variance": 0.02}
    return FactorAnalysis(1, "common"), load_dataset("factor_analysis", n=300, rng=rng, **options).X


def mostly_censored(rng):
    times = rng.exponential(size=400)
    return CensoredExponential(), np.column_stack([times, np.where(times < 0.04, times, np.nan)])


def mostly_beyond(rng):
    values = rng.normal(size=1000)
    limit = np.quantile(values, 0.1)
    return CensoredGaussian(), np.column_stack([np.minimum(values, limit), np.where(values > limit, np.nan, values)])


def badly_measured(rng):
    errors = rng.uniform(3.0, 6.0, 1000)
    return MeasuredGaussian(), np.column_stack([rng.normal(size=1000) + errors * rng.normal(size=1000), errors])


def heavy_errors(rng):
    x = rng.normal(size=(300, 2))
    return StudentRegression(), x, x @ [1.0, -0.5] + rng.standard_t(8, 300)


def groups_alike(rng):
    options = {"n": 300, "n_groups": 100, "group_variance": 0.1}
    data = load_dataset("random_effects", rng=rng, **options)
    return RandomEffects(), data.X, data.y


def rare_and_recessive(rng):
    """A gene of one in a hundred that shows where it was inherited twice: 0.98 of what tells of it is hidden."""
    shown = rng.binomial(5, 1e-4, 20_000)
    cells = (((1.0, 2, 0), (2.0, 1, 1)), ((1.0, 0, 2),))
    return StructuredMultinomial(cells=cells), np.column_stack([5 - shown, shown]).astype(float)


def relevant_factors(rng):
    loadings = [[1.0, 0.0], [1.0, 0.0], [0.8, 0.0], [0.0, 0.9], [0.0, 0.7], [0.0, 0.6]]
    data = load_dataset("factor_analysis", n=300, loadings=loadings, noise_variance=0.5, rng=rng)
    return FactorAnalysis(4, loading_prior=GammaPrecision(1e-3, 1e-3)), data.X


EXAMPLES = [
    poisson,
    exponential,
    geometric,
    bernoulli,
    multinomial,
    regression,
    mixed,
    gaussian_chain,
    poisson_chain,
    incomplete,
    heavy_tails,
    one_factor,
    steep_probit,
    steep_logistic,
]

SLOW = [principal_components, mostly_censored, mostly_beyond, badly_measured, heavy_errors, groups_alike]

# Models with an update that is not conjugate have no variational form.
POINTS_ALONE = [experts]
CASES = [(example, kind) for example in EXAMPLES for kind in (EM, VB)]
CASES += [(example, kind) for example in POINTS_ALONE for kind in (EM, MAP)]
CASES += [(rare_and_recessive, EM)]  # VB starts at EM's optimum, from which its own is a step away
CASES += [pytest.param(example, kind, marks=pytest.mark.slow) for example in SLOW for kind in (EM, VB)]
CASES += [pytest.param(relevant_factors, kind, marks=pytest.mark.slow) for kind in (MAP, VB)]  # EM knows no precision
CASES += [pytest.param(network, MAP, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]


def evaluations(sweep, start, acceleration, best):
    """Sweeps evaluated before the objective is within 1e-6 nats of ``best``."""
    reached = []

    def note(ascent):
        if ascent.objective >= best - CLOSE:
            reached.append(ascent.n_evaluations)

    ascend(sweep, start, ACCELERATIONS[acceleration](sweep, start), tol=1e-12, max_iter=20_000, on_step=note)
    return reached[0]


@pytest.mark.parametrize(("example", "kind"), CASES)
def test_acceleration_is_five_times_cheaper(example, kind):
    model, *data = example(np.random.default_rng(2))
    sweep, start = kind(model, n_init=1, rng=0, max_iter=3, tol=0).fit(*data).sweep_at_fit()
    best = ascend(sweep, start, ACCELERATIONS["none"](sweep, start), tol=1e-12, max_iter=20_000).objective
    plain, accelerated = (evaluations(sweep, start, name, best) for name in ("none", "anderson"))
    assert plain > 100  # a slow example
    assert plain >= 5 * accelerated
