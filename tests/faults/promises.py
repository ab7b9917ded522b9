"""The four promises on bad input, as assertions: refuse, warn, correct, and what a sound fit is.

R: one `PointmassError`, one sentence, before any work. W: a sound fit with one warning that names the matter.
C: a sound fit without fuss. F: a flagged result, never a traceback from the depths.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pointmass import EM, MAP, MLE, NUTS, VB, Gaussian, Gibbs, Mixture, PointmassError
from pointmass.errors import PointmassWarning

COVARIANCES = ("full", "tied", "diagonal", "spherical")
# Warnings that say nothing about the data: a short chain is no reference.
SHORT_CHAIN = "not reliable as a reference|of the draws lie near a label boundary"


def rows(n: int = 60, seed: int = 0) -> np.ndarray:
    """Two overlapping clusters in two correlated columns."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)) @ [[1.0, 0.4], [0.0, 0.8]] + 4.0 * (rng.random((n, 1)) < 0.5)


def mixture(covariance: Any = "full", k: int = 2, **options: Any) -> Mixture:
    return Mixture(Gaussian(covariance), k, **options)


def em(model: Any, **options: Any) -> EM:
    return EM(model, **{"rng": 0, "n_init": 3, **options})


def map_(model: Any, **options: Any) -> MAP:
    return MAP(model, **{"rng": 0, "n_init": 3, **options})


def vb(model: Any, **options: Any) -> VB:
    return VB(model, **{"rng": 0, "n_init": 3, **options})


def gibbs(model: Any, **options: Any) -> Gibbs:
    return Gibbs(model, **{"chains": 2, "draws": 100, "tune": 50, "rng": 0, **options})


def nuts(model: Any, **options: Any) -> NUTS:
    return NUTS(model, **{"chains": 2, "draws": 100, "tune": 50, "rng": 0, **options})


def mle(model: Any, **options: Any) -> MLE:
    """Return the closed form, which has no latents: of a mixture it takes the family."""
    return MLE(getattr(model, "family", model))


_SAMPLED = pytest.param(gibbs, marks=pytest.mark.slow)
BAYES: list[Any] = [vb, _SAMPLED]
FITTING: list[Any] = [em, map_, vb, _SAMPLED]
ALL: list[Callable[..., Any]] = [mle, em, map_, vb, gibbs, nuts]  # for what is refused before any work
LATENT = ALL[1:]  # the closed form has one component


def fitted(estimator: Any, X: Any, **arguments: Any) -> Any:
    """Return the fit; every warning on the way must be one of ours and stand in the result, and X must not change."""
    before = np.array(X, copy=True) if isinstance(X, np.ndarray) else None
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        fit = estimator.fit(X, **arguments)
    foreign = [str(entry.message) for entry in seen if not issubclass(entry.category, PointmassWarning)]
    assert not foreign, foreign
    assert [str(entry.message).split(": ", 1)[1] for entry in seen] == fit.warnings_
    if before is not None:
        np.testing.assert_array_equal(before, X)
    return fit


def assert_sound(fit: Any, X: Any) -> None:
    """Assert that every number of a fit is one, and that probabilities and covariances are what they are called."""
    assert all(np.isfinite(array).all() for array in fit.estimate_.values()), fit.estimate_
    assert np.isfinite(fit.log_likelihood_)
    assert fit.n_iter_ <= getattr(fit, "max_iter", np.inf)
    history = fit.objective_history_
    assert np.isfinite(history).all()
    if history.size and fit.status_ != "degenerate":
        assert (np.diff(history) >= -1e-10 * (1.0 + np.abs(history[1:]))).all()
    assert_distributions(fit)
    probabilities = fit.predict_proba(X)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(1), 1.0, atol=1e-12)
    assert np.isfinite(fit.score(X))


def assert_distributions(fit: Any) -> None:
    covariances = fit.estimate_["covariance"]
    scale = np.sqrt(np.einsum("...ii->...i", covariances))
    correlations = covariances / scale[..., :, None] / scale[..., None, :]
    np.testing.assert_allclose(correlations, np.swapaxes(correlations, -1, -2), atol=1e-12)
    assert (np.linalg.eigvalsh(correlations) > -1e-10).all()
    if "weights" in fit.estimate_:
        assert (fit.estimate_["weights"] >= 0).all()
        assert fit.estimate_["weights"].sum() == pytest.approx(1.0, abs=1e-12)


def assert_refused(estimator: Any, X: Any, *needles: str, error: type = PointmassError, **arguments: Any) -> None:
    """Assert one sentence that says what is wrong and what to do, and that nothing was fitted."""
    with pytest.raises(error) as caught:
        fitted(estimator, X, **arguments)
    assert_sentence(str(caught.value), *needles)
    assert not hasattr(estimator, "estimate_")


def assert_sentence(message: str, *needles: str) -> None:
    for needle in needles:
        assert re.search(needle, message), f"{needle!r} is not in {message!r}"
    assert "\n\n" not in message.strip()
    assert "Traceback" not in message


def assert_warned(fit: Any, X: Any, needle: str) -> None:
    """Assert a sound fit with a warning that names the matter."""
    assert_sound(fit, X)
    assert any(re.search(needle, message) for message in fit.warnings_), fit.warnings_


def assert_correct(fit: Any, X: Any) -> None:
    """Assert a sound fit without fuss."""
    assert_sound(fit, X)
    assert [message for message in fit.warnings_ if not re.search(SHORT_CHAIN, message)] == []


def assert_same(one: Any, other: Any, tolerance: float = 1e-12) -> None:
    """Assert that two fits have the same estimates, relative to each parameter's size."""
    for name, array in one.estimate_.items():
        scale = np.abs(array).max()
        np.testing.assert_allclose(other.estimate_[name] / scale, array / scale, atol=tolerance, err_msg=name)
