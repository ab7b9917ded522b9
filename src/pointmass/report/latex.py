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
    >>> rows = ((Cell("x"), Cell("−1", note="sd × 2")),)
    >>> print(to_latex(Table("One & two", (Head("a_b"), Head("EM", "point")), rows)))
    % Needs \usepackage{booktabs}.
    % One \& two
    \begin{tabular}{lr}
    \toprule
    a\_b & EM \\
     & \footnotesize point \\
    \midrule
    x & $-$1 \\
     & \footnotesize sd $\times$ 2 \\
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


def _parts(cell: Cell | Head) -> tuple[str, str, str]:
    """Return what a cell says, and what it says in smaller letters below."""
    return escape_latex(cell.text), escape_latex(cell.detail), escape_latex(getattr(cell, "note", ""))


def _lines(row: list[tuple[str, str, str]]) -> list[str]:
    """Return a row of the tabular, and one more for details and for notes where a cell has them."""
    texts, *small = zip(*row, strict=True)
    below = [[rf"\footnotesize {text}" if text else "" for text in line] for line in small if any(line)]
    return [f"{' & '.join(line)} {_END}" for line in (texts, *below)]
