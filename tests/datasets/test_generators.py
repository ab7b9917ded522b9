"""Generators: their rows have the moments of their truth, and their options are checked."""

import inspect

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import f, kstest, multivariate_normal, norm
from sklearn.cluster import KMeans

from pointmass.datasets import GENERATORS, load_dataset
from pointmass.errors import PointmassError

gaussian, gaussian_mixture, heights, two_samples = (
    GENERATORS[name] for name in ("gaussian", "gaussian_mixture", "heights", "two_samples")
)

CASES = [
    ("gaussian", {}),
    ("gaussian", {"mean": [5.0, -1.0], "covariance": [[2.0, 0.9], [0.9, 1.0]]}),
    ("gaussian", {"mean": 3.0, "covariance": [1.0, 4.0, 9.0]}),
    ("gaussian_mixture", {}),
    ("gaussian_mixture", {"n_components": 1}),
    ("gaussian_mixture", {"n_components": 4, "dimension": 3, "covariance": "full", "separation": 1.5}),
    ("gaussian_mixture", {"weights": [0.2, 0.5, 0.3], "dimension": 3, "covariance": "diagonal"}),
    ("gaussian_mixture", {"weights": [0.4, 0.6], "dimension": 2, "covariance": "tied"}),
    ("gaussian_mixture", {"means": [0.0, 2.6], "covariances": [1.0, 4.0], "weights": [0.4, 0.6]}),
    ("heights", {}),
    ("two_samples", {"sample": "first"}),
    ("two_samples", {"sample": "second"}),
]


def by_component(data):
    """Yield rows, mean and covariance of each component (of the whole where there are none)."""
    if "weights" not in data.truth:
        yield data.X, data.truth["mean"], data.truth["covariance"]
        return
    for k, (mean, covariance) in enumerate(zip(data.truth["mean"], data.truth["covariance"], strict=True)):
        yield data.X[data.truth["labels"] == k], mean, covariance


@pytest.mark.parametrize(("name", "options"), CASES)
def test_moments_are_within_five_standard_errors_of_the_truth(name, options):
    # Sees a covariance factor on the wrong side, an sd taken for a variance, components swapped.
    data = GENERATORS[name](**options, n=40_000, rng=20261120)
    for rows, mean, covariance in by_component(data):
        variances = covariance.diagonal()
        assert (np.abs(rows.mean(axis=0) - mean) < 5 * np.sqrt(variances / len(rows))).all()
        sampling = np.sqrt((np.outer(variances, variances) + covariance**2) / len(rows))  # Wishart variances
        assert (np.abs(np.atleast_2d(np.cov(rows.T)) - covariance) < 5 * sampling).all()


@pytest.mark.parametrize(("name", "options"), CASES)
def test_whitened_rows_are_standard_normal(name, options):
    data = GENERATORS[name](**options, n=5_000, rng=7)
    for rows, mean, covariance in by_component(data):
        white = np.linalg.solve(np.linalg.cholesky(covariance), (rows - mean).T)
        assert kstest(white.ravel(), "norm").pvalue > 1e-6


