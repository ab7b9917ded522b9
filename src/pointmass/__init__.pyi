from pointmass.api import compare as compare
from pointmass.api import run_experiment as run_experiment
from pointmass.datasets import load_dataset as load_dataset
from pointmass.errors import PointmassError as PointmassError
from pointmass.errors import PointmassWarning as PointmassWarning
from pointmass.estimators import EM as EM
from pointmass.estimators import MAP as MAP
from pointmass.estimators import MLE as MLE
from pointmass.estimators import NUTS as NUTS
from pointmass.estimators import VB as VB
from pointmass.estimators import Enumeration as Enumeration
from pointmass.estimators import Gibbs as Gibbs
from pointmass.estimators import load_fit as load_fit
from pointmass.families import Dirichlet as Dirichlet
from pointmass.families import Gaussian as Gaussian
from pointmass.families import LinearRegression as LinearRegression
from pointmass.families import NormalInverseGamma as NormalInverseGamma
from pointmass.families import NormalInverseWishart as NormalInverseWishart
from pointmass.families import PointMass as PointMass
from pointmass.models import BayesianRegression as BayesianRegression
from pointmass.models import Mixture as Mixture

__version__: str
