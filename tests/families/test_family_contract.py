"""The contract of `family_contract`, over every family of the registry and each of its forms."""

from __future__ import annotations

import pytest
from families.family_contract import CHECKS, OF_COMPLETE_ROWS, check_mixtures_of_it_work_in_every_method, rows_for

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
FURTHER = [Gaussian(name) for name in COVARIANCES[1:]]
FURTHER += [LinearRegression(fit_intercept=False)]
FURTHER += [StudentT("diagonal", dof=3.0), StudentT("tied", dof=5.0), StudentT("spherical")]
FURTHER += [StudentRegression(False, 3.0)]
MIXED = {"size": Gaussian("diagonal"), "visits": Poisson(), "colour": Categorical()}
FURTHER += [Product(MIXED, {"size": [3, 0], "visits": [1], "colour": [2]})]


def marks(family, check):
    """What takes long is checked of one form of a family at once, of the further ones by `make test-slow`."""
    long = family in FURTHER and check is check_mixtures_of_it_work_in_every_method
    return [pytest.mark.slow] if long else []


PAIRS = [
    pytest.param(family, check, id=f"{family!r}-{check.__name__}", marks=marks(family, check))
    for check in CHECKS
    for family in [*MEMBERS, *FURTHER]
    if check not in OF_COMPLETE_ROWS or not family.fitted_to(rows_for(family)).hides_values(rows_for(family))
]


@pytest.mark.parametrize(("family", "check"), PAIRS)
def test_contract(family, check):
    check(family.fitted_to(rows_for(family)))
