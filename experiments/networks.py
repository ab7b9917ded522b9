"""Networks of hidden units by EM, beside gradient training of the same likelihood, and beside what is not EM.

Run ``python experiments/networks.py``; it prints, for each data set and number of units, how ten runs from the same
starts end: by EM, by quasi-Newton steps (L-BFGS) and by plain gradient steps on the same likelihood, and with the
hidden units' conditional means put into the output.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logsumexp, softmax
from sklearn.datasets import load_wine

from pointmass import EM, BernoulliNetwork, load_dataset
from pointmass.families import NormalLogits
from pointmass.families.logit_statistics import LogitStatistics
from pointmass.families.logit_step import LogitTarget, stepped
from pointmass.families.unit_classes import unit_patterns
from pointmass.inference.acceleration import Anderson, Plain
from pointmass.inference.coordinate_ascent import ascend
from pointmass.inference.sweep import Sweep
from pointmass.latents.assignments import soft
from pointmass.models import Beliefs

RUNS = 10
MOST = 2000
FALL = 1e-6  # a fall of the likelihood (nats) that counts


@dataclass
class Network:
    """The likelihood of a network and its slope, in NumPy alone: weights (H, p) and (C, 1 + H) in one vector."""

    design: np.ndarray
    classes: np.ndarray
    n_units: int
    n_classes: int
    evaluations: int = 0
    patterns: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.patterns = unit_patterns(self.n_units)

    def parted(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        split = self.n_units * len(self.design)
        return vector[:split].reshape(self.n_units, -1), vector[split:].reshape(self.n_classes, -1)

    def __call__(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        """Return minus the log likelihood and its slope."""
        self.evaluations += 1
        hidden, output = self.parted(vector)
        on, units = hidden @ self.design, np.column_stack([np.ones(len(self.patterns)), self.patterns])
        logs = log_softmax(units @ output.T, axis=1)
        joint = self.patterns @ on - np.logaddexp(0.0, on).sum(axis=0) + logs[:, self.classes]
        total = logsumexp(joint, axis=0)
        shares = np.exp(joint - total)
        slope_hidden = (self.patterns.T @ shares - expit(on)) @ self.design.T
        counts = shares @ np.eye(self.n_classes)[self.classes]
        expected = counts.sum(axis=1, keepdims=True) * softmax(units @ output.T, axis=1)
        slope_output = (counts - expected).T @ units
        return -float(total.sum()), -np.concatenate([slope_hidden.ravel(), slope_output.ravel()])


def ready(X: np.ndarray, y: np.ndarray, n_units: int) -> tuple[Sweep, Network]:
    """Return EM's sweep, and the same likelihood in the same working coordinates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = EM(BernoulliNetwork(n_units), n_init=1, max_iter=1, tol=0, rng=0).fit(X, y)
    sweep, _ = fit.sweep_at_fit()
    design = np.vstack([np.ones(len(X)), sweep.rows.coordinates.transform(sweep.rows.values)[:-1]])
    return sweep, Network(design, y.astype(int), n_units, int(y.max()) + 1)


def start_of(sweep: Sweep, seed: int) -> Beliefs:
    """Return weights drawn near even chances."""
    values, back = sweep.rows.values, sweep.rows.coordinates.inverse
    weak = {name: belief.mapped(back) for name, belief in sweep.model.weak_prior(values, None).items()}
    drawn = sweep.model.drawn_start(weak, np.random.default_rng(seed))
    assert drawn is not None
    return drawn


def vector_of(beliefs: Beliefs) -> np.ndarray:
    hidden, output = beliefs["hidden"].parameter_mean(), beliefs["emission"].parameter_mean()
    return np.concatenate([hidden["coefficients"].ravel(), output["logits"].ravel()])


@dataclass
class End:
    """How one run ends."""

    vector: np.ndarray
    log_likelihood: float
    evaluations: int
    falls: bool


def by_em(sweep: Sweep, network: Network, start: Beliefs, accelerated: bool = False) -> End:
    with np.errstate(all="ignore"):
        found = ascend(sweep, start, Anderson() if accelerated else Plain(), tol=1e-6, max_iter=MOST)
    falls = bool((np.diff(found.history) < -FALL).any())
    return End(vector_of(found.beliefs), found.objective, found.n_evaluations, falls)


