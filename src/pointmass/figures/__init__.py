"""Figures of a comparison, and of a whole study: one file a figure, one line in a registry."""

from __future__ import annotations

import pandas as pd

from pointmass.comparison import MatchedFits
from pointmass.comparison.selection import Selected
from pointmass.figures.choice import caption_choice, lacks_choice, plot_choice
from pointmass.figures.clusters import caption_clusters, lacks_clusters, plot_clusters
from pointmass.figures.coverage import caption_coverage, lacks_coverage, plot_coverage
from pointmass.figures.density import caption_density, lacks_density, plot_density
from pointmass.figures.evidence import caption_evidence, lacks_evidence, plot_evidence
from pointmass.figures.forest import caption_forest, plot_forest
from pointmass.figures.marginals import caption_marginals, lacks_marginals, plot_marginals
from pointmass.figures.objective import caption_objective, lacks_objective, plot_objective
from pointmass.figures.optima import caption_optima, lacks_optima, plot_optima
from pointmass.figures.phase_diagram import caption_phase_diagram, lacks_phase_diagram, plot_phase_diagram
from pointmass.figures.probability import caption_probability, lacks_probability, plot_probability
from pointmass.figures.recipe import Caption, Recipe
from pointmass.figures.regions import caption_regions, lacks_regions, plot_regions
from pointmass.figures.regression import caption_regression, lacks_regression, plot_regression
from pointmass.figures.save import png_bytes, svg_bytes
from pointmass.figures.selection import caption_selected, plot_selected
from pointmass.figures.states import caption_states, lacks_states, plot_states
from pointmass.figures.style import METHOD_STYLES, safe_label

__all__ = [
    "FIGURES",
    "METHOD_STYLES",
    "SELECTION_FIGURES",
    "STUDY_FIGURES",
    "Caption",
    "Recipe",
    "plot_choice",
    "plot_clusters",
    "plot_coverage",
    "plot_density",
    "plot_evidence",
    "plot_forest",
    "plot_marginals",
    "plot_objective",
    "plot_optima",
    "plot_phase_diagram",
    "plot_probability",
    "plot_regions",
    "plot_regression",
    "plot_states",
    "png_bytes",
    "safe_label",
    "svg_bytes",
]

FIGURES: dict[str, Recipe[MatchedFits]] = {
    "forest": Recipe("Estimates and intervals", plot_forest, caption_forest),
    "marginals": Recipe("Marginal posteriors", plot_marginals, caption_marginals, lacks_marginals),
    "density": Recipe("Data and fitted density", plot_density, caption_density, lacks_density),
    "regression": Recipe("Targets and fitted lines", plot_regression, caption_regression, lacks_regression),
    "choice": Recipe("Components by feature", plot_choice, caption_choice, lacks_choice),
    "probability": Recipe("Targets of 0 and 1", plot_probability, caption_probability, lacks_probability),
    "regions": Recipe("Classes over two features", plot_regions, caption_regions, lacks_regions),
    "states": Recipe("Steps and states", plot_states, caption_states, lacks_states),
    "clusters": Recipe("Groups beside k-means", plot_clusters, caption_clusters, lacks_clusters),
    "evidence": Recipe("The log evidence", plot_evidence, caption_evidence, lacks_evidence),
    "objective": Recipe("Objective by sweep and by second", plot_objective, caption_objective, lacks_objective),
    "optima": Recipe("Optima reached by the restarts", plot_optima, caption_optima, lacks_optima),
}
"""Every figure of one comparison by name, in the order of a report."""

SELECTION_FIGURES: dict[str, Recipe[Selected]] = {
    "selection": Recipe("How many components", plot_selected, caption_selected),
}
"""Every figure of a choice of the number of components by name."""

STUDY_FIGURES: dict[str, Recipe[pd.DataFrame]] = {
    "phase_diagram": Recipe("Where mean field fails", plot_phase_diagram, caption_phase_diagram, lacks_phase_diagram),
    "coverage": Recipe("Coverage", plot_coverage, caption_coverage, lacks_coverage),
}
"""Every figure of the tidy results of a whole run by name, in the order of a report."""
