"""Models, data and points that the tests of the samplers share."""

from __future__ import annotations

import numpy as np

from pointmass import (
    Bernoulli,
    Beta,
    Categorical,
    DegreesOfFreedom,
    Dirichlet,
    Exponential,
    FactorAnalysis,
    Gamma,
    Gaussian,
    Geometric,
    HiddenMarkov,
    LinearRegression,
    LogisticRegression,
    Mixture,
    MixtureOfExperts,
    Multinomial,
    NormalInverseGamma,
    NormalInverseWishart,
    NormalLogits,
    PointMass,
    PointmassError,
    Poisson,
    ProbitRegression,
    Product,
    StructuredMultinomial,
    StudentRegression,
    StudentT,
)
from pointmass.families import NormalCoefficients
from pointmass.families.family import Family
from pointmass.families.gamma_precision import GammaPrecision
from pointmass.models import Beliefs, Model, Rows, as_model

SIZE = 12


def wishart(d: int) -> NormalInverseWishart:
    scale = 0.5 * np.eye(d) + 0.2
    return NormalInverseWishart(mean=np.arange(d) * 0.3, kappa=0.7, dof=d + 2.5, scale=scale)


def gamma(d: int, *, common: bool) -> NormalInverseGamma:
    if common:
        return NormalInverseGamma(mean=np.arange(d) * 0.3, kappa=0.7, shape=1.7, scale=0.9)
    spread = 1.0 + 0.1 * np.arange(d)
    return NormalInverseGamma(mean=np.arange(d) * 0.3, kappa=0.7 * spread, shape=1.7 * spread, scale=0.9 * spread)


def lines(p: int) -> NormalInverseGamma:
    precision = 0.7 * np.eye(p) + 0.2
    return NormalInverseGamma(mean=np.arange(p) * 0.3, kappa=precision, shape=1.7, scale=0.9)


def families() -> dict[str, tuple[Gaussian, int]]:
    """Return every covariance type and both forms of prior, each with a number of columns."""
    return {
        "full": (Gaussian("full", wishart(3)), 3),
        "tied": (Gaussian("tied", wishart(3)), 3),
        "diagonal": (Gaussian("diagonal", gamma(3, common=False)), 3),
        "spherical": (Gaussian("spherical", gamma(3, common=True)), 3),
        "one column, wishart": (Gaussian("full", wishart(1)), 1),
        "one column, gamma": (Gaussian("full", gamma(1, common=True)), 1),
        "one column, tied": (Gaussian("tied", wishart(1)), 1),
        "default prior": (Gaussian("full"), 2),
        "known covariance": (Gaussian(PointMass(0.5 * np.eye(2) + 0.2)), 2),
        "as many components as columns": (Gaussian("tied", wishart(2)), 2),
    }


def regressions() -> dict[str, tuple[LinearRegression, int]]:
    """Return regressions, each with a number of columns, the target among them."""
    return {
        "regression": (LinearRegression(prior=lines(3)), 3),
        "regression through zero": (LinearRegression(False, lines(2)), 3),
        "regression, default prior": (LinearRegression(), 2),
    }


def counts() -> dict[str, tuple[Family, int]]:
    """Return families of counts, times and answers, each with a number of columns."""
    return {
        "poisson": (Poisson(Gamma([1.5, 2.0], [0.5, 0.7])), 2),
        "exponential": (Exponential(Gamma([1.5, 2.0], [0.5, 0.7])), 2),
        "geometric": (Geometric(Beta([1.5, 2.0], [2.5, 3.0])), 2),
        "categorical": (Categorical(5, Dirichlet([1.5, 0.8, 1.0, 2.0, 0.7])), 1),
        "multinomial": (Multinomial(4, Dirichlet([1.5, 0.8, 2.0])), 3),
        "bernoulli": (Bernoulli(Beta([1.5, 0.8], [2.5, 0.7])), 2),
    }


def coarse() -> dict[str, tuple[Family, int]]:
    """Return families of rows that hide values, each with a number of columns."""
    return {
        "linkage": (StructuredMultinomial(4, Dirichlet([1.5, 0.8]), "linkage"), 4),
        "blood groups": (StructuredMultinomial(4, Dirichlet([1.5, 0.8, 2.0]), "blood_groups"), 4),
    }


