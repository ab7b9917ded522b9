"""The command line as its user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pointmass
from pointmass.cli import main
from pointmass.experiment.config import load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.starting import write_first_study

COMMAND = [sys.executable, "-m", "pointmass"]
COMMANDS = ("run", "compare", "demo", "doctor", "init", "report", "validate", "schema", "list")
STUDY = """\
name: tiny
data: {generator: gaussian, n: 40}
model: gaussian
estimators: {mle: {}, vb: {n_init: 1}}
"""


def call(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=100,
        check=False,
    )


def call_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> tuple[int, str, str]:
    """Return status, output and errors of the same command in this process, which costs no imports."""
    monkeypatch.setattr(sys, "argv", ["pointmass", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    output, errors = capsys.readouterr()
    return int(end.value.code or 0), output, errors


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def test_help_names_every_command() -> None:
    answer = call("--help")
    assert answer.returncode == 0
    for name in COMMANDS:
        assert f"\n  {name} " in answer.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    status, output, _ = call_here(monkeypatch, capsys, command, "--help")
    assert status == 0
    assert output.startswith(f"Usage: pointmass {command}")


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, pointmass.cli as cli; sys.argv = ['pointmass', '--help']\n"
    code += "try: cli.main()\nexcept SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    for heavy in ("numpy", "pydantic", "sklearn", "matplotlib", "pymc", "pandas", "rich"):
        assert f"'{heavy}'" not in modules


def test_help_is_instant() -> None:
    def seconds() -> float:
        before = os.times()
        call("--help")
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert statistics.median(seconds() for _ in range(5)) < 0.3


def test_import_is_fast_and_leaves_pymc_alone() -> None:
    code = "import pointmass, sys; assert 'pymc' not in sys.modules and 'numpy' not in sys.modules"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    assert time.perf_counter() - began < 0.6


def test_version() -> None:
    assert call("--version").stdout == f"pointmass {pointmass.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "No such command 'rnu'"),
        (["run"], "Missing argument"),
        (["run", "none.yaml"], "none.yaml: this configuration does not exist"),
        (["run", "study.yaml", "--workers", "0"], "--workers"),
        (["run", "study.yaml", "--set", "sead=1"], "--set sead=1: sead: there is no such key; did you mean seed?"),
        (["run", "study.yaml", "-o", "study.yaml"], "study.yaml: the results need a folder"),
        (["report", "."], "no results of a run are here"),
        (["list", "familys"], "there is no kind 'familys'; did you mean families?"),
        (["compare", "none.csv", "--family", "gaussian"], "none.csv"),
        (["compare", "study.yaml", "--family", "gaussian", "--components", "2"], "--components needs --latent: one of"),
        (["compare", "study.yaml", "--family", "gaussian", "--latent", "mixture"], "needs --components"),
        (["compare", "study.yaml"], "say with --family how the data are distributed: bernoulli, "),
        (["compare", "study.yaml", "--family", "gausian"], "--family gausian: there is no such family; did you mean"),
    ],
)
def test_bad_usage_is_one_message_and_status_2(
    study: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(study.parent)
    status, output, errors = call_here(monkeypatch, capsys, *arguments)
    assert (status, output) == (2, "")
    assert message in errors
    assert "Traceback" not in errors


def test_an_error_has_no_traceback(study: Path) -> None:
    answer = call("validate", study, "--set", "seed=x")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == '--set seed=x: seed: must be a whole number, got "x"\n'


def test_validate(study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_here(monkeypatch, capsys, "validate", study) == (0, f"{study}: fine, 2 fits\n", "")
    study.write_text(STUDY.replace("n: 40", "n: x"), encoding="utf-8")
    status, output, errors = call_here(monkeypatch, capsys, "validate", study)
    assert (status, output) == (2, "")
    assert errors.startswith(f"{study}:2:32: data.n: n must be a whole number, got 'x'")


def test_schema_and_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "estimators" in json.loads(call_here(monkeypatch, capsys, "schema")[1])["properties"]
    everything = call_here(monkeypatch, capsys, "list")[1]
    for name in ("gaussian", "mixture", "heights", "iris", "mean_field", "forest", "sd_ratio"):
        assert f"\n  {name} " in everything
    assert call_here(monkeypatch, capsys, "list", "latents")[1].startswith("latents\n  mixture  ")


def test_fault_137_and_138_run_and_report(tmp_path: Path) -> None:
    """Odd names of folders, no terminal to speak of, an ASCII locale."""
    folder = tmp_path / "ü ñ"
    folder.mkdir()
    (folder / "stüdy 1.yaml").write_text(STUDY, encoding="utf-8")
    poor = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "TERM": "dumb", "COLUMNS": "20", "NO_COLOR": "1"}
    answer = call("run", "stüdy 1.yaml", cwd=folder, **poor)
    assert answer.returncode == 0, answer.stderr
    assert "[2/2] vb on gaussian: done in" in answer.stderr
    assert "\x1b" not in answer.stderr
    assert answer.stdout.splitlines() == [
        "Results: reports/tiny/results.parquet",
        "Report:  reports/tiny/report.html",
    ]
    page = folder / "reports" / "tiny" / "report.html"
    page.unlink()
    assert call("report", page.parent).returncode == 0
    assert page.exists()


def test_status_1_if_a_cell_failed(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, mixture = study.parent / "run", "model={mixture: {family: gaussian, n_components: 2}}"
    status, _, errors = call_here(monkeypatch, capsys, "run", study, "-o", folder, "--set", mixture)
    assert status == 1
    assert "mle on gaussian: failed, MLE " in errors
    assert errors.endswith("1 of 2 fits did not come about; the report says why, the same command tries again\n")
    assert (folder / "report.html").exists()


def test_compare_leaves_its_configuration_beside_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "\n".join(f"{x},{x * x % 7}" for x in range(30))
    (tmp_path / "2 people.csv").write_text(f"a,b\n{rows}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["compare", "2 people.csv", "--family", "gaussian", "--columns", "a", "--methods", "mle,vb"]
    status, _, errors = call_here(monkeypatch, capsys, *arguments)
    assert status == 0, errors
    folder = tmp_path / "reports" / "2 people"
    assert (folder / "report.html").exists()
    config = load_config(folder / "config.yaml")
    assert sorted(f"{cell.key}.nc" for cell in plan(config)) == sorted(
        path.name for path in (folder / "cells").glob("*.nc")
    )


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ("x\n1\n2\n", "--family gaussian --methods emm", "--methods emm: there is no estimator 'emm'; did you mean"),
        ("größe,y\n1,2\n", "--family gaussian --columns size", "--columns size: there is no column 'size': use größe"),
        (
            "x,sex\n1,m\n2,w\n",
            "--family gaussian",
            "t.csv, line 2, column 'sex': 'm' is not a number; correct it, leave it empty if it is missing, "
            "write kinds as 0, 1, …, or choose other columns",
        ),
        ("x;y\n1,5;2\n", "--family gaussian", "t.csv, line 1 separates its cells by ';': write commas"),
        (
            "x,y\n1,2\n3,\n",
            "--family gaussian",
            "t.csv: 1 row with an empty cell, the first in row 2 below the names, ",
        ),
        ("x\n1\n2.5\n", "--family poisson", "got 2.5 at row 1, column 0 (from 0: column 0 is 'x')"),
        (
            "x\n1\n2\n",
            "--family gaussian --latent mixture --components 3",
            "n_components=3 needs at least as many rows",
        ),
        ("x,y\n1,2\n2,4\n", "--family linear_regression", "--target: is missing: LinearRegression() explains a target"),
        ("x,y\n1,2\n", "--family linear_regression --target z", "--target z: there is no column 'z': use x"),
    ],
)
def test_compare_refuses_in_the_words_of_its_own_options(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    table: str,
    options: str,
    message: str,
) -> None:
    """There is no configuration yet that a message could point into, and nothing has been written."""
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status, output, errors = call_here(monkeypatch, capsys, "compare", "t.csv", *options.split())
    assert (status, output) == (2, "")
    assert errors.startswith(message) or message in errors
    assert "config" not in errors
    assert not (tmp_path / "reports").exists()


def test_compare_names_a_study_in_letters_that_every_system_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Körpergröße.csv").write_text("Größe,Gewicht\n1.7,60\n1.8,75\n1.6,58\n1.9,90\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["compare", "Körpergröße.csv", "--family", "linear_regression", "--target", "Gewicht"]
    assert call_here(monkeypatch, capsys, *arguments, "--methods", "mle")[0] == 0
    report = (tmp_path / "reports" / "Körpergröße" / "report.md").read_text(encoding="utf-8")
    assert report.startswith("# Korpergrosse\n")
    assert "coefficients\\[Größe\\]" in report


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_fault_136_nobody_reads_the_output(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    answer = subprocess.run([*COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (answer.returncode, answer.stderr) == (141, "")


def test_fault_136_nobody_reads_what_a_run_says(study: Path) -> None:
    """As in ``pointmass run study.yaml 2>&1 | head -0``; the same command goes on from what is kept."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [*COMMAND, "run", str(study), "-o", str(study.parent / "run")]
    ended = subprocess.run(command, stdout=writer, stderr=writer, check=False).returncode
    os.close(writer)
    assert ended == 141
    assert call(*command[len(COMMAND) :]).returncode == 0


