"""The contract of `family_contract`, over every family of the registry and each of its forms."""

from __future__ import annotations

import pytest
from families.family_contract import CHECKS, rows_for

from pointmass import Categorical, Gaussian, LinearRegression, Poisson, Product
from pointmass.families import FAMILIES
from pointmass.families.gaussian import COVARIANCES

MEMBERS = [family() for family in FAMILIES.values() if family is not Product]  # type: ignore[call-arg]
MEMBERS += [Gaussian(name) for name in COVARIANCES[1:]]
MEMBERS += [LinearRegression(fit_intercept=False)]
MIXED = {"size": Gaussian("diagonal"), "visits": Poisson(), "colour": Categorical()}
MEMBERS += [Product(MIXED, {"size": [3, 0], "visits": [1], "colour": [2]})]


@pytest.mark.parametrize("family", MEMBERS, ids=repr)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(family, check):
    check(family.fitted_to(rows_for(family)))
