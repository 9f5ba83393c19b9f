"""Which first purchases lead to a second one more often than others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from pipeline.measurement.differences import difference_of_rates

FALSE_DISCOVERY_RATE = 0.05


def repurchase_statistics(counts: pd.DataFrame) -> pd.DataFrame:
    """Add rates, and their differences from all other customers, to counts.

    ``counts`` has a row for each ``driver`` and ``value``, with ``customers``,
    ``repurchased`` and the same of all values of the driver (``all_customers``,
    ``all_repurchased``). The result has in addition:

    ``rate``: from 0 to 1. ``difference``, ``ci_low``, ``ci_high``, ``p_value``: of the
    rate from that of all customers without the value, see ``differences``; NaN if there
    are no others. ``significant``: whether the difference is significant after the
    correction for all values of the driver, with a false discovery rate of 5 %
    (Benjamini and Hochberg 1995).
    """
    table: pd.DataFrame = counts.copy()
    found = table["repurchased"].to_numpy(dtype=float)
    size = table["customers"].to_numpy(dtype=float)
    others_found = table["all_repurchased"].to_numpy(dtype=float) - found
    others = table["all_customers"].to_numpy(dtype=float) - size
    difference = difference_of_rates(found, size, others_found, others)
    table["rate"] = found / size
    table["difference"] = difference.value
    table["ci_low"] = difference.ci_low
    table["ci_high"] = difference.ci_high
    table["p_value"] = difference.p_value
    table["significant"] = False
    for _, tested in table["p_value"].dropna().groupby(table["driver"]):
        corrected = stats.false_discovery_control(np.minimum(tested, 1))
        table.loc[tested.index, "significant"] = corrected <= FALSE_DISCOVERY_RATE
    return table
