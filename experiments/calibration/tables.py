"""Tables of a calibration study from its results: coverage, paired differences, and what flags a bad mean field.

python experiments/calibration/tables.py reports/coverage/results.parquet
python experiments/calibration/tables.py reports/phase_diagram/results.parquet
python experiments/calibration/tables.py experiments/calibration/coverage*.parquet

Several files are the parts of one study, divided by `first_repetition` (see `keep.py`).
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from pointmass.comparison.phases import by_data_set
from pointmass.comparison.repetitions import (
    ABOUT_NUMBER,
    METHOD,
    coverage_differences,
    coverage_shares,
    distinct_numbers,
    numeric_axes,
    reference_of,
)
from pointmass.comparison.safety import SAFE_RATIO

AXIS, HARD, EASY = "data.separation", 2.5, 6.0
NARROW, SAFE, WRONG = 1.0 / 1.5, 0.9, 0.1
DATA_SET = ["data", "model", "repetition"]


def table(found: pd.DataFrame, axis: str, value: str) -> str:
    """Return a table of ``value ± error``, methods by numbers, one block for each value of the axis."""
    words = found[value].map("{:+.3f}".format if value == "difference" else "{:.3f}".format)
    cells = found.assign(cell=words + " ± " + found["error"].map("{:.3f}".format))
    cells["number"] = cells["parameter"] + cells["component"].map(lambda k: "" if pd.isna(k) else f"[{int(k)}]")
    return str(cells.pivot_table("cell", [axis, *METHOD], "number", aggfunc="first", sort=False).to_string())


def with_facts(results: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """Return a row a data set: axes, radius, accepted, gate, the worst mean-field ratio and the corrected one's error.

    Ratios are to the sampler's standard deviations whether it passed its gate or not; ``gated`` says.
    """
    same = list(dict.fromkeys([*axes, *DATA_SET]))
    sets = by_data_set(results).set_index(same)
    judge = results["estimator"] == reference_of(results)
    sds = results[(results["metric"] == "sd") & ~judge]
    truth = results[(results["metric"] == "sd") & judge][[*same, *ABOUT_NUMBER, "value"]]
    paired = sds.merge(truth, on=[*same, *ABOUT_NUMBER], suffixes=("", "_reference"))
    paired["ratio"] = paired["value"] / paired["value_reference"]
    narrow = paired[paired["uncertainty"] == "mean_field"].groupby(same)["ratio"]
    corrected = paired[paired["uncertainty"] == "importance"].assign(off=lambda rows: (rows["ratio"] - 1.0).abs())
    accepted = results[results["metric"] == "accepted"]
    sets["worst"] = narrow.min()
    sets["rule"] = _rule(results, sets, same)
    sets["off"] = corrected.groupby(same)["off"].max()
    sets["accepted"] = accepted[accepted["uncertainty"] == "importance"].groupby(same)["value"].first()
    sets["gated"] = accepted[accepted["uncertainty"] == "draws"].groupby(same)["value"].first()
    return sets.reset_index()


def _rule(results: pd.DataFrame, sets: pd.DataFrame, same: list[str]) -> pd.Series:
    """Return the verdict's narrowness: predicted, or measured where accepted importance weights contradict that."""
    told = results[results["uncertainty"] == "importance"]
    wide = told[told["metric"] == "sd"][[*same, *ABOUT_NUMBER, "value"]]
    narrow = results[(results["metric"] == "sd") & (results["uncertainty"] == "mean_field")]
    paired = narrow.merge(wide, on=[*same, *ABOUT_NUMBER], suffixes=("", "_wide"))
    measured = (paired["value"] / paired["value_wide"]).groupby([paired[name] for name in same]).min()
    facts = told[told["parameter"] == ""].pivot_table("value", same, "metric", aggfunc="first")
    slack = 1.0 + 2.0 / np.sqrt(2.0 * facts["ess"])
    contradicts = (facts["accepted"] == 1.0) & (measured * slack < sets["predicted"])
    return sets["predicted"].mask(contradicts, measured)


