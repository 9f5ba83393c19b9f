"""The results of experiments, in words and figures for the report."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

# For each metric: its labels, and the factor and format of its figures.
_METRICS = {
    "visit_rate": ("Visited", "到访率", 100, "{:.1f} %", "{:+.1f}"),
    "conversion_rate": ("Bought", "购买率", 100, "{:.1f} %", "{:+.1f}"),
    "net_amount_per_customer": ("Net amount each", "人均净额", 1, "{:.2f}", "{:+.2f}"),
}
# Below these p-values a lift is significant, and an assignment is wrong.
_CHANCE, _WRONG = 0.05, 0.001
# If control got at least this share of the messages, the arms hardly differ in contact.
_ALIKE = 0.5

_QUERY = """
select treated.experiment, treated.arm, treated.metric, treated.customers,
    treated.value, control.customers, control.value, treated.lift, treated.ci_low,
    treated.ci_high, treated.p_value, treated.srm_p_value, treated.is_complete,
    treated.assigned_by = 'holdout' and control.contacted / control.customers
    >= ? * treated.contacted / treated.customers as are_contacted_alike
from marts.experiment_result as treated
inner join marts.experiment_result as control
    on treated.experiment = control.experiment and treated.metric = control.metric
where control.arm = 'control' and treated.arm <> 'control'
order by treated.assigned_by, treated.experiment, treated.arm,
    array_position(?, treated.metric)
"""


@dataclass(frozen=True)
class Result:
    """One line: an arm against control in one metric, formatted."""

    experiment: str
    arm: str
    label_en: str
    label_zh: str
    customers: str
    value: str
    control: str
    lift: str
    interval: str
    verdict: str


def experiment_results(connection: duckdb.DuckDBPyConnection) -> list[Result]:
    """The results of all experiments that have a control, from the marts."""
    rows = connection.execute(_QUERY, [_ALIKE, list(_METRICS)]).fetchall()
    return [_result(*row) for row in rows]


def _result(
    experiment: str,
    arm: str,
    metric: str,
    customers: int,
    value: float,
    control_customers: int,
    control: float,
    lift: float,
    low: float | None,
    high: float | None,
    p_value: float | None,
    srm_p_value: float | None,
    is_complete: bool,
    are_contacted_alike: bool,
) -> Result:
    label_en, label_zh, factor, plain, signed = _METRICS[metric]
    bounds = [signed.format(factor * end) for end in (low, high) if end is not None]
    return Result(
        experiment,
        arm,
        label_en,
        label_zh,
        f"{customers:,} : {control_customers:,}",
        plain.format(factor * value),
        plain.format(factor * control),
        signed.format(factor * lift),
        " to ".join(bounds) or "–",
        "not held back"
        if are_contacted_alike
        else _verdict(lift, p_value, srm_p_value, is_complete=is_complete),
    )


def _verdict(
    lift: float, p_value: float | None, srm_p_value: float | None, *, is_complete: bool
) -> str:
    """The conclusion; a wrong assignment or an open window comes before any lift."""
    if srm_p_value is not None and srm_p_value < _WRONG:
        return "not assigned as planned: do not trust it"
    if not is_complete:
        return "still running"
    if p_value is None or p_value >= _CHANCE:
        return "no difference beyond chance"
    return "more than control" if lift > 0 else "less than control"
