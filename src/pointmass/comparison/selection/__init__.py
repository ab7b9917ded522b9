"""How many components: fits that grow by splitting, criteria on the same fits, one table."""

from __future__ import annotations

from pointmass.comparison.selection.checks import check_selection
from pointmass.comparison.selection.criteria import CRITERIA, Criterion
from pointmass.comparison.selection.ladder import Rung, climb
from pointmass.comparison.selection.stored import Selected, is_selection, selected_from, selected_to_datatree
from pointmass.comparison.selection.table import best_number, selection_table
from pointmass.comparison.selection.words import measured, passed_over, preference, selection_sentences

__all__ = [
    "CRITERIA",
    "Criterion",
    "Rung",
    "Selected",
    "best_number",
    "check_selection",
    "climb",
    "is_selection",
    "measured",
    "passed_over",
    "preference",
    "selected_from",
    "selected_to_datatree",
    "selection_sentences",
    "selection_table",
]
