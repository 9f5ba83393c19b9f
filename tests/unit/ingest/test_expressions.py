"""What a mapping may ask of DuckDB, and what it may not."""

from __future__ import annotations

import pytest

from pipeline.errors import SiyuError
from pipeline.ingest.expressions import bind_expression

COLUMNS = {"name": "VARCHAR", "price": "INTEGER", "order": "VARCHAR", "user": "VARCHAR"}


def bind(text: str) -> str:
    return bind_expression(text, COLUMNS).sql_type


@pytest.mark.parametrize(
    ("text", "sql_type"),
    [
        ("name", "VARCHAR"),
        ("NAME", "VARCHAR"),
        ("price + 1", "INTEGER"),
        ("name -- a comment", "VARCHAR"),
        ("case when price > 1 then 'a' end", "VARCHAR"),
        ("try_cast(name as int)", "INTEGER"),
        ("strptime(name, '%d.%m.%Y')", "TIMESTAMP"),
        ("list_transform([1, 2], lambda x: x + price)", "INTEGER[]"),
        ("_row", "BIGINT"),
        ("_file", "VARCHAR"),
        ("'a literal'", "VARCHAR"),
        ("1)::int + (2", "INTEGER"),
    ],
)
def test_expressions_over_a_row(text: str, sql_type: str) -> None:
    assert bind(text) == sql_type


@pytest.mark.parametrize("name", ["order", "user"])
def test_a_bare_name_is_the_column_whatever_sql_calls_it(name: str) -> None:
    """`user` is a function that gives the same word for every row."""
    bound = bind_expression(name, COLUMNS)
    assert bound.text == f'"{name}"'


def test_an_unknown_column_names_the_near_one_and_lists_all() -> None:
    with pytest.raises(SiyuError, match=r"no column 'prise'\. Did you mean 'price'\?"):
        bind("prise")
    with pytest.raises(SiyuError, match="Its columns are: name, price, order, user"):
        bind("prise * 2")


@pytest.mark.parametrize("text", ["name ||", "", "name /* x", "name as x", "1 +"])
def test_a_syntax_error(text: str) -> None:
    with pytest.raises(SiyuError, match=r"not a SQL expression|does not exist"):
        bind(text)


@pytest.mark.parametrize(
    "text",
    [
        "now()",
        "today()",
        "random()",
        "RANDOM()",
        "main.random()",
        "uuid()",
        "version()",
        "current_timestamp",
        "localtimestamp",
        "ago(interval 1 day)",
        "nextval('s')",
        "current_setting('threads')",
        "getvariable('x')",
        "txid_current()",
        "age(timestamp '2020-01-01')",
        "date_trunc('day', now())",
        "getenv('HOME')",
        "list_transform([1], lambda x: x + random())",
        "pg_sleep(1)",
        "current_user()",
        "coalesce(name, user())",
        "pg_conf_load_time()",
    ],
)
def test_nothing_but_the_row_may_count(text: str) -> None:
    """Marts would depend on the clock, on chance or on the machine."""
    with pytest.raises(SiyuError, match=r"depends on more than the row|not a SQL"):
        bind(text)


@pytest.mark.parametrize(
    "text",
    [
        "(select 1)",
        "exists(select 1)",
        "price in (select 1)",
        "row_number() over ()",
        "sum(price)",
        "array_agg(name)",
        "unnest([1, 2])",
        "count(*)",
    ],
)
def test_one_value_of_one_row(text: str) -> None:
    with pytest.raises(SiyuError, match=r"must not|not supported|must name"):
        bind(text)


@pytest.mark.parametrize("text", ["*", "columns(*)", "coalesce(columns('n.*'))", "#1"])
def test_columns_are_named(text: str) -> None:
    """A place among the columns would be another one in the run's statement."""
    with pytest.raises(SiyuError, match="must"):
        bind(text)


@pytest.mark.parametrize(
    "text",
    [
        "1) from read_csv('/etc/passwd') --",
        "1) from t where (1 = 1",
        "1), (2",
        "1) union select (2",
        "1) using sample (10",
        "1; drop table x; select 1",
        "1); select (2",
        "1) limit (1",
        "1) group by (1",
        "read_text('/etc/passwd')",
        "?",
        "$1",
    ],
)
def test_no_way_out_of_the_expression(text: str) -> None:
    with pytest.raises(SiyuError):
        bind(text)
