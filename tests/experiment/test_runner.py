"""A study from its configuration to its folder, by real worker processes."""

from __future__ import annotations

import io
import json
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import arviz
import numpy as np
import pandas as pd
import pytest
import xarray
from experiment.faulty_work import refuse
from experiment.studies import study

from pointmass import PointmassError
from pointmass.datasets import build_dataset
from pointmass.experiment.cell import Task, fit_cell
from pointmass.experiment.config import load_config
from pointmass.experiment.plan import plan
from pointmass.experiment.reading import open_run
from pointmass.experiment.runner import Run, run
from pointmass.experiment.store import Store

GRID = study(
    data={"generator": "heights", "n": 60},
    model={"mixture": {"family": "gaussian", "n_components": 2}},
    estimators={"em": {"n_init": 2}, "vb": {"n_init": 2, "reference": True}},
    grid={"data.n": [60, 80]},
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(GRID, tmp_path_factory.mktemp("runs") / "grid", workers=2)


def timeless(table: pd.DataFrame) -> pd.DataFrame:
    """Return the tidy table without what a clock has measured."""
    return table[table["metric"] != "elapsed"].reset_index(drop=True)


def test_the_folder(finished: Run) -> None:
    names = sorted(path.name for path in finished.path.iterdir() if not path.name.startswith("."))
    assert names == ["cells", "manifest.json", "results.parquet"]
    assert sorted(path.suffix for path in (finished.path / "cells").iterdir()) == [".json"] * 4 + [".nc"] * 4
    assert finished.status == 0


def test_the_tidy_table(finished: Run) -> None:
    columns = ["cell", "data", "model", "estimator", "repetition", "data.n", "status", "uncertainty", "parameter"]
    assert list(finished.results.columns) == [*columns, "component", "index", "metric", "value", "mc_error"]
    pd.testing.assert_frame_equal(pd.read_parquet(finished.path / "results.parquet"), finished.results)
    rows = finished.results.query("estimator == 'vb' and metric == 'estimate' and parameter == 'mean'")
    assert set(rows["uncertainty"]) == {"mean_field", "linear_response", "importance"}
    mean = rows[rows["uncertainty"] == "mean_field"]
    assert list(mean["data.n"]) == [60, 60, 80, 80]
    assert mean["value"].between(140, 200).all()


def test_cells_open_with_arviz(finished: Run) -> None:
    for path in (finished.path / "cells").glob("*.nc"):
        tree = arviz.from_netcdf(path)
        assert {"observed_data", "objective"} <= set(tree.children)
        assert ("posterior" in tree.children) != ("point_estimate" in tree.children)


def test_fits_and_data_come_back_from_the_files(finished: Run) -> None:
    opened = open_run(finished.path)
    for group in opened.groups():
        em, vb = group.cells
        data = opened.dataset(em)
        assert data is not None
        assert data.truth is not None
        assert len(data.truth["labels"]) == len(data.X) == group.axes["data.n"]
        assert opened.dataset(vb).digest == data.digest  # type: ignore[union-attr]
        assert opened.fit(em).score(data.X) == pytest.approx(opened.fit(em).log_likelihood_ / len(data.X))
        matched = opened.match(group)
        assert matched is not None
        assert matched.reference.name == "vb"


def test_a_cell_is_what_its_seeds_say(finished: Run) -> None:
    entry = json.loads((finished.path / "manifest.json").read_text(encoding="utf-8"))["cells"][0]
    rng = np.random.default_rng(np.random.SeedSequence(entry["entropy"]["data"]))
    data = open_run(finished.path).dataset(open_run(finished.path).cells[0])
    assert build_dataset({"generator": "heights", "n": 60}, rng).digest == entry["data_sha256"] == data.digest  # type: ignore[union-attr]


def test_fault_142_any_number_of_workers_gives_the_same_bits(finished: Run, tmp_path: Path) -> None:
    again = run(GRID, tmp_path / "one", workers=1)
    pd.testing.assert_frame_equal(timeless(again.results), timeless(finished.results), check_exact=True)


def test_fault_143_a_cell_does_not_depend_on_the_others(finished: Run) -> None:
    """The last cell, alone and in this process, equals the stored one but for what the clock says."""
    config = load_config(GRID)
    last = plan(config)[-1]
    content = fit_cell(Task(last.cell, last.digest, config.folder))
    alone, stored = (xarray.open_groups(io.BytesIO(data), engine="h5netcdf") for data in (content, _stored(finished)))
    assert alone.keys() == stored.keys()
    for name in alone:
        here, there = (groups[name].drop_vars("seconds", errors="ignore") for groups in (alone, stored))
        xarray.testing.assert_equal(here, there)


def _stored(finished: Run) -> bytes:
    opened = open_run(finished.path)
    return (finished.path / "cells" / f"{opened.cells[-1].key}.nc").read_bytes()


def test_fault_127_a_changed_study_computes_what_is_new(finished: Run, capsys: pytest.CaptureFixture[str]) -> None:
    times = {path: path.stat().st_mtime_ns for path in (finished.path / "cells").iterdir()}
    more = run({**GRID, "grid": {"data.n": [60, 80, 100]}}, finished.path)
    assert "4 of 6 cells are done already" in capsys.readouterr().err
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())
    assert len(open_run(more.path).cells) == 6
    fewer = run({**GRID, "grid": {"data.n": [60, 80]}}, finished.path)
    assert len(open_run(fewer.path).cells) == 4
    assert len(list((finished.path / "cells").glob("*.nc"))) == 6
    pd.testing.assert_frame_equal(fewer.results, finished.results)