def by_quasi_newton(sweep: Sweep, network: Network, start: Beliefs) -> End:
    network.evaluations = 0
    options = {"maxiter": MOST, "maxfun": 10 * MOST, "ftol": 1e-12, "gtol": 1e-6}
    found = minimize(network, vector_of(start), jac=True, method="L-BFGS-B", options=options)
    return End(found.x, -found.fun, network.evaluations, False)


def by_gradient(sweep: Sweep, network: Network, start: Beliefs) -> End:
    """Plain gradient steps of one length, 2 divided by the number of rows."""
    vector, network.evaluations, history = vector_of(start), 0, []
    for _ in range(MOST):
        loss, slope = network(vector)
        history.append(-loss)
        vector = vector - 2.0 / len(network.classes) * slope
    return End(vector, history[-1], network.evaluations, bool((np.diff(history) < -FALL).any()))


def by_means(sweep: Sweep, network: Network, start: Beliefs) -> End:
    """What is not EM: the output's regression is on the units' conditional means."""
    beliefs, history = start, []
    given = np.eye(network.n_classes)[network.classes].T
    for _ in range(100):
        step = sweep(beliefs)
        history.append(step.objective)
        shares = sweep.model.infer(beliefs, sweep.rows.coordinates).responsibilities(sweep.rows, soft)[0]
        means = np.vstack([np.ones(given.shape[1]), network.patterns.T @ shares])
        flat = NormalLogits.flat(network.n_classes, 1 + network.n_units)
        output = stepped(
            LogitTarget(LogitStatistics.of(given, means), flat), beliefs["emission"].parameter_mean()["logits"]
        )
        beliefs = {**step.beliefs, "emission": beliefs["emission"].with_hyperparameters({"logits": output})}
    return End(vector_of(beliefs), history[-1], len(history), bool((np.diff(history) < -FALL).any()))


METHODS: dict[str, Callable[..., End]] = {
    "EM": by_em,
    "EM, accelerated": lambda *args: by_em(*args, accelerated=True),
    "L-BFGS": by_quasi_newton,
    "gradient": by_gradient,
    "means": by_means,
}


def right(network: Network, vector: np.ndarray) -> float:
    """Return the share of rows whose most probable class is theirs."""
    hidden, output = network.parted(vector)
    on = expit(hidden @ network.design)
    shares = np.prod(np.where(network.patterns[:, :, None] == 1.0, on[None], 1.0 - on[None]), axis=1)
    units = np.column_stack([np.ones(len(network.patterns)), network.patterns])
    return float((np.argmax(shares.T @ softmax(units @ output.T, axis=1), axis=1) == network.classes).mean())


def table(name: str, X: np.ndarray, y: np.ndarray, n_units: int) -> None:
    """Print how the runs of each method end."""
    sweep, network = ready(X, y, n_units)
    for method, train in METHODS.items():
        ends = [train(sweep, network, start_of(sweep, seed)) for seed in range(RUNS)]
        values = np.array([end.log_likelihood for end in ends])
        shares = np.array([right(network, end.vector) for end in ends])
        evaluations = int(np.median([end.evaluations for end in ends]))
        falls = sum(end.falls for end in ends)
        print(
            f"{name:8s} H={n_units} {method:16s} best {values.max():9.4f} median {np.median(values):9.4f} "
            f"right {np.median(shares):.3f} (best {shares.max():.3f}, all right in {(shares == 1.0).sum()}) "
            f"evaluations {evaluations:5d} runs that fall {falls}",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    xor, iris, noisy = load_dataset("xor"), load_dataset("iris"), load_dataset("bernoulli_network", n=400, rng=0)
    for n_units in (2, 3, 4):
        table("XOR", xor.X, xor.y, n_units)
    table("noisy", noisy.X, noisy.y, 2)
    table("iris", iris.X, np.asarray(iris.truth["labels"], dtype=float), 2)
    wine = load_wine()
    table("wine", wine.data[:, [0, 6]], wine.target.astype(float), 3)


if __name__ == "__main__":
    main()
