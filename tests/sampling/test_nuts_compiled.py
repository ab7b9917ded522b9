"""NUTS, compiled: against exact posteriors and Gibbs, both samplers, one seed one result, Ctrl-C."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sampling.cases import families, gamma, held_models, mixture, wishart
from sampling.enumeration import exact_draws

from pointmass import NUTS, VB, Gaussian, Gibbs, Mixture, NormalInverseGamma, load_fit
from pointmass.estimators.gate import free_entries
from pointmass.estimators.nuts import estimator
from pointmass.estimators.nuts.samplers import reuse
from pointmass.estimators.sampled import Sampled
from pointmass.models import Rows

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
SLOW = [pytest.mark.slow, pytest.mark.timeout(900)]


def mcse(array: np.ndarray) -> np.ndarray:
    from arviz_stats.base import array_stats

    return np.atleast_1d(array_stats.mcse(array, chain_axis=0, draw_axis=1))


def assert_agree(one: Sampled, other: Sampled, errors: float = 4.5) -> None:
    """Assert that the means of two samples agree within so many Monte Carlo standard errors."""
    for name, mask in free_entries(one.model_, one.prior_, np.random.default_rng(0)).items():
        if mask.any():
            first, second = one.draws_[name][:, :, mask], other.draws_[name][:, :, mask]
            error = np.hypot(mcse(first), mcse(second))
            distance = np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1)))
            assert (distance < errors * error).all(), (name, distance / error)


def assert_same_spreads(one: Sampled, other: Sampled, errors: float = 4.5) -> None:
    """Assert that squared distances from a common centre agree: a posterior too narrow can have the right means."""
    for name, mask in free_entries(one.model_, one.prior_, np.random.default_rng(0)).items():
        if mask.any():
            first, second = one.draws_[name][:, :, mask], other.draws_[name][:, :, mask]
            centre = second.mean(axis=(0, 1))
            first, second = (first - centre) ** 2, (second - centre) ** 2
            distance = np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1)))
            assert (distance < errors * np.hypot(mcse(first), mcse(second))).all(), name


def matched(fit: Sampled, like: Sampled) -> Sampled:
    """Put the components of one fit in the order of the other's first means: labels of a fit are arbitrary."""
    if fit.model_.has_latent:
        rank = like.estimate_["mean"][:, 0].argsort().argsort()
        order = fit.estimate_["mean"][:, 0].argsort()[rank]
        fit.draws_ = {name: np.take(array, order, axis=2) for name, array in fit.draws_.items()}
    return fit


def assert_exact(nuts: NUTS, exact: VB) -> None:
    for name, sample in nuts.draws_.items():
        error = mcse(sample.reshape(4, 1000, -1)).reshape(exact.estimate_[name].shape)
        assert (np.abs(nuts.estimate_[name] - exact.estimate_[name]) < 4.5 * error).all()
        assert sample.std(axis=(0, 1)) == pytest.approx(exact.uncertainty().sd[name], rel=0.15)


