"""Readers of tables from local files, CSV and Parquet: nothing else, and never a file that can hold code."""

from __future__ import annotations

from pointmass.datasets.readers.csv_table import read_csv
from pointmass.datasets.readers.parquet_table import read_parquet

__all__ = ["read_csv", "read_parquet"]
