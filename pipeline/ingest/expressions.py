"""Checks of the SQL expressions of a mapping, before any row is read.

An expression must be one scalar DuckDB expression over one row: no subquery, no
aggregate, and no function whose answer depends on anything but its arguments. Marts are
a function of the landed rows, so an expression may not read the clock, draw a random
number or open a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage.quoting import quote_name

ROW_COLUMNS = {"_row": "bigint", "_file": "varchar"}

# DuckDB takes these names for the clock unless a column has the name.
_CLOCKS = frozenset(
    (
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
    )
)
# Impure, though DuckDB does not list them as such; `age` of one time reads the clock.
_IMPURE_TOO = frozenset(
    (
        "age",
        "current_localtime",
        "current_localtimestamp",
        "current_role",
        "current_setting",
        "current_user",
        "getenv",
        "getvariable",
        "pg_postmaster_start_time",
        "session_user",
        "user",
        "version",
    )
)
# Words that have one meaning whatever the file's columns are.
_WORDS = _CLOCKS | {"null", "true", "false"}


@dataclass(frozen=True)
class Bound:
    """An expression that fits a file's columns, and the type of its result."""

    text: str
    sql_type: str


@cache
def _empty_database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _ask(query: str, *parameters: str) -> Any:
    """The first row of a query without tables; callable from any thread."""
    with _empty_database().cursor() as cursor:
        return cursor.execute(query, parameters).fetchone()


def _serialized(statement: str) -> str:
    return str(_ask("select json_serialize_sql(?)", statement)[0])


@cache
def parse_expression(text: str) -> dict[str, Any]:
    """Return the syntax tree of one scalar expression; callers must not change it.

    Raises ``SiyuError`` if the text is not such an expression, or if its value would
    depend on more than the row.
    """
    tree = json.loads(_serialized(f"select (\n{text}\n)"))
    if tree.get("error"):
        raise SiyuError(f"not a SQL expression: {tree['error_message']}")
    nodes = [s["node"] for s in tree["statements"]]
    if len(nodes) != 1 or not _is_bare_select(nodes[0]):
        raise SiyuError("must be one SQL expression over the columns of the file")
    expression: dict[str, Any] = nodes[0]["select_list"][0]
    for node in _nodes(expression):
        if node.get("class") in ("SUBQUERY", "WINDOW"):
            raise SiyuError("must not contain a subquery or a window function")
        if node.get("class") in ("STAR", "POSITIONAL_REFERENCE", "PARAMETER"):
            raise SiyuError("must name the columns of the file that it uses")
        if node.get("class") == "FUNCTION" and node["function_name"] in _impure():
            raise SiyuError(
                f"must not use {node['function_name']}(): its result depends on more "
                "than the row"
            )
    return expression


@cache
def _value_type(query: str) -> str:
    """The type of a query's one column; cached, as files of a source share columns."""
    return str(_ask(f"describe {query}")[1])


def bind_expression(text: str, columns: dict[str, str]) -> Bound:
    """Fit an expression to a file's columns (name to SQL type).

    The bare name of a column means that column, even if SQL has another meaning for it.
    Raises ``SiyuError`` if a column or function is unknown or the types do not fit.
    """
    known = columns | ROW_COLUMNS
    lowered = {name.lower() for name in known}
    if text.strip().lower() in lowered:
        text = quote_name(text.strip())
    elif is_bare_name(text):
        raise SiyuError(_unknown_column(text.strip(), columns))
    tree = parse_expression(text)
    for node in _nodes(tree):
        name = node.get("column_names", [""])[-1].lower()
        if name in _CLOCKS and name not in lowered:
            raise SiyuError(
                f"must not use {name}: its result depends on more than the row"
            )
    row = ", ".join(f"null::{t} as {quote_name(n)}" for n, t in known.items())
    query = f"select (\n{text}\n) as v from (select {row}) where (\n{text}\n) is null"
    try:
        return Bound(text, _value_type(query))
    except duckdb.Error as error:
        raise SiyuError(_explain(str(error), columns)) from None


def _explain(message: str, columns: dict[str, str]) -> str:
    missing = re.search(r'Referenced column "(.+?)" not found', message)
    if missing:
        return _unknown_column(missing.group(1), columns)
    if "cannot contain aggregates" in message:
        return "must not aggregate: it sees one row of the file at a time"
    return re.sub(r"^\w+ Error: ", "", message.split("\n")[0])


def _unknown_column(name: str, columns: dict[str, str]) -> str:
    listed = ", ".join(columns) or "none"
    return (
        f"the file has no column '{name}'.{did_you_mean(name, columns)} "
        f"Its columns are: {listed}"
    )


def is_bare_name(text: str) -> bool:
    """Whether an expression is one word that can only be the name of a column."""
    word = text.strip().lower()
    return bool(re.fullmatch(r"[^\W\d]\w*", word)) and word not in _WORDS


def _is_bare_select(node: dict[str, Any]) -> bool:
    return (
        node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["select_list"][0]["class"] != "STAR"
        and node["from_table"]["type"] == "EMPTY"
        and not node["where_clause"]
        and not node["group_expressions"]
        and not node["having"]
        and not node["qualify"]
        and not node["modifiers"]
        and not node["cte_map"]["map"]
    )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


@cache
def _impure() -> frozenset[str]:
    """Names of functions and macros that depend on more than their arguments."""
    with _empty_database().cursor() as connection:
        rows = connection.execute(
            "select distinct function_name from duckdb_functions() where stability in "
            "('VOLATILE', 'CONSISTENT_WITHIN_QUERY')"
        ).fetchall()
        macros = connection.execute(
            "select function_name, json_serialize_sql('select ' || macro_definition) "
            "from duckdb_functions() where macro_definition is not null "
            "and function_type = 'macro'"
        ).fetchall()
    names = {name for (name,) in rows} | _IMPURE_TOO
    used = {name: _used_names(json.loads(tree)) for name, tree in macros}
    while more := {name for name in used if used[name] & names} - names:
        names |= more
    return frozenset(names)


def _used_names(tree: Any) -> set[str]:
    """The functions that a macro calls; a subquery, or the clock, counts as impure."""
    names = set()
    for node in _nodes(tree):
        column = node.get("column_names", [""])[-1].lower()
        if node.get("class") == "SUBQUERY" or column in _CLOCKS:
            names.add("now")
        elif node.get("class") == "FUNCTION":
            names.add(node["function_name"])
    return names
