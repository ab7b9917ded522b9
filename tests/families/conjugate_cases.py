"""Every conjugate prior in each of its layouts, beside densities that SciPy computes in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from pointmass.families import Dirichlet, Gaussian, Normal, NormalInverseGamma, NormalInverseWishart
from pointmass.families.conjugate import ConjugatePrior, Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.point_mass import PointMass


@dataclass(frozen=True)
class ConjugateCase:
    """A belief with component axis, another of its kind, and independent answers about both.

    ``log_density`` is in the coordinates that the class documents, ``vector`` and ``parameters`` are those
    coordinates (independent entries) and the way back, ``log_likelihood(θ, rows, r)`` is Σ r log p(row | θ).
    """

    name: str
    belief: ConjugatePrior
    other: ConjugatePrior
    rows: np.ndarray
    log_density: Callable[[ConjugatePrior, Parameters], float]
    log_likelihood: Callable[[Parameters, np.ndarray, np.ndarray], float]
    log_predictive: Callable[[ConjugatePrior, np.ndarray], np.ndarray]
    vector: Callable[[Parameters], np.ndarray]
    parameters: Callable[[np.ndarray], Parameters]
    statistics: Callable[[np.ndarray, np.ndarray], Any]
    predictive: Callable[[ConjugatePrior, np.ndarray], np.ndarray]
    expected_log_likelihood: Callable[[ConjugatePrior | PointMass, np.ndarray, np.ndarray], float]

    def responsibilities(self, seed: int = 0) -> np.ndarray:
        return np.random.default_rng(seed).dirichlet(np.ones(self.size), size=len(self.rows)).T

    @property
    def size(self) -> int:
        return len(next(iter(self.belief.hyperparameters().values())))

    def __str__(self) -> str:
        return self.name


def _matrix(rng: np.random.Generator, shape: tuple[int, ...], d: int) -> np.ndarray:
    factor = np.tril(rng.normal(size=(*shape, d, d)), -1) + np.eye(d) * rng.uniform(1.0, 2.0, (*shape, d))[..., None]
    return factor @ np.swapaxes(factor, -1, -2)


def wishart_belief(k: int, d: int, seed: int, *, tied: bool = False) -> NormalInverseWishart:
    rng = np.random.default_rng(seed)
    shared = () if tied else (k,)
    return NormalInverseWishart.trusted(
        mean=rng.normal(size=(k, d)),
        kappa=rng.uniform(0.5, 4.0, k),
        dof=d + 10.0 + np.asarray(rng.uniform(0.0, 5.0, shared)),
        scale=_matrix(rng, shared, d),
    )


def gamma_belief(k: int, d: int, seed: int, *, common: bool = False) -> NormalInverseGamma:
    rng = np.random.default_rng(seed)
    shape = (k,) if common else (k, d)
    return NormalInverseGamma.trusted(
        mean=rng.normal(size=(k, d)),
        kappa=rng.uniform(0.5, 4.0, shape),
        shape=rng.uniform(5.0, 9.0, shape),
        scale=rng.uniform(2.0, 6.0, shape),
    )


def normal_belief(k: int, d: int, seed: int) -> Normal:
    """Seeds differ in the means alone: the covariance is known."""
    rng = np.random.default_rng(seed)
    known = _matrix(np.random.default_rng(0), (), d)
    return Normal.trusted(
        mean=rng.normal(size=(k, d)), kappa=rng.uniform(0.5, 4.0, k), covariance=np.array([known] * k)
    )


def dirichlet_belief(k: int, seed: int) -> Dirichlet:
    return Dirichlet.trusted(concentration=np.random.default_rng(seed).uniform(1.5, 6.0, k))


# -- independent densities ----------------------------------------------------------------------------------


def _log_determinant(matrix: np.ndarray) -> float:
    return float(np.linalg.slogdet(matrix)[1])


def wishart_log_density(belief: NormalInverseWishart, parameters: Parameters) -> float:
    """Inverse Wishart in Σ times |dΣ/dΛ| = |Σ|^(d+1), times a normal for each mean."""
    mean, covariance = parameters["mean"], parameters["covariance"]
    k, d = mean.shape
    dof, scale = np.atleast_1d(belief.dof), belief.scale.reshape(-1, d, d)
    matrices = covariance.reshape(-1, d, d)
    total = sum(
        stats.invwishart.logpdf(sigma, nu, psi) + (d + 1) * _log_determinant(sigma)
        for nu, psi, sigma in zip(dof, scale, matrices, strict=True)
    )
    each = matrices if len(matrices) == k else [matrices[0]] * k
    return total + sum(
        stats.multivariate_normal.logpdf(mean[i], belief.mean[i], each[i] / belief.kappa[i]) for i in range(k)
    )


def gamma_log_density(belief: NormalInverseGamma, parameters: Parameters) -> float:
    """Inverse gamma in σ² times |dσ²/dτ| = σ⁴, times a normal for each mean."""
    mean, variance = parameters["mean"], parameters["variance"]
    total = (stats.invgamma.logpdf(variance, belief.shape, scale=belief.scale) + 2.0 * np.log(variance)).sum()
    each = [array if array.ndim == 2 else array[:, None] for array in (variance, belief.kappa)]
    return float(total + stats.norm.logpdf(mean, belief.mean, np.sqrt(each[0] / each[1])).sum())


def normal_log_density(belief: Normal, parameters: Parameters) -> float:
    return float(
        sum(
            stats.multivariate_normal.logpdf(mean, centre, covariance / kappa)
            for mean, centre, covariance, kappa in zip(
                parameters["mean"], belief.mean, belief.covariance, belief.kappa, strict=True
            )
        )
    )


def dirichlet_log_density(belief: Dirichlet, parameters: Parameters) -> float:
    return float(stats.dirichlet.logpdf(parameters["weights"], belief.concentration))


def component_covariances(parameters: Parameters) -> np.ndarray:
    mean = parameters["mean"]
    k, d = mean.shape
    if "covariance" in parameters:
        return np.broadcast_to(parameters["covariance"], (k, d, d))
    variance = parameters["variance"]
    each = variance if variance.ndim == 2 else np.repeat(variance[:, None], d, axis=1)
    return np.array([np.diag(row) for row in each])


def gaussian_log_likelihood(parameters: Parameters, rows: np.ndarray, responsibilities: np.ndarray) -> float:
    covariances = component_covariances(parameters)
    return float(
        sum(
            r @ np.atleast_1d(stats.multivariate_normal.logpdf(rows, mean, covariance))
            for r, mean, covariance in zip(responsibilities, parameters["mean"], covariances, strict=True)
        )
    )


def wishart_log_predictive(belief: NormalInverseWishart, rows: np.ndarray) -> np.ndarray:
    k, d = belief.mean.shape
    dof = np.broadcast_to(belief.dof, (k,)) - d + 1.0
    shapes = np.broadcast_to(belief.scale, (k, d, d)) * ((belief.kappa + 1) / belief.kappa / dof)[:, None, None]
    return np.array(
        [np.atleast_1d(stats.multivariate_t.logpdf(rows, belief.mean[i], shapes[i], df=dof[i])) for i in range(k)]
    )


def gamma_log_predictive(belief: NormalInverseGamma, rows: np.ndarray) -> np.ndarray:
    """A product of Student-t for a variance of each column; one multivariate t for a common one."""
    k, d = belief.mean.shape
    width = belief.scale / belief.shape * (belief.kappa + 1.0) / belief.kappa
    if belief.shape.ndim == 2:
        return np.array(
            [stats.t.logpdf(rows, 2 * belief.shape[i], belief.mean[i], np.sqrt(width[i])).sum(1) for i in range(k)]
        )
    return np.array(
        [
            np.atleast_1d(
                stats.multivariate_t.logpdf(rows, belief.mean[i], width[i] * np.eye(d), df=2 * belief.shape[i])
            )
            for i in range(k)
        ]
    )


def normal_log_predictive(belief: Normal, rows: np.ndarray) -> np.ndarray:
    return np.array(
        [
            np.atleast_1d(stats.multivariate_normal.logpdf(rows, mean, covariance * (1.0 + 1.0 / kappa)))
            for mean, covariance, kappa in zip(belief.mean, belief.covariance, belief.kappa, strict=True)
        ]
    )


# -- documented coordinates ---------------------------------------------------------------------------------


def _upper(matrix: np.ndarray) -> np.ndarray:
    i, j = np.triu_indices(matrix.shape[-1])
    return matrix[..., i, j].ravel()


def _symmetric(entries: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    i, j = np.triu_indices(shape[-1])
    matrix = np.empty(shape)
    matrix[..., i, j] = matrix[..., j, i] = entries.reshape(*shape[:-2], len(i))
    return matrix


def _precision_vector(parameters: Parameters) -> np.ndarray:
    if "variance" in parameters:
        return np.concatenate([parameters["mean"].ravel(), 1.0 / parameters["variance"].ravel()])
    return np.concatenate([parameters["mean"].ravel(), _upper(np.linalg.inv(parameters["covariance"]))])


def _mean_vector(parameters: Parameters) -> np.ndarray:
    return parameters["mean"].ravel()


def _mean_parameters(belief: Normal) -> Callable[[np.ndarray], Parameters]:
    return lambda vector: {"mean": vector.reshape(belief.mean.shape), "covariance": belief.covariance}


def _precision_parameters(belief: ConjugatePrior) -> Callable[[np.ndarray], Parameters]:
    size, mean_shape = belief.mean.size, belief.mean.shape

    def parameters(vector: np.ndarray) -> Parameters:
        mean = vector[:size].reshape(mean_shape)
        if isinstance(belief, NormalInverseGamma):
            return {"mean": mean, "variance": 1.0 / vector[size:].reshape(belief.shape.shape)}
        return {"mean": mean, "covariance": np.linalg.inv(_symmetric(vector[size:], belief.scale.shape))}

    return parameters


# -- the cases ----------------------------------------------------------------------------------------------


ORACLES = {
    NormalInverseWishart: (wishart_log_density, wishart_log_predictive),
    NormalInverseGamma: (gamma_log_density, gamma_log_predictive),
    Normal: (normal_log_density, normal_log_predictive),
}


def _family(covariance: str, belief: ConjugatePrior) -> Gaussian:
    d = belief.mean.shape[1]
    if isinstance(belief, Normal):
        return Gaussian(PointMass(belief.covariance[0]))
    if isinstance(belief, NormalInverseWishart):
        return Gaussian(covariance, NormalInverseWishart(np.zeros(d), 1.0, d + 2.0, np.eye(d)))
    return Gaussian(covariance, NormalInverseGamma(np.zeros(d), 1.0, 2.0, 2.0))


def _gaussian_case(name: str, covariance: str, belief: ConjugatePrior, other: ConjugatePrior) -> ConjugateCase:
    k, d = belief.mean.shape
    family = _family(covariance, belief)
    known = isinstance(belief, Normal)

    def kernel(stands: ConjugatePrior | PointMass) -> Any:
        return family.kernel(stands, np.zeros(k), Coordinates.identity(d))

    def expected(stands: ConjugatePrior | PointMass, rows: np.ndarray, responsibilities: np.ndarray) -> float:
        coefficients = family.coefficients(stands.expected_natural_parameters())
        return float((responsibilities * (coefficients @ family.sufficient_statistics(rows.T))).sum())

    return ConjugateCase(
        name=name,
        belief=belief,
        other=other,
        rows=np.random.default_rng(5).normal(size=(7, d)) * 1.5,
        log_density=ORACLES[type(belief)][0],
        log_likelihood=gaussian_log_likelihood,
        log_predictive=ORACLES[type(belief)][1],
        vector=_mean_vector if known else _precision_vector,
        parameters=_mean_parameters(belief) if known else _precision_parameters(belief),
        statistics=lambda rows, r: kernel(belief).statistics(kernel(belief).features(rows), r),
        predictive=lambda posterior, rows: family.log_predictive(posterior, rows.T),
        expected_log_likelihood=expected,
    )


def _dirichlet_case(name: str, belief: Dirichlet, other: Dirichlet) -> ConjugateCase:
    """Memberships themselves are the rows; every responsibility is a membership."""
    return ConjugateCase(
        name=name,
        belief=belief,
        other=other,
        rows=np.zeros((7, 1)),
        log_density=dirichlet_log_density,
        log_likelihood=lambda parameters, rows, r: float((r.sum(1) * np.log(parameters["weights"])).sum()),
        log_predictive=lambda posterior, rows: np.repeat(
            np.log(posterior.concentration / posterior.concentration.sum())[:, None], len(rows), axis=1
        ),
        vector=lambda parameters: parameters["weights"][:-1],
        parameters=lambda vector: {"weights": np.append(vector, 1.0 - vector.sum())},
        statistics=lambda rows, r: r.sum(1),
        predictive=lambda posterior, rows: np.repeat(
            np.log(posterior.parameter_mean()["weights"])[:, None], len(rows), axis=1
        ),
        expected_log_likelihood=lambda stands, rows, r: float(
            (r.sum(1) * stands.expected_natural_parameters()["log_weights"]).sum()
        ),
    )


CASES = [
    _gaussian_case("wishart-d1", "full", wishart_belief(2, 1, 1), wishart_belief(2, 1, 2)),
    _gaussian_case("wishart-d2", "full", wishart_belief(3, 2, 3), wishart_belief(3, 2, 4)),
    _gaussian_case("wishart-d3", "full", wishart_belief(2, 3, 5), wishart_belief(2, 3, 6)),
    _gaussian_case("wishart-tied-d1", "tied", wishart_belief(3, 1, 7, tied=True), wishart_belief(3, 1, 8, tied=True)),
    _gaussian_case("wishart-tied-d3", "tied", wishart_belief(2, 3, 9, tied=True), wishart_belief(2, 3, 10, tied=True)),
    _gaussian_case("gamma-d1", "full", gamma_belief(2, 1, 11), gamma_belief(2, 1, 12)),
    _gaussian_case("gamma-each-d3", "diagonal", gamma_belief(2, 3, 13), gamma_belief(2, 3, 14)),
    _gaussian_case(
        "gamma-common-d1", "spherical", gamma_belief(2, 1, 15, common=True), gamma_belief(2, 1, 16, common=True)
    ),
    _gaussian_case(
        "gamma-common-d3", "spherical", gamma_belief(2, 3, 17, common=True), gamma_belief(2, 3, 18, common=True)
    ),
    _gaussian_case("normal-d1", "known", normal_belief(2, 1, 23), normal_belief(2, 1, 24)),
    _gaussian_case("normal-d3", "known", normal_belief(3, 3, 25), normal_belief(3, 3, 26)),
    _dirichlet_case("dirichlet", dirichlet_belief(3, 19), dirichlet_belief(3, 20)),
    _dirichlet_case("beta", dirichlet_belief(2, 21), dirichlet_belief(2, 22)),
]
