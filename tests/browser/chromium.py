"""A headless Chromium that opens a page as a phone, a desk or a sheet of paper, and tells what it saw."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTHS = (360, 1280)
PAPER = 794  # CSS pixels of A4's width

_PATIENCE = 300  # seconds that axe may take
# What is inside of an element with the role of a picture is presentation (WAI-ARIA 1.2, 5.2.9), not read to anybody:
# its label counts, which axe checks. The thousands of shapes of a figure would take it minutes.
_BUT_SHAPES = {"exclude": [["svg[role=img] > *"]]}
_LARGEST = 16_000  # pixels that a screenshot may be high
_LOAD_EVENT = "const entry = performance.getEntriesByType('navigation')[0]; return entry.loadEventEnd / 1000"
_OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Visit:
    """What opening a page did.

    Parameters
    ----------
    seconds : float
        From the start of the navigation to the end of the load event.
    errors : list of str
        What the console shows.
    requests : list of str
        Addresses that were asked for, but for the page's own and what it holds itself.
    """

    seconds: float
    errors: list[str]
    requests: list[str]


class Chromium:
    """A browser with one page; ``driver`` is Selenium's."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path) -> Visit:
        """Open a file and wait until it is loaded."""
        self.command("Emulation.setEmulatedMedia", media="", features=[])
        self.driver.get(page.as_uri())
        return Visit(
            seconds=float(self.driver.execute_script(_LOAD_EVENT)),
            errors=[entry["message"] for entry in self.driver.get_log("browser")],
            requests=[url for url in self._requested() if url != page.as_uri() and not url.startswith("data:")],
        )

    def resize(self, width: int, height: int = 900) -> None:
        """Show the page in a window of this size, a narrow one as a phone does."""
        phone = width < 600
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )

    def media(self, media: str = "screen", scheme: str = "light") -> None:
        """Show the page on a screen or on paper, in a light or a dark scheme."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)

    def overflow(self) -> float:
        """Return by how many pixels the page is wider than its window."""
        return float(self.driver.execute_script(_OVERFLOW))

    def serious_violations(self) -> list[str]:
        """Return what axe-core finds serious or critical, one line a rule, with the first elements."""
        from axe_selenium_python import Axe

        self.driver.set_script_timeout(_PATIENCE)
        axe = Axe(self.driver)
        axe.inject()
        found = axe.run(context=_BUT_SHAPES, options='{resultTypes: ["violations"]}')["violations"]
        serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
        places = [[node["html"][:90] for node in rule["nodes"][:3]] for rule in serious]
        return [f"{rule['id']}: {rule['help']}: {where}" for rule, where in zip(serious, places, strict=True)]

    def screenshot(self, path: Path) -> None:
        """Save the whole page as a picture."""
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        width = self.driver.execute_script("return document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, _LARGEST), "scale": 1}
        answer = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))

    def print(self, path: Path) -> None:
        """Save the page as it is printed on A4."""
        answer = self.command("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
        path.write_bytes(base64.b64decode(answer["data"]))

    def command(self, name: str, **options: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, options)

    def _requested(self) -> list[str]:
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        return [params["request"]["url"] for params in sent]


def start() -> Chromium:
    """Start Debian's Chromium, or another that is on the path, without a window."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = binary()
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chromium(Chrome(options=options, service=ChromeService(shutil.which("chromedriver"))))


def binary() -> str:
    """Return the path of Chromium; empty where there is none with its driver."""
    found = [path for name in ("chromium", "google-chrome") if (path := shutil.which(name))]
    return found[0] if found and shutil.which("chromedriver") else ""
