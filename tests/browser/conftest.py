"""The browser, started once, and where its pictures go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chromium import Chromium, binary, start


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A headless Chromium."""
    pytest.importorskip("axe_selenium_python", reason='NOT TESTED IN A BROWSER: pip install -e ".[browser]"')
    if not binary():
        pytest.skip("NOT TESTED IN A BROWSER: no chromium with chromedriver; apt install chromium chromium-driver")
    browser = start()
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder of the screenshots, to be looked at."""
    folder = Path(__file__).parents[2] / "build" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
