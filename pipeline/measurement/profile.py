"""How an audience differs from all customers: shares, indexes and significance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

CONFIDENCE = 0.95
FALSE_DISCOVERY_RATE = 0.05


def profile_statistics(counts: pd.DataFrame) -> pd.DataFrame:
    """Add shares, TGI and their statistics to counts of customers.

    ``counts`` has a row for each audience, attribute and value, with the columns
    ``customers`` (in the audience with the value), ``audience_customers`` (in the
    audience with any value), ``base_customers`` and ``base_total`` (the same of all
    customers; above zero). The result has in addition:

    ``share``, ``base_share``: from 0 to 1. ``tgi``: target group index, 100 × share /
    base share; 100 is no difference. ``ci_low``, ``ci_high``: the 95 % interval of the
    TGI, from the exact interval of the share (Clopper and Pearson 1934). ``p_value``:
    two-sided, for a count this extreme if the audience were a random sample of all
    customers (hypergeometric). ``significant``: whether the difference is significant
    after the correction for all comparisons of the table at once, with a false
    discovery rate of 5 % (Benjamini and Hochberg 1995).
    """
    table: pd.DataFrame = counts.copy()
    found = table["customers"].to_numpy(dtype=float)
    size = table["audience_customers"].to_numpy(dtype=float)
    base_found = table["base_customers"].to_numpy(dtype=float)
    base_size = table["base_total"].to_numpy(dtype=float)
    table["share"] = found / size
    table["base_share"] = base_found / base_size
    tail = (1 - CONFIDENCE) / 2
    low = np.where(found > 0, stats.beta.ppf(tail, found, size - found + 1), 0.0)
    high = np.where(
        found < size, stats.beta.ppf(1 - tail, found + 1, size - found), 1.0
    )
    for column, value in (("tgi", table["share"]), ("ci_low", low), ("ci_high", high)):
        table[column] = 100 * value / table["base_share"]
    drawn = stats.hypergeom(base_size, base_found, size)
    one_sided = np.minimum(drawn.cdf(found), drawn.sf(found - 1))
    table["p_value"] = np.minimum(1.0, 2 * one_sided)
    table["significant"] = (
        stats.false_discovery_control(table["p_value"]) <= FALSE_DISCOVERY_RATE
        if len(table)
        else pd.Series(dtype=bool)
    )
    return table
