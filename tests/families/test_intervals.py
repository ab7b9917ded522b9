"""Rows known by limits: what their masses, expectations, curvatures and draws must satisfy."""

from __future__ import annotations

import numpy as np
import pytest
from families.family_contract import close
from scipy.integrate import quad
from scipy.stats import expon, kstest, truncnorm

from pointmass import (
    EM,
    MLE,
    VB,
    CensoredExponential,
    CensoredGaussian,
    Enumeration,
    Exponential,
    Gamma,
    Gaussian,
    Mixture,
    NormalInverseGamma,
    PointmassError,
    PointmassWarning,
)
from pointmass.families.coordinates import Coordinates
from pointmass.families.expected import Expected
from pointmass.families.intervals import Intervals
from pointmass.families.truncated import TruncatedExponential, TruncatedNormal

LIMITS = np.array([[0.0, 0.5], [0.2, 3.0], [2.0, np.inf], [4.0, 4.0001], [8.0, 9.0], [30.0, np.inf]])
NORMAL = TruncatedNormal(np.array([0.3, 1.0]), np.array([1.0, 4.0]), np.array([0.2, -0.1]))
TIMES = TruncatedExponential(np.log([0.7, 2.0]) - 0.1, np.array([0.7, 2.0]))
CASES: dict[str, tuple[Intervals, dict[str, np.ndarray]]] = {
    "exponential": (CensoredExponential(), {"rate": np.array([[0.7]]), "log_rate": np.array([[-0.5]])}),
    "gaussian": (
        CensoredGaussian(),
        {
            "centre": np.array([[0.3]]),
            "precision": np.array([[1.7]]),
            "log_determinant": np.array([0.4]),
            "spread": np.array([0.1]),
        },
    ),
}
ROWS = np.array([[0.5, 0.5], [0.0, 0.7], [1.0, np.nan], [2.0, 2.0], [np.nan, 0.4], [0.3, 5.0]])


def moment(case: TruncatedNormal | TruncatedExponential, k: int, limits: np.ndarray, about: float, power: int) -> float:
    """Return ∫ (z − about)^power of the density relative to that at the lower limit, by adaptive quadrature."""
    low, near = limits[0], max(1.0, limits[0]) if isinstance(case, TruncatedNormal) else 0.7
    high = min(limits[1], low + 60.0 / near)

    def integrand(z: float) -> float:
        return float((z - about) ** power * np.exp(case._relative(np.array([[low, z]]), k)[0, 1]))

    return float(quad(integrand, low, high, epsabs=0.0, limit=200)[0])


def log_density(case: TruncatedNormal | TruncatedExponential, k: int, z: float) -> float:
    if isinstance(case, TruncatedExponential):
        return float(case.log_rate[k] - case.rate[k] * z)
    square = case.precision[k] * (z - case.centre[k]) ** 2
    return float(case.constant[k] - 0.5 * np.log(2.0 * np.pi) - 0.5 * square)


@pytest.mark.parametrize("case", [NORMAL, TIMES], ids=["normal", "exponential"])
def test_masses_and_nodes_agree_with_adaptive_quadrature(case: TruncatedNormal | TruncatedExponential) -> None:
    """The mass, the mean and the variance between limits; far and narrow intervals too."""
    lower, upper = LIMITS.T
    masses = case.log_mass(lower, upper)
    for k in range(2):
        points, weights = case.nodes(lower, upper, k)
        means = (points * weights).sum(1)
        spread = ((points - means[:, None]) ** 2 * weights).sum(1)
        for i, limits in enumerate(LIMITS):
            total = moment(case, k, limits, 0.0, 0)
            assert masses[k, i] == pytest.approx(log_density(case, k, limits[0]) + np.log(total), abs=1e-8, rel=1e-10)
            assert means[i] - limits[0] == pytest.approx(moment(case, k, limits, limits[0], 1) / total, rel=1e-8)
            assert spread[i] == pytest.approx(moment(case, k, limits, means[i], 2) / total, rel=1e-6)


def test_draws_have_the_truncated_distribution() -> None:
    rng, size = np.random.default_rng(0), 4000
    for low, high in ((0.2, 3.0), (-2.0, -1.0), (4.0, np.inf), (-np.inf, -6.0), (-np.inf, np.inf)):
        draws = NORMAL.draws(np.full(size, low), np.full(size, high), np.ones(size, dtype=int), rng)
        a, b = (low - 1.0) * 2.0, (high - 1.0) * 2.0
        assert kstest(draws, truncnorm(a, b, 1.0, 0.5).cdf).pvalue > 1e-4
    for low, high in ((0.2, 3.0), (5.0, np.inf)):
        draws = TIMES.draws(np.full(size, low), np.full(size, high), np.zeros(size, dtype=int), rng)
        top = expon.cdf(high - low, scale=1 / 0.7)
        assert kstest(draws, lambda z, low=low, top=top: expon.cdf(z - low, scale=1 / 0.7) / top).pvalue > 1e-4