def factors() -> dict[str, tuple[Family, int]]:
    """Return factor analyses, which make no mixtures, each with a number of columns."""
    return {
        "two factors": (FactorAnalysis(2), 4),
        "principal components": (FactorAnalysis(2, "common"), 4),
        "relevant factors": (FactorAnalysis(2, loading_prior=GammaPrecision(1.5, 0.7)), 4),
    }


def heavy_tails() -> dict[str, tuple[Family, int]]:
    """Return Student-t families of every form, degrees of freedom known or not, each with a number of columns."""
    free = DegreesOfFreedom(2.5, 0.3)
    return {
        "student, full": (StudentT("full", prior=wishart(3), dof_prior=free), 3),
        "student, tied": (StudentT("tied", dof=3.0, prior=wishart(3)), 3),
        "student, diagonal": (StudentT("diagonal", prior=gamma(3, common=False), dof_prior=free), 3),
        "student, spherical": (StudentT("spherical", dof=3.0, prior=gamma(3, common=True)), 3),
        "student, one column": (StudentT(), 1),
        "student, regression": (StudentRegression(prior=lines(3), dof_prior=free), 3),
        "student, regression, known dof": (StudentRegression(False, 3.0, lines(2)), 3),
    }


def binary() -> dict[str, tuple[Family, int]]:
    """Return regressions of a 0/1 target, each with a number of columns, the target among them."""
    factor = np.array([[0.8, 0.0, 0.0], [0.3, 0.6, 0.0], [-0.2, 0.1, 0.9]])
    prior = NormalCoefficients(np.arange(3) * 0.3, factor)
    return {
        "probit": (ProbitRegression(prior=prior), 3),
        "logistic through zero": (LogisticRegression(False), 3),
    }


def products() -> dict[str, tuple[Product, int]]:
    """Return families side by side, each with a number of columns: columns interleaved, one part known."""
    parts = {
        "size": Gaussian("full", wishart(2)),
        "visits": Poisson(Gamma(1.5, 0.5)),
        "colour": Categorical(5, Dirichlet([1.5, 0.8, 1.0, 2.0, 0.7])),
        "spread": Gaussian("spherical", gamma(2, common=True)),
    }
    known = Bernoulli(PointMass({"probability": [0.3]}))
    return {
        "product": (Product(parts, {"size": [3, 0], "visits": [1], "colour": [2], "spread": [4, 5]}), 6),
        "product, one part known": (Product({"answer": known, "size": Gaussian("tied", wishart(1))}), 2),
        "product of one": (Product({"size": Gaussian("diagonal", gamma(2, common=False))}, {"size": [0, 1]}), 2),
    }


def mixture(family: Family, k: int = 2) -> Mixture:
    return Mixture(family, k, weights_prior=Dirichlet(np.arange(1, k + 1) + 0.5))


def held_models() -> dict[str, tuple[Mixture, int]]:
    """Return models with one block held known."""
    means = np.array([[-1.0, 0.0], [1.0, 0.5]])
    known = PointMass({"mean": means, "covariance": np.array([np.eye(2), 2.0 * np.eye(2)])})
    return {
        "weights": (Mixture(Gaussian(), 2, weights_prior=PointMass([0.3, 0.7])), 2),
        "emission": (Mixture(Gaussian(prior=known), 2), 2),
        "diagonal emission": (Mixture(Gaussian("diagonal", prior=known), 2), 2),
    }


def held_lines() -> Mixture:
    """Return a mixture of two known lines of two features."""
    known = PointMass({"coefficients": [[0.0, 1.0, 0.5], [1.0, -1.0, 0.0]], "noise_variance": [0.5, 2.0]})
    return Mixture(LinearRegression(prior=known), 2)


def experts() -> dict[str, tuple[MixtureOfExperts, int]]:
    """Return mixtures of experts, each with a number of columns, the target among them."""
    gate = NormalLogits([[0.4, 0.0, -0.5], [0.0, 0.3, 0.0], [0.1, 0.0, 0.2]], 0.7 * np.eye(3) + 0.2)
    lines_of_two = LinearRegression(prior=lines(3))
    return {
        "three experts": (MixtureOfExperts(lines_of_two, 3, gate), 3),
        "two experts": (MixtureOfExperts(LinearRegression(False, lines(2)), 2, NormalLogits(precision=0.5)), 3),
        "default prior": (MixtureOfExperts(LinearRegression(), 2), 2),
        "heavy tails": (MixtureOfExperts(heavy_tails()["student, regression"][0], 2), 3),
        "known gate": (MixtureOfExperts(lines_of_two, 2, PointMass([[0.5, 1.0, 0.0], [0.0, -1.0, 0.3]])), 3),
        "one expert": (MixtureOfExperts(lines_of_two, 1), 3),
    }


