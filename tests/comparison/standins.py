"""Stand-in fits: the attributes that a comparison reads, with numbers that a test can choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import multivariate_normal

from pointmass import PointmassError
from pointmass.uncertainty.evidence import Evidence

WEIGHTS = np.array([0.4, 0.6])
MEAN = np.array([[0.0], [2.6]])
COVARIANCE = np.array([[[1.0]], [[1.0]]])


@dataclass
class StandInUncertainty:
    method: str
    sd: dict[str, np.ndarray]
    level: float
    draws: dict[str, np.ndarray] | None
    diagnostics: dict[str, Any] = field(default_factory=dict)

    def interval(self, level: float | None = None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        tail = (1 - (level or self.level)) / 2
        return {name: tuple(np.quantile(draw, [tail, 1 - tail], axis=0)) for name, draw in self.draws.items()}


class StandIn:
    """A fitted Gaussian mixture (or a single Gaussian) of one method, without an algorithm behind it."""

    def __init__(self, method="EM", kind="point", estimate=None, spread=0.0, order=None, seed=0, **extra):
        estimate = estimate or {"weights": WEIGHTS, "mean": MEAN, "covariance": COVARIANCE}
        order = list(range(len(estimate["mean"]))) if order is None else order
        single = "weights" not in estimate
        self.estimate_ = {k: np.array(v, float) if single else np.array(v, float)[order] for k, v in estimate.items()}
        lead = () if single else ("component",)
        rest = {"mean": ("feature",), "covariance": ("feature", "feature_2"), "transition_matrix": ("component_to",)}
        self.model_ = SimpleNamespace(dims={k: (*lead, *rest.get(k, ())) for k in self.estimate_})
        self.method_name, self.kind = method, kind
        self.log_likelihood_, self.elapsed_, self.n_iter_ = -951.2, 0.0123, 14
        self.objective_history_ = -900.0 - 40.0 * 0.6 ** np.arange(15.0)
        self.status_, self.converged_, self.warnings_ = "converged", True, []
        self.restarts_ = []
        self.prior_, self.belief_ = {}, {}
        self.has_optimum, self.stored_uncertainty_ = False, {}
        rng = np.random.default_rng(seed)
        self.draws_ = {
            k: v + spread * (0.1 if k == "weights" else 1.0) * rng.standard_normal((1000, *v.shape))
            for k, v in self.estimate_.items()
        }
        if kind == "draws":
            self.diagnostics_ = {
                "reliable": True,
                "reasons": [],
                "max_rhat": 1.002,
                "min_ess_bulk": 812.0,
                "min_ess_tail": 700.0,
                "divergences": 0,
                "boundary_share": 0.01,
                "starts": ["at optimum 1", "drawn about optimum 1", "drawn about optimum 1"],
                "reruns": 1,
            }
        if kind == "posterior":
            self.elbo_ = -960.4
        for name, value in extra.items():
            setattr(self, name, value)

    def uncertainty(self, method=None, level=0.95, rng=None):
        if self.kind == "point":
            raise PointmassError("no interval")
        method = {"posterior": "mean_field", "draws": "draws"}[self.kind]
        sd = {k: v.std(axis=0) for k, v in self.draws_.items()}
        return StandInUncertainty(method, sd, level, self.draws_)

    def evidence(self, rng=None):
        statements = {
            "point": [Evidence("bic", -962.0, 0.0, "approximation")],
            "posterior": [Evidence("elbo", -960.4, 0.0, "bound")],
            "draws": [Evidence("bridge", -958.9, 0.05, "estimate")],
        }
        return tuple(statements[self.kind])

    def _joint(self, X):
        mean = np.atleast_2d(self.estimate_["mean"])
        covariance = self.estimate_["covariance"].reshape(len(mean), mean.shape[1], mean.shape[1])
        weights = self.estimate_.get("weights", np.ones(1))
        return np.stack(
            [
                w * multivariate_normal(m, c).pdf(X).reshape(-1)
                for w, m, c in zip(weights, mean, covariance, strict=True)
            ],
            1,
        )

    def score_samples(self, X):
        return np.log(self._joint(np.asarray(X)).sum(1))

    def predict_proba(self, X):
        joint = self._joint(np.asarray(X))
        return joint / joint.sum(1, keepdims=True)

    def predict(self, X):
        return self.predict_proba(X).argmax(1)
