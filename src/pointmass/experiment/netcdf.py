"""A DataTree as the bytes of a NetCDF-4 file and back, ten times faster than the general way.

A cell's tree has some ten groups of small arrays, and a study may have a thousand cells. NetCDF-4 is HDF5 with
conventions for dimensions (The NetCDF-4 format specification, Unidata): each dimension is a *dimension scale*
in its group, attached to the axes of the arrays that have it. xarray and ArviZ read these files, and files
written by xarray are read here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np
import xarray as xr

__all__ = ["tree_from_netcdf", "tree_to_netcdf"]

_NOT_A_VARIABLE = "This is a netCDF dimension but not a netCDF variable."
_FORMAT_ATTRIBUTES = frozenset(
    {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue", "_NCProperties", "_Netcdf4Dimid"}
    | {"_Netcdf4Coordinates", "_nc3_strict"}
)
_TEXT = h5py.string_dtype()


def tree_to_netcdf(tree: xr.DataTree) -> bytes:
    """Return the content of a NetCDF-4 file with all groups, variables, coordinates and attributes.

    Parameters
    ----------
    tree : xarray.DataTree
        Of numbers, booleans and text.

    Examples
    --------
    >>> tree = xr.DataTree.from_dict({"/": xr.Dataset(attrs={"kind": "point"})})
    >>> tree_from_netcdf(tree_to_netcdf(tree)).attrs
    {'kind': 'point'}
    """
    with h5py.File("memory", "w", driver="core", backing_store=False, track_order=True) as file:
        for node in tree.subtree:
            group = file if node.path == "/" else file.create_group(node.path, track_order=True)
            _write_group(group, node.to_dataset(inherit=False))
        file.flush()
        return bytes(file.id.get_file_image())


def tree_from_netcdf(content: bytes) -> xr.DataTree:
    """Return the tree that a NetCDF-4 file holds, in memory.

    Raises
    ------
    OSError
        The content is not such a file.
    """
    with h5py.File(io.BytesIO(content), "r") as file:
        return xr.DataTree.from_dict(dict(_groups(file)))


def _write_group(group: h5py.Group, dataset: xr.Dataset) -> None:
    for number, (name, size) in enumerate(dataset.sizes.items()):
        if name in dataset.coords:
            scale = _write_array(group, str(name), dataset.coords[name])
            scale.make_scale(str(name))
        else:
            scale = group.create_dataset(str(name), shape=(size,), dtype=">f4")
            scale.make_scale(f"{_NOT_A_VARIABLE}{size:10d}")
        scale.attrs["_Netcdf4Dimid"] = np.int32(number)
    for name, array in dataset.variables.items():
        if name not in dataset.sizes:
            variable = _write_array(group, str(name), array)
            for axis, dimension in enumerate(array.dims):
                variable.dims[axis].attach_scale(group[str(dimension)])
    _write_attributes(group, dataset.attrs)


def _write_array(group: h5py.Group, name: str, array: xr.DataArray | xr.Variable) -> h5py.Dataset:
    values, attributes = array.to_numpy(), dict(array.attrs)
    if values.dtype.kind == "b":
        values, attributes["dtype"] = values.astype(np.int8), "bool"
    if values.dtype.kind in "OU":
        stored = group.create_dataset(name, data=values.astype(object), dtype=_TEXT)
    else:
        stored = group.create_dataset(name, data=values)
    _write_attributes(stored, attributes)
    return stored


def _write_attributes(target: h5py.HLObject, attributes: Mapping[Any, Any]) -> None:
    for name, value in attributes.items():
        words = isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)
        target.attrs[str(name)] = np.array(value, dtype=_TEXT) if words else value


def _groups(group: h5py.Group, scales: Mapping[Any, str] | None = None) -> Iterator[tuple[str, xr.Dataset]]:
    """Yield the datasets of a group and of those below; ``scales`` are the dimensions of the groups above, by id.

    HDF5 finds the name of what a reference leads to by looking through the whole file: the ids of the dimension scales
    that a group can refer to are looked up instead.
    """
    members = dict(group.items())
    arrays = {name: member for name, member in members.items() if isinstance(member, h5py.Dataset)}
    scales = {**(scales or {}), **{member.id: name for name, member in arrays.items() if member.is_scale}}
    variables = {
        name: _read_array(name, member, scales) for name, member in arrays.items() if not _is_bare_dimension(member)
    }
    coordinates = {name: variable for name, variable in variables.items() if variable.dims == (name,)}
    others = {name: variable for name, variable in variables.items() if name not in coordinates}
    yield str(group.name), xr.Dataset(others, coordinates, _read_attributes(group))
    for member in members.values():
        if isinstance(member, h5py.Group):
            yield from _groups(member, scales)


def _is_bare_dimension(member: h5py.Dataset) -> bool:
    return member.is_scale and bytes(member.attrs.get("NAME", b"")).startswith(_NOT_A_VARIABLE.encode())


def _read_array(name: str, member: h5py.Dataset, scales: Mapping[Any, str]) -> xr.Variable:
    attributes = _read_attributes(member)
    values = np.asarray(member.asstr()[()] if h5py.check_string_dtype(member.dtype) else member[()])
    if attributes.pop("dtype", None) == "bool":
        values = values.astype(bool)
    # Not looked at further: for that xarray would import dask, where there is one, which takes half a second.
    return xr.Variable(_dimensions(name, member, scales), values, attributes, fastpath=True)


def _dimensions(name: str, member: h5py.Dataset, scales: Mapping[Any, str]) -> tuple[str, ...]:
    if member.is_scale or not member.ndim:
        return (name,) if member.ndim else ()
    references = member.attrs.get("DIMENSION_LIST")
    if references is None:
        return (name,)
    return tuple(scales[h5py.h5r.dereference(axis[0], member.id)] for axis in references)


def _read_attributes(source: h5py.HLObject) -> dict[str, Any]:
    attributes = source.attrs
    return {name: _plain(attributes[name]) for name in attributes if name not in _FORMAT_ATTRIBUTES}


def _plain(value: Any) -> Any:
    """Return a list of words as a list, and a number as a number whether or not it is stored as an array."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "O":
        return value.tolist()
    return value[0] if value.shape == (1,) else value
