"""Counts in cells whose probabilities a few others make: linkage, blood groups, and other coarse tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import logsumexp

from pointmass.errors import PointmassError
from pointmass.families.cell_structure import CellStructure
from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.dirichlet_probabilities import DirichletProbabilities, category_prior
from pointmass.families.dirichlet_quadrature import dirichlet_nodes
from pointmass.families.family import Belief
from pointmass.families.multinomial import Multinomial
from pointmass.families.structured_frame import StructuredFrame
from pointmass.families.structured_kernel import StructuredKernel
from pointmass.numerics import Array

__all__ = ["StructuredMultinomial"]


@dataclass(frozen=True, eq=False, repr=False)
class StructuredMultinomial(Multinomial):
    r"""Rows of counts in J cells, whose probabilities are polynomials in C others.

    .. math:: p(x \mid \theta) = \frac{(\sum_j x_j)!}{\prod_j x_j!} \prod_j p_j(\theta)^{x_j}, \qquad
              p_j(\theta) = \sum_{h \in j} c_h \prod_c \theta_c^{m_{hc}}

    A cell of several terms hides which of them each of its counts came from; were these known, the powers would say
    how often each θ was met, t = (1, Σ m), and a Dirichlet prior would be conjugate.

    Parameters
    ----------
    n_trials : int or None
        Total of the rows that are drawn; None: the mean of the totals that are fitted, rounded.
    prior : Dirichlet, PointMass or None
        Prior of the C probabilities of one component. None: ``Dirichlet(1)``, uniform.
    cells : str or sequence
        ``"linkage"``: ½ + θ/4, (1 − θ)/4, (1 − θ)/4, θ/4 with θ, 1 − θ the probabilities. ``"blood_groups"``: the
        phenotypes A, B, AB, O of the alleles A, B, O; ``"hardy_weinberg"``: the genotypes of two alleles, which hide
        nothing. Or each cell as a sequence of terms (coefficient, power of each probability).

    Raises
    ------
    PointmassError
        If the cells' probabilities do not sum to one or an option is impossible; in ``fit``, if a value is no count.

    References
    ----------
    Rao (1973), *Linear Statistical Inference*, section 5g; Dempster, Laird and Rubin (1977), *JRSS B* 39, section 1;
    Ceppellini, Siniscalco and Smith (1955), *Annals of Human Genetics* 20, for genes.

    Examples
    --------
    >>> from pointmass import EM, StructuredMultinomial
    >>> fit = EM(StructuredMultinomial(cells="linkage"), tol=1e-12).fit([[125, 18, 20, 34]])
    >>> fit.estimate_["probabilities"].round(6)
    array([0.626821, 0.373179])
    """

    cells: Any = "hardy_weinberg"

    def __post_init__(self) -> None:
        """Refuse cells that are no probabilities, and what a multinomial refuses."""
        super().__post_init__()
        CellStructure.of(type(self).__name__, self.cells)

    @cached_property
    def structure(self) -> CellStructure:
        """The cells, ready to compute with."""
        return CellStructure.of(type(self).__name__, self.cells)

    def axis_sizes(self, n_columns: int) -> dict[str, int]:
        """Return the number of cells, and of the probabilities behind them."""
        return {"feature": n_columns, "category": self.structure.n_probabilities}

    def hides_values(self, rows: Array) -> bool:
        """Whether any of rows (n, J) has counts in a cell that hides its terms."""
        return bool(rows[:, self.structure.is_hiding].any())

    def check_rows(self, rows: Array) -> None:
        """Refuse what is no count, and rows of another number of cells."""
        if rows.shape[1] != self.structure.n_cells:
            raise PointmassError(
                f"{type(self).__name__} has {self.structure.n_cells} cells, and the rows have {rows.shape[1]} columns: "
                "give one column of counts for each cell, in their order"
            )
        super().check_rows(rows)

    # -- the likelihood -------------------------------------------------------------------------------------

    def sufficient_statistics(self, rows: Array) -> Array:
        """Return (1, counts of the probabilities), those of cells that hide theirs expected at equal probabilities."""
        structure = self.structure
        equal = np.full(structure.n_probabilities, -np.log(structure.n_probabilities))
        counts = structure.shares(equal) @ structure.powers
        return np.concatenate([np.ones((1, rows.shape[1])), counts.T @ rows])

    def log_base_measure(self, rows: Array) -> Array:
        """Return the log multinomial coefficient, with the coefficients of cells that hide nothing."""
        return np.asarray(super().log_base_measure(rows) + self.log_factors @ rows)

    @cached_property
    def log_factors(self) -> Array:
        """Log coefficient (J,) of each cell without hidden terms, zero for the others."""
        structure = self.structure
        return np.where(structure.is_hiding, 0.0, np.log(structure.member @ structure.coefficients))

    def kernel(self, belief: Belief, offset: Array, coordinates: Coordinates) -> StructuredKernel:
        """Return the kernel that shares each cell among its terms."""
        logs = belief.expected_natural_parameters()["log_probabilities"]
        return StructuredKernel(self, logs, offset, coordinates)

    def frame(self, belief: Belief, n_columns: int) -> StructuredFrame:
        """Return counts of the probabilities, whose covariance the cells hide."""
        return StructuredFrame(self, belief, n_columns)

    def cell_probabilities(self, probabilities: Array) -> Array:
        """Return the probability (..., J) of each cell, given (..., C)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(self.structure.log_cells(np.log(probabilities))))

    def mean_statistics(self, parameters: Parameters) -> Array:
        """Return E[t] = (1, n Σ p m), n the number of trials."""
        with np.errstate(divide="ignore"):
            terms = np.exp(self.structure.log_terms(np.log(parameters["probabilities"])))
        return np.column_stack([np.ones(len(terms)), self._trials * terms @ self.structure.powers])

    def sample(self, parameters: Parameters, labels: Array, rng: np.random.Generator) -> Array:
        """Return rows (n, J)."""
        cells = self.cell_probabilities(parameters["probabilities"])
        shares = cells / cells.sum(-1, keepdims=True)
        return rng.multinomial(self._trials, shares[labels]).astype(float)

    # -- the prior and its updates --------------------------------------------------------------------------

    def default_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1)."""
        return Dirichlet(np.ones(self.structure.n_probabilities))

    def starting_prior(self, rows: Array, weights: Array | None) -> Dirichlet:
        """Return Dirichlet(1 + 1 / C), whose mode lies inside."""
        size = self.structure.n_probabilities
        return Dirichlet(np.full(size, 1.0 + 1.0 / size))

    def flat_prior(self, n_components: int, n_columns: int) -> DirichletProbabilities:
        """Return Dirichlet(1)."""
        return DirichletProbabilities.trusted(concentration=np.ones((n_components, self.structure.n_probabilities)))

    def broadcast_prior(self, prior: Any, n_components: int, n_columns: int) -> Any:
        """Return the prior of the probabilities (K, C)."""
        return category_prior(prior, n_components, self.structure.n_probabilities)

    def log_predictive(self, posterior: DirichletProbabilities, rows: Array) -> Array:
        """Return the log probability (K, n) of rows (J, n), averaged over the posterior: a polynomial's expectation."""
        degree = int(self.structure.powers.sum(1).max() * rows.sum(0).max(initial=0.0))
        values = [self._log_average(*dirichlet_nodes(one, degree), rows) for one in posterior.concentration]
        return np.array(values) + Multinomial.log_base_measure(self, rows)

    def _log_average(self, nodes: Array, weights: Array, rows: Array) -> Array:
        with np.errstate(divide="ignore"):
            logs = self.structure.log_cells(np.log(nodes))
        impossible = np.isneginf(logs)
        values = np.where(impossible, 0.0, logs) @ rows
        values[impossible @ (rows > 0)] = -np.inf
        return np.asarray(logsumexp(values, axis=0, b=weights[:, None]))
