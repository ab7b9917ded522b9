"""Data sets: a frozen value, generators with their truth, readers of tables, and bundled data."""

from __future__ import annotations

from pointmass.datasets.builder import build_dataset, check_dataset_config
from pointmass.datasets.catalogue import DATASETS, load_dataset
from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators import GENERATORS
from pointmass.datasets.readers import read_csv, read_parquet

__all__ = [
    "DATASETS",
    "GENERATORS",
    "Dataset",
    "build_dataset",
    "check_dataset_config",
    "load_dataset",
    "read_csv",
    "read_parquet",
]
