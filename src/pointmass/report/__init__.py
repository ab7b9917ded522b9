"""One self-contained page, Markdown, figures and tables, from the files of a run alone."""

from __future__ import annotations

from pointmass.report.reading import study_of, study_of_comparison
from pointmass.report.study import Provenance, Section, Study
from pointmass.report.writing import write_page, write_report

__all__ = ["Provenance", "Section", "Study", "study_of", "study_of_comparison", "write_page", "write_report"]
