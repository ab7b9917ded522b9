"""Names are what their givers chose: none of them may become more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from comparison.standins import StandIn
from report.pages import check_harmless, code_blocks
from report.runs import config, make_run

from pointmass.comparison import Failure, match_fits
from pointmass.datasets import Dataset
from pointmass.report import write_report
from pointmass.report.latex import to_latex
from pointmass.report.page import page_of
from pointmass.report.reading import study_of_comparison
from pointmass.report.rendering import to_html, to_markdown
from pointmass.report.study import Provenance, Section, Study
from pointmass.report.text import clean, escape_latex, escape_markdown, slug

EVIL = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "</script><svg/onload=alert(1)>",
    "{{7*7}}{% raw %}",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "--><iframe>",
    "]]></style><script>",
    "a|b`c\n# head",
    "\x1b[31m[/red]\x00\x07",
    "\ud800\u202e",
    "$\\frac{1}$ \\input{/etc/passwd} & _ #",
    "漢字 " + "x" * 5000,
]


def hostile_study(title: str, figures: tuple[str, ...] = ()) -> Study:
    """A study in which every name that a user can give is hostile."""
    names = [f"{i}{text}" for i, text in enumerate(EVIL[:2])]
    estimate = {"mean": np.array([1.0, 2.0]), "covariance": np.array([[1.0, 0.2], [0.2, 1.0]])}
    evil = StandIn("VB", "posterior", estimate, 0.1, warnings_=[title], status_="max_iter")
    fits = {"em": StandIn("MLE", estimate=estimate), title: evil}
    data = Dataset(np.random.default_rng(0).normal(size=(20, 2)), columns=[title, names[1]], name=title)
    failures = [Failure(title, "failed", title)]
    section = Section(title, "x", ((title, title),), match_fits(fits, data=data, failures=failures), tuple(failures))
    return Study(title, (section,), figures=figures, notes=(title,))


@pytest.mark.parametrize("name", EVIL)
def test_fault_147_html_in_names(name):
    page = check_harmless(to_html(page_of(hostile_study(name, ("forest",)))))
    assert not {"img", "iframe"} & {tag for tag, _ in page.elements}
    assert page.all("title") == [{}]
    shown = " ".join(clean(name).split())
    assert shown in page.text
    assert "{{7*7}}" in page.text or "7*7" not in name


@pytest.mark.parametrize("name", EVIL)
def test_fault_151_markdown_in_names(name):
    text = to_markdown(page_of(hostile_study(name)))
    assert "<" not in text.replace("&lt;", "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    unescaped = [len(re.findall(r"(?<!\\)\|", line)) for line in tables]
    assert len(set(unescaped)) <= 2  # the table of estimates and that of the fits
    assert len([line for line in text.splitlines() if line.startswith("# ")]) == 1


@pytest.mark.parametrize("name", [*EVIL, "```\n# head", "    \n\n```\n"])
def test_fault_151_a_configuration_stays_an_indented_block_of_markdown(name):
    provenance = Provenance((("seed", "0"),), f"name: {name}\nseed: 0\n", "pointmass run config.yaml")
    text = to_markdown(page_of(replace(hostile_study("title"), provenance=provenance)))
    (block,) = code_blocks(text)
    assert block.splitlines()[-1] == "seed: 0"
    assert " ".join(clean(f"name: {name}").split()) in " ".join(block.split())


@pytest.mark.parametrize("name", EVIL)
def test_fault_150_latex_in_names(name):
    estimates = page_of(hostile_study(name)).views[0].estimates
    assert estimates is not None
    lines = to_latex(estimates).splitlines()
    rows = [line for line in lines if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(estimates.heads) - 1}
    ours = {"begin", "end", "toprule", "midrule", "bottomrule", "footnotesize", "times"}
    harmless = {"textbackslash", "textasciitilde", "textasciicircum", "usepackage"}
    assert set(re.findall(r"(?<!\\)\\([a-z]+)", "\n".join(lines))) <= ours | harmless
    assert not re.search(r"(?<!\\)[#%]", "\n".join(lines[2:]))
    assert "\n" not in escape_latex(name)


def test_fault_153_control_characters_do_not_reach_a_file():
    page = page_of(hostile_study(EVIL[9]))
    for text in (to_html(page), to_markdown(page)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text)
        text.encode()


def test_fault_147_columns_of_a_file(tmp_path):
    """From the user's CSV to the page, names and all."""
    rows = np.random.default_rng(0).normal(size=(40, 2))
    table = tmp_path / "data.csv"
    table.write_text(
        '"<script>alert(1)</script>","b|{{7*7}}"\n' + "\n".join(f"{a},{b}" for a, b in rows), encoding="utf-8"
    )
    tree = config(data={"csv": str(table)}, model="gaussian", estimators={"mle": {}, "vb": {}})
    page = check_harmless(write_report(make_run(tmp_path / "run", tree)).read_text())
    assert "mean[<script>alert(1)</script>]" in page.text
    assert "{{7*7}}" in page.text


def test_fault_145_the_home_folder_is_not_printed(tmp_path):
    home = str(Path.home())
    folder = make_run(tmp_path / "run", config(), ("failed",), reason=f"FileNotFoundError: {home}/secret/data.csv")
    write_report(folder)
    for path in (folder / "report.html", folder / "report.md"):
        assert f"{home}/" not in path.read_text()
        assert "~/secret/data.csv" in path.read_text().replace("\\", "")


@pytest.mark.parametrize("name", EVIL)
def test_names_of_files_are_tame(name):
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug(name))
    assert len(slug(name)) <= 40


@pytest.mark.parametrize("name", EVIL)
def test_escaped_markdown_is_one_line_without_markup(name):
    escaped = escape_markdown(name)
    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)[|`*_\[\]$]", escaped)


def test_a_comparison_with_awkward_names_is_drawn_and_printed():
    matched = match_fits({name: StandIn("VB", "posterior", spread=0.1) for name in EVIL})
    study = replace(study_of_comparison(matched, "names"), figures=("marginals",))
    check_harmless(to_html(page_of(study)))
