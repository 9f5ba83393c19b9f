"""The text of dbt models, macros and generic tests, rendered without dbt.

For tests that evaluate the same SQL hundreds of times. All macros of the project are
there, as DuckDB has them; variables that a test does not give are those of
dbt_project.yml. A model is a table of its name, whatever it is in the warehouse; models
in Python are called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
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


class _Returned(Exception):  # noqa: N818
    """What a macro returns that is no text."""

    def __init__(self, value: Any) -> None:
        self.value = value


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
        "create or replace table main.rows_written (model varchar, row_count bigint)"
    )
    for name in names:
        if _path(name).suffix == ".py":
            _call(connection, name)
            continue
        sql, config, is_increment = _render(name, variables, is_built=name in built)
        if is_increment:
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
) -> tuple[str, _Config, bool]:
    """Return the model's SQL, its configuration, and whether it is an increment."""
    config = _Config(_settings(name))
    context = _context(config, variables, ref)
    is_increment = (
        is_built
        and config.get("materialized") == "incremental"
        and not context["should_full_refresh"]()
    )
    sql = _template(name).render(
        context, this=name, is_incremental=lambda: is_increment
    )
    return sql, config, is_increment


def _context(
    config: _Config, variables: Mapping[str, Any], ref: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return what a model finds when it is rendered, all macros included."""
    given = {**_default_variables(), **variables}
    macros = {name: _Macro() for name in _macro_names()}
    context = {
        "adapter": _Adapter(macros),
        "config": config,
        "flags": SimpleNamespace(FULL_REFRESH=False),
        "ref": ref,
        "return": _return,
        "source": lambda _, table: table,
        "var": lambda name: given[name],
        **macros,
    }
    for file in _macro_files():
        for name, macro in vars(file.make_module(context)).items():
            if name in macros:
                macros[name].macro = macro
    return context


class _Macro:
    """A macro that may return something, as dbt's do; others give a text."""

    macro: Callable[..., Any]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            return self.macro(*arguments, **named)
        except _Returned as returned:
            return returned.value


def _return(value: Any) -> None:
    raise _Returned(value)


class _Adapter(dict[str, Any]):
    """The macros by name, of which DuckDB takes the default ones."""

    def dispatch(self, name: str, _project: str) -> Any:
        return self[f"default__{name}"]


def _call(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Build a model in Python."""
    namespace: dict[str, Any] = {}
    exec(_text(name), namespace)
    result = namespace["model"](SimpleNamespace(ref=connection.table), connection)
    connection.register("called", result)
    connection.execute(f"create or replace table {name} as from called")
    connection.unregister("called")


def _strategy(connection: duckdb.DuckDBPyConnection, name: str, config: _Config) -> str:
    """Return the SQL that puts the rows of ``<name>__new`` into the table."""
    columns = connection.execute(f"select * from {name} limit 0").description
    keys = config.get("unique_key")
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
    """The strategy of dbt-duckdb: new rows replace old ones of the same key."""
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
    return re.findall(r"""ref\(['"](\w+)['"]\)""", _text(name))


def refs_parsed(name: str) -> list[str]:
    """What dbt finds that the model refers to: parsing is no increment."""
    if _path(name).suffix == ".py":
        return refs_written(name)
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
    return _path(name).read_text("utf8")


@cache
def _path(name: str) -> Path:
    paths = (ROOT / "models").rglob(f"{name}.*")
    (path,) = (path for path in paths if path.suffix in (".sql", ".py"))
    return path


@cache
def _settings(name: str) -> dict[str, Any]:
    (path,) = (ROOT / "models").rglob(f"{name}.yml")
    (model,) = yaml.safe_load(path.read_text("utf8"))["models"]
    settings: dict[str, Any] = model.get("config", {})
    return settings


@cache
def _macro_files() -> list[Template]:
    """A template a file: what one macro calls of another file is found by name."""
    files = sorted((ROOT / "dbt_project/macros").rglob("*.sql"))
    return [_ENVIRONMENT.from_string(path.read_text("utf8")) for path in files]


@cache
def _macro_names() -> list[str]:
    files = sorted((ROOT / "dbt_project/macros").rglob("*.sql"))
    text = "".join(path.read_text("utf8") for path in files)
    return re.findall(r"{%-?\s*macro (\w+)", text)


@cache
def _default_variables() -> dict[str, Any]:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf8"))
    variables: dict[str, Any] = project["vars"]
    return variables
