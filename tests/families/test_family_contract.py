"""The contract of `family_contract`, over every family of the registry and each of its forms."""

from __future__ import annotations

import pytest
from families.family_contract import CHECKS, OF_COMPLETE_ROWS, rows_for

from pointmass import (
    Categorical,
    FactorAnalysis,
    Gaussian,
    LinearRegression,
    Poisson,
    Product,
    StudentRegression,
    StudentT,
)
from pointmass.families import FAMILIES
from pointmass.families.gaussian import COVARIANCES

MEMBERS = [family() for family in FAMILIES.values() if family not in (Product, FactorAnalysis)]  # type: ignore[call-arg]
MEMBERS += [Gaussian(name) for name in COVARIANCES[1:]]
MEMBERS += [LinearRegression(fit_intercept=False)]
MEMBERS += [StudentT("diagonal", dof=3.0), StudentT("tied", dof=5.0), StudentT("spherical")]
MEMBERS += [StudentRegression(False, 3.0)]
MIXED = {"size": Gaussian("diagonal"), "visits": Poisson(), "colour": Categorical()}
MEMBERS += [Product(MIXED, {"size": [3, 0], "visits": [1], "colour": [2]})]


PAIRS = [
    pytest.param(family, check, id=f"{family!r}-{check.__name__}")
    for check in CHECKS
    for family in MEMBERS
    if check not in OF_COMPLETE_ROWS or not family.fitted_to(rows_for(family)).hides_values(rows_for(family))
]


@pytest.mark.parametrize(("family", "check"), PAIRS)
def test_contract(family, check):
    check(family.fitted_to(rows_for(family)))
