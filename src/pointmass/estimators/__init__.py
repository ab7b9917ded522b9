"""Estimators: one method a file, one line each in the registry below; scikit-learn verbs throughout."""

from __future__ import annotations

from pointmass.estimators.base import Estimator
from pointmass.estimators.em import EM
from pointmass.estimators.enumeration import Enumeration
from pointmass.estimators.gibbs import Gibbs
from pointmass.estimators.map import MAP
from pointmass.estimators.mle import MLE
from pointmass.estimators.nuts import NUTS
from pointmass.estimators.registry import ESTIMATORS, load_fit
from pointmass.estimators.vb import VB

__all__ = ["EM", "ESTIMATORS", "MAP", "MLE", "NUTS", "VB", "Enumeration", "Estimator", "Gibbs", "load_fit"]
