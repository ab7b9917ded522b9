"""Nothing that is read can run."""

from __future__ import annotations

import ast
import contextlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from experiment.studies import study
from report.runs import make_run

import pointmass
from pointmass import PointmassError
from pointmass.experiment.config import load_config
from pointmass.experiment.lock import locked
from pointmass.experiment.netcdf import tree_to_netcdf
from pointmass.experiment.reading import open_run
from pointmass.experiment.results import write_results
from pointmass.experiment.store import Store
from pointmass.report import write_report

SOURCE = Path(pointmass.__file__).parent
FORBIDDEN_MODULES = {"pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib", "yaml", "imp", "runpy"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle", "os.system", "os.popen"}


def names_of(tree: ast.AST) -> set[str]:
    """Return the modules imported and the functions called in a file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr != "compile":
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            # copyreg.pickle reads nothing: it says how a class that was made on demand is written.
            found |= {node.func.attr, f"{owner}.{node.func.attr}"} - ({"pickle"} if owner == "copyreg" else set())
        elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
            found.add(node.arg)
    return found


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_fault_125_no_source_can_unpickle_or_evaluate(path: Path) -> None:
    found = names_of(ast.parse(path.read_text(encoding="utf-8")))
    assert not found & (FORBIDDEN_MODULES | FORBIDDEN_CALLS | {"allow_pickle", "shell"})


def evil_pickle(marker: Path) -> bytes:
    """Return a pickle (protocol 0) that makes a file when it is loaded."""
    return f"cbuiltins\nexec\n(Vopen({str(marker)!r}, 'w').close()\ntR.".encode()


def test_the_evil_pickle_is_evil(tmp_path: Path) -> None:
    import pickle

    pickle.loads(evil_pickle(tmp_path / "marker"))
    assert (tmp_path / "marker").exists()


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with its report."""
    folder = make_run(tmp_path_factory.mktemp("run") / "run", study(figures="none"))
    write_report(folder)
    return folder


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "results.parquet", "config.yaml", "cells/{key}.json", "cells/{key}.nc"],
)
def test_fault_125_evil_files_are_not_obeyed(reported: Path, tmp_path: Path, name: str) -> None:
    """Each file of a run in turn is a pickle; a stored fit has the hash that its record says, too."""
    marker, folder = tmp_path / "marker", Path(shutil.copytree(reported, tmp_path / "run"))
    store = Store(folder)
    record = store.record(open_run(folder).cells[0].key)
    assert record is not None
    if name.endswith(".nc"):
        store.commit(replace(record, sha256=""), evil_pickle(marker))
        assert store.fit_bytes(store.record(record.key) or record) == evil_pickle(marker)
    else:
        (folder / name.format(key=record.key)).write_bytes(evil_pickle(marker))
    with contextlib.suppress(PointmassError):
        write_report(folder)
    with locked(folder), contextlib.suppress(PointmassError):
        write_results(open_run(folder))
    settled, warning = store.settle(record.key)
    assert (settled is None) == bool(warning) == name.startswith("cells/")
    assert not marker.exists()


def test_fault_125_a_stored_fit_names_no_code(reported: Path, tmp_path: Path) -> None:
    """What a fit says of its model and its estimator is looked up among the registered names."""
    marker, store = tmp_path / "marker", Store(Path(shutil.copytree(reported, tmp_path / "run")))
    record = store.record(open_run(store.path).cells[0].key)
    assert record is not None
    whole = store.fit_tree(record)
    assert "model" in whole.attrs
    for name in whole.attrs:
        tree = whole.copy()
        tree.attrs[name] = json.dumps({"os.system": {"command": f"touch {marker}"}})
        store.commit(replace(record, sha256=""), tree_to_netcdf(tree))
        store.settle(record.key)
    assert not marker.exists()


def test_fault_094_configs_import_nothing(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        for place in ("model", "estimators", "data"):
            tree = study(**{place: {"planted": {"planted": "planted"}}})
            with pytest.raises(PointmassError):
                load_config(tree)
    finally:
        sys.path.remove(str(tmp_path))
    assert "planted" not in sys.modules
