"""Generators of data with their truth: plain NumPy that knows nothing of the models.

Each is a function of its options and ``rng`` that works with its defaults and returns a `Dataset` whose
``truth`` holds the parameters under their public names. A new generator is one file and one line here.
"""

from __future__ import annotations

from collections.abc import Callable

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.bernoulli_network import bernoulli_network
from pointmass.datasets.generators.binary_targets import logistic_regression, probit_regression
from pointmass.datasets.generators.categorical_mixture import categorical_mixture
from pointmass.datasets.generators.exponential_mixture import exponential_mixture
from pointmass.datasets.generators.factor_analysis import factor_analysis
from pointmass.datasets.generators.gaussian import gaussian
from pointmass.datasets.generators.gaussian_mixture import gaussian_mixture
from pointmass.datasets.generators.geometric_mixture import geometric_mixture
from pointmass.datasets.generators.heights import heights
from pointmass.datasets.generators.hidden_markov import gaussian_hidden_markov, poisson_hidden_markov
from pointmass.datasets.generators.latent_classes import latent_classes
from pointmass.datasets.generators.limits import censored_exponential, grouped_normal, measured_normal
from pointmass.datasets.generators.linear_regression import linear_regression
from pointmass.datasets.generators.masked_gaussian import masked_gaussian
from pointmass.datasets.generators.mixed_classes import mixed_classes
from pointmass.datasets.generators.mixture_of_experts import mixture_of_experts
from pointmass.datasets.generators.mixture_of_regressions import mixture_of_regressions
from pointmass.datasets.generators.multinomial_mixture import multinomial_mixture
from pointmass.datasets.generators.poisson_mixture import poisson_mixture
from pointmass.datasets.generators.random_effects import random_effects
from pointmass.datasets.generators.structured_counts import blood_groups, linkage
from pointmass.datasets.generators.student_t import student_t
from pointmass.datasets.generators.two_samples import two_samples

__all__ = ["GENERATORS"]

GENERATORS: dict[str, Callable[..., Dataset]] = {
    "bernoulli_network": bernoulli_network,
    "blood_groups": blood_groups,
    "categorical_mixture": categorical_mixture,
    "censored_exponential": censored_exponential,
    "exponential_mixture": exponential_mixture,
    "factor_analysis": factor_analysis,
    "gaussian": gaussian,
    "gaussian_hidden_markov": gaussian_hidden_markov,
    "gaussian_mixture": gaussian_mixture,
    "geometric_mixture": geometric_mixture,
    "grouped_normal": grouped_normal,
    "heights": heights,
    "latent_classes": latent_classes,
    "linear_regression": linear_regression,
    "linkage": linkage,
    "logistic_regression": logistic_regression,
    "masked_gaussian": masked_gaussian,
    "measured_normal": measured_normal,
    "mixed_classes": mixed_classes,
    "mixture_of_experts": mixture_of_experts,
    "mixture_of_regressions": mixture_of_regressions,
    "multinomial_mixture": multinomial_mixture,
    "poisson_hidden_markov": poisson_hidden_markov,
    "poisson_mixture": poisson_mixture,
    "probit_regression": probit_regression,
    "random_effects": random_effects,
    "student_t": student_t,
    "two_samples": two_samples,
}
