"""The project keeps its own promises: layout, settings, pinned versions, imports, configurations."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointmass.experiment.config import load_config
from pointmass.experiment.schema import schema_text
from pointmass.families import FAMILIES
from pointmass.models import LATENTS, MODELS

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "src" / "pointmass").rglob("*.py"))
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
OF_MODELS = {"families", "latents", "models", "datasets", "terms"}
"""The folders that may name a family, a latent or a model."""
NAMELESS = [path for path in MODULES[1:] if not OF_MODELS & set(path.parts)]  # the first lists the public names
EXAMPLES = {"Gaussian", "Mixture", "mixture"}  # how a message shows what a model is, and what `doctor` samples
OTHER_MEANINGS = {"product", "multinomial"}  # of factors, of a loop; a draw of NumPy's
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def module_id(path: Path) -> str:
    return path.relative_to(ROOT / "src").as_posix()


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_every_module_says_what_it_offers(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    targets = [node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None) for node in tree.body]
    assert "__all__" in [target.id for target in targets if isinstance(target, ast.Name)]


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "cli.py"], ids=module_id)
def test_own_modules_are_imported_at_the_top(path: Path) -> None:
    functions = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    ]
    inner = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.ImportFrom)]
    assert not [node.module for node in inner if (node.module or "").startswith("pointmass")]


def words(tree: ast.AST) -> Iterator[str]:
    """Yield what code names and says: identifiers and messages; documentation may give examples."""
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in strings:
            yield from re.findall(r"\w+", node.value)
        yield from (str(getattr(node, field)) for field in ("id", "attr", "name") if hasattr(node, field))


@pytest.mark.parametrize("path", NAMELESS, ids=module_id)
def test_nobody_else_knows_the_names_of_models(path: Path) -> None:
    """So that a new family, latent or model is one file and one line, and a hint to a user is up to date."""
    kinds = [entry for registry in (FAMILIES, LATENTS, MODELS) for entry in registry.items()]
    names = {name for key, kind in kinds for name in (key, kind.__name__)} - EXAMPLES - OTHER_MEANINGS
    assert not names & set(words(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("page", ["README.md", "docs/how-to.md", "docs/reference.md"])
def test_every_model_is_documented(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    names = {kind.__name__ for registry in (FAMILIES, LATENTS, MODELS) for kind in registry.values()}
    assert not names - set(re.findall(r"\w+", text))


def test_the_stub_lists_the_public_names() -> None:
    import pointmass

    stub = (ROOT / "src" / "pointmass" / "__init__.pyi").read_text(encoding="utf-8")
    assert set(re.findall(r" as (\w+)", stub)) == set(pointmass.__all__) - {"__version__"}
    assert PROJECT["project"]["version"] == pointmass.__version__


def test_constraints_pin_every_requirement_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    pinned = {pin.partition("==")[0] for pin in pins}
    project = PROJECT["project"]
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert name is not None
        assert re.sub(r"[._]", "-", name[0]).lower() in pinned


def test_every_requirement_is_used() -> None:
    imported = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    spelled = {
        "scikit-learn": "sklearn",
        "ruamel.yaml": "ruamel",
        "arviz-stats": "arviz_stats",
        "arviz-base": "arviz_base",
    }
    needed_by_others = {"arviz", "arviz-base", "h5netcdf", "h5py", "pyarrow", "nutpie"}  # engines, and what users call
    names = {re.split(r"[<>=]", requirement)[0] for requirement in PROJECT["project"]["dependencies"]}
    assert {spelled.get(name, name) for name in names - needed_by_others} <= imported


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configurations(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=pointmass.schema.json"
    assert load_config(path).name == path.stem


def test_the_shipped_schema_is_this_versions() -> None:
    """Written by: pointmass schema > configs/pointmass.schema.json."""
    assert (ROOT / "configs" / "pointmass.schema.json").read_text(encoding="utf-8") == schema_text()


def run_make(folder: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    (folder / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    for name in {"pyproject.toml", "constraints.txt"} - {path.name for path in folder.iterdir()}:
        (folder / name).touch()
    environment = {**os.environ, "PATH": path}
    return subprocess.run(
        ["/usr/bin/env", "make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def fake_python(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_make_takes_the_first_python_that_runs_and_will_do(tmp_path: Path) -> None:
    """A shim that does not run and a version that is too old are passed over."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    fake_python(binaries, "python3.13", "echo 'command not found' >&2; exit 127")
    fake_python(binaries, "python3.12", "exit 1")
    fake_python(binaries, "python3", 'echo "$@" >> calls')
    run_make(tmp_path, ".venv/bin/python", path=f"{binaries}:/usr/bin:/bin")
    assert (tmp_path / "calls").read_text(encoding="utf-8").endswith("-m venv --clear .venv\n")


def test_make_says_what_to_install(tmp_path: Path) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name in ("python3.13", "python3.12", "python3"):
        fake_python(binaries, name, "exit 1")
    answer = run_make(tmp_path, "test", path=f"{binaries}:/usr/bin:/bin")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0].startswith("pointmass needs Python 3.12 or newer with ensurepip (Debian")


def test_make_leaves_a_working_environment_alone(tmp_path: Path) -> None:
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    fake_python(binaries, "python", 'echo "$@" >> calls')
    for _ in range(2):
        run_make(tmp_path, "test", path="/usr/bin:/bin")
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert [call for call in calls if "venv" in call] == []
    assert len([call for call in calls if "install" in call]) == 1
    assert calls[-1].startswith("-m pytest ") and calls[-1].endswith(" -m not slow and not browser")
