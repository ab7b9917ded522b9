"""The report of every shipped study in a real browser: quiet, offline, accessible, and never wider than its window."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.chromium import PAPER, WIDTHS, Chromium
from browser.small import CONFIGS, overrides
from report.runs import make_run

from pointmass.experiment.config import load_config
from pointmass.report import write_report

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=CONFIGS, ids=lambda path: path.stem)
def report(request: pytest.FixtureRequest, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small version of a shipped study."""
    config: Path = request.param
    folder = make_run(tmp_path_factory.mktemp("runs") / config.stem, load_config(config, overrides(config)))
    write_report(folder)
    return folder / "report.html"


def test_it_opens_without_an_error_and_asks_for_nothing(report: Path, chromium: Chromium) -> None:
    visit = chromium.open(report)
    assert visit.errors == []
    assert visit.requests == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(report: Path, chromium: Chromium, scheme: str) -> None:
    chromium.open(report)
    chromium.resize(WIDTHS[-1])
    chromium.media(scheme=scheme)
    assert chromium.serious_violations() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_window(report: Path, chromium: Chromium, pictures: Path, width: int) -> None:
    chromium.open(report)
    chromium.resize(width)
    chromium.media()
    chromium.screenshot(pictures / f"{report.parent.name}-{width}.png")
    assert chromium.overflow() <= 0


def test_it_fits_the_paper(report: Path, chromium: Chromium, pictures: Path) -> None:
    chromium.open(report)
    chromium.print(pictures / f"{report.parent.name}.pdf")
    chromium.resize(PAPER)
    chromium.media("print")
    chromium.screenshot(pictures / f"{report.parent.name}-paper.png")
    assert chromium.overflow() <= 0
