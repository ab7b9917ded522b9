"""Families side by side: what they do together is what each does alone, and naming or ordering them plays no role."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    Bernoulli,
    Beta,
    Categorical,
    Dirichlet,
    Enumeration,
    Exponential,
    Gamma,
    Gaussian,
    Gibbs,
    HiddenMarkov,
    IncompleteGaussian,
    LinearRegression,
    Mixture,
    PointMass,
    PointmassError,
    Poisson,
    Product,
    load_dataset,
    load_fit,
    select,
)
from pointmass.families.family import Family
from pointmass.models import model_from_dict

pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")

PARTS = {"size": Gaussian(), "visits": Poisson(), "colour": Categorical(3), "wait": Exponential()}
COLUMNS = {"size": [4, 0], "visits": [1], "colour": [2], "wait": [3]}
LOWEST = 0.45


def rows(n: int = 120, seed: int = 3) -> np.ndarray:
    """Return rows of two classes: sizes in columns 4 and 0, a count, a code and a time."""
    rng = np.random.default_rng(seed)
    high = rng.random(n) < LOWEST
    sizes = rng.normal(size=(n, 2)) @ [[1.0, 0.4], [0.0, 0.8]] + 2.5 * high[:, None]
    codes = np.where(high, rng.integers(0, 3, n), rng.integers(0, 2, n))
    return np.column_stack([sizes[:, 1], rng.poisson(2 + 3 * high), codes, rng.exponential(1 + high), sizes[:, 0]])


X = rows()
MIXED = Product(PARTS, COLUMNS)


def alone(name: str) -> tuple[Family, np.ndarray]:
    return PARTS[name], X[:, COLUMNS[name]]


def public(name: str, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return one part's parameters out of those of the product, under its own names."""
    return {key.removeprefix(f"{name}_"): a for key, a in parameters.items() if key.startswith(f"{name}_")}


