"""What every sampled fit does: options, starts, one seed one result, prediction, storage, honesty."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pointmass import (
    MAP,
    VB,
    Dirichlet,
    Gaussian,
    Gibbs,
    LinearRegression,
    Mixture,
    MixtureOfExperts,
    NormalInverseGamma,
    PointmassError,
    load_dataset,
    load_fit,
)
from pointmass.estimators import ESTIMATORS, overdispersion
from pointmass.estimators.overdispersion import chain_starts, posterior_optima, reference_draws
from pointmass.models import Rows, as_model

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
SAMPLERS = ["gibbs", "nuts"]


def clusters(n: int = 80, separation: float = 6.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 2)) + separation * (np.arange(n) % 2)[:, None]


@pytest.fixture(scope="module")
def fit() -> Gibbs:
    return Gibbs(Mixture(Gaussian(), 2), rng=0).fit(clusters())


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("draws", 0, "draws must be an integer of at least 100, got 0"),
        ("draws", 99, "draws must be an integer of at least 100"),
        ("chains", 0, "chains must be an integer of at least 1"),
        ("chains", True, "chains must be an integer"),
        ("tune", -1, "tune must be an integer of at least 0"),
    ],
)
def test_fault_073_draws_and_chains(name: str, option: str, value: object, message: str) -> None:
    with pytest.raises(PointmassError, match=message):
        ESTIMATORS[name](Gaussian(), **{option: value}).fit(clusters())


@pytest.mark.parametrize("name", SAMPLERS)
def test_fault_081_a_posterior_too_large(name: str) -> None:
    with pytest.raises(PointmassError, match=r"would hold 44\.7 GiB of parameters; ask for fewer draws"):
        ESTIMATORS[name](Gaussian(), draws=250_000_000).fit(clusters())


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_improper_prior_is_refused(name: str) -> None:
    flat = NormalInverseGamma(mean=0.0, kappa=0.0, shape=0.5, scale=0.0)
    with pytest.raises(PointmassError, match=f"{ESTIMATORS[name].method_name} needs a proper prior"):
        ESTIMATORS[name](Gaussian(prior=flat)).fit([1.0, 2.0, 3.0])


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(PointmassError, match="sampler must be one of nutpie, pymc; got 'nutpi'; did you mean"):
        ESTIMATORS["nuts"](Gaussian(), sampler="nutpi").fit(clusters())


def test_the_result(fit: Gibbs) -> None:
    assert fit.kind == "draws" and fit.belief_ == {} and fit.restarts_ == []
    assert {name: array.shape for name, array in fit.draws_.items()} == {
        "weights": (4, 1000, 2),
        "mean": (4, 1000, 2, 2),
        "covariance": (4, 1000, 2, 2, 2),
    }
    for name, array in fit.draws_.items():
        assert fit.estimate_[name] == pytest.approx(array.mean(axis=(0, 1)))
    assert fit.status_ == "converged" and fit.converged_ and fit.diagnostics_["reliable"]
    assert fit.n_iter_ == 8000 and fit.warnings_ == [] and np.isfinite(fit.log_likelihood_)
    keys = {"reliable", "reasons", "max_rhat", "min_ess_bulk", "min_ess_tail", "divergences", "boundary_share"}
    assert keys | {"ambiguous_labels", "reruns", "sampler", "starts", "thinning"} <= set(fit.diagnostics_)


def test_it_predicts_by_averaging_over_draws(fit: Gibbs) -> None:
    X = clusters()
    probabilities = fit.predict_proba(X)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(80), abs=1e-12)
    assert abs(np.corrcoef(fit.predict(X), np.arange(80) % 2)[0, 1]) > 0.99
    vb = VB(Mixture(Gaussian(), 2), rng=0).fit(X)
    assert fit.score(X) == pytest.approx(vb.score(X), abs=0.02)
    assert fit.uncertainty().method == "draws"


def test_it_is_restored(fit: Gibbs) -> None:
    restored = load_fit(fit.to_datatree(observed_data=True))
    X = clusters()
    assert np.array_equal(restored.predict_proba(X), fit.predict_proba(X))
    assert np.array_equal(restored.score_samples(X), fit.score_samples(X))
    assert restored.diagnostics_ == fit.diagnostics_ and restored.status_ == fit.status_
    assert all(np.array_equal(restored.draws_[name], fit.draws_[name]) for name in fit.draws_)


def test_arviz_reads_it(fit: Gibbs) -> None:
    import arviz_stats

    tree = fit.to_datatree(log_likelihood=True)
    table = arviz_stats.summary(tree, round_to="none")
    assert table["r_hat"].loc["mean[0, 0]"] < 1.01
    assert np.isfinite(arviz_stats.loo(tree).elpd)


@QUIET
def test_one_seed_gives_one_result() -> None:
    X = clusters(30)
    first, second = (Gibbs(Mixture(Gaussian(), 2), draws=100, tune=10, rng=5).fit(X) for _ in range(2))
    other = Gibbs(Mixture(Gaussian(), 2), draws=100, tune=10, random_state=6).fit(X)
    assert np.array_equal(first.draws_["mean"], second.draws_["mean"])
    assert not np.array_equal(first.draws_["mean"], other.draws_["mean"])


def test_far_from_the_origin_as_near_it() -> None:
    model = Mixture(Gaussian(), 2)
    near = Gibbs(model, draws=200, tune=50, chains=4, rng=0).fit(clusters(40))
    far = Gibbs(model, draws=200, tune=50, chains=4, rng=0).fit(clusters(40) + 1e8)
    assert far.estimate_["mean"] - 1e8 == pytest.approx(near.estimate_["mean"], abs=1e-5)


def test_fault_080_overlap_is_said() -> None:
    """One cluster fitted by two components: slow chains, labels without meaning, both in a sentence."""
    X = np.random.default_rng(1).normal(size=(60, 1))
    with pytest.warns(match="PointmassWarning|not reliable|label boundary") as caught:
        fit = Gibbs(Mixture(Gaussian(), 2), draws=1000, chains=2, tune=10, rng=0).fit(X)
    assert not fit.diagnostics_["reliable"] and fit.status_ == "max_iter" and not fit.converged_
    assert fit.diagnostics_["ambiguous_labels"] and fit.diagnostics_["boundary_share"] > 0.05
    messages = [str(warning.message) for warning in caught]
    assert any("not reliable as a reference: " in message for message in messages)
    assert any("of the draws lie near a label boundary" in message for message in messages)


@QUIET
def test_chains_go_on_until_they_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails the gate is run 4 times, then 16 times as long; as many draws are kept."""
    from pointmass.estimators import sampled

    assess = sampled.assess
    verdicts = iter([False, False, True])
    monkeypatch.setattr(sampled, "assess", lambda *arguments: {**assess(*arguments), "reliable": next(verdicts)})
    fit = Gibbs(Mixture(Gaussian(), 2), draws=110, tune=10, rng=0).fit(clusters(20))
    assert fit.diagnostics_["reruns"] == 2 and fit.diagnostics_["thinning"] == 16
    assert fit.draws_["mean"].shape[:2] == (4, 110)
    assert fit.n_iter_ == 4 * (10 + 110 * (1 + 4 + 16))


