"""What a run says on standard error: a bar where a terminal can show it, plain lines elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from pointmass.experiment.progress import progress_for


class Clock:
    """A monotonic clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


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


def test_many_cells_are_not_a_thousand_lines(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    """One a second where they are quick, each where they are slow; a failure and the last in any case."""
    with progress_for(1000) as progress:
        for number in range(1000):
            clock.pass_seconds(0.125 if number < 800 else 2.0)
            progress.finished("em", "failed" if number == 5 else "done", "because", 0.1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "[6/1000] em: failed, because"
    assert len(lines) == 1 + 800 // 8 + 200
    assert lines[-1] == "[1000/1000] em: done in 0.1 s"


def test_a_log_says_how_the_run_stands_while_nothing_ends(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    """The first word comes after ten seconds; then there is never more than a minute of silence."""
    said: dict[int, str] = {}
    with progress_for(9) as progress:
        for name in ("em", "map", "vb"):
            clock.pass_seconds(2.5)
            progress.started(name)
            progress.finished(name, "failed" if name == "em" else "done", "ValueError: no", 2.5)
        finished = ["[1/9] em: failed, ValueError: no", "[2/9] map: done in 2.5 s", "[3/9] vb: done in 2.5 s"]
        assert capsys.readouterr().err.splitlines() == finished
        for name in "abcde":
            progress.started(f"nuts on {name}")
        for second in range(8, 3600):
            clock.pass_seconds(second - clock.now)
            progress.waiting()
            if line := capsys.readouterr().err:
                said[second] = line.rstrip("\n")
    running = "running: nuts on a | nuts on b | nuts on c | nuts on d and 1 more"
    assert said[10] == f"[3/9] 1 failed; {running}; 10.0 s gone; about 1 min left"
    assert said[max(said)].endswith("; about 2 h left")
    assert max(after - before for before, after in pairwise(said)) == 60
    assert len(said) < 100
