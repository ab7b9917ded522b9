"""EM and VB of chains equal hmmlearn's from the same start, sweep by sweep: every parameter to six digits and more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import states

from pointmass import EM, VB, Dirichlet, Gaussian, HiddenMarkov, NormalInverseWishart, Poisson
from pointmass.estimators import Estimator

hmm, vhmm = (pytest.importorskip(f"hmmlearn.{name}") for name in ("hmm", "vhmm"))

LENGTHS = [120, 1, 179]
SWEEPS = 15
CHAIN = {
    "initial": np.array([0.3, 0.5, 0.2]),
    "transition_matrix": np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]),
}
PATH = states(LENGTHS, 3)
PAIRS = 2.5 * np.stack([PATH, -PATH], axis=1) + np.random.default_rng(1).normal(size=(300, 2)) @ [[1, 0.4], [0, 0.8]]
COUNTS = np.random.default_rng(1).poisson(2.0 + 4.0 * PATH).astype(float)[:, None]
NORMALS = {"mean": 2.5 * np.array([[0.2, 0.0], [1.0, -1.2], [2.2, -1.8]]), "covariance": np.array([np.eye(2)] * 3)}
OPTIONS: dict[str, Any] = {"n_iter": SWEEPS, "tol": -np.inf, "init_params": ""}

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning"),  # both stop before they have converged
]


def swept(estimator: type[Estimator], model: HiddenMarkov, rows: np.ndarray, init: Any) -> Any:
    """Return our fit after as many updates; the last evaluation only scores what they made."""
    plain = estimator(model, init=init, acceleration="none", tol=0.0, max_iter=SWEEPS + 1)
    return plain.fit(rows, lengths=LENGTHS)


def test_em_of_normals() -> None:
    theirs = hmm.GaussianHMM(3, "full", covars_prior=0.0, covars_weight=0.0, min_covar=0.0, **OPTIONS)
    theirs.startprob_, theirs.transmat_ = CHAIN["initial"], CHAIN["transition_matrix"]
    theirs.means_, theirs.covars_ = NORMALS["mean"], NORMALS["covariance"]
    theirs.fit(PAIRS, LENGTHS)
    fit = swept(EM, HiddenMarkov(Gaussian(), 3), PAIRS, {**CHAIN, **NORMALS})
    for name, array in {"mean": theirs.means_, "covariance": theirs.covars_}.items():
        np.testing.assert_allclose(fit.estimate_[name], array, atol=1e-6)
    assert_same_chain(fit, theirs)
    assert fit.log_likelihood_ == pytest.approx(theirs.score(PAIRS, LENGTHS), abs=1e-6)


def test_em_of_counts() -> None:
    theirs, rates = hmm.PoissonHMM(3, **OPTIONS), np.array([[2.5], [5.0], [11.0]])
    theirs.startprob_, theirs.transmat_, theirs.lambdas_ = CHAIN["initial"], CHAIN["transition_matrix"], rates
    theirs.fit(COUNTS.astype(int), LENGTHS)
    fit = swept(EM, HiddenMarkov(Poisson(), 3), COUNTS, {**CHAIN, "rate": rates})
    np.testing.assert_allclose(fit.estimate_["rate"], theirs.lambdas_, atol=1e-6)
    assert_same_chain(fit, theirs)
    assert fit.log_likelihood_ == pytest.approx(theirs.score(COUNTS.astype(int), LENGTHS), abs=1e-6)


def assert_same_chain(fit: Any, theirs: Any) -> None:
    np.testing.assert_allclose(fit.estimate_["initial"], theirs.startprob_, atol=1e-6)
    np.testing.assert_allclose(fit.estimate_["transition_matrix"], theirs.transmat_, atol=1e-6)


def test_vb_of_normals() -> None:
    """Every hyperparameter of the posterior; hmmlearn leaves (d / 2) log 2π out of each row of its bound."""
    prior = NormalInverseWishart(mean=[0.5, -0.5], kappa=0.3, dof=4.0, scale=np.eye(2))
    model = HiddenMarkov(Gaussian(prior=prior), 3, Dirichlet(0.8), Dirichlet(1.3))
    start = VB(model, init={**CHAIN, **NORMALS}, acceleration="none", tol=0.0, max_iter=2).fit(PAIRS, lengths=LENGTHS)
    theirs = vhmm.VariationalGaussianHMM(3, "full", **OPTIONS)
    blocks = {"startprob": "initial", "transmat": "transition_matrix"}
    for mine, beliefs in (("prior", start.prior_), ("posterior", start.belief_)):
        for name, block in blocks.items():
            setattr(theirs, f"{name}_{mine}_", beliefs[block].concentration.copy())
        normal = beliefs["emission"]
        for name, key in {"means": "mean", "beta": "kappa", "dof": "dof", "scale": "scale"}.items():
            setattr(theirs, f"{name}_{mine}_", getattr(normal, key).copy())
    theirs.n_features = 2
    theirs.fit(PAIRS, LENGTHS)
    fit = swept(VB, model, PAIRS, start)
    for name, block in blocks.items():
        np.testing.assert_allclose(fit.belief_[block].concentration, getattr(theirs, f"{name}_posterior_"), atol=1e-6)
    normal = fit.belief_["emission"]
    for name, key in {"means": "mean", "beta": "kappa", "dof": "dof", "scale": "scale"}.items():
        np.testing.assert_allclose(getattr(normal, key), getattr(theirs, f"{name}_posterior_"), atol=1e-6)