@QUIET
def test_what_cannot_pass_is_not_run_again() -> None:
    fit = Gibbs(Mixture(Gaussian(), 2), draws=100, chains=2, tune=10, rng=0).fit(clusters(20))
    assert fit.diagnostics_["reruns"] == 0 and not fit.diagnostics_["reliable"]


# -- starts -------------------------------------------------------------------------------------------------


def rows_of(model: object, X: np.ndarray) -> Rows:
    return Rows(X, as_model(model).coordinates(X, None))


def test_chains_start_at_the_optima_and_wider_than_the_posterior() -> None:
    model = as_model(Mixture(Gaussian(), 2))
    X = clusters(200)
    optima = posterior_optima(model, rows_of(model, X), np.random.default_rng(0))
    starts = chain_starts(optima, 200, np.random.default_rng(1))
    at = [start for start in starts if start.description.startswith("at optimum")]
    assert len(at) == len(optima)
    wide = np.array([start.beliefs["emission"].parameters["mean"] for start in starts[len(at) :]])
    spread = optima[0]._working(optima[0].belief_)["emission"].parameter_sd()["mean"]
    assert (wide.std(axis=0) > 1.7 * spread).all()
    assert "times the mean-field spread" in starts[-1].description


def test_distinct_optima_are_kept_and_negligible_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = iter([-100.0, -100.0000001, -103.0, -150.0, -100.0, -103.0000001, -100.0, -100.0, -100.0, -100.0])

    class Fit:
        converged_ = True

        def __init__(self) -> None:
            self.objective_history_ = np.array([next(bounds)])

    monkeypatch.setattr(overdispersion, "_fit", lambda *arguments: Fit())
    model = as_model(Mixture(Gaussian(), 2))
    found = posterior_optima(model, rows_of(model, clusters(20)), np.random.default_rng(0))
    assert [fit.objective_history_[-1] for fit in found] == [-100.0, -103.0]


def test_modes_stand_in_where_updates_are_not_conjugate() -> None:
    """Chains start at MAP's optima; what their labels are judged by has the standard deviations of the information."""
    data = load_dataset("mixture_of_experts", n=300, rng=0)
    model = MixtureOfExperts(LinearRegression(), 2)
    values = np.column_stack([data.X, data.y])
    optima = posterior_optima(model, rows_of(model, values), np.random.default_rng(0))
    assert all(isinstance(fit, MAP) for fit in optima)
    starts = chain_starts(optima, 4, np.random.default_rng(1))
    assert (
        "log posterior density" in starts[0].description
        and "2.0 times the information's spread" in starts[-1].description
    )
    found = model.public(reference_draws(optima[0], 2000, np.random.default_rng(2)))
    sd = optima[0].uncertainty("information").sd
    for name in ("gate", "coefficients"):
        assert found[name].mean(axis=0) == pytest.approx(optima[0].estimate_[name], abs=5e-2)
        assert found[name][:, :, -1].std(axis=0) == pytest.approx(sd[name][:, -1], rel=0.1)


def test_one_chain_is_left_to_be_overdispersed() -> None:
    model = as_model(Mixture(Gaussian(), 2))
    optima = posterior_optima(model, rows_of(model, clusters(20)), np.random.default_rng(0)) * 6
    starts = chain_starts(optima, 4, np.random.default_rng(1))
    assert [start.description.startswith("at optimum") for start in starts] == [True, True, True, False]


def test_starts_stay_finite_where_components_die() -> None:
    """A sparse Dirichlet leaves components empty: their log weights are astronomically small and wide."""
    model = as_model(Mixture(Gaussian(), 4, weights_prior=Dirichlet(0.001)))
    optima = posterior_optima(model, rows_of(model, clusters(40)), np.random.default_rng(0))
    for start in chain_starts(optima, 4, np.random.default_rng(1)):
        for point in start.beliefs.values():
            assert all(np.isfinite(array).all() for array in point.parameters.values())


def test_importing_the_package_imports_no_sampler() -> None:
    code = "import sys, pointmass.estimators; print({'pymc', 'pytensor', 'nutpie', 'arviz_stats'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