def perturbed(name: str, step: np.ndarray) -> Expected:
    """Return expected parameters whose η is moved by ``step`` in the statistics but the constant one."""
    expected = dict(CASES[name][1])
    if name == "exponential":
        return Expected({**expected, "rate": expected["rate"] - step[0]})
    precision = expected["precision"] - 2.0 * step[1]
    linear = CASES[name][1]["precision"] * CASES[name][1]["centre"] + step[0]
    centre = linear / precision
    # The constant stays where it was: −½ P c² moves with the others, and the spread takes it back.
    was = CASES[name][1]["precision"] * CASES[name][1]["centre"] ** 2
    return Expected(
        {
            **expected,
            "centre": centre,
            "precision": precision,
            "spread": expected["spread"] + (was - precision * centre**2)[:, 0],
        }
    )


def total(name: str, rows: np.ndarray, step: np.ndarray) -> float:
    kernel = CASES[name][0].kernel(perturbed(name, step), np.zeros(1), Coordinates.identity(2))  # type: ignore[arg-type]
    return float(kernel.log_density(kernel.features(rows), rows).sum())


@pytest.mark.parametrize("name", CASES)
def test_expected_statistics_are_the_gradient_and_what_is_hidden_the_curvature(name: str) -> None:
    """Fisher's identity, and Louis's: derivatives of the log likelihood by the coefficients of the statistics."""
    family, expected = CASES[name]
    rows = ROWS if name == "gaussian" else ROWS[[0, 1, 2, 3, 5]]
    size = 1 if name == "exponential" else 2
    kernel = family.kernel(Expected(expected), np.zeros(1), Coordinates.identity(2))  # type: ignore[arg-type]
    features, ones = kernel.features(rows), np.ones((1, len(rows)))
    found = kernel.statistics(features, ones)
    sums = np.asarray(getattr(found, "sums", found))[0, 1:]
    steps = 1e-4 * np.eye(size)
    slopes = [(total(name, rows, h) - total(name, rows, -h)) / 2e-4 for h in steps]
    assert sums == pytest.approx(slopes, rel=1e-6)
    frame = family.frame(Expected(expected), 2)  # type: ignore[arg-type]
    moved = np.stack([frame.features(features, 0)[1:].sum(1)])[0]
    assert len(moved) == size
    direction = np.zeros((1, 1, 1 + size))
    direction[0, 0, 1] = 1.0
    # In the frame the Gaussian's variable is w = √P (z − c): a push of w by h is one of z by h √P.
    unit = 1.0 if name == "exponential" else float(np.sqrt(expected["precision"][0, 0]))
    h = 1e-3
    push = np.zeros(size)
    push[0] = h * unit
    curvature = (total(name, rows, push) - 2 * total(name, rows, 0 * push) + total(name, rows, -push)) / h**2
    assert frame.hidden(features, ones, direction)[0, 0, 1] == pytest.approx(curvature, rel=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_drawn_values_have_the_expected_statistics(name: str) -> None:
    family, expected = CASES[name]
    rows = ROWS if name == "gaussian" else ROWS[[0, 1, 2, 3, 5]]
    kernel = family.kernel(Expected(expected), np.zeros(1), Coordinates.identity(2))  # type: ignore[arg-type]
    features, ones = kernel.features(rows), np.ones((1, len(rows)))
    rng = np.random.default_rng(3)

    def sums(features: object) -> np.ndarray:
        found = kernel.statistics(features, ones)
        return np.asarray(getattr(found, "sums", found))[0]

    close(np.array([sums(kernel.filled(features, ones, rng)) for _ in range(2000)]), sums(features))


def test_exact_rows_give_what_the_family_of_values_gives() -> None:
    values = np.random.default_rng(1).gamma(2.0, 1.5, (40, 1))
    rows = np.repeat(values, 2, axis=1)
    for ours, theirs in ((CensoredExponential(), Exponential()), (CensoredGaussian(), Gaussian())):
        for method in (MLE, VB):
            found, expected = method(ours).fit(rows), method(theirs).fit(values)
            for name, array in expected.estimate_.items():
                assert found.estimate_[name] == pytest.approx(array, rel=1e-12)
            assert found.log_likelihood_ == pytest.approx(expected.log_likelihood_, rel=1e-12)
            assert found.score_samples(rows) == pytest.approx(expected.score_samples(values), rel=1e-12)


def test_units_do_not_matter() -> None:
    """Times in seconds and in years: the same fit, and log likelihoods that differ by the exact rows' units alone."""
    rows = np.array([[1.0, 1.0], [2.0, 2.0], [0.5, 3.0], [4.0, np.nan]])
    for family in (CensoredExponential(), CensoredGaussian()):
        one, other = (EM(family, tol=1e-11).fit(rows * unit) for unit in (1.0, 1e7))
        assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - 2 * np.log(1e7), rel=1e-8)
        assert one.uncertainty("information").sd.keys() == other.uncertainty("information").sd.keys()