def test_the_posterior_of_a_gaussian(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one compiled model of the quick tests: the exact posterior, statistics, storage, and other rows with other
    weights and another prior, for which nothing is compiled again."""
    X = np.random.default_rng(3).normal(size=(25, 1)) + 1.0
    weights = np.random.default_rng(4).uniform(0.3, 2.0, size=25)
    model = Gaussian(prior=gamma(1, common=True))
    nuts = NUTS(model, rng=1).fit(X, sample_weight=weights)
    exact = VB(model).fit(X, sample_weight=weights)
    assert nuts.diagnostics_["reliable"] and nuts.diagnostics_["sampler"] == "nutpie"
    assert_exact(nuts, exact)
    assert {"diverging", "energy", "step_size", "n_steps", "tree_depth", "acceptance_rate", "lp"} == set(
        nuts.sample_stats_
    )
    assert 0.5 < nuts.sample_stats_["acceptance_rate"].mean() < 1.0 and nuts.diagnostics_["min_e_bfmi"] > 0.3
    restored = load_fit(nuts.to_datatree())
    assert np.array_equal(restored.score_samples(X), nuts.score_samples(X))
    assert np.array_equal(restored.sample_stats_["energy"], nuts.sample_stats_["energy"])
    monkeypatch.setattr("nutpie.compile_pymc_model", None)
    other = Gaussian(prior=NormalInverseGamma(mean=0.3, kappa=0.7, shape=2.7, scale=1.3))
    assert_exact(
        NUTS(other, rng=2).fit(7.0 * X**2 - 20.0, sample_weight=weights[::-1]),
        VB(other).fit(7.0 * X**2 - 20.0, sample_weight=weights[::-1]),
    )


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_compiled_form_is_used_again_to_the_last_bit() -> None:
    """What NUTS draws does not depend on what was compiled before it."""
    model = Mixture(Gaussian(prior=gamma(1, common=True)), 2)
    first, second = (np.random.default_rng(seed).normal(size=(30, 1)) for seed in (1, 2))
    reuse._compiled.clear()
    alone = NUTS(model, chains=1, draws=100, tune=100, rng=3).fit(second)
    reuse._compiled.clear()
    NUTS(model, chains=1, draws=100, tune=100, rng=3).fit(first)
    after = NUTS(model, chains=1, draws=100, tune=100, rng=3).fit(second)
    assert len(reuse._compiled) == 1
    assert all(np.array_equal(alone.draws_[name], after.draws_[name]) for name in alone.draws_)


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["full", "tied", "diagonal", "spherical", "one column, wishart"])
def test_independent_rows_against_the_exact_posterior(name: str) -> None:
    family, d = families()[name]
    X = np.random.default_rng(3).normal(size=(40, d)) + 1.0
    assert_agree(NUTS(family, rng=1).fit(X), Gibbs(family, draws=4000, rng=1).fit(X))


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_mixtures_against_gibbs(covariance: str) -> None:
    X = np.random.default_rng(3).normal(size=(120, 2)) + 3.5 * (np.arange(120) % 2)[:, None]
    labels = np.where(np.arange(120) < 10, np.arange(120) % 2, -1)
    weights = 1 + np.arange(120) % 2
    model = Mixture(Gaussian(covariance), 2)
    nuts = NUTS(model, rng=1).fit(X, labels=labels, sample_weight=weights)
    gibbs = Gibbs(model, draws=4000, rng=2).fit(X, labels=labels, sample_weight=weights)
    assert nuts.diagnostics_["reliable"] and gibbs.diagnostics_["reliable"]
    assert_agree(nuts, gibbs)


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["weights", "emission"])
def test_blocks_held_known(name: str) -> None:
    model, d = held_models()[name]
    X = np.random.default_rng(3).normal(size=(80, d)) * 0.7 + 3.5 * (np.arange(80) % 10 < 7)[:, None]
    nuts, gibbs = NUTS(model, rng=1).fit(X), Gibbs(model, draws=4000, rng=2).fit(X)
    assert_agree(matched(nuts, gibbs), gibbs)


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("prior", [gamma(1, common=True), wishart(1)], ids=["gamma", "wishart"])
def test_tiny_mixtures_against_enumeration(prior: object) -> None:
    """Unequal concentrations hold the labels still, so the means can be compared as they are."""
    X = np.random.default_rng(5).normal(size=(8, 1)) + 1.5 * (np.arange(8) % 2)[:, None]
    nuts = NUTS(mixture(Gaussian(prior=prior)), draws=4000, rng=2).fit(X)
    rows = Rows(X, nuts.coordinates_)
    exact = exact_draws(nuts.model_, rows, nuts._working(nuts.prior_), 40_000, np.random.default_rng(6))
    for name in ("weights", "mean"):
        sample = nuts.draws_[name] if name == "weights" else np.arctan(nuts.draws_[name])
        mapped = exact[name] if name == "weights" else np.arctan(nuts.coordinates_.apply(exact[name]))
        error = np.hypot(mcse(sample.reshape(4, 4000, -1)), mapped.reshape(40_000, -1).std(axis=0) / 200.0)
        distance = np.abs(sample.mean(axis=(0, 1)) - mapped.mean(axis=0)).ravel()
        assert (distance < 4.5 * error).all(), (name, distance / error)


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_both_samplers_agree() -> None:
    X = np.random.default_rng(3).normal(size=(120, 1)) + 4.0 * (np.arange(120) % 2)[:, None]
    model = Mixture(Gaussian(), 2)
    one, other = (NUTS(model, rng=1, sampler=sampler).fit(X) for sampler in ("nutpie", "pymc"))
    assert other.diagnostics_["sampler"] == "pymc" and set(one.sample_stats_) == set(other.sample_stats_)
    assert_agree(matched(one, other), other)


@QUIET
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(3).normal(size=(40, 1))
    draws = []
    for threads in (1, 3):
        monkeypatch.setattr(estimator, "thread_count", lambda count=threads: count)
        draws.append(NUTS(Gaussian(prior=gamma(1, common=True)), draws=200, rng=1).fit(X).draws_["mean"])
    assert np.array_equal(*draws)


SCRIPT = """
import sys, warnings
import numpy as np
from pointmass import NUTS, Gaussian, Mixture
from pointmass.inference.progress import Progress
warnings.simplefilter("ignore")
Progress.say = lambda self, state: print(state, flush=True)
X = np.random.default_rng(3).normal(size=(60, 1)) + 4.0 * (np.arange(60) % 2)[:, None]
fit = NUTS(Mixture(Gaussian(), 2), draws=int(sys.argv[1]), sampler=sys.argv[2], rng=1).fit(X)
print("draws", fit.draws_["mean"].tobytes().hex())
"""


def start(draws: int, sampler: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={folder}"}
    command = [sys.executable, "-c", SCRIPT, str(draws), sampler]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def digest(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate()
    assert process.returncode == 0, errors[-2000:]
    return hashlib.sha256(out.rpartition("draws ")[2].strip().encode()).hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_fault_079_a_cold_and_a_warm_cache_draw_the_same(sampler: str, tmp_path: Path) -> None:
    cold = digest(start(300, sampler, tmp_path))
    assert digest(start(300, sampler, tmp_path)) == cold


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fault_077_two_processes_compile_at_once(tmp_path: Path) -> None:
    both = [start(300, "nutpie", tmp_path) for _ in range(2)]
    assert digest(both[0]) == digest(both[1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fault_071_ctrl_c_ends_nutpie(tmp_path: Path) -> None:
    """Interrupted while it samples, it ends within seconds, and nothing is returned."""
    process = start(2_000_000, "nutpie", tmp_path)
    assert process.stdout is not None
    while "of 4 chains" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(1.0)
    interrupted = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert time.monotonic() - interrupted < 10.0
    assert process.returncode != 0 and "KeyboardInterrupt" in errors and "draws" not in out


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fault_071_ctrl_c_ends_pymc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyMC is interrupted from inside, at a draw: it returns a short trace, which is refused."""
    import pymc as pm

    original = pm.sample

    def interrupt(trace: object, draw: object) -> None:
        if draw.draw_idx > 150:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    monkeypatch.setattr(pm, "sample", lambda **options: original(**options, callback=interrupt))
    nuts = NUTS(Gaussian(prior=gamma(1, common=True)), draws=200, tune=100, sampler="pymc", rng=0)
    with pytest.raises(KeyboardInterrupt, match="thrown away"):
        nuts.fit(np.random.default_rng(3).normal(size=(40, 1)))
    assert not hasattr(nuts, "draws_")
