"""One statement that maps, types and validates every row of a file.

The result, the *stage*, has a row for each row of the file: its ``_row``, the entity's
columns, ``_state`` (accepted, rejected or filtered) and, for rejected rows,
``_reasons`` and ``_raw``. An expression that fails on a row rejects that row only.
Names that begin with ``_siyu_`` are internal to the statement.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.config.contract import (
    CONTRACT_VERSION,
    ENTITIES,
    SQL_TYPES,
    Column,
    Entity,
)
from pipeline.config.project import STATUSES
from pipeline.config.settings import Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.conversion import EXPECTED, as_text, convert
from pipeline.ingest.expressions import Bound, bind_expression
from pipeline.storage.quoting import quote_name, quote_text

if TYPE_CHECKING:
    from pipeline.ingest.readers import Relation

_SHOWN = 80


@dataclass(frozen=True)
class Mapping:
    """How the rows of one source become rows of its entity.

    ``columns`` maps canonical names to SQL expressions; None takes the columns of the
    file that have canonical names. ``bounds`` are the first and last day that a time
    may fall on, in ``timezone``.
    """

    entity: Entity
    columns: dict[str, str] | None
    where: str | None
    timezone: str
    currency: str
    bounds: tuple[date, date]
    namespace: str | None = None
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoundMapping:
    """A mapping fitted to the columns of one file."""

    mapping: Mapping
    columns: dict[str, Bound]
    attributes: dict[str, Bound]
    where: Bound | None


def source_mapping(settings: Settings, source: Source) -> Mapping:
    """The mapping of a source in the settings."""
    return Mapping(
        entity=ENTITIES[source.entity],
        columns=source.columns,
        where=source.where,
        timezone=settings.source_timezone(source),
        currency=settings.shop.currency,
        bounds=settings.source_bounds(source),
        namespace=source.namespace,
        nulls=source.options.nulls,
    )


def mapping_hash(settings: Settings, source: Source) -> str:
    """A hash of what a load depends on besides content; a change means a new load."""
    mapping = asdict(source_mapping(settings, source)) | {
        "entity": source.entity,
        "options": source.options.model_dump(),
        "format": source.format,
        "shop_timezone": settings.shop.timezone,
        "contract": CONTRACT_VERSION,
    }
    text = json.dumps(mapping, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def bind_mapping(mapping: Mapping, relation: Relation) -> BoundMapping:
    """Fit a mapping to a file. Raises ``SiyuError`` with a line for each mistake."""
    expressions = mapping.columns
    if expressions is None:
        expressions = _same_names(mapping.entity, relation)
    problems: list[str] = []

    def bind(place: str, text: str) -> Bound | None:
        try:
            return bind_expression(text, relation.columns)
        except SiyuError as error:
            problems.append(f"{place}: {error}")
            return None

    bound = {name: bind(name, text) for name, text in expressions.items()}
    where = bind("where", mapping.where) if mapping.where else None
    if where and where.sql_type != "BOOLEAN":
        problems.append(
            f"where: gives {where.sql_type}, not true or false; compare it with a value"
        )
    if problems:
        raise SiyuError("\n".join(problems))
    fitted = {name: one for name, one in bound.items() if one}
    names = mapping.entity.names
    return BoundMapping(
        mapping,
        {n: b for n, b in fitted.items() if n in names},
        {n: b for n, b in fitted.items() if n not in names},
        where,
    )


def _same_names(entity: Entity, relation: Relation) -> dict[str, str]:
    present = {name.lower(): name for name in relation.columns}
    found = {
        name: quote_name(present[name]) for name in entity.names if name in present
    }
    missing = [c.name for c in entity.columns if c.required and c.name not in found]
    if missing:
        raise SiyuError(
            f"no column is named {', '.join(missing)}; say in `columns:` which of "
            f"{', '.join(relation.columns)} they come from"
        )
    if entity.any_of and not found.keys() & set(entity.any_of):
        raise SiyuError(
            f"no column is named {' or '.join(entity.any_of)}; say in `columns:` which "
            f"of {', '.join(relation.columns)} it comes from"
        )
    return found


def stage_sql(bound: BoundMapping, relation: Relation, file_name: str) -> str:
    """Return the statement that computes the stage of one file."""
    mapping, entity = bound.mapping, bound.mapping.entity
    kept = "_siyu_kept.v" if bound.where else "true"
    values = [
        f"case when {kept} then {_tried(one)} end as {_value(name)}"
        for name, one in {**bound.columns, **bound.attributes}.items()
    ]
    types = [
        f"{_converted(entity.column(name), one, mapping)} as {_typed(name)}"
        for name, one in bound.columns.items()
    ]
    outputs = [_output(column, bound) for column in entity.columns]
    if entity.has_attributes:
        outputs.append(f"{_attributes(bound)} as attributes")
    return f"""
with source as ({_source(relation, mapping, file_name)}),
judged as (
    select
        *,
        {_tried(bound.where) if bound.where else "{'v': true}"} as _siyu_kept,
        {relation.broken} as _siyu_broken
    from source
),
evaluated as (select *, {", ".join(values)} from judged),
typed as (select *, {", ".join(types)} from evaluated),
reasoned as (
    select
        *,
        case
            when _siyu_broken is not null then _siyu_broken
            when _siyu_kept is null then 'where: the expression failed'
            when _siyu_kept.v is distinct from true then ''
            else concat_ws('; ', {", ".join(_tests(bound))})
        end as _siyu_reasons
    from typed
)
select
    _row,
    case
        when _siyu_reasons <> '' then 'rejected'
        when _siyu_kept.v then 'accepted'
        else 'filtered'
    end as _state,
    {", ".join(outputs)},
    nullif(_siyu_reasons, '') as _reasons,
    case when _siyu_reasons <> '' then {relation.raw} end as _raw
