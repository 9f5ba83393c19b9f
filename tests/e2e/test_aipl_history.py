"""The history of one run over everything is, up to any day, that of a run for this day.

The models are evaluated for each day as a build does, on the day grain that a real run
has left. Cost: 31 evaluations; of real data, one run and as many more.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from real_data import acceptance_script
from siyu_command import run_shop
from support.sql_models import build_models

DAYS = 30
MODELS = (
    *("int_aipl_conditions", "int_aipl_condition_periods", "int_aipl_rule_periods"),
    *("int_aipl_stage_periods", "aipl_stage_history"),
)
KNOWN = """
select
    customer_id, stage, valid_from, case when valid_to <= $day then valid_to end, cause
from published.marts.aipl_stage_history
where valid_from <= $day
order by all
"""


def assert_history_is_that_of_every_day(warehouse: Path) -> None:
    with duckdb.connect() as connection:
        for name, file in (("build", "build.duckdb"), ("published", "siyu.duckdb")):
            connection.execute(f"attach '{warehouse / file}' as {name} (read_only)")
        connection.execute(
            "create table int_customer_days as "
            "from build.intermediate.int_customer_days;"
            "create table aipl_rules as from build.rules.aipl_rules;"
            "create table int_changed_customers (customer_id varchar)"
        )
        row = connection.execute(
            "select min(valid_from), max(as_of_date) "
            "from published.marts.aipl_stage_history, published.marts.published"
        ).fetchone()
        assert row is not None
        first, last = row
        chosen = random.Random(4).sample(range((last - first).days + 1), DAYS)
        for days in (0, *chosen):
            assert_history_is_that_of(connection, last - timedelta(days))


def assert_history_is_that_of(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    build_models(connection, MODELS, {"as_of_date": str(day), "last_build": None})
    alone = connection.execute("from aipl_stage_history order by all").fetchall()
    assert alone == connection.execute(KNOWN, {"day": day}).fetchall(), day


def test_demo(published_warehouse: Path) -> None:
    assert_history_is_that_of_every_day(published_warehouse)


@pytest.mark.long
@pytest.mark.real_data
def test_tmall(tmp_path: Path) -> None:
    config = acceptance_script().parent / "cases" / "tmall_even" / "siyu.yaml"
    run_shop(config, "--warehouse", tmp_path, "--as-of", "2014-08-15")
    assert_history_is_that_of_every_day(tmp_path)
