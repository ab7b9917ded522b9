"""The test of the tests: each fault of `mutants.MUTANTS`, made in a copy of the package, must be noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mutants.mutants import MUTANTS

import pointmass

PACKAGE = Path(pointmass.__file__).parent
TESTS = Path(__file__).parents[1]

thorough = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(tests, package_home):
    """Return pytest's exit code and output for tests against the package in a directory."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(package_home), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=TESTS.parent, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "pointmass", ignore=ignored)
    return tmp_path


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_fault_can_be_made(mutant):
    """The line that it changes stands once in its file, and the test that should notice it in its own."""
    source = (PACKAGE / mutant.file).read_text(encoding="utf-8")
    assert source.count(mutant.original) == 1, f"{mutant.file} has changed: write this mutant anew"
    path, name = mutant.test.split("::")
    assert f"def {name.split('[')[0]}(" in (TESTS / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant", [pytest.param(mutant, marks=thorough) for mutant in MUTANTS], ids=str)
def test_the_fault_is_noticed(mutant, copy):
    file = copy / "pointmass" / mutant.file
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace(mutant.original, mutant.mutated), encoding="utf-8")
    code, output = run([str(TESTS / mutant.test)], copy)
    assert code == 1, f"{mutant.test} did not notice that {mutant.fault}:\n{output[-2000:]}"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tests_pass_where_nothing_is_wrong(copy):
    """In a copy too: what fails above fails because of the fault."""
    code, output = run(sorted({str(TESTS / mutant.test) for mutant in MUTANTS}), copy)
    assert code == 0, output[-2000:]