from reasoned"""


def _value(name: str) -> str:
    """The column with the result of an expression: a struct, null where it failed."""
    return quote_name(f"_siyu_value_{name}")


def _typed(name: str) -> str:
    """The column with the value in its contract type, null if it does not fit."""
    return quote_name(f"_siyu_typed_{name}")


def _text(name: str) -> str:
    """SQL for the result of an expression as text, null if that is empty."""
    return as_text(f"{_value(name)}.v")


def _tried(bound: Bound) -> str:
    """SQL for ``{'v': value}``, or null if evaluating the expression fails."""
    return f"try({{'v': (\n{bound.text}\n)}})"


def _source(relation: Relation, mapping: Mapping, file_name: str) -> str:
    """The file's rows with ``_file``, and null for texts that mean "no value"."""
    texts = [n for n, t in relation.columns.items() if t.upper() == "VARCHAR"]
    changes = ""
    if mapping.nulls and texts:
        marks = ", ".join(quote_text(text) for text in mapping.nulls)
        replaced = ", ".join(
            f"case when {quote_name(n)} not in ({marks}) then {quote_name(n)} end "
            f"as {quote_name(n)}"
            for n in texts
        )
        changes = f" replace ({replaced})"
    return f"select *{changes}, {quote_text(file_name)} as _file from ({relation.sql})"


def _converted(column: Column, bound: Bound, mapping: Mapping) -> str:
    value = f"{_value(column.name)}.v"
    converted = convert(column.kind, value, bound.sql_type, mapping.timezone)
    if column.name == "status":
        return f"lower({converted})"
    if column.name == "currency":
        return f"upper({converted})"
    if column.name == "order_id" and mapping.namespace:
        return f"{quote_text(mapping.namespace + ':')} || {converted}"
    return converted


def _output(column: Column, bound: BoundMapping) -> str:
    if column.name in bound.columns:
        return f"{_typed(column.name)} as {quote_name(column.name)}"
    return f"null::{SQL_TYPES[column.kind]} as {quote_name(column.name)}"


def _attributes(bound: BoundMapping) -> str:
    """The extra columns of a member as a JSON object with its keys in order."""
    if not bound.attributes:
        return "null::varchar"
    pairs = ", ".join(
        f"{quote_text(name)}: {_text(name)}" for name in sorted(bound.attributes)
    )
    return f"to_json({{{pairs}}})::varchar"


def _tests(bound: BoundMapping) -> list[str]:
    """SQL for each column's reason to reject a row, or null."""
    entity = bound.mapping.entity
    tests = [
        _test(entity.column(name), one, bound.mapping)
        for name, one in bound.columns.items()
    ]
    tests += [
        f"case when {_value(name)} is null then '{name}: the expression failed' end"
        for name in bound.attributes
    ]
    if entity.any_of:
        given = [_text(name) for name in entity.any_of if name in bound.columns]
        missing = f"{' or '.join(entity.any_of)}: missing"
        tests.append(
            f"case when coalesce({', '.join(given)}) is null then '{missing}' end"
        )
    return tests


def _test(column: Column, bound: Bound, mapping: Mapping) -> str:
    name, typed, value = column.name, _typed(column.name), _value(column.name)
    text = _text(name)
    shown = f"left({text}, {_SHOWN})"

    def wrong(expected: str) -> str:
        return (
            f"concat({quote_text(name + ': ')}, '''', {shown}, ''' is not ', "
            f"{quote_text(expected)})"
        )

    cases = [f"when {value} is null then '{name}: the expression failed'"]
    if column.kind != "text":
        found = text if bound.sql_type.upper() == "VARCHAR" else f"{value}.v"
        cases.append(
            f"when {typed} is null and {found} is not null "
            f"then {wrong(EXPECTED[column.kind])}"
        )
    if column.required:
        cases.append(f"when {typed} is null then '{name}: missing'")
    if column.kind == "time":
        low, high = mapping.bounds
        first = _utc(f"timestamp '{low}'", mapping.timezone)
        after = _utc(f"(timestamp '{high}' + interval 1 day)", mapping.timezone)
        cases.append(
            f"when {typed} < {first} or {typed} >= {after} "
            f"then {wrong(f'between {low} and {high}')}"
        )
    if name == "status":
        known = ", ".join(quote_text(status) for status in STATUSES)
        cases.append(
            f"when {typed} not in ({known}) "
            f"then {wrong('one of ' + ', '.join(STATUSES))}"
        )
    if name == "currency":
        cases.append(
            f"when {typed} <> {quote_text(mapping.currency)} then "
            f"{wrong(f'in {mapping.currency}, the currency of the shop')}"
        )
    return f"case {' '.join(cases)} end"


def _utc(local: str, timezone: str) -> str:
    """SQL for the UTC time of a local one."""
    return f"timezone('UTC', timezone({quote_text(timezone)}, {local}))"
