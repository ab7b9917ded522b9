"""The fast way to NetCDF and back says what xarray says."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

from pointmass.experiment.netcdf import tree_from_netcdf, tree_to_netcdf


@pytest.fixture
def tree() -> xr.DataTree:
    rng = np.random.default_rng(0)
    draws = xr.Dataset(
        {"mean": (("chain", "draw", "component", "feature"), rng.normal(size=(2, 5, 3, 1)))},
        coords={"chain": [0, 1], "draw": np.arange(5), "component": ["a", "b", "ü"]},
        attrs={"sample_dims": ["chain", "draw"], "level": 0.95, "point": 1},
    )
    stats = xr.Dataset(
        {
            "diverging": (("chain", "draw"), rng.random((2, 5)) < 0.5, {"note": "rare"}),
            "scalar": ((), 3.5),
            "nothing": (("empty",), np.zeros(0)),
            "missing": (("row",), np.array([1.0, np.nan, np.inf])),
            "labels": (("row",), np.array([-1, 0, 1])),
        }
    )
    groups = {"/": xr.Dataset(attrs={"model": '{"a": "ü"}', "n": 3, "x": 0.5}), "posterior": draws, "stats": stats}
    return xr.DataTree.from_dict(groups)


def assert_same(found: dict[str, xr.Dataset], expected: dict[str, xr.Dataset]) -> None:
    assert found.keys() == expected.keys()
    for name, dataset in found.items():
        xr.testing.assert_identical(dataset.drop_encoding(), expected[name].drop_encoding())


def groups_of(tree: xr.DataTree) -> dict[str, xr.Dataset]:
    return {node.path: node.to_dataset(inherit=False) for node in tree.subtree}


def loaded(content: bytes) -> dict[str, xr.Dataset]:
    return {name: group.load() for name, group in xr.open_groups(io.BytesIO(content), engine="h5netcdf").items()}


def test_round_trip(tree: xr.DataTree) -> None:
    back = tree_from_netcdf(tree_to_netcdf(tree))
    assert_same(groups_of(back), groups_of(tree))
    assert back["stats"]["diverging"].dtype == bool


def test_xarray_reads_what_is_written(tree: xr.DataTree) -> None:
    found = loaded(tree_to_netcdf(tree))
    found["/posterior"].attrs["sample_dims"] = list(found["/posterior"].attrs["sample_dims"])
    assert_same(found, groups_of(tree))


def test_what_xarray_writes_is_read(tree: xr.DataTree) -> None:
    back = tree_from_netcdf(bytes(tree.to_netcdf(engine="h5netcdf")))  # type: ignore[arg-type]
    assert_same(groups_of(back), groups_of(tree))


@pytest.mark.parametrize("content", [b"", b"CDF", b"\x89HDF\r\n\x1a\n" + b"\0" * 100])
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(OSError, match=r"file|HDF|signature"):
        tree_from_netcdf(content)
