"""NUTS without compiling: what is asked of a sampler, what is refused, and what an interruption does."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from sampling.cases import gamma

from pointmass import (
    NUTS,
    VB,
    Gaussian,
    HiddenMarkov,
    Mixture,
    PointmassError,
    Poisson,
    StickBreaking,
)
from pointmass.estimators.nuts import backend
from pointmass.estimators.nuts.joint import build_joint
from pointmass.estimators.nuts.samplers import SAMPLERS, Request, Trace
from pointmass.estimators.nuts.samplers.nutpie_sampler import NutpieSampler, _Start
from pointmass.estimators.nuts.samplers.pymc_sampler import PyMCSampler, _noticing_interrupts
from pointmass.estimators.nuts.samplers.reuse import Reusable
from pointmass.estimators.nuts.samplers.trace import STATISTICS, whole

QUIET = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")
X = np.random.default_rng(0).normal(size=(30, 1)) + 4.0 * (np.arange(30) % 2)[:, None]
MODEL = Mixture(Gaussian(prior=gamma(1, common=True)), 2)
COUNTS = np.random.default_rng(1).poisson(2.0 + 6.0 * (np.arange(30) % 2))[:, None].astype(float)
SMALL: dict[str, tuple[Any, np.ndarray]] = {
    "mixture": (MODEL, X),
    "mixture of counts": (Mixture(Poisson(), 2), COUNTS),
    "chain": (HiddenMarkov(Poisson(), 2), COUNTS),
    "stick breaking": (Mixture(Gaussian(), 3, weights_prior=StickBreaking(1.0)), X),
}


class Fake:
    """A sampler that draws about the first chain's start, with as many divergences as it is told to have."""

    requests: ClassVar[list[Request]] = []
    divergences: ClassVar[list[int]] = []
    missing: ClassVar[int] = 0

    def __init__(self, joint: Any) -> None:
        self.joint = joint

    def sample(self, request: Request) -> Trace:
        Fake.requests.append(request)
        shape = (len(request.starts), request.draws - self.missing)
        rng = np.random.default_rng(request.seeds[0])
        values = {
            name: np.abs(value + 0.01 * rng.normal(size=(*shape, *value.shape)))
            for name, value in request.starts[0].items()
        }
        values["weights"] /= values["weights"].sum(axis=-1, keepdims=True)
        stats = {name: rng.random(shape) for name in STATISTICS}
        stats["diverging"] = np.arange(np.prod(shape)).reshape(shape) < self.divergences.pop(0)
        return whole(Trace(values, stats, 0.1), len(request.starts), request.draws)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Fake]]:
    monkeypatch.setitem(SAMPLERS, "nutpie", Fake)
    monkeypatch.setattr(Fake, "requests", [])
    monkeypatch.setattr(Fake, "missing", 0)
    yield Fake