def flags(sets: pd.DataFrame, value: str, above: bool) -> list[str]:
    """Return the threshold that half of the data sets ask for, and its error rates on the other half."""
    half = np.arange(len(sets)) % 2 == 0
    narrow, safe = sets["worst"] < NARROW, sets["worst"] > SAFE
    values = sets[value] if above else -sets[value]
    candidates = np.unique(values[half].dropna())
    costs = [_errors(values[half], narrow[half], safe[half], at) for at in candidates]
    sums = np.array([missed + false for missed, false in costs])
    best = float(np.median(candidates[sums <= sums.min() + 1e-12]))
    missed, false = _errors(values[~half], narrow[~half], safe[~half], best)
    flagged = (values >= best) | values.isna()
    hard, easy = narrow & (sets[AXIS] <= HARD), safe & (sets[AXIS] >= EASY)
    counts = f"{int(narrow[~half].sum())} too narrow, {int(safe[~half].sum())} safe"
    return [
        f"{value}: threshold {best if above else -best:.3f}; "
        f"other half: missed {missed:.3f}, false {false:.3f} of {counts}",
        f"  both halves: flagged {int(flagged[hard].sum())} of {int(hard.sum())} too narrow at {AXIS} <= {HARD}, "
        f"{int(flagged[easy].sum())} of {int(easy.sum())} safe at {AXIS} >= {EASY}",
    ]


def by_axis(sets: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Return by the axis: how narrow mean field is and was predicted to be (medians), and what the correction did.

    ``wrong`` of the ``believed`` data sets, accepted and with a gated reference, have an sd more than 10 % off.
    """
    believed = sets[(sets["accepted"] == 1.0) & (sets["gated"] == 1.0)].groupby(axis)["off"]
    groups = sets.groupby(axis)
    medians = groups[["worst", "predicted"]].median()
    counts = (
        groups[["accepted", "gated"]]
        .sum()
        .assign(
            believed=believed.size(),
            wrong=believed.apply(lambda off: int((off > WRONG).sum())),
            data_sets=groups.size(),
        )
    )
    return medians.join(counts).fillna(0.0)


def at_the_verdicts_threshold(sets: pd.DataFrame) -> list[str]:
    """Return how often the verdict's own rule errs, as it stands in the program."""
    flagged = ~(sets["rule"] >= SAFE_RATIO)
    narrow, safe = sets["worst"] < NARROW, sets["worst"] > SAFE
    missed = f"missed {int((~flagged[narrow]).sum())} of {int(narrow.sum())} too narrow"
    false = f"false {int(flagged[safe].sum())} of {int(safe.sum())} safe"
    return [f"verdict: unsafe below {SAFE_RATIO}; {missed}, {false}"]


def _errors(values: pd.Series, narrow: pd.Series, safe: pd.Series, at: float) -> tuple[float, float]:
    """Return the shares of narrow data sets that are not flagged and of safe ones that are."""
    flagged = (values >= at) | values.isna()
    return float((~flagged[narrow]).mean()), float(flagged[safe].mean())


def main(paths: list[str]) -> None:
    """Print all tables."""
    results = pd.concat(map(pd.read_parquet, paths), ignore_index=True)
    axis, reference = numeric_axes(results)[0], reference_of(results)
    every = distinct_numbers(results)
    sets = with_facts(results, [name for name in numeric_axes(results)])
    kept = sets.loc[sets["accepted"] == 1.0, [*numeric_axes(results), *DATA_SET]]
    print(table(coverage_shares(every, [axis]), axis, "share"))
    print("\nminus the reference's, all data sets")
    print(table(coverage_differences(every, [axis], str(reference)), axis, "difference"))
    print("\nminus the reference's, where the correction is accepted")
    print(table(coverage_differences(every.merge(kept), [axis], str(reference)), axis, "difference"))
    print("\n", by_axis(sets, axis).round(3).to_string(), sep="")
    for name, chosen in (("all", sets), ("gated reference", sets[sets["gated"] == 1.0])):
        print(f"\nflags, {name}, {len(chosen)} data sets")
        for value, above in (("missing_information", True), ("predicted", False), ("rule", False)):
            print("\n".join(flags(chosen, value, above)))
        print("\n".join(at_the_verdicts_threshold(chosen)))
    believed = sets[(sets["accepted"] == 1.0) & (sets["gated"] == 1.0)]
    wrong = believed["off"] > WRONG
    print(f"\naccepted, gated: {len(believed)}; some sd over 10 % wrong: {int(wrong.sum())} ({wrong.mean():.3f})")


if __name__ == "__main__":
    main(sys.argv[1:])
