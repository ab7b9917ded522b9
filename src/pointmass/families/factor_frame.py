"""Statistics of a factor analysis in the frame in which derivatives are taken: those of every column's regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.factor_kernel import FactorKernel, FactorRows, pairs
from pointmass.families.frame import Frame
from pointmass.families.regression_kernel import quadratic_coefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.families.relevant_coefficients import RelevantCoefficients
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.factor_analysis import FactorAnalysis
    from pointmass.families.family import Belief

__all__ = ["FactorFrame"]

# In a column's standard deviations: below it, what rounding leaves of a column's sums of squares is no derivative.
_LEAST_STEP = 1e-2


class FactorFrame(Frame):
    """Products of each pair of (1, factors, column), column after column, as one component's statistics."""

    def __init__(self, family: FactorAnalysis, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        expected = belief.expected_natural_parameters()
        self.kernel = FactorKernel(family, expected, np.zeros(1), Coordinates.identity(n_columns))
        self.width = self.kernel.loadings.shape[-1] + 2
        self.belief = belief

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (1, S), or a row for each of K sets of parameters, which stand behind each column."""
        each = quadratic_coefficients(belief.expected_natural_parameters(), fit_intercept=True)
        sets = each.reshape(self.n_columns, -1, each.shape[-1])
        return np.swapaxes(sets, 0, 1).reshape(sets.shape[1], -1)

    def sums(self, statistics: RegressionMoments) -> Array:
        """Return expected statistics (1, S)."""
        return statistics.sums.reshape(1, -1)

    def statistics(self, sums: Array) -> RegressionMoments:
        """Return a matrix (1, S) as products of every column's regression."""
        return RegressionMoments(sums.reshape(self.n_columns, -1), np.zeros((self.n_columns, self.width - 1)))

    def features(self, features: FactorRows, component: int) -> Array:
        """Return the expected statistics (S, n) of rows."""
        means, covariance = self.kernel.factors(features)
        n = means.shape[1]
        columns = np.empty((n, self.n_columns, self.width))
        columns[..., 0], columns[..., 1:-1], columns[..., -1] = 1.0, means.T[:, None], features.rows.T
        products = columns[..., :, None] * columns[..., None, :]
        products[..., 1:-1, 1:-1] += covariance
        return pairs(products).reshape(n, -1).T

    def hidden(self, features: FactorRows, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, 1, S) under what the factors may be.

        A direction is a form zᵀ G z + b · z in the factors, z ~ N(m, C) row by row. With v = C (b + 2 G m):
        Cov(z, form) = v and Cov(z zᵀ, form) = v mᵀ + m vᵀ + 2 C G C.
        """
        means, covariance = self.kernel.factors(features)
        weights, size = responsibilities[0], len(directions)
        forms = self._forms(directions)
        form = forms[:, :, 1:-1, 1:-1].sum(1)
        of_rows = np.swapaxes(forms[:, :, 1:-1, -1], 1, 2) @ features.rows
        linear = 2.0 * (forms[:, :, 1:-1, 0].sum(1)[..., None] + of_rows)
        answers = weights * (covariance @ (linear + 2.0 * form @ means))
        change = np.zeros((size, self.n_columns, self.width, self.width))
        across = answers @ means.T
        square = across + np.swapaxes(across, -1, -2) + 2.0 * weights.sum() * covariance @ form @ covariance
        change[:, :, 1:-1, 1:-1] = square[:, None]
        change[:, :, 0, 1:-1] = answers.sum(-1)[:, None]
        change[:, :, 1:-1, -1] = np.swapaxes(answers @ features.rows.T, -1, -2)
        return pairs(change).reshape(size, 1, -1)

    def prior_derivative(self, prior: Belief, directions: Array) -> Array:
        """Return what precisions of the loadings add: each is a square of its factor that all columns share."""
        if not isinstance(prior, RelevantCoefficients):
            return np.zeros_like(directions)
        of_squares = np.diagonal(self._forms(directions), axis1=-2, axis2=-1)[..., 1:-1].sum(1)
        variance = prior.precisions(self.belief).parameter_sd()["precision"] ** 2
        change = np.zeros((len(directions), self.n_columns, self.width, self.width))
        each = np.arange(1, self.width - 1)
        change[:, :, each, each] = (variance * of_squares)[:, None]
        return pairs(change).reshape(directions.shape)

    def _forms(self, directions: Array) -> Array:
        """Return the symmetric matrices (B, d, p + 1, p + 1) whose forms in (1, factors, column) directions are."""
        i, j = np.triu_indices(self.width)
        forms = np.zeros((len(directions), self.n_columns, self.width, self.width))
        forms[..., i, j] = 0.5 * directions.reshape(len(directions), self.n_columns, -1)
        return np.asarray(forms + np.swapaxes(forms, -1, -2))

    def steps(self, sums: Array) -> Array:
        """Return the size of what each statistic may move by: so many rows, in units of what the noise leaves open.

        Of (1, factors, column) a step in the column is a standard deviation of the noise, and a step in anything else
        what moves the line by as much, or one: what moves the squares that are left by less than themselves.
        """
        deviation = np.clip(1.0 / np.sqrt(self.kernel.precision[0]), _LEAST_STEP, 1.0)
        line = np.concatenate([self.kernel.mean[0][:, None], self.kernel.loadings[0]], axis=-1)
        units = np.ones((self.n_columns, self.width))
        units[:, -1] = deviation
        units[:, :-1] = deviation[:, None] / np.maximum(np.abs(line), deviation[:, None])
        return np.asarray(sums[:, :1] * pairs(units[:, :, None] * units[:, None, :]).reshape(1, -1))
