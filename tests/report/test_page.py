"""The page: self-contained, readable by everyone, and what it says is computed."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import re
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from comparison.standins import StandIn
from report.pages import SCRIPT, check_harmless, code_blocks
from report.runs import config, make_run

from pointmass.comparison import match_fits
from pointmass.errors import PointmassError
from pointmass.experiment.config import load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.reading import open_run
from pointmass.report import Section, Study, study_of_comparison, write_report
from pointmass.report.page import page_of
from pointmass.report.rendering import to_html, to_markdown
from pointmass.report.tables import estimates_grid
from pointmass.report.text import slug

LEVELS = ("h1", "h2", "h3", "h4")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_run_has_a_page_markdown_figures_and_tables(run):
    assert {path.name for path in run.iterdir()} >= {"report.html", "report.md", "figures", "tables"}
    names = {path.name for path in (run / "figures").iterdir()}
    assert {"forest.png", "forest.svg", "marginals.png", "density.svg", "clusters.png", "optima.svg"} <= names
    assert {path.name for path in (run / "tables").iterdir()} == {
        *("estimates.csv", "metrics.csv"),
        *("estimates.tex", "fits.tex"),
    }


def test_fault_159_the_page_asks_for_nothing(run):
    text = (run / "report.html").read_text()
    page = check_harmless(text)
    policy = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:"
    assert policy == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]


def test_fault_148_and_149_one_script_and_no_link_but_to_the_page_itself(run, ladder_page):
    for text in ((run / "report.html").read_text(), ladder_page):
        page = check_harmless(text)
        assert page.all("script") == [{}]
        assert not re.search(r"innerHTML|eval|fetch|Function|import|http|localStorage", SCRIPT)
        assert all(link["href"].startswith("#") for link in page.all("a"))


def test_the_page_opens_with_the_verdict(ladder_page):
    page = check_harmless(ladder_page)
    assert page.text.index("The reference is NUTS") < page.text.index("Estimates against intervals")


def test_headings_begin_with_one_h1_and_skip_no_level(run, ladder_page):
    for text in ((run / "report.html").read_text(), ladder_page):
        levels = [LEVELS.index(tag) for tag, _ in check_harmless(text).elements if tag in LEVELS]
        assert levels.count(0) == 1
        assert levels[0] == 0
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_everything_has_a_name_for_those_who_cannot_see_it(ladder_page):
    page = check_harmless(ladder_page)
    assert page.all("html")[0]["lang"] == "en"
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(head["scope"] in {"col", "row"} for head in page.all("th"))
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    scrolled = [div for div in page.all("div") if div.get("class") == "scroll"]
    assert all(div["tabindex"] == "0" and div["aria-label"] for div in scrolled)


def test_no_two_elements_share_an_id_and_every_reference_has_its_target(run):
    text = (run / "report.html").read_text()
    ids = [attributes["id"] for _, attributes in check_harmless(text).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) <= set(ids)


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_the_page_in_light_and_dark(dark):
    sheet = files("pointmass.report").joinpath("static/report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    colours = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", blocks[1 if dark else 0]))
    for text in ("--ink", "--muted", "--link"):
        assert contrast(colours[text], colours["--paper"]) > 4.5
        assert contrast(colours[text], colours["--raised"]) > 4.5
    assert contrast(colours["--alert"], colours["--alert-paper"]) > 4.5


def test_numbers_of_the_page_are_those_of_the_table(run):
    page = check_harmless((run / "report.html").read_text())
    exact = {cell["title"] for cell in page.all("td") if cell.get("title")}
    with (run / "tables" / "estimates.csv").open(newline="") as table:
        assert {row["estimate"] for row in csv.DictReader(table)} <= exact


def test_the_csv_to_copy_is_the_table_of_the_run(run):
    text = html.unescape((run / "report.html").read_text())
    copied = re.search(r'<code id="csv-[^"]+">(.*?)</code>', text, re.DOTALL)
    assert copied is not None
    rows = list(csv.DictReader(io.StringIO(copied[1])))
    with (run / "tables" / "estimates.csv").open(newline="") as table:
        written = [{name: value for name, value in row.items() if name != "section"} for row in csv.DictReader(table)]
    assert rows == written
    page = check_harmless((run / "report.html").read_text())
    sources = {button["data-source"] for button in page.all("button")}
    assert sources == {code["id"] for code in page.all("code") if "id" in code}


def test_priors_are_printed_with_who_used_them(run):
    page = check_harmless((run / "report.html").read_text())
    assert "Dirichlet(concentration = 1), the same for each component" in page.text
    assert re.search(r"NormalInverseGamma\(mean = 1\d\d\.?\d*, kappa = 0.01", page.text)


def test_an_elbo_and_a_log_likelihood_have_columns_of_their_own(ladder_page):
    text = check_harmless(ladder_page).text
    assert "log-likelihood at the estimate, nats ELBO bound on the log evidence" in text


def test_fault_158_two_reports_of_the_same_files_are_equal(run):
    def contents():
        made = [path for path in run.rglob("*") if path.suffix in {".html", ".md", ".png", ".svg", ".csv"}]
        return {path.name: path.read_bytes() for path in made}

    first = contents()
    write_report(run)
    assert contents() == first


def test_fault_158_a_date_is_printed_only_if_it_is_given(monkeypatch):
    nothing = Study("nothing", ())
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert page_of(nothing).date == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795132800")
    assert page_of(nothing).date == "2026-11-20"


def test_fault_155_a_run_without_cells(tmp_path):
    folder = make_run(tmp_path / "none", config(), ("missing",))
    page = check_harmless(write_report(folder).read_text())
    assert "This run has not finished: 2 of 2 fits have not been run" in page.text
    assert "No fit came about here" in page.text
    assert "2 of 2 fits did not come about" in (folder / "report.md").read_text()


def test_fault_155_a_failed_run(tmp_path):
    folder = make_run(tmp_path / "failed", config(), ("failed",), reason="ValueError: boom")
    text = check_harmless(write_report(folder).read_text()).text
    assert text.index("2 of 2 fits did not come about. em : failed, ValueError: boom") < text.index("Verdict")


def test_fault_155_half_a_run(tmp_path):
    folder = make_run(tmp_path / "half", config(), ("done", "timeout"), reason="took longer than 60 s")
    text = check_harmless(write_report(folder).read_text()).text
    assert "1 of 2 fits did not come about. vb : timeout, took longer than 60 s" in text
    assert "There is no reference" in text


def test_fault_155_a_damaged_fit_is_named(tmp_path):
    folder = make_run(tmp_path / "damaged", config())
    stored = next((folder / "cells").glob("*.nc"))
    stored.write_bytes(stored.read_bytes()[:-100])
    text = check_harmless(write_report(folder).read_text()).text
    assert "unreadable" in text
    assert "damaged, its content is not what was written" in text


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(PointmassError, match="no results of a run are here"):
        write_report(tmp_path)


def test_old_figures_do_not_stay(tmp_path):
    folder = make_run(tmp_path / "old", config(figures=["forest"]), ("done", "failed"))
    (folder / "figures").mkdir()
    (folder / "figures" / "gone.png").write_bytes(b"")
    write_report(folder)
    assert {path.name for path in (folder / "figures").iterdir()} == {"forest.png", "forest.svg"}


def test_figures_that_were_asked_for_and_cannot_be_drawn_say_why(tmp_path):
    folder = make_run(tmp_path / "some", config(figures=["marginals"]), ("done", "failed"))
    assert "Not drawn: no fit has a posterior to draw from." in check_harmless(write_report(folder).read_text()).text


def test_fault_156_many_sections_are_listed_and_few_shown_in_full(tmp_path):
    tree = config(
        figures="none", repetitions=12, estimators={"em": {"n_init": 1}}, data={"generator": "heights", "n": 50}
    )
    report = write_report(make_run(tmp_path / "many", tree))
    page = check_harmless(report.read_text())
    assert "4 sections more are in this table and in tables/, not in full below." in page.text
    assert page.text.count("Estimates against intervals") == 8
    assert report.stat().st_size < 1_000_000
    assert (report.parent / "tables" / "estimates.csv").read_text().count("repetition 11,em") == 6


def test_fault_156_ten_thousand_cells_are_a_page_of_less_than_20_mb():
    """What one more section adds is the same for each, once the first are shown in full with their figures."""
    matched = match_fits({name: StandIn(name, "posterior", spread=0.1) for name in ("VB", "VB_2")})

    def size(n_sections):
        names = [f"n={'9' * 40} · repetition {number}" for number in range(n_sections)]
        sections = tuple(Section(name, slug(name), (("data", name),), matched) for name in names)
        return len(to_html(page_of(Study("many", sections, figures=()))).encode())

    few, more = size(9), size(29)
    assert few + (more - few) / 20 * 10_000 / 2 < 18e6


def test_a_run_of_several_sections_opens_with_what_they_say_together(tmp_path):
    tree = config(
        figures="none", repetitions=2, estimators={"vb": {"n_init": 1}}, data={"generator": "heights", "n": 50}
    )
    text = check_harmless(write_report(make_run(tmp_path / "two", tree)).read_text()).text
    assert text.index("of 2 comparisons") < text.index("At a glance")


def test_a_date_of_the_run_and_its_seed_are_in_the_provenance(run):
    text = check_harmless((run / "report.html").read_text()).text
    assert "seed 3" in text
    assert re.search(r"versions python 3\.\d+", text)
    assert "generator: heights" in text


def test_markdown_has_the_configuration_that_makes_it_again(run, tmp_path):
    """The one block of code in it is a study, and it is the study that ran."""
    (block,) = code_blocks((run / "report.md").read_text(encoding="utf-8"))
    (tmp_path / "config.yaml").write_text(block, encoding="utf-8")
    again = [cell.key for cell in plan(load_config(tmp_path / "config.yaml"))]
    assert again == [cell.key for cell in open_run(run).cells]


def test_no_line_of_the_page_ends_between_a_number_and_its_unit(run, ladder_page):
    for text in ((run / "report.html").read_text(), ladder_page):
        shown = re.sub(r"<(svg|style|script|pre)\b.*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)
        assert re.search(r"\d\xa0%", shown)
        assert not re.findall(r"\d (?:%|ms|s|nats)(?!\w)", shown)


def test_the_same_warning_of_several_fits_is_said_once_and_in_the_verdict_where_it_is_everyones():
    fits = {
        "em": StandIn("EM", warnings_=["only 8 rows for 2 components", "stopped early"]),
        "vb": StandIn("VB", "posterior", spread=0.1, warnings_=["only 8 rows for 2 components"]),
    }
    page = page_of(study_of_comparison(match_fits(fits), "few"))
    assert "Every fit warns: only 8 rows for 2 components." in page.views[0].verdict
    assert page.views[0].warnings == (("EM and VB", "only 8 rows for 2 components"), ("EM", "stopped early"))
    assert "### Warnings\n\n- EM and VB: only 8 rows for 2 components\n- EM: stopped early\n" in to_markdown(page)


def test_a_number_on_the_boundary_has_no_interval_to_print():
    gone = StandIn("VB", "posterior", spread=0.1)
    gone.draws_["mean"][:, 0] = np.nan
    table = estimates_grid(match_fits({"vb": gone}), {"vb": ("", "")})
    details = {row[0].text: row[1].detail for row in table.rows}
    assert details["mean[0]"] == "no interval"
    assert " to " in details["mean[1]"]


def test_the_page_says_where_the_chains_started(ladder_page):
    text = check_harmless(ladder_page).text
    assert "NUTS started 1 chain at optimum 1 and 2 chains drawn about optimum 1; ran again once, longer" in text
