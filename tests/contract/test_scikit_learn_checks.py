"""scikit-learn's own checks, all of them but one, for every estimator that fits without labels."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    BernoulliNetwork,
    Gaussian,
    HiddenMarkov,
    LinearRegression,
    Mixture,
    MixtureOfExperts,
)

EXCLUDED = {
    "check_fit1d": "a vector is one column at d = 1, as fit(X) promises; it is refused where d > 1 was fitted",
}

# The weight-equivalence check compares a weighted fit with one of repeated rows, so the start must be the same for
# both: "principal" draws nothing and counts weights as copies. The check has 15 rows of 30 columns, n < d.
ESTIMATORS = [
    EM(Mixture(Gaussian(), 2), init="principal"),
    MAP(Mixture(Gaussian(), 2), init="principal"),
    VB(Mixture(Gaussian(), 2), init="principal"),
    EM(Gaussian()),
    MLE(Gaussian()),
    MAP(Gaussian()),
    VB(Gaussian()),
]


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda estimator: EXCLUDED, xfail_strict=True)
def test_scikit_learn(estimator, check):
    check(estimator)


CHAINS = [EM(HiddenMarkov(Gaussian(), 2), init="principal"), VB(HiddenMarkov(Gaussian(), 2), init="principal")]

_ORDERED = "rows of a chain are steps in order: each score is given those before, each state given all"
_WHOLE = "a weight counts copies of a whole sequence: weights that change within one are refused"
EXCLUDED_OF_CHAINS = EXCLUDED | {
    "check_methods_sample_order_invariance": _ORDERED,
    "check_methods_subset_invariance": _ORDERED,
    "check_sample_weights_not_overwritten": _WHOLE,
    "check_sample_weight_equivalence_on_dense_data": _WHOLE,
}


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@parametrize_with_checks(CHAINS, expected_failed_checks=lambda estimator: EXCLUDED_OF_CHAINS, xfail_strict=True)
def test_scikit_learn_of_chains(estimator, check):
    check(estimator)


def test_only_one_check_is_excluded():
    assert list(EXCLUDED) == ["check_fit1d"]


REGRESSIONS = [
    MLE(LinearRegression()),
    VB(LinearRegression()),
    EM(Mixture(LinearRegression(), 2), init="principal"),
    EM(MixtureOfExperts(LinearRegression(), 2), init="principal"),
]

# The density of a target is that of y given X: scores of X alone do not exist, and are refused.
WITHOUT_TARGET = (
    "check_dict_unchanged",
    "check_estimators_dtypes",
    "check_estimators_pickle",
    "check_fit_idempotent",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_sample_weight_equivalence_on_dense_data",
)
OF_MIXTURES = ("check_dtype_object", "check_f_contiguous_array_estimator")  # a regression alone predicts from X


def excluded_of_regressions(estimator):
    names = WITHOUT_TARGET + OF_MIXTURES * isinstance(estimator.model, Mixture | MixtureOfExperts)
    return EXCLUDED | dict.fromkeys(names, "it scores rows without their targets")


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@parametrize_with_checks(REGRESSIONS, expected_failed_checks=excluded_of_regressions, xfail_strict=True)
def test_scikit_learn_of_regressions(estimator, check):
    check(estimator)


# Starts are drawn, the same for weights and for copies of rows; without a prior weights may run to infinity.
NETWORKS = [MAP(BernoulliNetwork(1), tol=1e-13, random_state=0)]
EXCLUDED_OF_NETWORKS = EXCLUDED | dict.fromkeys(
    ("check_methods_sample_order_invariance", "check_methods_subset_invariance"), "it scores rows without their targets"
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@parametrize_with_checks(NETWORKS, expected_failed_checks=lambda estimator: EXCLUDED_OF_NETWORKS, xfail_strict=True)
def test_scikit_learn_of_networks(estimator, check):
    check(estimator)


@pytest.mark.slow
def test_array_api_dispatch_changes_nothing():
    """The one check that scikit-learn skips unless an environment variable is set before the import."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from sklearn.utils.estimator_checks import check_array_api_input\n"
        "from pointmass import EM, VB, Gaussian, Mixture\n"
        "for estimator in (EM, VB):\n"
        "    check_array_api_input(estimator.__name__, estimator(Mixture(Gaussian(), 2), init='principal'),\n"
        "                          'numpy', expect_only_array_outputs=False)\n"
    )
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=100)