@pytest.mark.parametrize(("name", "options"), [case for case in CASES if case[0] != "gaussian"])
def test_labels_come_with_the_weights_and_in_no_order(name, options):
    n = 40_000
    data = GENERATORS[name](**options, n=n, rng=3)
    weights, labels = data.truth["weights"], data.truth["labels"]
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert labels.dtype.kind == "i"
    shares = np.bincount(labels, minlength=len(weights)) / n
    assert (np.abs(shares - weights) <= 5 * np.sqrt(weights * (1 - weights) / n)).all()
    half = np.bincount(labels[: n // 2], minlength=len(weights)) / (n // 2)
    assert (np.abs(half - shares) <= 5 * np.sqrt(weights * (1 - weights) / n)).all()


@pytest.mark.parametrize(("name", "options"), CASES)
def test_one_seed_is_one_data_set_and_a_generator_is_consumed(name, options):
    draw = GENERATORS[name]
    assert draw(**options, rng=5).digest == draw(**options, rng=5).digest
    assert draw(**options, rng=5).digest == draw(**options, rng=np.random.default_rng(5)).digest
    assert draw(**options, rng=5).digest != draw(**options, rng=6).digest
    rng = np.random.default_rng(5)
    first, second = draw(**options, rng=rng), draw(**options, rng=rng)
    assert first.digest != second.digest
    for parameter in ("mean", "covariance"):
        np.testing.assert_array_equal(first.truth[parameter], second.truth[parameter])


def test_student_t_rows_have_their_tails_whatever_the_columns():
    """δ / d of every row is F(d, dof): one scale for all columns of a row."""
    scale = np.array([[2.0, 0.9], [0.9, 1.0]])
    data = GENERATORS["student_t"](n=20_000, mean=[5.0, -1.0], scale=scale, dof=3.0, rng=1)
    steps = data.X - data.truth["mean"]
    distances = np.einsum("ni,ij,nj->n", steps, np.linalg.inv(scale), steps)
    assert kstest(distances / 2.0, f(2, 3).cdf).pvalue > 1e-4
    with pytest.raises(PointmassError, match="dof must be positive"):
        GENERATORS["student_t"](dof=0.0)


def test_groups_differ_by_the_variances_asked_for():
    """Chi-square laws of the sums of squares about the truth; groups equal in size, or drawn."""
    options = {"n": 20_000, "n_groups": 2000, "mean": 3.0, "group_variance": 4.0, "noise_variance": 0.5, "rng": 0}
    data = GENERATORS["random_effects"](**options)
    groups = data.X.ravel().astype(int)
    assert (np.bincount(groups) == 10).all()
    noise = data.y - 3.0 - data.truth["effects"][groups]
    for deviations, variance in ((noise, 0.5), (data.truth["effects"], 4.0)):
        scaled = (deviations**2).sum() / variance
        assert abs(scaled - len(deviations)) < 5.0 * np.sqrt(2.0 * len(deviations))
    assert len(np.unique(np.bincount(GENERATORS["random_effects"](balanced=False, rng=0).X.ravel().astype(int)))) > 1
    with pytest.raises(PointmassError, match="noise_variance must be positive"):
        GENERATORS["random_effects"](noise_variance=0.0)


@pytest.mark.parametrize("name", GENERATORS)
def test_every_generator_works_with_its_defaults(name):
    data = GENERATORS[name]()
    parameters = inspect.signature(GENERATORS[name]).parameters
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters.values())
    assert len(data.X) == parameters["n"].default
    assert data.labels is None
    assert data.name == name
    d = 1 if data.columns in (("lower", "upper"), ("value", "error")) else data.X.shape[1]
    if data.y is not None:
        assert data.y.shape == (len(data.X),)
        if "effects" in data.truth:
            assert data.truth["effects"].shape == np.unique(data.X).shape
            return
        if "output" in data.truth:
            assert data.truth["hidden"].shape == (data.truth["output"].shape[1] - 1, d + 1)
            return
        assert data.truth["coefficients"].shape == (*np.shape(data.truth.get("noise_variance", 0.0)), d + 1)
        return
    if "loadings" in data.truth:
        assert data.truth["loadings"].shape == (d, 1)
        return
    spread = data.truth.get("covariance", data.truth.get("scale"))
    if spread is None:
        shares = next(key for key in ("weights", "initial", "probabilities", "rate") if key in data.truth)
        assert data.truth[shares].sum() == pytest.approx(0.1 if shares == "rate" else 1.0)
        return
    assert spread.shape[-2:] == (d, d)
    assert data.truth["mean"].shape == spread.shape[:-1]


MEANS = {
    "poisson_mixture": lambda truth: truth["rate"],
    "exponential_mixture": lambda truth: 1.0 / truth["rate"],
    "geometric_mixture": lambda truth: 1.0 / truth["probability"] - 1.0,
    "latent_classes": lambda truth: truth["probability"],
    "categorical_mixture": lambda truth: (truth["probabilities"] * np.arange(3)).sum(1, keepdims=True),
    "mixed_classes": lambda truth: np.column_stack(
        [truth["size_mean"], truth["visits_rate"], truth["colour_probabilities"] @ np.arange(3)]
    ),
    "multinomial_mixture": lambda truth: 10 * truth["probabilities"],
}


@pytest.mark.parametrize("name", MEANS)
def test_components_have_the_means_of_their_truth(name):
    data = GENERATORS[name](n=40_000, rng=20261120)
    expected = MEANS[name](data.truth)
    for k, mean in enumerate(expected):
        rows = data.X[data.truth["labels"] == k]
        assert (np.abs(rows.mean(0) - mean) < 5 * rows.std(0) / np.sqrt(len(rows))).all()
    assert (np.abs(np.bincount(data.truth["labels"]) / 40_000 - data.truth["weights"]) < 0.0125).all()
    with pytest.raises(PointmassError, match="disagree on components"):
        GENERATORS[name](weights=[0.2, 0.3, 0.5])


@pytest.mark.parametrize("name", ["linear_regression", "mixture_of_experts", "mixture_of_regressions"])
def test_targets_lie_about_their_lines(name):
    data = GENERATORS[name](n=40_000, rng=20261120)
    labels = data.truth.get("labels", np.zeros(len(data.X), dtype=int))
    lines, variances = np.atleast_2d(data.truth["coefficients"]), np.atleast_1d(data.truth["noise_variance"])
    for k, (line, variance) in enumerate(zip(lines, variances, strict=True)):
        X, y = data.X[labels == k], data.y[labels == k]
        residual = y - line[0] - X @ line[1:]
        assert kstest(residual / np.sqrt(variance), "norm").pvalue > 1e-6
        assert (np.abs(X.T @ residual / len(X)) < 5 * np.sqrt(variance / len(X))).all()


@pytest.mark.parametrize(("name", "chance"), [("probit_regression", norm.cdf), ("logistic_regression", expit)])
def test_targets_of_zero_and_one_have_their_probabilities(name, chance):
    """Both y − P(y = 1 | x) and its products with the features have mean zero."""
    data = GENERATORS[name](n=40_000, rng=20261120, coefficients=[0.3, 1.0, -2.0])
    design = np.column_stack([np.ones(len(data.X)), data.X])
    chances = chance(design @ data.truth["coefficients"])
    error = (data.y - chances)[:, None] * design
    assert (np.abs(error.mean(0)) < 5 * error.std(0) / np.sqrt(len(data.X))).all()
    with pytest.raises(PointmassError, match="an intercept and at least one slope"):
        GENERATORS[name](coefficients=[1.0])


@pytest.mark.parametrize("covariance", ["spherical", "diagonal", "full", "tied"])
@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_neighbouring_means_are_the_separation_apart(covariance, dimension, n_components):
    options = {"dimension": dimension, "n_components": n_components, "separation": 2.5}
    truth = gaussian_mixture(n=1, covariance=covariance, **options).truth
    assert truth["weights"].shape == (n_components,)
    assert truth["mean"].shape == (n_components, dimension)
    assert truth["covariance"].shape == (n_components, dimension, dimension)
    np.testing.assert_allclose(np.diff(truth["mean"][:, 0]), 2.5)
    np.testing.assert_allclose(truth["mean"].sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(truth["covariance"][:, 0, 0], 1)
    assert (np.linalg.eigvalsh(truth["covariance"]) > 0.1).all()


def test_kinds_of_covariance_are_what_they_are_called():
    kinds = ("spherical", "diagonal", "full", "tied")
    covariances = {kind: gaussian_mixture(n=1, covariance=kind, dimension=3).truth["covariance"] for kind in kinds}
    off_diagonal = ~np.eye(3, dtype=bool)
    for kind in ("spherical", "diagonal"):
        assert (covariances[kind][:, off_diagonal] == 0).all()
    for kind in ("full", "tied"):
        assert (covariances[kind][:, off_diagonal] != 0).all()
    for kind, equal in {"spherical": True, "tied": True, "diagonal": False, "full": False}.items():
        assert np.array_equal(covariances[kind][0], covariances[kind][1]) is equal


def test_heights_are_those_of_women_and_men():
    data = heights(rng=0)
    assert data.columns == ("height",)
    np.testing.assert_allclose(data.truth["mean"].ravel(), [162.8, 176.0])
    np.testing.assert_allclose(np.sqrt(data.truth["covariance"]).ravel(), [7.0, 7.4])
    separation = np.diff(data.truth["mean"].ravel()) / np.sqrt(data.truth["covariance"].mean())
    assert separation == pytest.approx(1.8, abs=0.05)


def errors(predicted, labels):
    wrong = int((predicted != labels).sum())
    return min(wrong, len(labels) - wrong)


def bayes_rule(data):
    parts = zip(data.truth["weights"], data.truth["mean"], data.truth["covariance"], strict=True)
    densities = [weight * multivariate_normal(mean, cov).pdf(data.X) for weight, mean, cov in parts]
    return np.argmax(densities, axis=0)


@pytest.mark.parametrize(("sample", "k_means_median", "bayes_most"), [("first", (0, 0), 1), ("second", (60, 250), 2)])
def test_k_means_clusters_the_first_sample_and_not_the_second(sample, k_means_median, bayes_most):
    rng = np.random.default_rng(1977)
    k_means, bayes = [], []
    for _ in range(20):
        data = two_samples(sample=sample, rng=rng)
        assert data.X.shape == (500, 2)
        fits = (KMeans(2, n_init=1, random_state=seed).fit_predict(data.X) for seed in range(5))
        k_means += [errors(fit, data.truth["labels"]) for fit in fits]
        bayes.append(errors(bayes_rule(data), data.truth["labels"]))
    lowest, highest = k_means_median
    assert lowest <= np.median(k_means) <= highest
    assert max(bayes) <= bayes_most


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("heights", {"n": 0}, "n must be at least 1, got 0"),
        ("heights", {"n": -5}, "n must be at least 1"),
        ("heights", {"n": 1000.0}, "n must be a whole number, got 1000.0"),
        ("heights", {"n": "1000"}, "n must be a whole number"),
        ("heights", {"n": True}, "n must be a whole number, got True"),
        ("heights", {"n": 10**12}, "GB: lower n"),
        ("heights", {"rng": -1}, "rng must be at least 0"),
        ("heights", {"rng": "seed"}, "rng must be a whole number"),
        ("two_samples", {"sample": "frist"}, "sample has no choice 'frist': did you mean 'first'"),
        ("two_samples", {"sample": 1}, "sample has no choice 1: use first or second"),
        ("gaussian", {"mean": [0.0, 1.0], "dimension": 3}, "disagree on dimension: dimension gives 3"),
        ("gaussian", {"mean": [0.0, np.nan]}, "mean must hold finite numbers"),
        ("gaussian", {"mean": "high"}, "mean must hold finite numbers"),
        ("gaussian", {"mean": []}, "mean must have 0 or 1 axes"),
        ("gaussian", {"covariance": -1.0}, "covariance must have positive variances"),
        ("gaussian", {"covariance": [[1.0, 2.0], [2.0, 1.0]]}, "smallest eigenvalue is -1"),
        ("gaussian", {"covariance": [[1.0, 0.4], [0.0, 1.0]]}, "symmetric"),
        ("gaussian", {"covariance": [[1.0, 0.4]]}, "square"),
        ("gaussian", {"covariance": [[1.0], [0.4, 1.0]]}, "unequal length"),
        ("gaussian", {"dimension": 0}, "dimension must be at least 1"),
        ("gaussian", {"dimension": 10**6}, "GB: lower dimension"),
        ("gaussian_mixture", {"weights": [0.5, 0.6]}, "sum to 1, not 1.1"),
        ("gaussian_mixture", {"weights": [1.5, -0.5]}, "weights must be positive"),
        ("gaussian_mixture", {"weights": [0.5, 0.5], "n_components": 3}, "disagree on n_components"),
        ("gaussian_mixture", {"n_components": 2.0}, "n_components must be a whole number"),
        ("gaussian_mixture", {"n_components": 10**9}, "GB: lower n_components"),
        ("gaussian_mixture", {"separation": -1.0}, "separation must be a finite number of at least 0"),
        ("gaussian_mixture", {"separation": np.inf}, "separation must be a finite number"),
        ("gaussian_mixture", {"separation": 10**400}, "separation must be a finite number"),
        ("gaussian_mixture", {"separation": "wide"}, "separation must be a number"),
        ("gaussian_mixture", {"covariance": "diag"}, "did you mean 'diagonal'"),
        ("gaussian_mixture", {"means": [0.0, 1.0], "separation": 2.0}, "exclude each other"),
        ("gaussian_mixture", {"covariances": [1.0, 2.0], "covariance": "full"}, "exclude each other"),
        ("gaussian_mixture", {"means": [[0.0, 1.0]], "covariances": [[[1.0]]]}, "disagree on dimension"),
        ("poisson_hidden_markov", {"transition_matrix": [[0.9, 0.2], [0.5, 0.5]]}, "each row must sum to 1"),
        ("poisson_hidden_markov", {"transition_matrix": [[1.0]]}, "rate gives 2 states"),
        ("gaussian_hidden_markov", {"initial": [1.0]}, "initial gives 1 states, mean gives 2"),
        ("gaussian_hidden_markov", {"sd": [1.0]}, "sd has shape"),
        ("gaussian_hidden_markov", {"lengths": [5, 0]}, "must be at least 1, got 0"),
        ("poisson_mixture", {"rate": [1.0, 0.0]}, "rate must lie between 0 and inf"),
        ("latent_classes", {"probability": [0.5, 1.5]}, "probability must lie between 0 and 1"),
        ("linear_regression", {"coefficients": [1.0]}, "an intercept and at least one slope"),
        ("linear_regression", {"noise_sd": 0.0}, "positive number"),
        ("bernoulli_network", {"output": [[0.0, 1.0], [1.0, 0.0]]}, "an intercept and 2 unit"),
        ("bernoulli_network", {"hidden": [[0.0], [1.0]]}, "at least one slope"),
        ("mixture_of_experts", {"gate": [[0.0, 1.0]]}, "give that of the coefficients"),
        ("mixture_of_regressions", {"coefficients": [[0.0, 1.0]]}, "give 2 row"),
        ("mixture_of_regressions", {"noise_sd": [1.0]}, "give 2 positive"),
        ("gaussian_mixture", {"covariances": [1.0, -2.0]}, r"covariances\[1\] must be positive definite"),
    ],
)
def test_an_impossible_option_is_refused_by_its_name(name, options, message):
    with pytest.raises(PointmassError, match=message) as caught:
        GENERATORS[name](**options)
    assert caught.value.path[0] in options
    assert "\n" not in str(caught.value)


def test_load_dataset_draws_too():
    assert load_dataset("heights", n=10, rng=1).digest == heights(n=10, rng=1).digest