@pytest.mark.parametrize("prior", ["gamma", "normal"])
def test_predictive_probabilities_are_integrals_of_the_predictive_density(prior: str) -> None:
    families = {
        "gamma": CensoredExponential(Gamma(2.0, 3.0)),
        "normal": CensoredGaussian(prior=NormalInverseGamma(1.0, 2.0, 2.5, 1.5)),
    }
    family = families[prior]
    posterior = family.broadcast_prior(family.prior, 1, 2)
    for low, high in ((0.5, 2.0), (3.0, 40.0)):
        expected = quad(lambda z: np.exp(family.log_predictive(posterior, np.array([[z], [z]]))[0, 0]), low, high)[0]
        found = np.exp(family.log_predictive(posterior, np.array([[low], [high]]))[0, 0])
        assert found == pytest.approx(expected, rel=1e-7)
    everything = family.log_predictive(posterior, np.array([[np.nan], [np.nan]]))[0, 0]
    assert everything == pytest.approx(0.0, abs=1e-12)


def test_censored_mixtures_climb_and_find_both_rates() -> None:
    rng = np.random.default_rng(4)
    times = rng.exponential(np.where(rng.random(600) < 0.5, 1.0, 12.0))
    rows = np.column_stack([np.minimum(times, 15.0), np.where(times > 15.0, np.nan, times)])
    for method in (EM, VB):
        fit = method(Mixture(CensoredExponential(), 2), n_init=3, rng=0).fit(rows)
        assert np.all(np.diff(fit.objective_history_) >= -1e-10 * np.abs(fit.objective_history_[1:]))
        assert np.sort(1.0 / fit.estimate_["rate"][:, 0]) == pytest.approx([1.0, 12.0], rel=0.3)


@pytest.mark.filterwarnings("ignore:VB. no row has an upper limit")
def test_times_that_are_all_still_running_have_the_posterior_mean_in_closed_form() -> None:
    """No event in a total time T: the rate's posterior is Gamma(a, b + T), whose mean q(rate) has too."""
    rows = [[1.0, np.nan], [2.0, np.nan], [3.0, np.nan]]
    fit = VB(CensoredExponential(prior=Gamma(2.0, 5.0)), tol=1e-12).fit(rows)
    assert fit.estimate_["rate"] == pytest.approx(2.0 / (5.0 + 6.0), rel=1e-6)
    left_out = VB(CensoredExponential(prior=Gamma(2.0, 5.0)), tol=1e-12).fit(
        [[9.0, 9.0], *rows], sample_weight=[0, 1, 1, 1]
    )
    assert left_out.estimate_["rate"] == pytest.approx(fit.estimate_["rate"], rel=1e-6)


@pytest.mark.parametrize(
    ("side", "rows"), [("an upper", [[1.0, np.nan], [2.0, np.nan]]), ("a lower", [[np.nan, 1.0]] * 3)]
)
def test_rows_all_open_on_one_side_say_that_there_is_no_maximum(side: str, rows: list[list[float]]) -> None:
    with pytest.warns(PointmassWarning, match=f"no row has {side} limit: the likelihood alone has no maximum"):
        EM(CensoredExponential()).fit(rows)


def test_what_is_refused_and_how() -> None:
    with pytest.raises(PointmassError, match="column 0 of X is all NaN"):
        EM(CensoredExponential()).fit([[np.nan, np.nan]] * 3)
    with pytest.raises(PointmassError, match=r"contains infinity .*; drop the rows, or write NaN where nothing was"):
        EM(CensoredExponential()).fit([[1.0, 1.0], [2.0, np.inf]])
    with pytest.raises(PointmassError, match="takes two columns, the lower and the upper limit"):
        EM(CensoredExponential()).fit([[1.0], [2.0]])
    with pytest.raises(PointmassError, match="lower limit lies above the upper one at row 1: 3 and 2"):
        EM(CensoredGaussian()).fit([[1.0, 1.0], [3.0, 2.0]])
    with pytest.raises(PointmassError, match="at least 0, got -1 at row 1, column 0"):
        EM(CensoredExponential()).fit([[1.0, 1.0], [-1.0, 2.0]])
    with pytest.raises(PointmassError, match="one variance for each component"):
        CensoredGaussian(covariance="tied")
    rows = [[1.0, 1.0], [2.0, np.nan], [3.0, 3.0]]
    with pytest.raises(PointmassError, match="does not say when a row is censored"):
        EM(CensoredExponential()).fit(rows).uncertainty("bootstrap_parametric", rng=0)
    with pytest.raises(PointmassError, match="none where rows hide values; use EM"):
        MLE(CensoredExponential()).fit(rows)
    with pytest.raises(PointmassError, match="values are hidden beside them"):
        Enumeration(Mixture(CensoredGaussian(), 2)).fit(rows)
