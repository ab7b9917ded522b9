"""What a run says on standard error: a bar where a terminal can show it, plain lines elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from pointmass.experiment.progress import progress_for

SAY = """
import time
from pointmass.experiment.progress import progress_for
with progress_for(2) as progress:
    progress.say("a note with [/markup] and \\x1b[31m control")
    progress.started("em on heights")
    progress.started("vb on [heights]")
    time.sleep(0.3)
    progress.finished("em on heights", "done", "", 1.0)
    progress.finished("vb on heights", "failed", "ValueError: [bold]no", 1.0)
"""


def on_a_terminal(**environment: str) -> str:
    """Return what a terminal of 100 columns gets on standard error."""
    parent, child = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "TERM")}
    settings = {**clean, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    with subprocess.Popen([sys.executable, "-c", SAY], stderr=child, env=settings) as process:
        os.close(child)
        received = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            received += part
    os.close(parent)
    assert process.returncode == 0, received
    return received.decode()


def test_fault_153_154_a_terminal_gets_a_bar_and_names_as_they_are() -> None:
    shown = on_a_terminal()
    assert "em on heights | vb on [heights]" in shown
    assert "1 failed" in shown
    assert "2/2" in shown
    assert "vb on heights: failed, ValueError: [bold]no" in shown
    assert "a note with [/markup] and ?[31m control" in shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}])
def test_fault_137_plain_lines(environment: dict[str, str]) -> None:
    shown = on_a_terminal(**environment)
    assert shown.splitlines() == [
        "a note with [/markup] and ?[31m control",
        "[1/2] em on heights: done in 1.0 s",
        "[2/2] vb on heights: failed, ValueError: [bold]no",
    ]


def test_fault_137_letters_that_the_terminal_lacks(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with open(2, "w", encoding="ascii", closefd=False) as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_for(1) as progress:
            progress.say("grüße")
    assert capfdbinary.readouterr().err == b"gr??e\n"


def test_many_cells_are_not_a_thousand_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_for(1000) as progress:
        for number in range(1000):
            progress.finished("em", "failed" if number == 5 else "done", "because", 0.1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 101
    assert lines[0] == "[6/1000] em: failed, because"
