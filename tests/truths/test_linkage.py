"""Genetic linkage (Rao 1973; Dempster, Laird and Rubin 1977, section 1): the published figures and the exact ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from pointmass import EM, VB, Enumeration, Gibbs, StructuredMultinomial, load_dataset
from pointmass.inference.quadrature import integrate

MODEL = StructuredMultinomial(cells="linkage")
SMALL = np.array([[14.0, 0.0, 1.0, 5.0]])


def counts(times: float = 1.0) -> np.ndarray:
    return np.asarray(load_dataset("animals").X) * times


def point(rows: np.ndarray) -> EM:
    return EM(MODEL, tol=1e-13).fit(rows)


def belief(rows: np.ndarray) -> VB:
    return VB(MODEL, tol=1e-13).fit(rows)


def first(arrays: dict[str, np.ndarray]) -> float:
    return float(arrays["probabilities"][0])


def exact_sd(fit: VB) -> float:
    """Return the posterior standard deviation of θ by quadrature of prior times likelihood."""
    found = integrate(fit.log_joint())
    mean = found.expectation(lambda draws: draws["probabilities"][:, 0])
    return float(np.sqrt(found.expectation(lambda draws: (draws["probabilities"][:, 0] - mean) ** 2)))


def test_the_sequence_of_em() -> None:
    published = [0.608247423, 0.624321050, 0.626488879, 0.626777322, 0.626815632, 0.626820719, 0.626821394, 0.626821484]
    theta, found = 0.5, []
    for _ in published:
        start = {"probabilities": [theta, 1.0 - theta]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = EM(MODEL, init=start, acceleration="none", tol=0.0, max_iter=2).fit(counts())
        theta = first(fit.estimate_)
        found.append(theta)
    assert found == pytest.approx(published, abs=5e-10)


def test_the_point_and_its_standard_error() -> None:
    """θ̂ solves 197 θ² − 15 θ − 68 = 0; the complete and observed informations are in closed form."""
    fit = point(counts())
    found = fit.uncertainty("information")
    rate, sd = found.diagnostics["spectral_radius"], first(found.sd)
    assert first(fit.estimate_) == pytest.approx(np.roots([197.0, -15.0, -68.0]).max(), abs=1e-10)
    assert first(fit.estimate_) == pytest.approx(0.626821497871, abs=1e-10)
    assert rate == pytest.approx(0.1327787, abs=5e-8)
    assert 1.0 / sd**2 == pytest.approx(377.516900, abs=5e-5)
    assert 1.0 / (sd**2 * (1.0 - rate)) == pytest.approx(435.317854, abs=5e-5)
    assert sd == pytest.approx(0.05146735, abs=5e-9)
    assert fit.status_ == "converged"


def test_the_exact_posterior() -> None:
    fit = Enumeration(MODEL, rng=0).fit(counts())
    found = integrate(fit.log_joint())
    lower, upper = found.quantile(np.array([0.025, 0.975]))["probabilities"][:, 0]
    assert fit.diagnostics_["sampler"] == "quadrature"
    assert first(fit.estimate_) == pytest.approx(0.6228061, abs=5e-8)
    assert exact_sd(fit) == pytest.approx(0.0509404, abs=5e-8)
    assert sorted([lower, upper]) == pytest.approx([0.519484, 0.718687], abs=5e-7)


def test_the_variational_posterior() -> None:
    fit = belief(counts())
    assert fit.belief_["emission"].concentration[0] == pytest.approx([64.649767, 39.0], abs=5e-7)
    assert first(fit.estimate_) == pytest.approx(0.6237329, abs=5e-8)
    assert first(fit.uncertainty("mean_field").sd) == pytest.approx(0.0473564, abs=5e-8)
    assert fit.elbo_ < Enumeration(MODEL, rng=0).fit(counts()).log_evidence_


RATIOS = [(1, 0.92964, 5), (10, 0.93107, 5), (100, 0.93123, 5), (1000, 0.931245, 6)]


@pytest.mark.parametrize(("times", "ratio", "digits"), RATIOS)
def test_mean_field_is_too_narrow_for_ever_and_says_so_before_any_sampling(
    times: float, ratio: float, digits: int
) -> None:
    """VB sd / exact sd goes to √(1 − rate), not to one, as the counts grow; the sweep's Jacobian foretells it."""
    fit = belief(counts(times))
    narrow, wide = first(fit.uncertainty("mean_field").sd), exact_sd(fit)
    corrected = fit.uncertainty("linear_response")
    assert narrow / wide == pytest.approx(ratio, abs=0.5 * 10.0**-digits)
    assert np.sqrt(1.0 - corrected.diagnostics["spectral_radius"]) == pytest.approx(narrow / wide, abs=5e-3 / times)
    assert first(corrected.sd) == pytest.approx(wide, rel=5e-3 / times)


def test_the_law_of_the_limit() -> None:
    rate = point(counts()).uncertainty("information").diagnostics["spectral_radius"]
    assert np.sqrt(1.0 - rate) == pytest.approx(0.9312472, abs=5e-8)


def test_the_small_set() -> None:
    fit, bayes = point(SMALL), belief(SMALL)
    exact = Enumeration(MODEL, rng=0).fit(SMALL)
    assert first(fit.estimate_) == pytest.approx(0.9034401, abs=5e-8)
    assert first(fit.uncertainty("information").sd) == pytest.approx(0.0932347, abs=5e-8)
    assert first(exact.estimate_) == pytest.approx(0.8311240, abs=5e-8)
    assert exact_sd(exact) == pytest.approx(0.1079404, abs=5e-8)
    assert first(bayes.estimate_) == pytest.approx(0.8346815, abs=5e-8)
    assert first(bayes.uncertainty("mean_field").sd) == pytest.approx(0.1026410, abs=5e-8)


def test_gibbs_draws_the_exact_posterior() -> None:
    draws = Gibbs(MODEL, draws=1000, rng=0).fit(SMALL).draws_["probabilities"][..., 0]
    error = draws.std() / np.sqrt(1500.0)
    assert draws.mean() == pytest.approx(0.8311240, abs=5 * error)
    assert draws.std() == pytest.approx(0.1079404, rel=0.08)


def test_importance_weights_agree_with_quadrature() -> None:
    fit = belief(counts())
    found = fit.uncertainty("importance", rng=0)
    assert found.diagnostics["accepted"]
    assert first(found.sd) == pytest.approx(0.0509404, rel=0.05)
    evidence = Enumeration(MODEL, rng=0).fit(counts()).log_evidence_
    assert found.diagnostics["log_evidence"] == pytest.approx(
        evidence, abs=5 * found.diagnostics["log_evidence_error"] + 1e-6
    )
