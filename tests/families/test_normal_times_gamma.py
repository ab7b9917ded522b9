"""The factorised belief of a mean and a precision: closed forms, optimality, and what it loses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gammaln

from pointmass import (
    EM,
    VB,
    Gaussian,
    LinearRegression,
    Mixture,
    NormalInverseGamma,
    PointMass,
    PointmassError,
    Product,
    load_fit,
)
from pointmass.families.normal_times_gamma import NormalTimesGamma


def fitted(n, shape=1.0, belief="joint", covariance="full", columns=1, seed=0):
    rows = np.random.default_rng(seed).normal(2.0, 3.0, (n, columns))
    model = Gaussian(covariance, NormalInverseGamma(mean=0.5, kappa=0.7, shape=shape, scale=1.3))
    return VB(model, belief=belief).fit(rows)


def both(*arguments, **options):
    return fitted(*arguments, belief="joint", **options), fitted(*arguments, belief="factorised", **options)


def gap(a):
    """What the bound loses (Bishop 2006, section 10.1.3, worked out): a function of the exact shape alone."""
    more = a + 0.5
    return 0.5 * np.log(more) - gammaln(more) + gammaln(a) + a * np.log(more / a) - 0.5


@pytest.mark.parametrize(("a", "published"), [(3.5, 0.06972), (6, 0.04109), (26, 0.009585), (501, 0.000499)])
def test_the_bound_loses_what_the_closed_form_says(a, published):
    exact, product = both(4, shape=a - 2.0)
    assert exact.belief_["emission"].shape == pytest.approx(a)
    assert gap(a) == pytest.approx(published, rel=1e-3)
    assert exact.elbo_ - product.elbo_ == pytest.approx(gap(a), abs=1e-10)


@pytest.mark.parametrize("n", [3, 20, 400])
def test_means_are_exact_and_spreads_too_narrow_by_the_closed_forms(n):
    exact, product = both(n)
    a = float(exact.belief_["emission"].shape[0, 0])
    one, other = exact.belief_["emission"], product.belief_["emission"]
    np.testing.assert_allclose(other.mean, one.mean, rtol=1e-12)
    np.testing.assert_allclose(other.shape / other.scale, one.shape / one.scale, rtol=1e-12)
    ratio = product.uncertainty("mean_field").sd["mean"] / exact.uncertainty("mean_field").sd["mean"]
    np.testing.assert_allclose(ratio, np.sqrt((a - 1.0) / a), rtol=1e-10)
    precision = np.sqrt(other.shape) / other.scale / (np.sqrt(one.shape) / one.scale)
    np.testing.assert_allclose(precision, np.sqrt(a / (a + 0.5)), rtol=1e-10)


@pytest.mark.parametrize(("covariance", "columns"), [("full", 1), ("diagonal", 2), ("spherical", 3)])
def test_no_other_product_is_nearer(covariance, columns):
    exact, product = both(8, covariance=covariance, columns=columns)
    posterior, best = exact.belief_["emission"], product.belief_["emission"]
    at_best = best.divergence(posterior)
    assert exact.elbo_ - product.elbo_ == pytest.approx(at_best, abs=1e-10)
    rng = np.random.default_rng(1)
    for _ in range(50):
        arrays = best.hyperparameters().items()
        moved = {name: array * np.exp(1e-3 * rng.standard_normal(array.shape)) for name, array in arrays}
        assert best.with_hyperparameters(moved).divergence(posterior) > at_best


def test_the_divergence_is_the_mean_of_log_ratios():
    exact, product = both(6)
    posterior, best = exact.belief_["emission"], product.belief_["emission"]
    draws = best.parameter_draws(200_000, np.random.default_rng(2))
    # Densities written with SciPy, in (mean, precision).
    mean, precision = draws["mean"].ravel(), 1.0 / draws["variance"].ravel()
    m, kappa, a, b = (float(np.ravel(best.hyperparameters()[name])[0]) for name in ("mean", "kappa", "shape", "scale"))
    own = stats.norm.logpdf(mean, m, np.sqrt(b / (kappa * a))) + stats.gamma.logpdf(precision, a, scale=1.0 / b)
    ratios = own - posterior.log_density(draws)
    assert ratios.mean() == pytest.approx(best.divergence(posterior), abs=4.0 * ratios.std() / np.sqrt(len(ratios)))
    np.testing.assert_allclose(best.log_density(draws), own, rtol=1e-9)


@pytest.mark.parametrize("shape", [0.3, 2.0, 800.0])
def test_the_predictive_density_integrates_over_both(shape):
    belief = NormalTimesGamma.trusted(
        mean=np.array([[1.0]]), kappa=np.array([[2.0]]), shape=np.array([[shape]]), scale=np.array([[1.5 * shape]])
    )
    for x in (1.0, 4.0, 30.0):
        spread = 1.5 / 2.0

        def integrand(log_precision, x=x, spread=spread):
            precision = np.exp(log_precision)
            density = stats.norm.pdf(x, 1.0, np.sqrt(1.0 / precision + spread))
            return density * precision * stats.gamma.pdf(precision, shape, scale=1.0 / (1.5 * shape))

        # Pieces, so that the adaptive rule cannot miss the peak.
        edges = np.log(1.0 / 1.5) + np.array([-80.0, -20.0, -5.0, -2.0, -0.5, 0.0, 0.5, 2.0, 5.0]) / min(shape, 1.0)
        expected = sum(integrate.quad(integrand, *pair, epsabs=0.0, epsrel=1e-10)[0] for pair in pairwise(edges))
        assert belief.log_predictive(np.array([[x]]))[0, 0] == pytest.approx(np.log(expected), abs=1e-7)


def test_in_a_mixture_the_bound_rises_and_lies_below_the_joint_one():
    rng = np.random.default_rng(3)
    rows = np.concatenate([rng.normal(0.0, 1.0, 60), rng.normal(4.0, 1.0, 40)])
    model = Mixture(Gaussian(prior=NormalInverseGamma(0.0, 0.05, 2.0, 1.0)), 2)
    start = EM(model, rng=0).fit(rows)
    joint = VB(model, init=start, tol=1e-10).fit(rows)
    product = VB(model, init=start, tol=1e-10, belief="factorised").fit(rows)
    assert (np.diff(product.objective_history_) > -1e-10).all()
    assert product.elbo_ < joint.elbo_
    with pytest.raises(PointmassError, match="it has mean_field"):
        product.uncertainty("linear_response")
    assert (product.uncertainty().sd["mean"] < joint.uncertainty("mean_field").sd["mean"]).all()


def test_a_stored_fit_comes_back_as_it_was():
    product = fitted(12, belief="factorised")
    restored = load_fit(product.to_datatree())
    assert isinstance(restored.belief_["emission"], NormalTimesGamma)
    np.testing.assert_array_equal(restored.score_samples([1.0, 2.0]), product.score_samples([1.0, 2.0]))


def test_what_has_no_such_form_says_so():
    rng = np.random.default_rng(4)
    with pytest.raises(PointmassError, match=r"NormalInverseWishart has no factorised form.*belief='joint'"):
        VB(Gaussian(), belief="factorised").fit(rng.normal(size=(20, 2)))
    with pytest.raises(PointmassError, match="no factorised form"):
        VB(LinearRegression(), belief="factorised").fit(rng.normal(size=(20, 2)), rng.normal(size=20))
    with pytest.raises(PointmassError, match="belief must be one of joint, factorised"):
        VB(Gaussian(), belief="product").fit(rng.normal(size=20))


def test_a_product_is_no_prior():
    product = VB(Gaussian(), belief="factorised").fit([1.0, 2.0, 4.0]).belief_["emission"]
    for model in (Gaussian(prior=product), Product({"only": Gaussian(prior=product)})):
        with pytest.raises(PointmassError, match="NormalTimesGamma is a posterior and not conjugate"):
            VB(model).fit([1.0, 2.0, 4.0])


def test_where_the_covariance_is_known_there_is_nothing_to_take_apart():
    rows = np.random.default_rng(0).normal(size=(20, 2))
    model = Gaussian(covariance=PointMass(np.eye(2)))
    joint, product = (VB(model, belief=belief).fit(rows).elbo_ for belief in ("joint", "factorised"))
    assert product == joint
