"""The part of a calibration study's results that its tables and pictures need, small enough to keep.

    python experiments/calibration/keep.py reports/coverage/results.parquet experiments/calibration/coverage.parquet

A study that takes longer than there is time for is divided: `pointmass run configs/coverage.yaml --set
first_repetition=150 --set repetitions=50` goes on after 150 repetitions that were kept.
"""

from __future__ import annotations

import sys

import pandas as pd

_METRICS = (
    *("coverage", "interval_width", "sd", "sd_ratio", "missing_information", "accepted", "khat", "ess"),
    *("elbo", "log_evidence", "evidence_gap", "elapsed"),
)


def main(source: str, target: str) -> None:
    """Write the rows that count, of the repetitions of which every fit is there."""
    results = pd.read_parquet(source)
    cells = results.groupby("repetition")["cell"].nunique()
    whole = cells.index[cells == cells.max()]
    kept = results[results["repetition"].isin(whole) & results["metric"].isin(_METRICS)].copy()
    kept["cell"] = kept["cell"].astype("category")
    kept.to_parquet(target, index=False, compression="zstd", compression_level=19)
    print(f"{len(whole)} repetitions, {len(kept)} rows of {len(results)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
