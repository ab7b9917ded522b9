"""A study is checked as a whole; each problem names its file, line, key and the nearest valid name."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from experiment.studies import study
from hypothesis import given
from hypothesis import strategies as st

from pointmass import PointmassError
from pointmass.experiment.config import Config, load_config
from pointmass.experiment.grid import cells_of
from pointmass.experiment.schema import config_schema, schema_text

GOOD = """\
name: tiny
data: {generator: heights, n: 50}
model:
  mixture:
    family: gaussian
    n_components: 2
estimators:
  em: {n_init: 2}
  vb_many: {type: vb, n_init: 20}
"""


def load(text: str, tmp_path: Path, overrides: tuple[str, ...] = ()) -> Config:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, overrides)


def refusals(text: str, tmp_path: Path, overrides: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(PointmassError) as caught:
        load(text, tmp_path, overrides)
    return [line.replace(f"{tmp_path}{os.sep}", "") for line in str(caught.value).splitlines()]


def refusal_of(tree: Any) -> str:
    with pytest.raises(PointmassError) as caught:
        load_config(tree)
    return str(caught.value)


def test_a_good_study(tmp_path: Path) -> None:
    config = load(GOOD, tmp_path)
    assert config.folder == tmp_path
    assert [cell.method for cell in cells_of(config)] == [
        {"type": "em", "n_init": 2},
        {"type": "vb", "n_init": 20},
    ]


def test_defaults_are_left_out() -> None:
    written_out = load_config(study(data={"generator": "gaussian", "n": 500}, estimators={"em": {"n_init": 10}}))
    left_out = load_config(study(data={"generator": "gaussian"}, estimators={"em": None}))
    assert [cell.method for cell in cells_of(written_out)] == [cell.method for cell in cells_of(left_out)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: tiny", "nam: tiny\nname: tiny", "study.yaml:1:1: nam: there is no such key; did you mean name?"),
        ("n: 50", "m: 50", "study.yaml:2:28: data.m: there is no such option; known are columns, n"),
        (
            "generator: heights",
            "generator: hieghts",
            "study.yaml:2:19: data.generator: there is no generator 'hieghts': did you mean 'heights'?",
        ),
        (
            "n_components: 2",
            "n_component: 2",
            "study.yaml:6:18: model.mixture.n_component: "
            "mixture has no option 'n_component'; did you mean 'n_components'?",
        ),
        (
            "n_init: 2}",
            "n_inti: 2}",
            "study.yaml:8:8: estimators.em.n_inti: there is no such option; did you mean n_init?",
        ),
        (
            "type: vb",
            "type: vbb",
            "study.yaml:9:13: estimators.vb_many.type: there is no estimator 'vbb'; did you mean vb?",
        ),
    ],
)
def test_fault_083_unknown_keys_and_names(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert refusals(GOOD.replace(old, new, 1), tmp_path) == [message]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("seed", True, "seed: must be a whole number, got true"),
        ("seed", 1.0, "seed: must be a whole number, got 1.0"),
        ("seed", "1", 'seed: must be a whole number, got "1"'),
        ("seed", -1, "seed: must be at least 0, got -1"),
        ("repetitions", 0, "repetitions: must be at least 1, got 0"),
        ("time_limit", 0, "time_limit: must be above 0, got 0"),
        ("time_limit", "60", 'time_limit: must be a number, got "60"'),
        ("name", 3, "name: must be text (quote it), got 3"),
        ("estimators", ["em"], 'estimators: must be a mapping (key: value), got ["em"]'),
        ("estimators", {}, "estimators: must not be empty, got {}"),
        ("estimators", {"em": 3}, "estimators.em: must be a mapping (key: value), got 3"),
        ("estimators", {"em": {"reference": 1}}, "estimators.em.reference: must be true or false, got 1"),
        ("estimators", {"em": {"n_init": True}}, "estimators.em.n_init: n_init must be an integer of at least 1"),
        ("estimators", {"em": {"tol": -1}}, "estimators.em.tol: tol must be a finite number"),
        ("estimators", {"em": {"rng": 3}}, "estimators.em.rng: there is no such option"),
        ("model", 3, "model: must be a mapping (key: value), got 3"),
        ("model", {"mixture": {"family": "gaussian"}}, "model.mixture: mixture needs n_components"),
        ("data", {"n": 3}, "data: give exactly one of generator, csv, parquet, dataset"),
        ("data", {"csv": "a.csv", "dataset": "iris"}, "data: give exactly one of generator, csv, parquet, dataset"),
        ("data", {"dataset": "iris", "columns": "x"}, 'data.columns: must be a list, got "x"'),
        ("data", {"dataset": "iris", "columns": []}, "data.columns: must not be empty, got []"),
        ("data", {"generator": "heights", "n": 0}, "data.n: n must be at least 1, got 0"),
        ("uncertainty", "all", "uncertainty: must be 'default' or 'none' or a list of names, got \"all\""),
        ("uncertainty", ["draw"], "uncertainty.0: there is no 'draw'; did you mean draws?"),
        ("metrics", ["elbow"], "metrics.0: there is no 'elbow'; did you mean elbo?"),
        ("figures", ["forrest"], "figures.0: there is no 'forrest'; did you mean forest?"),
        ("grid", [1], "grid: must be a mapping (key: value), got [1]"),
        ("grid", {"data.n": 3}, "grid.data.n: must be a list, got 3"),
    ],
)
def test_fault_084_wrong_types_and_values(key: str, value: Any, message: str) -> None:
    assert refusal_of(study(**{key: value})).startswith(f"config: {message}")


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("name: tiny", "name: 2 tiny\nsead: 3")
        .replace("heights", "hieghts")
        .replace("family: gaussian", "family: gausian")
        .replace("n_init: 2}", "n_inti: 2, tol: -1, max_iter: 0}")
    )
    found = refusals(text + "uncertainty: [mean_feild]\n", tmp_path)
    assert [line.split(": ")[1] for line in found] == [
        "name",
        "sead",
        "data.generator",
        "model.mixture.family.gausian",
        "estimators.em.n_inti",
        "estimators.em.tol",
        "estimators.em.max_iter",
        "uncertainty.0",
    ]


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        ("{mixture: {family: gausian, n_components: 0}}", ["family.gausian", "n_components"]),
        ("{mixture: {family: gausian, n_component: 2}}", ["family.gausian", "n_component"]),
        (
            "{mixture: {family: {gaussian: {covariance: ful, priors: 1}}}}",
            ["", "family.gaussian.covariance", "family.gaussian.priors"],
        ),
        (
            "{mixture: {family: gaussian, n_components: x, weights_prior: {dirichlet: {concentration: 0}}}}",
            ["n_components", "weights_prior.dirichlet.concentration"],
        ),
    ],
)
def test_every_problem_of_a_model_is_reported_at_once(tmp_path: Path, model: str, keys: list[str]) -> None:
    text = GOOD[: GOOD.index("model:")] + f"model: {model}\n" + GOOD[GOOD.index("estimators:") :]
    found = refusals(text, tmp_path)
    assert all(line.startswith("study.yaml:3:") for line in found)
    assert sorted(line.split(": ")[1] for line in found) == [f"model.mixture.{key}".rstrip(".") for key in keys]


def test_every_option_of_a_generator_is_checked(tmp_path: Path) -> None:
    found = refusals(GOOD.replace("n: 50", "n: 0, women: 3"), tmp_path)
    assert len(found) == 2
    wrong = GOOD.replace(
        "{generator: heights, n: 50}", "{generator: gaussian_mixture, n: 0, separation: x, weights: [2]}"
    )
    assert [line.split(": ")[1] for line in refusals(wrong, tmp_path)] == ["data.n", "data.separation", "data.weights"]


def test_every_family_of_a_product_is_checked(tmp_path: Path) -> None:
    families = "{families: {a: gausian, b: bernouli}, columns: {a: [0], b: [1]}}"
    found = refusals(GOOD.replace("family: gaussian", f"family: {{product: {families}}}"), tmp_path)
    assert [line.split(": ")[1].split("families.")[1] for line in found] == ["a.gausian", "b.bernouli"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "study.yaml: it is empty; a study has name, data, model and estimators"),
        ("# nothing\n", "study.yaml: it is empty; a study has name, data, model and estimators"),
        ("- 1\n", "study.yaml:1:1: it is no mapping; a study has name, data, model and estimators"),
        ("word\n", "study.yaml:1:1: it is no mapping; a study has name, data, model and estimators"),
    ],
)
def test_fault_089_nothing_to_do(tmp_path: Path, text: str, message: str) -> None:
    assert refusals(text, tmp_path) == [message]


def test_fault_089_a_mapping_without_a_key(tmp_path: Path) -> None:
    keys = ("data", "estimators", "model", "name")
    assert sorted(refusals("{}\n", tmp_path)) == [f"study.yaml:1:1: {key}: is missing" for key in keys]


def test_fault_089_empty_axis(tmp_path: Path) -> None:
    assert refusals(GOOD + "grid: {data.n: []}\n", tmp_path) == [
        "study.yaml:10:16: grid.data.n: must not be empty, got []"
    ]


@pytest.mark.parametrize("name", ["os.system", "pointmass.estimators.EM", "__import__", "../em", "subprocess"])
def test_fault_094_a_name_is_never_imported(name: str) -> None:
    before = set(sys.modules)
    assert "there is no estimator" in refusal_of(study(estimators={"em": {"type": name}}))
    assert "unknown model" in refusal_of(study(model=name))
    assert "there is no generator" in refusal_of(study(data={"generator": name}))
    assert set(sys.modules) == before


@given(st.text())
def test_fault_095_names_cannot_leave_the_folder(name: str) -> None:
    try:
        config = load_config(study(name=name))
    except PointmassError as error:
        assert "config: name: " in str(error)
        return
    root = Path("reports").resolve()
    assert (root / config.name).resolve().parent == root


@pytest.mark.parametrize(
    "name", ["../x", "/etc", "a/../../b", ".", "a.", "a\0b", "", "a b", "é", "\u0430", "x" * 65, "x" * 300]
)
def test_fault_095_bad_names(name: str) -> None:
    assert "must be a name" in refusal_of(study(name=name))
    assert "must be a name" in refusal_of(study(estimators={name: {"type": "em"}}))


@pytest.mark.parametrize("name", ["CON", "nul", "Com1"])
def test_fault_096_names_that_are_devices_elsewhere(name: str) -> None:
    assert "use another name" in refusal_of(study(name=name))


def test_fault_096_names_equal_but_for_case() -> None:
    message = refusal_of(study(estimators={"em": {}, "EM": {"type": "em"}}))
    assert message == "config: estimators.EM: differs from em in case alone; use another name"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.csv", "none.csv"),
        ("https://example.org/a.csv", "is a URL"),
        ("/dev/zero", "/dev/zero"),
        ("fifo", "fifo"),
        (".", "."),
    ],
)
def test_fault_097_data_must_be_a_local_file(tmp_path: Path, path: str, message: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    began = time.perf_counter()
    text = GOOD.replace("{generator: heights, n: 50}", f"{{csv: '{path}'}}")
    (line,) = refusals(text, tmp_path)
    assert line.startswith("study.yaml:2:13: data.csv: ")
    assert message in line
    assert time.perf_counter() - began < 2


def test_fault_098_grid_explosion() -> None:
    axes = {f"data.{name}": list(range(1, 1001)) for name in ("n", "dimension", "seed")}
    began = time.perf_counter()
    message = refusal_of(study(grid=axes))
    assert "this asks for 2000000000 fits; the limit is 10000: shorten it or raise max_cells" in message
    assert time.perf_counter() - began < 2


def test_fault_098_the_limit_can_be_raised_or_lowered() -> None:
    grid = {"data.n": [10, 20, 30]}
    assert "this asks for 6 fits; the limit is 5" in refusal_of(study(grid=grid, max_cells=5))
    assert len(list(cells_of(load_config(study(grid=grid, max_cells=6))))) == 6


def test_fault_099_repeated_values_are_merged_with_a_note() -> None:
    config = load_config(study(grid={"seed": [1, 2, 2, 1], "data.n": [10, 10.0]}))
    assert len(list(cells_of(config))) == 4
    assert config.notes == ["grid.seed: 2 repeated values merged", "grid.data.n: 1 repeated value merged"]


def test_fault_100_not_finite_in_a_mapping() -> None:
    assert "plain values" in refusal_of(study(estimators={"em": {"tol": float("nan")}}))


def test_fault_101_nothing_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTMASS_NAME", "secret")
    (line,) = refusals(GOOD.replace("name: tiny", "name: ${POINTMASS_NAME}"), tmp_path)
    assert "secret" not in line
    (line,) = refusals(GOOD.replace("{generator: heights, n: 50}", "{csv: ~/people.csv}"), tmp_path)
    assert str(Path.home()) not in line


def test_errors_in_a_grid_point_to_its_line(tmp_path: Path) -> None:
    text = GOOD + "grid:\n  data.n: [20, -1]\n  estimators.em.n_init: [1, x]\n  model.mixture.n_components: [2, 0]\n"
    places = [line.partition(": ")[0] for line in refusals(text, tmp_path)]
    assert places == ["study.yaml:11:16", "study.yaml:12:29", "study.yaml:13:35"]


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ("n", "a grid varies seed, or keys below data, model, estimators, such as data.n"),
        ("repetitions", "a grid varies seed, or keys below data, model, estimators, such as data.n"),
        ("data", "a grid varies seed, or keys below data, model, estimators, such as data.n"),
        ("data..n", "a grid varies seed, or keys below data, model, estimators, such as data.n"),
        ("dta.n", "a grid varies seed, or keys below data, model, estimators, such as data.n; did you mean data?"),
        ("estimators.emm.tol", "the study has no estimator emm; did you mean em?"),
        ("model.mixture.family.gaussian.covarianc", "gaussian has no option 'covarianc'"),
    ],
)
def test_axes_that_lead_nowhere(tmp_path: Path, axis: str, message: str) -> None:
    assert any(message in line for line in refusals(GOOD + f"grid: {{{axis}: [1]}}\n", tmp_path))


def test_a_key_that_a_whole_axis_has_wrong_is_one_problem(tmp_path: Path) -> None:
    """Each of its values is wrong in the same way; values that are wrong in ways of their own are told apart."""
    axis = f"grid: {{data.nn: {list(range(100))}, model.mixture.n_components: [0, -1]}}\n"
    found = refusals(GOOD + axis, tmp_path)
    assert [line.split(": ")[1] for line in found] == ["data.nn", *["model.mixture.n_components"] * 2]


def test_an_axis_may_open_a_bare_name(tmp_path: Path) -> None:
    text = GOOD + "grid: {model.mixture.family.gaussian.covariance: [full, diagonal]}\n"
    models = [cell.model["mixture"]["family"] for cell in cells_of(load(text, tmp_path)) if cell.estimator == "em"]
    assert models == ["gaussian", {"gaussian": {"covariance": "diagonal"}}]


def test_a_required_value_may_come_from_the_grid_alone(tmp_path: Path) -> None:
    text = GOOD.replace("    n_components: 2\n", "") + "grid: {model.mixture.n_components: [2, 3]}\n"
    assert len(list(cells_of(load(text, tmp_path)))) == 4


def test_an_axis_of_one_estimator_varies_it_alone(tmp_path: Path) -> None:
    cells = list(cells_of(load(GOOD + "grid: {estimators.em.n_init: [1, 2, 3]}\n", tmp_path)))
    assert [cell.estimator for cell in cells] == ["em", "em", "em", "vb_many"]
    assert cells[-1].axes == {}


def test_two_references() -> None:
    tree = study(estimators={"em": {"reference": True}, "vb": {"reference": True}})
    assert "estimators.vb.reference: another estimator is the reference already" in refusal_of(tree)


def test_overrides_are_yaml(tmp_path: Path) -> None:
    config = load(GOOD, tmp_path, ("seed=5", "data.n=60", "estimators.em.tol=1e-3", "grid.data.n=[60, 70]"))
    assert config.settings.seed == 5
    assert [(cell.data["n"], cell.method.get("tol")) for cell in cells_of(config)][0::2] == [(60, 1e-3), (70, 1e-3)]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "--set seed: write KEY=VALUE with a dotted key, such as data.n=500"),
        ("=3", "--set =3: write KEY=VALUE with a dotted key, such as data.n=500"),
        ("seed=x", '--set seed=x: seed: must be a whole number, got "x"'),
        ("sead=1", "--set sead=1: sead: there is no such key; did you mean seed?"),
        ("seed=[1", "--set seed=[1: the value:1:3: this is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("name.first=a", "--set name.first=a: name is 'tiny', which has no key first"),
        ("data.n=-3", "--set data.n=-3: data.n: n must be at least 1, got -3: raise it"),
    ],
)
def test_bad_overrides(tmp_path: Path, override: str, message: str) -> None:
    assert refusals(GOOD, tmp_path, (override,)) == [message]


def test_schema_accepts_what_is_shipped_and_names_what_there_is() -> None:
    schema = config_schema()
    assert {"em", "vb"} <= set(schema["properties"]["estimators"]["properties"])
    assert "heights" in schema["$defs"]["GeneratorSettings"]["properties"]["generator"]["enum"]
    assert json.loads(schema_text()) == schema


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{csv: people.csv}", r"2:7: data.target: is missing: LinearRegression\(\) explains a target; name its column"),
        ("{csv: people.csv, target: weight}", None),
        ("{dataset: diabetes}", None),
        ("{dataset: faithful}", "2:7: data.target: is missing"),
        ("{dataset: faithful, target: waiting}", None),
        (
            "{generator: heights, n: 10}",
            r"2:19: .*: heights draws no target, which LinearRegression\(\) explains; these do: .*linear_r",
        ),
        ("{generator: mixture_of_regressions}", None),
    ],
)
def test_a_regression_without_a_target_is_refused_before_any_work(
    tmp_path: Path, data: str, message: str | None
) -> None:
    (tmp_path / "people.csv").write_text("height,weight\n1.7,70\n1.8,80\n1.6,60\n")
    path = tmp_path / "study.yaml"
    path.write_text(f"name: lines\ndata: {data}\nmodel: linear_regression\nestimators: {{mle: }}\n")
    if message is None:
        assert load_config(path).name == "lines"
        return
    with pytest.raises(PointmassError, match=message):
        load_config(path)


@pytest.mark.parametrize(
    ("model", "cells", "message"),
    [
        (
            "gaussian",
            "1,2\n3,\n4,5\n",
            "data.csv: t.csv: 1 row with an empty cell, the first in row 2 below the names, column 'b'",
        ),
        ("{mixture: {family: incomplete_gaussian, n_components: 2}}", "1,2\n3,\n4,5\n,\n", None),
        ("{hidden_markov: {family: gaussian, n_states: 2}}", "1,2\n,\n4,5\n6,7\n", None),
        (
            "{hidden_markov: {family: gaussian, n_states: 2}}",
            "1,2\n3,\n4,5\n",
            "data.csv: t.csv: 1 row with an empty cell",
        ),
        ("exponential", "1,2\n3,-4\n", "got -4 at row 1, column 1 (from 0: column 0 is 'a', column 1 is 'b')"),
        ("{mixture: {family: gaussian, n_components: 3}}", "1,2\n3,4\n", "n_components=3 needs at least as many rows"),
    ],
)
def test_a_table_that_the_model_cannot_have_is_refused_before_any_work(
    tmp_path: Path, model: str, cells: str, message: str | None
) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\n{cells}", encoding="utf-8")
    text = f"name: t\ndata: {{csv: t.csv}}\nmodel: {model}\nestimators: {{em: }}\n"
    if message is None:
        assert load(text, tmp_path).name == "t"
        return
    (line,) = refusals(text, tmp_path)
    assert line.startswith("study.yaml:2:13: data.csv: t.csv: ")
    assert message in line


def test_every_model_of_a_grid_is_held_against_the_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n2.5\n3\n", encoding="utf-8")
    text = "name: t\ndata: {csv: t.csv}\nmodel: {mixture: {family: poisson, n_components: 1}}\nestimators: {em: }\n"
    grid = "grid: {model.mixture.family: [gaussian, poisson]}\n"
    (line,) = refusals(text + grid, tmp_path)
    assert "Poisson needs whole numbers of at least 0, got 2.5 at row 1" in line
    assert load(text + grid.replace("poisson", "exponential"), tmp_path).name == "t"
