"""Tables of labels that a test gives in the place of the models that find them."""

from __future__ import annotations

from collections.abc import Iterable

PERIODS = (
    *("int_rfm_periods", "int_lifecycle_periods", "int_segment_periods"),
    *("int_play_periods", "int_audience_periods"),
)
STAGES = "int_aipl_stage_periods"
_COLUMNS = """
    customer_id varchar, dimension varchar, label varchar, rule_id varchar,
    cause varchar, valid_from date, valid_to date, label_since date, label_until date,
    previous_label varchar
"""
_STAGE_COLUMNS = """
    customer_id varchar, stage varchar, valid_from date, valid_to date, cause varchar,
    previous_stage varchar
"""


def label_tables(names: Iterable[str]) -> str:
    """Return the statements that create these tables, without rows."""
    return "".join(
        f"create table {name} ({_STAGE_COLUMNS if name == STAGES else _COLUMNS});\n"
        for name in names
    )