def test_fault_145_no_path_user_or_host_in_the_files(finished: Run) -> None:
    secrets = [socket.gethostname(), str(Path.home()), str(finished.path.parent)]
    for path in (path for path in finished.path.rglob("*") if path.is_file() and not path.name.startswith(".lock")):
        content = path.read_bytes()
        assert not [secret for secret in secrets if len(secret) > 3 and secret.encode() in content], path


def test_fault_132_failures_are_results_and_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = run(study(), tmp_path / "run", work=refuse)
    assert failed.status == 1
    assert list(failed.results["status"]) == ["failed", "failed"]
    assert "mle on gaussian: failed, ValueError: no fit of mle" in capsys.readouterr().err
    record = open_run(failed.path).cells[0].record
    assert record is not None
    assert "in refuse" in record.traceback
    assert run(study(), tmp_path / "run").status == 0


def test_fault_133_a_time_limit(tmp_path: Path) -> None:
    slow = study(data={"generator": "heights", "n": 200_000}, estimators={"vb": {"n_init": 500}}, time_limit=0.5)
    slow["model"] = {"mixture": {"family": "gaussian", "n_components": 2}}
    (cell,) = open_run(run(slow, tmp_path / "run").path).cells
    assert (cell.status, cell.reason) == ("timeout", "took longer than 0.5 s")


def test_fault_124_a_damaged_cell_is_computed_again(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(finished.path, tmp_path / "run"))
    victim = folder / "cells" / f"{open_run(folder).cells[0].key}.nc"
    content = victim.read_bytes()
    victim.write_bytes(content[: len(content) // 2])
    again = run(GRID, folder)
    assert "was damaged" in capsys.readouterr().err
    pd.testing.assert_frame_equal(timeless(again.results), timeless(finished.results))
    assert (folder / "corrupt" / victim.name).exists()


def test_fresh_computes_everything_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "old.nc").write_bytes(b"")
    run(study(estimators={"mle": {}}), tmp_path, fresh=True)
    assert sorted(path.suffix for path in (tmp_path / "cells").iterdir()) == [".json", ".nc"]
    assert "done already" not in capsys.readouterr().err


def test_fault_128_other_versions_are_named(finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(shutil.copytree(finished.path, tmp_path / "run"))
    for path in (folder / "cells").glob("*.json"):
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        tree["made_by"]["versions"]["numpy"] = "1.0"
        path.write_text(json.dumps(tree), encoding="utf-8")
    run(GRID, folder)
    assert f"computed by other versions (numpy 1.0, now {np.__version__})" in capsys.readouterr().err


def test_fault_126_a_fit_of_another_source_is_named(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The versions are the same and the algorithm too, as after a change that nobody has counted."""
    folder = Path(shutil.copytree(finished.path, tmp_path / "run"))
    made_by = open_run(folder).manifest["made_by"]
    assert len(made_by["source_sha256"]) == 64
    assert {"commit", "changed", "algorithm", "versions"} <= set(made_by)
    for path in (folder / "cells").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(made_by["source_sha256"], "0" * 64), encoding="utf-8")
    run(GRID, folder)
    errors = capsys.readouterr().err
    assert "some cells were computed by other versions (the source of pointmass has changed); --fresh" in errors
    assert "4 of 4 cells are done already" in errors


def test_fault_099_the_same_fit_under_two_names_is_done_once_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = study(estimators={"mle": {}, "again": {"type": "mle", "reference": True}})
    finished = run(twice, tmp_path / "run")
    assert capsys.readouterr().err.startswith("estimators.again: the same fits as mle; done once, under that name\n")
    assert set(finished.results["estimator"]) == {"mle"}
    assert open_run(finished.path).manifest["reference"] == "mle"


def test_fault_128_a_fit_that_cannot_be_read_is_computed_again(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its hash is right: another version wrote it, as its record says."""
    folder = Path(shutil.copytree(finished.path, tmp_path / "run"))
    store = Store(folder)
    victim, *others = open_run(folder).cells
    assert victim.record is not None
    other = {**victim.record.made_by, "source_sha256": "0" * 64}
    store.commit(replace(victim.record, sha256="", made_by=other), b"a fit of the future")
    with pytest.raises(PointmassError, match=r"\.nc: cannot be read here, OSError.*; run the study again"):
        open_run(folder).fit(open_run(folder).cells[0])
    times = {cell.key: store.fit_path(cell.key).stat().st_mtime_ns for cell in others}
    again = run(GRID, folder)
    assert f"cell {victim.key} is of another version" in capsys.readouterr().err
    assert {key: store.fit_path(key).stat().st_mtime_ns for key in times} == times
    pd.testing.assert_frame_equal(timeless(again.results), timeless(finished.results), check_exact=True)


def test_fault_113_changed_data_are_another_cell(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("height\n1.0\n2.0\n4.0\n", encoding="utf-8")
    config = load_config(study(data={"csv": str(table)}))
    before = plan(config)
    table.write_text("height\n1.0\n2.0\n5.0\n", encoding="utf-8")
    assert not {cell.key for cell in before} & {cell.key for cell in plan(config)}
    with pytest.raises(PointmassError, match="the data changed while the run went on"):
        fit_cell(Task(before[0].cell, before[0].digest, config.folder))


@pytest.mark.parametrize("workers", [0, -1, 1.0, True, "2"])
def test_workers_must_be_a_count(tmp_path: Path, workers: Any) -> None:
    with pytest.raises(PointmassError, match="workers must be a whole number of at least 1"):
        run(study(), tmp_path, workers=workers)


def test_bad_data_are_refused_before_the_folder_is_touched(tmp_path: Path) -> None:
    with pytest.raises(PointmassError, match=r"data\.csv"):
        run(study(data={"csv": str(tmp_path / "none.csv")}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_fault_120_not_the_folder_of_a_run(tmp_path: Path) -> None:
    with pytest.raises(PointmassError, match="no results of a run are here"):
        open_run(tmp_path)
