"""The text of dbt models, macros and generic tests, rendered without dbt.

For tests that evaluate the same SQL hundreds of times. All macros of the project are
there, as DuckDB has them; variables that a test does not give are those of
dbt_project.yml. A model is a table of its name, whatever it is in the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import yaml
from jinja2 import Environment, StrictUndefined, Template

ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = Environment(
    undefined=StrictUndefined, extensions=["jinja2.ext.do"], autoescape=False
)


class _Config(dict[str, Any]):
    """The configuration of a model: what its yml says, then what it says itself."""

    def __call__(self, **settings: Any) -> str:
        self.update(settings)
        return ""


class _Column(NamedTuple):
    """A column, as an incremental strategy sees it."""

    name: str


class _Relation(str):
    """A table, as an incremental strategy sees it."""

    @property
    def identifier(self) -> str:
        """Its name."""
        return str(self)


def render_model(name: str, variables: Mapping[str, Any]) -> str:
    """Return the model's SQL; what it refers to is a table of the same name."""
    return _render(name, variables)[0]


def build_models(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    variables: Mapping[str, Any],
) -> None:
    """Build the models in this order; an incremental one goes on from its table."""
    built = {row[0] for row in connection.execute("show tables").fetchall()}
    connection.execute(
        "create or replace table rows_written (model varchar, row_count bigint)"
    )
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
            for upstream in _upstream(name):
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
    template = _ENVIRONMENT.from_string(f"{macro}{{{{ {name}(**arguments) }}}}")
    context = _context(_Config(), {"last_build": {"build_no": 2}})
    return template.render(context, arguments=arguments)


def render_singular_test(name: str, variables: Mapping[str, Any]) -> str:
    """Return the SQL of a singular test; what it refers to is a table of that name."""
    text = (ROOT / f"dbt_project/tests/{name}.sql").read_text("utf8")
    return _ENVIRONMENT.from_string(text).render(_context(_Config(), variables))


def _render(
    name: str,
    variables: Mapping[str, Any],
    *,
    is_built: bool = False,
    ref: Callable[[str], str] = str,
) -> tuple[str, _Config]:
    config = _Config(_settings(name))
    is_increment = _is_increment(config, is_built, variables)
    context = _context(config, variables, ref)
    sql = _template(name).render(
        context, this=name, is_incremental=lambda: is_increment
    )
    return sql, config


def _context(
    config: _Config, variables: Mapping[str, Any], ref: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return what a model finds when it is rendered, all macros included."""
    given = {**_default_variables(), **variables}
    adapter = _Adapter()
    context = {
        "adapter": adapter,
        "config": config,
        "ref": ref,
        "source": lambda _, table: table,
        "var": lambda name: given[name],
    }
    macros = vars(_macros().make_module(context))
    adapter.update(macros)
    return {**context, **macros}


class _Adapter(dict[str, Any]):
    """The macros by name, of which DuckDB takes the default ones."""

    def dispatch(self, name: str, _project: str) -> Any:
        return self[f"default__{name}"]


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
        "target_relation": _Relation(name),
        "temp_relation": f"{name}__new",
        "unique_key": keys,
        "dest_columns": [_Column(column[0]) for column in columns],
    }
    strategy = config["incremental_strategy"]
    if strategy == "delete+insert":
        return _delete_insert(name, [keys] if isinstance(keys, str) else keys)
    macro = _context(config, {})[f"get_incremental_{strategy}_sql"]
    return str(macro(arguments))


def _delete_insert(name: str, keys: list[str]) -> str:
    """The strategy of dbt-duckdb: rows of a key that comes anew make way for it."""
    same = " and ".join(f"{name}.{key} = {name}__new.{key}" for key in keys)
    return (
        f"delete from {name} using {name}__new where {same}; "
        f"insert into {name} by name select * from {name}__new"
    )


@cache
def _upstream(name: str) -> list[str]:
    """The models that this one reads, in the first build or in a later one."""
    return refs_written(name) + refs_parsed(name)


def refs_written(name: str) -> list[str]:
    """What stands in a ``ref`` of the model's file, whenever that is read."""
    return re.findall(r"ref\('(\w+)'\)", _text(name))


def refs_parsed(name: str) -> list[str]:
    """What dbt finds that the model refers to: parsing is no increment."""
    found = []

    def ref(upstream: str) -> str:
        found.append(upstream)
        return upstream

    _render(name, {}, ref=ref)
    return found


@cache
def _template(name: str) -> Template:
    return _ENVIRONMENT.from_string(_text(name))


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
def _macros() -> Template:
    files = sorted((ROOT / "dbt_project/macros").rglob("*.sql"))
    return _ENVIRONMENT.from_string("".join(path.read_text("utf8") for path in files))


@cache
def _default_variables() -> dict[str, Any]:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf8"))
    variables: dict[str, Any] = project["vars"]
    return variables