def test_fault_118_standard_output_is_full() -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        answer = subprocess.run([*COMMAND, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (1, "standard output: No space left on device\n")


def test_init_writes_a_study_that_runs_and_never_overwrites_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    status, output, _ = call_here(monkeypatch, capsys, "init", path)
    assert status == 0
    assert f"pointmass run {path}" in output
    assert len(list(plan(load_config(path)))) == 3
    text = path.read_text(encoding="utf-8")
    status, _, errors = call_here(monkeypatch, capsys, "init", path)
    assert status == 2
    assert f"{path}: is there already" in errors
    assert path.read_text(encoding="utf-8") == text


def test_the_first_study_says_what_each_key_that_it_leaves_out_would_be(tmp_path: Path) -> None:
    """What is commented out is a study too, once the marks are taken away."""
    text = write_first_study(tmp_path / "study.yaml").read_text(encoding="utf-8")
    path = tmp_path / "more.yaml"
    path.write_text(text.replace("# grid:", "grid:").replace("#   data.n", "  data.n"), encoding="utf-8")
    assert len(list(plan(load_config(path)))) == 9


def test_init_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(pointmass.PointmassError, match=r"nowhere.study\.yaml: cannot be written"):
        write_first_study(tmp_path / "nowhere" / "study.yaml")


def test_doctor_says_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    status, output, _ = call_here(monkeypatch, capsys, "doctor", "--no-warm-up")
    lines = output.splitlines()
    assert [line.split()[1] for line in lines] == ["versions", "cores", "memory", "disk", "compiler", "cache"]
    assert f"pointmass {pointmass.__version__}" in lines[0]
    assert status == (0 if all(line.startswith("ok") for line in lines) else 1)


def test_doctor_says_what_is_amiss(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    status, output, _ = call_here(monkeypatch, capsys, "doctor", "--no-warm-up")
    assert status == 1
    assert "NO  disk" in output
    assert "cannot be written: every run compiles anew; set PYTENSOR_FLAGS=base_compiledir=DIR" in output


@pytest.mark.slow
def test_doctor_warms_the_sampler_up(tmp_path: Path) -> None:
    answer = call("doctor", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout
    assert "30 to 45 s" in answer.stderr
    assert "ok  sampler   a small mixture compiled and sampled in " in answer.stdout


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_demo_shows_a_report_before_the_referee_begins(tmp_path: Path) -> None:
    """The first page is there when NUTS is announced, and the fits on it are not computed again."""
    process = subprocess.Popen(
        [*COMMAND, "demo"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "First report: reports/demo/report.html\n"
    folder = tmp_path / "reports" / "demo"
    assert "There is no reference" in (folder / "report.md").read_text(encoding="utf-8")
    first = {path: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    assert len(first) == 4
    output, errors = process.communicate(timeout=350)
    assert process.returncode == 0, errors
    assert "nuts compiles the model first" in errors
    assert "2 of 3 cells are done already" in errors
    assert "Report:  reports/demo/report.html" in output
    assert all(path.stat().st_mtime_ns == before for path, before in first.items())
    assert len(plan(load_config(folder / "config.yaml"))) == 3
