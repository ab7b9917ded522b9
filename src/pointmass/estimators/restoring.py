"""A fit from its ``xarray.DataTree``: it predicts and scores as the original did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import xarray as xr

from pointmass.errors import PointmassError
from pointmass.families import POSTERIORS
from pointmass.families.coordinates import Coordinates
from pointmass.families.family import Belief
from pointmass.families.point_mass import PointMass
from pointmass.models import model_from_dict
from pointmass.uncertainty.evidence import Evidence
from pointmass.uncertainty.stored import uncertainty_from_dataset
from pointmass.values import snake_case

__all__ = ["restore"]

_STORED = "uncertainty_"


def restore(tree: xr.DataTree, estimators: Mapping[str, type]) -> Any:
    """Return the fitted estimator that ``tree`` was made of.

    Parameters
    ----------
    tree : xarray.DataTree
        From `Estimator.to_datatree`, or opened from its NetCDF file.
    estimators : dict of str to type
        Classes of estimators by name.

    Raises
    ------
    PointmassError
        If ``tree`` is not a complete fit.
    """
    if not hasattr(tree, "attrs"):
        raise PointmassError(
            f"a stored fit is a DataTree, got {type(tree).__name__}; open a file with xarray.open_datatree first"
        )
    try:
        return _restore(tree, estimators)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise PointmassError(f"this DataTree is not a fit of pointmass: {error} is missing or damaged") from error


def _restore(tree: xr.DataTree, estimators: Mapping[str, type]) -> Any:
    attributes = {str(name): value for name, value in tree.attrs.items()}
    options = json.loads(attributes["estimator"])
    model = model_from_dict(json.loads(attributes["model"]))
    fit = estimators[options.pop("type")](model, **options)
    fit.model_ = model
    believed = () if fit.kind == "draws" else (*model.blocks, *model.latent_blocks)
    fit.belief_ = {name: _belief(tree, f"belief_{name}") for name in believed}
    fit.prior_ = {name: _belief(tree, f"prior_{name}") for name in model.blocks}
    coordinates = _arrays(tree, "working_coordinates")
    fit.coordinates_ = Coordinates(coordinates["shift"], coordinates["scale"], int(coordinates["given"]))
    fit.objective_history_ = tree["objective"]["objective"].values
    fit.objective_seconds_ = tree["objective"]["seconds"].values
    source = tree["point_estimate" if fit.kind == "point" else "posterior_mean"]
    fit.estimate_ = {name: source[name].values for name in model.dims}
    if fit.kind == "draws":
        fit.draws_ = {name: tree["posterior"][name].values for name in model.dims}
        fit.sample_stats_ = _arrays(tree, "sample_stats") if "sample_stats" in tree.children else {}
        fit.diagnostics_ = json.loads(attributes["diagnostics"])
    fit._stored_evidence = tuple(Evidence(**one) for one in json.loads(attributes["evidence"]))
    _scalars(fit, attributes)
    fit._stored_uncertainty = {
        name.removeprefix(_STORED): uncertainty_from_dataset(group.to_dataset())
        for name, group in tree.children.items()
        if name.startswith(_STORED)
    }
    return fit


def _belief(tree: xr.DataTree, group: str) -> Belief:
    arrays, attributes = _arrays(tree, group), tree[group].attrs
    conjugate: Any = POSTERIORS[snake_case(attributes["class"])]
    if "signature" in attributes:
        conjugate = conjugate.of_signature(json.loads(attributes["signature"]), POSTERIORS)
    if attributes["point"]:
        return PointMass.trusted(parameters=arrays, conjugate=conjugate)
    return cast(Belief, conjugate.trusted(**arrays))


def _arrays(tree: xr.DataTree, group: str) -> dict[str, np.ndarray]:
    return {str(name): array.values for name, array in tree[group].data_vars.items()}


def _scalars(fit: Any, attributes: Mapping[str, Any]) -> None:
    fit.status_ = str(attributes["status"])
    fit.converged_ = bool(attributes["converged"])
    fit.n_iter_ = int(attributes["n_iter"])
    fit.elapsed_ = float(attributes["elapsed"])
    fit.log_likelihood_ = float(attributes["log_likelihood"])
    fit.n_features_in_ = int(attributes["n_features_in"])
    hidden = fit.model_.has_latent or attributes.get("values_hidden", False)  # as files of earlier releases have it
    fit._hides_something = bool(attributes.get("hides_something", hidden))
    fit.warnings_, fit.restarts_ = json.loads(attributes["warnings"]), json.loads(attributes["restarts"])
    names = json.loads(attributes["feature_names"])
    if names:
        fit.feature_names_in_ = np.array(names, dtype=object)
    for key in {"elbo", "log_evidence"} & set(attributes):
        setattr(fit, f"{key}_", float(attributes[key]))
