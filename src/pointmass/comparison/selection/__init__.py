"""How many components: fits that grow by splitting, criteria on the same fits, one table."""

from __future__ import annotations

from pointmass.comparison.selection.criteria import CRITERIA, Criterion
from pointmass.comparison.selection.ladder import Rung, climb
from pointmass.comparison.selection.table import best_number, selection_table

__all__ = ["CRITERIA", "Criterion", "Rung", "best_number", "climb", "selection_table"]