def chains() -> dict[str, tuple[HiddenMarkov, int]]:
    """Return hidden Markov models, each with a number of columns: plain, stationary, held in part, of one state."""
    every = {**families(), **counts(), **regressions(), **heavy_tails(), **products()}
    emissions = {name: every[name] for name in ("tied", "poisson", "regression", "student, full", "product")}
    rows = Dirichlet([[3.0, 1.5, 0.7], [1.0, 4.0, 2.0], [0.9, 1.1, 2.5]])
    known = PointMass([[0.8, 0.2], [0.3, 0.7]])
    return {
        **{name: (HiddenMarkov(family, 2), d) for name, (family, d) in emissions.items()},
        "three states": (HiddenMarkov(Gaussian(), 3, Dirichlet([2.0, 1.0, 0.5]), rows), 1),
        "stationary": (HiddenMarkov(counts()["poisson"][0], 3, transition_prior=rows, stationary=True), 2),
        "known transitions": (HiddenMarkov(Gaussian(), 2, transition_prior=known), 2),
        "known initial": (HiddenMarkov(Gaussian(), 2, initial_prior=PointMass([0.9, 0.1])), 2),
        "known stationary": (HiddenMarkov(Gaussian(), 2, transition_prior=known, stationary=True), 2),
        "one state": (HiddenMarkov(Gaussian(), 1), 2),
    }


def sequences_for(model: HiddenMarkov, d: int, missing: bool) -> tuple[Model, Rows]:
    """Return three sequences of two weights, some states known; with ``missing``, steps that were not observed."""
    built, rows = rows_for(model, d, labels=True)
    lengths = np.array([7, 1, 4])
    weights = np.repeat([1.0, 2.5, 1.0], lengths)
    absent = np.isin(np.arange(SIZE), [0, 3, 4, 11]) if missing else None
    values = rows.values.copy()
    values[[] if absent is None else absent] = np.nan
    return built, Rows(values, rows.coordinates, weights, rows.labels, lengths, absent)


def supported(family: Family, values: np.ndarray) -> np.ndarray:
    """Return the nearest rows that the family accepts: themselves, or made positive, whole, or zero and one."""
    if isinstance(family, Product):
        rows = np.empty_like(values)
        for part in family.parts:
            rows[:, part.place] = supported(part.family, values[:, part.place])
        return rows
    whole, answers = np.floor(np.abs(values)), (values > 3.0).astype(float)
    targets = np.column_stack([values[:, :-1], answers[:, -1]])
    for rows in (values, np.abs(values), whole, np.minimum(whole, 4.0), targets, answers):
        try:
            family.check_rows(rows)
        except PointmassError:
            continue
        return rows
    raise AssertionError(f"{family!r} accepts none of the rows made here")


def rows_for(model: object, d: int, seed: int = 0, weights: bool = False, labels: bool = False) -> tuple[Model, Rows]:
    rng = np.random.default_rng(seed)
    built = as_model(model)
    values = supported(built.family, 3.0 + 2.0 * rng.normal(size=(SIZE, d)) @ (np.eye(d) + 0.3))
    weight = rng.uniform(0.5, 3.0, size=SIZE) if weights else None
    known = rng.integers(-1, built.n_components, size=SIZE) if labels else None
    return built, Rows(values, built.coordinates(values, weight), weight, known)


def working_prior(model: Model, rows: Rows) -> Beliefs:
    prior = model.prior(rows.observed.values, rows.observed.weights)
    return {name: belief.mapped(rows.coordinates.inverse) for name, belief in prior.items()}


def prior_points(prior: Beliefs, count: int, seed: int = 1) -> list[Beliefs]:
    rng = np.random.default_rng(seed)
    return [{name: belief.draw(rng) for name, belief in prior.items()} for _ in range(count)]
