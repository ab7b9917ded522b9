"""Tables for papers: LaTeX in which every name is only text."""

from __future__ import annotations

from pointmass.report.tables import Cell, Head, Table
from pointmass.report.text import escape_latex

__all__ = ["to_latex"]

_END = r"\\"
_HEADER = "% Needs \\usepackage{booktabs}."


def to_latex(table: Table) -> str:
    r"""Return a table as a ``tabular`` of booktabs; what is printed small in the page has a line of its own.

    Parameters
    ----------
    table : Table
        Its caption becomes a comment, so that the paper can say it in its own words.

    Examples
    --------
    >>> print(to_latex(Table("One & two", (Head("a_b"), Head("EM", "point")), ((Cell("x"), Cell("−1")),))))
    % Needs \usepackage{booktabs}.
    % One \& two
    \begin{tabular}{lr}
    \toprule
    a\_b & EM \\
     & \footnotesize point \\
    \midrule
    x & $-$1 \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    """
    columns = "l" + "r" * (len(table.heads) - 1)
    body = [line for row in table.rows for line in _lines([_parts(cell) for cell in row])]
    return "\n".join(
        [
            _HEADER,
            f"% {escape_latex(table.caption)}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            *_lines([_parts(head) for head in table.heads]),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _parts(cell: Cell | Head) -> tuple[str, str]:
    """Return what a cell says, and what it says in smaller letters."""
    return escape_latex(cell.text), escape_latex(cell.detail)


def _lines(row: list[tuple[str, str]]) -> list[str]:
    """Return a row of the tabular, and a second one if a cell has a detail."""
    details = [rf"\footnotesize {small}" if small else "" for _, small in row]
    lines = [[text for text, _ in row], *([details] if any(details) else [])]
    return [f"{' & '.join(line)} {_END}" for line in lines]
