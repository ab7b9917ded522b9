"""NUTS: the only place where PyMC is imported, and only when a fit asks for it."""

from __future__ import annotations

from pointmass.estimators.nuts.estimator import NUTS

__all__ = ["NUTS"]
