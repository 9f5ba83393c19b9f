"""The statistics of repurchase, against scipy."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from pipeline.measurement.repurchase import repurchase_statistics


def drivers(**values: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Counts of repurchased and customers by value of each driver, with the totals."""
    rows = [
        {
            "driver": driver,
            "value": value,
            "repurchased": found,
            "customers": size,
            "all_repurchased": sum(n for n, _ in counts.values()),
            "all_customers": sum(n for _, n in counts.values()),
        }
        for driver, counts in values.items()
        for value, (found, size) in counts.items()
    ]
    names = ["driver", "value", "repurchased", "customers"]
    return pd.DataFrame(rows, columns=[*names, "all_repurchased", "all_customers"])


def test_a_value_is_compared_with_all_others() -> None:
    table = repurchase_statistics(
        drivers(c={"a": (30, 60), "b": (5, 20), "d": (4, 30)})
    )

    first = table.iloc[0]
    assert first["rate"] == 0.5
    assert first["difference"] == pytest.approx(30 / 60 - 9 / 50)
    assert first["ci_low"] < first["difference"] < first["ci_high"]
    expected = stats.chi2_contingency([[30, 30], [9, 41]], correction=False).pvalue
    assert first["p_value"] == pytest.approx(expected)


def test_a_driver_with_one_value_has_no_difference() -> None:
    (row,) = repurchase_statistics(drivers(c={"a": (3, 6)})).to_dict("records")

    assert row["rate"] == 0.5
    assert pd.isna([row["difference"], row["ci_low"], row["p_value"]]).all()
    assert not row["significant"]


def test_the_values_of_a_driver_are_corrected_together() -> None:
    """One small p-value among forty values is no finding; alone it is one."""
    odd, chance = (36, 100), (2_500, 10_000)
    alone = repurchase_statistics(drivers(c={"odd": odd, "rest": chance}))
    many = {str(i): (25, 100) for i in range(100)}
    among = repurchase_statistics(drivers(c={"odd": odd, **many}))
    beside = repurchase_statistics(drivers(c={"odd": odd, "rest": chance}, p=many))

    assert alone["significant"].tolist() == [True, True]
    assert not among["significant"].any()
    assert beside["significant"].tolist() == [True, True, *[False] * 100]


def test_nothing_counted_gives_nothing() -> None:
    assert repurchase_statistics(drivers()).empty
