"""The text of dbt models, macros and generic tests, rendered without dbt.

For tests that evaluate the same SQL hundreds of times. Only what these models use is
there: ``ref``, ``var``, ``config``, ``this``, ``is_incremental`` and a few macros. A
model is a table of its name, whatever it is in the warehouse; the shop's timezone is
UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import yaml
from jinja2 import Environment, Template

ROOT = Path(__file__).resolve().parents[2]
_MACROS = (
    *("as_of_date", "aipl_rank", "build_no", "changed_days"),
    *("ledger_start", "stays_by_priority", "label_moves", "held_together"),
    *("forever", "is_fulfilled", "absences", "rule_matches", "link_counts"),
    "outcome_window",
    "on_changed_days",
)


class _Config(dict[str, Any]):
    """The configuration of a model: what its yml says, then what it says itself."""

    def __call__(self, **settings: Any) -> str:
        self.update(settings)
        return ""


class _Column(NamedTuple):
    """A column, as an incremental strategy sees it."""

    name: str


def render_model(name: str, variables: Mapping[str, Any]) -> str:
    """Return the model's SQL; what it refers to is a table of the same name."""
    return _render(name, variables, is_built=False)[0]


def build_models(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    variables: Mapping[str, Any],
) -> None:
    """Build the models in this order; an incremental one goes on from its table."""
    built = {row[0] for row in connection.execute("show tables").fetchall()}
    for name in names:
        is_built = name in built
        sql, config = _render(name, variables, is_built=is_built)
        if _is_increment(config, is_built, variables):
            connection.execute(f"create or replace temp table {name}__new as {sql}")
            connection.execute(_strategy(connection, name, config))
        else:
            connection.execute(f"create or replace table {name} as {sql}")


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]
) -> None:
    """Put the rows, cells in the order of its columns, in the place of the table's."""
    connection.execute(f"delete from {table}")
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        names = [f"c{number}" for number in range(len(columns))]
        connection.register("filling", pa.table(columns, names))
        connection.execute(f"insert into {table} select * from filling")
        connection.unregister("filling")


def models_between(given: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return what to build, in order, to get the models wanted from those given."""
    done = dict.fromkeys(given)
    inputs = len(done)

    def visit(name: str) -> None:
        if name not in done:
            for upstream in re.findall(r"ref\('(\w+)'\)", _text(name)):
                visit(upstream)
            done[name] = None

    for name in wanted:
        visit(name)
    return list(done)[inputs:]


def render_generic_test(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the SQL of a generic test with these arguments, in the third build."""
    text = (ROOT / f"dbt_project/tests/generic/{name}.sql").read_text("utf8")
    macro = re.sub(r"{%-?\s*test ", "{% macro ", text)
    macro = re.sub(r"{%-?\s*endtest", "{% endmacro", macro)
    call = f"{macro}{{{{ {name}(**arguments) }}}}"
    return (
        Environment()
        .from_string(_macro("build_no") + call)
        .render(arguments=arguments, var={"last_build": {"build_no": 2}}.get)
    )


def _render(
    name: str, variables: Mapping[str, Any], *, is_built: bool
) -> tuple[str, _Config]:
    config = _Config(_settings(name))
    is_increment = _is_increment(config, is_built, variables)
    sql = _model(name).render(
        ref=str,
        this=name,
        var=variables.__getitem__,
        config=config,
        is_incremental=lambda: is_increment,
        local_date="cast({} as date)".format,
        local_midnight="cast({} as timestamp)".format,
        key_hash="hash({})".format,
        add_years="cast({} + to_years(cast({} as int)) as date)".format,
        json_pairs=_json_pairs,
    )
    return sql, config


def _json_pairs(relation: str, key: str, column: str) -> str:
    return (
        f"(select {key}, unnest(json_keys({column})) as name, "
        f"json_extract_string({column}, '$.' || name) as value from {relation})"
    )


def _is_increment(
    config: _Config, is_built: bool, variables: Mapping[str, Any]
) -> bool:
    is_incremental = config.get("materialized") == "incremental"
    return is_built and is_incremental and variables.get("last_build") is not None


def _strategy(connection: duckdb.DuckDBPyConnection, name: str, config: _Config) -> str:
    """Return the SQL that puts the rows of ``<name>__new`` into the table."""
    columns = connection.execute(f"select * from {name} limit 0").description
    keys = config["unique_key"]
    arguments = {
        "target_relation": name,
        "temp_relation": f"{name}__new",
        "unique_key": keys,
        "dest_columns": [_Column(column[0]) for column in columns],
    }
    strategy = config["incremental_strategy"]
    if strategy == "delete+insert":
        return _delete_insert(name, [keys] if isinstance(keys, str) else keys)
    return _own_strategy(strategy).render(arguments=arguments, config=config, ref=str)


def _delete_insert(name: str, keys: list[str]) -> str:
    """The strategy of dbt-duckdb: rows of a key that comes anew make way for it."""
    same = " and ".join(f"{name}.{key} = {name}__new.{key}" for key in keys)
    return (
        f"delete from {name} using {name}__new where {same}; "
        f"insert into {name} by name select * from {name}__new"
    )


@cache
def _model(name: str) -> Template:
    text = "".join(map(_macro, _MACROS)) + _text(name)
    return Environment().from_string(text)


@cache
def _own_strategy(strategy: str) -> Template:
    macro = f"get_incremental_{strategy}_sql"
    text = _macro(macro) + f"{{{{ {macro}(arguments) }}}}"
    return Environment().from_string(text)


@cache
def _text(name: str) -> str:
    (path,) = (ROOT / "models").rglob(f"{name}.sql")
    return path.read_text("utf8")


@cache
def _settings(name: str) -> dict[str, Any]:
    (path,) = (ROOT / "models").rglob(f"{name}.yml")
    (model,) = yaml.safe_load(path.read_text("utf8"))["models"]
    settings: dict[str, Any] = model.get("config", {})
    return settings


@cache
def _macro(name: str) -> str:
    return (ROOT / f"dbt_project/macros/{name}.sql").read_text("utf8")