def test_what_passes_is_run_once(fake: type[Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "divergences", [0])
    fit = NUTS(MODEL, rng=0).fit(X)
    assert fit.diagnostics_["reliable"] and fit.diagnostics_["reruns"] == 0
    assert fit.diagnostics_["target_accept"] == 0.8 and fit.diagnostics_["thinning"] == 1
    assert set(fit.sample_stats_) == set(STATISTICS)
    assert all(array.shape == (4, 1000) for array in fit.sample_stats_.values())
    assert fit.n_iter_ == 8000 and fit.diagnostics_["sampling_seconds"] == pytest.approx(0.1)
    request = fake.requests[0]
    assert len(set(request.seeds)) == 4 and request.tune == 1000 and 1 <= request.threads <= 4
    assert not np.array_equal(request.starts[0]["mean"], request.starts[1]["mean"])


@QUIET
def test_fault_069_divergences_are_tried_again_twice(fake: type[Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "divergences", [5, 5, 5])
    fit = NUTS(MODEL, draws=200, tune=100, rng=0).fit(X)
    assert [(request.target_accept, request.draws) for request in fake.requests] == [
        (0.8, 200),
        (0.95, 400),
        (0.99, 800),
    ]
    assert fit.diagnostics_["reruns"] == 2 and fit.diagnostics_["thinning"] == 4
    assert not fit.diagnostics_["reliable"] and fit.status_ == "max_iter"
    assert "5 divergent transitions" in fit.diagnostics_["reasons"] and fit.diagnostics_["divergences"] == 5
    assert fit.draws_["mean"].shape[:2] == (4, 200) == fit.sample_stats_["diverging"].shape
    assert fit.n_iter_ == 4 * (300 + 500 + 900)


@QUIET
def test_it_stops_when_it_passes(fake: type[Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "divergences", [1, 0])
    fit = NUTS(MODEL, rng=0).fit(X)
    assert fit.diagnostics_["reliable"] and fit.diagnostics_["reruns"] == 1
    assert fit.diagnostics_["target_accept"] == 0.95


def test_fault_072_short_trace(fake: type[Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "divergences", [0])
    monkeypatch.setattr(fake, "missing", 1)
    nuts = NUTS(MODEL, rng=0)
    with pytest.raises(KeyboardInterrupt):
        nuts.fit(X)
    assert not hasattr(nuts, "draws_") and not hasattr(nuts, "estimate_")


@pytest.mark.parametrize(("chains", "draws", "interrupted"), [(3, 10, False), (4, 9, False), (4, 10, True)])
def test_fault_072_whole_or_not_at_all(chains: int, draws: int, interrupted: bool) -> None:
    trace = Trace({"mean": np.zeros((chains, draws, 2))}, {"energy": np.zeros((chains, draws))}, 0.0)
    with pytest.raises(KeyboardInterrupt, match="thrown away"):
        whole(trace, 4, 10, interrupted)
    assert whole(trace, chains, draws) is trace


def test_thinning_keeps_the_last_of_each_group() -> None:
    trace = Trace({"mean": np.arange(12.0).reshape(1, 12)}, {"lp": np.arange(12.0).reshape(1, 12)}, 0.0)
    assert trace.thinned(4).values["mean"].tolist() == [[3.0, 7.0, 11.0]]


class Group(dict[str, Any]):
    attrs: ClassVar[dict[str, float]] = {"sampling_time": 1.0}


@pytest.mark.parametrize("lost", [0, 3])
def test_fault_071_pymc_answers_an_interruption_with_a_trace(lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyMC catches Ctrl-C and returns, short or, at the last draw, whole: neither is a result."""
    import pymc as pm

    def sample(**options: Any) -> dict[str, Group]:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        array = SimpleNamespace(values=np.zeros((options["chains"], options["draws"] - lost)))
        return {"posterior": Group(mean=array), "sample_stats": Group(dict.fromkeys(STATISTICS, array))}

    monkeypatch.setattr(pm, "sample", sample)
    sampler = PyMCSampler(SimpleNamespace(names=["mean"], pymc_model=None))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        sampler.sample(Request([{}] * 2, [1, 2], 10, 10, 0.8, 1, lambda line: None))


def test_the_handler_of_ctrl_c_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    level = logging.getLogger("pymc").level
    with _noticing_interrupts() as noticed, pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert noticed == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is before and logging.getLogger("pymc").level == level


def test_fault_070_a_start_that_fails_names_the_variables() -> None:
    class Broken:
        def wait(self, timeout: float) -> None:
            raise RuntimeError(
                "All initialization points failed\n\nCaused by:\n    x\n\nStack backtrace:\n 0: <unknown>"
            )

    sampler = object.__new__(NutpieSampler)
    sampler.joint = SimpleNamespace(names=["weights", "mean"])  # type: ignore[assignment]
    with pytest.raises(PointmassError, match="could not sample chain 2 of weights, mean: All initialization") as caught:
        sampler._collect({1: Broken()}, {})
    assert "backtrace" not in str(caught.value) and "\n" not in str(caught.value)


def test_chains_start_where_they_are_told_to() -> None:
    start = _Start(np.array([1.0, 2.0]))
    assert start(5).tolist() == [1.0, 2.0]
    assert start(5) == pytest.approx([1.0, 2.0], abs=0.01) and start(5).tolist() != [1.0, 2.0]


@pytest.mark.parametrize("missing", ["pymc", "nutpie"])
def test_fault_078_a_missing_library(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "find_spec", lambda name: None if name == missing else find_spec(name))
    with pytest.raises(PointmassError, match=f"NUTS needs {missing}, which is not installed"):
        NUTS(MODEL, rng=0).fit(X)


def test_fault_076_a_home_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTENSOR_FLAGS", "cxx=")
    monkeypatch.setattr(backend.os, "access", lambda path, mode: False)
    backend._leave_unwritable_home()
    flags = backend.os.environ["PYTENSOR_FLAGS"]
    assert flags.startswith("cxx=,base_compiledir=") and "pointmass-" in flags


def test_fastmath_is_off_only_where_it_must_be() -> None:
    import pytensor

    assert pytensor.config.numba__fastmath
    with backend.reproducible():
        assert not pytensor.config.numba__fastmath
    assert pytensor.config.numba__fastmath


def reusable(model: Any, x: np.ndarray, **given: Any) -> Reusable:
    fit = VB(model, n_init=1, rng=0).fit(x, **given)
    return Reusable(build_joint(fit.model_, fit._working(fit.prior_), fit._data).pymc_model)


def test_a_log_density_of_the_same_form_takes_other_numbers() -> None:
    """Rows, weights and priors are inputs; their values alone tell two such densities apart."""
    other = Mixture(Gaussian(prior=gamma(1, common=False)), 2)
    one, two = reusable(MODEL, X), reusable(other, 3.0 * X + 7.0)
    assert one.has_form_of(two) and two.has_form_of(one)
    assert set(one.values) == set(two.values)
    assert any(not np.array_equal(one.values[name], two.values[name]) for name in one.values)


@pytest.mark.parametrize(
    ("model", "x", "given"),
    [
        (MODEL, X[1:], {}),
        (MODEL, X, {"sample_weight": np.linspace(0.5, 1.7, 30)}),
        (MODEL, X, {"labels": np.array([0, *[-1] * 29])}),
        (MODEL.with_components(3), X, {}),
        (Gaussian(prior=gamma(1, common=True)), X, {}),
    ],
    ids=["other rows", "weights", "labels", "three components", "no components"],
)
def test_another_form_is_compiled_anew(model: Any, x: np.ndarray, given: dict[str, Any]) -> None:
    assert not reusable(MODEL, X).has_form_of(reusable(model, x, **given))


@pytest.mark.parametrize("name", SMALL)
def test_fault_074_no_discrete_variable_is_left_to_sample(name: str) -> None:
    """Components and paths are summed out, whatever the latent."""
    model, x = SMALL[name]
    fit = VB(model, n_init=1, rng=0).fit(x)
    pymc_model = build_joint(fit.model_, fit._working(fit.prior_), fit._data).pymc_model
    assert pymc_model.free_RVs and not pymc_model.discrete_value_vars