def equal(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> bool:
    """Whether both have the same numbers to the last digit; what one does not tell (NaN) the other must not either."""
    return set(ours) == set(theirs) and all(np.array_equal(ours[k], theirs[k], equal_nan=True) for k in ours)


@pytest.mark.parametrize("estimator", [MLE, MAP, VB])
def test_without_latents_every_part_is_fitted_as_if_alone(estimator):
    fit, own = estimator(MIXED).fit(X), {name: estimator(alone(name)[0]).fit(alone(name)[1]) for name in PARTS}
    for name, part in own.items():
        ours = public(name, fit.estimate_)
        assert set(ours) == set(part.estimate_)
        assert all(ours[key] == pytest.approx(array, rel=1e-12) for key, array in part.estimate_.items())
    assert fit.log_likelihood_ == pytest.approx(sum(part.log_likelihood_ for part in own.values()), rel=1e-13)
    scores = sum(part.score_samples(alone(name)[1]) for name, part in own.items())
    assert fit.score_samples(X) == pytest.approx(scores, rel=1e-12)
    if estimator is VB:
        assert fit.elbo_ == pytest.approx(sum(part.elbo_ for part in own.values()), rel=1e-13)
        sd = fit.uncertainty("linear_response").sd
        for name, part in own.items():
            for key, array in part.uncertainty("linear_response").sd.items():
                assert public(name, sd)[key] == pytest.approx(array, rel=1e-8)


ONE = {
    "full": (Gaussian(), [0, 4]),
    "tied": (Gaussian("tied"), [0, 4]),
    "diagonal": (Gaussian("diagonal"), [0, 4]),
    "spherical": (Gaussian("spherical"), [0, 4]),
    "poisson": (Poisson(), [1]),
    "categorical": (Categorical(), [2]),
    "exponential": (Exponential(), [3]),
}


def pair(name: str) -> tuple[Family, Product, np.ndarray]:
    family, columns = ONE[name]
    return family, Product({"part": family}, {"part": list(range(len(columns)))}), X[:, columns]


def stripped(parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key.removeprefix("part_"): array for key, array in parameters.items()}


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_one_part_is_that_family_to_the_last_digit(estimator, name):
    family, product, values = pair(name)
    theirs, ours = (estimator(Mixture(model, 2), n_init=2, rng=0).fit(values) for model in (family, product))
    assert equal(stripped(ours.estimate_), theirs.estimate_)
    assert np.array_equal(ours.objective_history_, theirs.objective_history_)
    assert np.array_equal(ours.score_samples(values), theirs.score_samples(values))
    assert ours.status_ == theirs.status_
    method = "linear_response" if estimator is VB else "information"
    if theirs.status_ == "converged":
        assert equal(stripped(ours.uncertainty(method).sd), theirs.uncertainty(method).sd)


@pytest.mark.parametrize("name", ["full", "poisson"])
def test_one_part_is_drawn_as_that_family_is(name):
    family, product, values = pair(name)
    theirs, ours = (
        Gibbs(Mixture(model, 2), chains=2, draws=100, tune=20, rng=0).fit(values[:40]) for model in (family, product)
    )
    assert equal(stripped(ours.draws_), theirs.draws_)
    drawn = [VB(Mixture(m, 2), n_init=1, rng=0).fit(values).uncertainty("importance", rng=1) for m in (family, product)]
    assert equal(stripped(drawn[1].sd), drawn[0].sd)


@pytest.mark.parametrize("estimator", [EM, VB])
def test_a_chain_of_one_part_is_that_family_s_chain(estimator):
    family, product, values = pair("full")
    theirs, ours = (estimator(HiddenMarkov(m, 2), n_init=1, rng=0).fit(values) for m in (family, product))
    assert equal(stripped(ours.estimate_), theirs.estimate_)
    assert np.array_equal(ours.predict(values), theirs.predict(values))


def test_a_chain_of_mixed_columns_bridges_missing_steps():
    values = X.copy()
    values[[5, 6, 40]] = np.nan
    fit = VB(HiddenMarkov(MIXED, 2), n_init=1, rng=0).fit(values, lengths=[60, 60])
    assert np.all(np.diff(fit.objective_history_) >= -1e-9)
    assert fit.predict_proba(values, lengths=[60, 60]).sum(1) == pytest.approx(1.0)


def test_bernoullis_side_by_side_are_latent_class_analysis():
    """Goodman's two classes of students, from the same start: Bernoulli's own columns and one part for each."""
    data = load_dataset("role_conflict")
    answers = np.asarray(data.X)
    start = np.random.default_rng(0).dirichlet([1.0, 1.0], size=len(answers))
    parts = Product({f"answer{j}": Bernoulli() for j in range(4)})
    own, ours = (
        EM(Mixture(model, 2), init=start, rng=0, acceleration="none").fit(answers) for model in (Bernoulli(), parts)
    )
    joined = np.column_stack([ours.estimate_[f"answer{j}_probability"] for j in range(4)])
    assert joined == pytest.approx(own.estimate_["probability"], abs=1e-10)
    assert ours.estimate_["weights"] == pytest.approx(own.estimate_["weights"], abs=1e-10)
    assert ours.log_likelihood_ == pytest.approx(own.log_likelihood_, rel=1e-12)
    first = int(np.argmin(ours.estimate_["weights"]))
    assert ours.estimate_["weights"][first] == pytest.approx(0.279, abs=5e-4)  # Goodman (1974)
    assert joined[first] == pytest.approx([0.993, 0.940, 0.927, 0.769], abs=5.1e-4)
    assert joined[1 - first] == pytest.approx([0.714, 0.330, 0.354, 0.132], abs=5.1e-4)


def test_a_diagonal_gaussian_is_the_product_of_its_columns():
    start = np.random.default_rng(1).dirichlet([1.0, 1.0], size=len(X))
    one, two = Gaussian("diagonal"), Product({"a": Gaussian(), "b": Gaussian()})
    fits = [EM(Mixture(m, 2), init=start, acceleration="none").fit(X[:, [0, 4]]) for m in (one, two)]
    means = np.column_stack([fits[1].estimate_["a_mean"], fits[1].estimate_["b_mean"]])
    assert means == pytest.approx(fits[0].estimate_["mean"], rel=1e-8)
    assert fits[1].log_likelihood_ == pytest.approx(fits[0].log_likelihood_, rel=1e-12)


def test_the_order_in_which_parts_are_named_plays_no_role():
    names = ["wait", "colour", "size", "visits"]
    other = Product({name: PARTS[name] for name in names}, {name: COLUMNS[name] for name in reversed(names)})
    assert other == MIXED and hash(other) == hash(MIXED) and repr(other) == repr(MIXED)


def test_moving_the_columns_moves_nothing_else():
    order = [2, 4, 1, 0, 3]
    places = {name: [order.index(column) for column in columns] for name, columns in COLUMNS.items()}
    for estimator in (EM, VB):
        start = np.random.default_rng(2).dirichlet([1.0, 1.0], size=len(X))
        one = estimator(Mixture(MIXED, 2), init=start).fit(X)
        two = estimator(Mixture(Product(PARTS, places), 2), init=start).fit(X[:, order])
        for name, array in one.estimate_.items():
            assert two.estimate_[name] == pytest.approx(array, rel=1e-6, abs=1e-9)
        assert two.objective_history_[-1] == pytest.approx(one.objective_history_[-1], rel=1e-11)


def test_a_small_mixed_mixture_agrees_with_enumeration():
    proper = Product(
        {
            "size": Gaussian("spherical"),
            "visits": Poisson(Gamma(2.0, 1.0)),
            "colour": Categorical(3, Dirichlet(1.0)),
        }
    )
    values = X[:9, [0, 1, 2]]
    model = Mixture(proper, 2)
    exact, vb = Enumeration(model, rng=0).fit(values), VB(model, n_init=5, rng=0).fit(values)
    assert vb.elbo_ <= exact.log_evidence_
    known = {"importance": vb.uncertainty("importance", rng=0)}
    estimates = [one for one in vb.evidence(rng=1, known=known) if one.kind == "estimate"]
    assert estimates
    assert all(abs(one.value - exact.log_evidence_) < 5.0 * one.mc_error + 1e-3 for one in estimates)


def test_a_fit_is_stored_pickled_and_copied_whole():
    for estimator in (MAP, VB):
        fit = estimator(Mixture(MIXED, 2), n_init=1, rng=0).fit(X)
        for other in (load_fit(fit.to_datatree(draws=20, rng=0)), pickle.loads(pickle.dumps(fit)), copy.deepcopy(fit)):
            assert type(other.prior_["emission"]) is type(fit.prior_["emission"])
            assert np.array_equal(other.score_samples(X), fit.score_samples(X))
            assert equal(other.estimate_, fit.estimate_)


def test_a_factorised_belief_is_that_of_each_part():
    model = Product({"size": Gaussian("diagonal"), "visits": Poisson()})
    fit = load_fit(VB(model, belief="factorised").fit(X[:, [0, 1]]).to_datatree(draws=10, rng=0))
    size = VB(Gaussian("diagonal"), belief="factorised").fit(X[:, 0])
    visits = VB(Poisson()).fit(X[:, 1])
    assert fit.elbo_ == pytest.approx(size.elbo_ + visits.elbo_, rel=1e-12)
    assert fit.uncertainty("mean_field").sd["size_mean"] == pytest.approx(size.uncertainty("mean_field").sd["mean"])


def test_the_model_survives_its_own_tree():
    model = Mixture(Product({**PARTS, "size": Gaussian("diagonal")}, COLUMNS), 3)
    assert model_from_dict(model.to_dict()) == model
    visits = {"poisson": {"prior": {"gamma": {"shape": 2.0, "rate": 1.0}}}}
    tree = {"product": {"families": {"size": "gaussian", "visits": visits}}}
    read = model_from_dict({"mixture": {"family": tree, "n_components": 2}})
    assert read == Mixture(Product({"size": Gaussian(), "visits": Poisson(Gamma(2.0, 1.0))}), 2)
    with pytest.raises(PointmassError, match="poison") as caught:
        model_from_dict({"product": {"families": {"visits": "poison"}}})
    assert caught.value.path == ("product", "families", "visits", "poison")


def test_what_one_part_holds_known_stays_known():
    known = Poisson(PointMass({"rate": [[2.0], [5.0]]}))
    model = Mixture(Product({"size": Gaussian(), "visits": known}), 2)
    for estimator in (EM, VB):
        fit = estimator(model, n_init=2, rng=0).fit(X[:, [0, 1]])
        assert fit.estimate_["visits_rate"].tolist() == [[2.0], [5.0]]
        assert fit.uncertainty().sd["visits_rate"] == pytest.approx(0.0, abs=1e-12)
        assert (fit.uncertainty().sd["size_mean"] > 0).all()
    alone = VB(Product({"size": Gaussian(), "visits": Poisson(PointMass({"rate": [2.0]}))})).fit(X[:, [0, 1]])
    density = MLE(Poisson(PointMass({"rate": [2.0]}))).fit(X[:, 1]).log_likelihood_
    assert alone.elbo_ == pytest.approx(VB(Gaussian()).fit(X[:, 0]).elbo_ + density, rel=1e-12)


def test_a_rate_of_zero_is_on_the_edge_whatever_stands_beside_it():
    values = np.column_stack([np.r_[np.zeros(20), np.full(20, 9.0)] + X[:40, 0], np.r_[np.zeros(20), np.arange(1, 21)]])
    fit = EM(Mixture(Product({"size": Gaussian(), "visits": Poisson()}), 2), n_init=2, rng=0).fit(values)
    assert fit.status_ == "boundary" and any("visits_rate" in message for message in fit.warnings_)


def test_each_part_is_held_up_by_its_own_floor():
    """A Gaussian's floor would be a ceiling of a waiting time's rate: a count's must know nothing of it."""
    values = np.column_stack([np.arange(5.0), np.full(5, 3e7)])
    assert MLE(Product({"size": Gaussian(), "visits": Poisson()})).fit(values).estimate_["visits_rate"] == 3e7


def test_rows_far_out_are_settled_by_all_parts():
    fit = EM(Mixture(Product({"size": Gaussian("tied"), "answer": Bernoulli()}), 2), rng=0, n_init=2).fit(
        np.column_stack([X[:, 0], X[:, 1] > 3])
    )
    far = fit.predict_proba([[1e300, 0.0], [-1e300, 1.0], [0.0, 1.0]])
    assert np.isfinite(far).all() and far.sum(1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("families", "columns", "message"),
    [
        ({}, None, "must be a dict from names to families"),
        ({"line": LinearRegression()}, None, "is a regression"),
        ({"a": Product({"b": Gaussian()})}, None, "is a product itself"),
        ({"a": "gaussian"}, None, "must be a family"),
        ({"1": Gaussian()}, None, "a letter first"),
        ({"a": Gaussian()}, {"b": [0]}, "columns must be a dict with a"),
        ({"a": Gaussian(), "b": Poisson()}, {"a": [0], "b": [0]}, "exactly one part"),
        ({"a": Gaussian(), "b": Poisson()}, {"a": [0], "b": [2]}, "exactly one part"),
        ({"a": Gaussian()}, {"a": [True]}, "must be numbers of columns"),
        ({"a": Gaussian()}, {"a": []}, "must be numbers of columns"),
    ],
)
def test_impossible_products_are_refused(families, columns, message):
    with pytest.raises(PointmassError, match=message):
        Product(families, columns)


def test_errors_say_which_part_they_mean():
    model = Product({"size": Gaussian(), "visits": Poisson(prior=Gamma(2.0, 1.0))})
    with pytest.raises(PointmassError, match="the parts share 2 columns"):
        MLE(model).fit(X)
    with pytest.raises(PointmassError, match=r"part 'visits' \(columns 1 of the data\)"):
        MLE(model).fit(X[:, [0, 4]])
    with pytest.raises(PointmassError, match="visits"):
        VB(Product({"visits": Bernoulli(Beta([1.0, 2.0], 1.0))})).fit(np.ones((3, 1)))


NAMED = Product(PARTS, {"size": ["g", "a"], "visits": "visits", "colour": ["code"], "wait": ["wait"]})
NAMES = ["a", "visits", "code", "wait", "g"]


def test_columns_by_name_are_those_columns_whatever_their_order():
    frame = pd.DataFrame(X, columns=NAMES)
    numbered, named = (EM(Mixture(model, 2), n_init=2, rng=0).fit(frame) for model in (MIXED, NAMED))
    assert equal(named.estimate_, numbered.estimate_)
    turned = EM(Mixture(NAMED, 2), n_init=2, rng=0).fit(frame[["wait", "g", "code", "a", "visits"]])
    assert turned.log_likelihood_ == pytest.approx(numbered.log_likelihood_, abs=1e-6)
    assert np.array_equal(load_fit(named.to_datatree()).predict(frame), named.predict(frame))
    assert model_from_dict(NAMED.to_dict()).family == NAMED
    assert select(Mixture(NAMED, 2), frame, n_components=[1, 2], criteria=["bic"], n_init=1, rng=0).rungs


@pytest.mark.parametrize(
    ("columns", "data", "message"),
    [
        (["a", "b"], X[:, :2], "by name, and the data have none; fit a DataFrame"),
        (["a", "bb"], pd.DataFrame(X[:, :2], columns=["a", "b"]), "no column 'bb'; did you mean 'b'"),
        (["a", "b"], pd.DataFrame(X[:, :3], columns=["a", "b", "c"]), "no part has the columns 'c'"),
        (["a", "a"], pd.DataFrame(X[:, :1], columns=["a"]), "exactly one part"),
    ],
)
def test_names_that_lead_nowhere_are_said(columns, data, message):
    with pytest.raises(PointmassError, match=message):
        MLE(Product({"x": Gaussian(), "y": Gaussian()}, {"x": columns[0], "y": columns[1]})).fit(data)


def test_missing_cells_are_refused_by_column():
    values = pd.DataFrame(X[:, [0, 1]], columns=["size", "visits"])
    values.loc[3, "size"] = np.nan
    with pytest.raises(PointmassError, match=r"NaN \(first at row 3, column 'size'\).*not in a Product"):
        EM(Mixture(Product({"size": IncompleteGaussian(), "visits": Poisson()}), 2)).fit(values)


@pytest.mark.slow
def test_gibbs_of_several_free_parts_is_the_exact_posterior():
    """Against all 2⁸ assignments of eight rows to two components whose priors tell them apart."""
    parts = {"visits": Poisson(Gamma([[2.0], [12.0]], 2.0)), "answer": Bernoulli(Beta([[4.0], [1.0]], [[1.0], [3.0]]))}
    model = Mixture(Product(parts), 2, weights_prior=Dirichlet([2.0, 3.0]))
    values = np.column_stack([[0, 1, 7, 2, 5, 9, 1, 4], [1, 1, 0, 1, 0, 0, 0, 1]]).astype(float)
    exact, gibbs = Enumeration(model, rng=0).fit(values), Gibbs(model, draws=4000, tune=200, rng=1).fit(values)
    for name, mean in exact.estimate_.items():
        sd, found = exact.uncertainty().sd[name], gibbs.draws_[name].mean(axis=(0, 1))
        assert gibbs.diagnostics_["min_ess_bulk"] > 2000
        assert (np.abs(found - mean) < 4.5 * sd * np.sqrt(1.0 / 2000 + 1.0 / 4000)).all(), name
        assert gibbs.uncertainty().sd[name] == pytest.approx(sd, rel=0.08)
