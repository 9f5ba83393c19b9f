"""What models rely on in landing: the contract of `pipeline/config/contract.py`.

Ingest puts rows that break the contract into quarantine; these checks guard the landed
rows, whichever version of the program wrote them. They cover active loads only, and
only the facts that the build is going to read: an increment does not check facts of
earlier loads again. No check shows a phone number, an e-mail address or an identity's
value.
"""

from __future__ import annotations

from pipeline.config.contract import ENTITIES, Entity
from pipeline.config.project import STATUSES
from pipeline.quality import kinds
from pipeline.quality.model import Check, Suite

# Values beyond these are more likely a wrong column or unit than a sale.
LARGEST_AMOUNT = 100_000_000
LARGEST_QUANTITY = 10_000_000
EARLIEST_BIRTH_YEAR = 1900

ACTIVE = "_load_id in (select load_id from landing.files)"
_TO_BE_READ = "_load_id in (select load_id from landing.files where ${to_be_read})"
# The entities whose earlier loads an increment does not read again.
_FACTS = ("orders", "order_lines", "interactions")

_PLACE = (
    "(select any_value(files.file_name) from landing.files as files "
    "where files.load_id = checked._load_id) as file, checked._row as row"
)

# The columns that identify a row, besides its place in a file.
_NAMED_BY: dict[str, tuple[str, ...]] = {
    "orders": ("order_id",),
    "order_lines": ("order_id", "line_key"),
    "interactions": ("event_id",),
    "members": ("customer_id",),
    "products": ("product_id",),
    "identities": ("id_type",),
    "consents": ("customer_id", "channel"),
    "assignments": ("experiment", "customer_id"),
    "contacts": ("customer_id", "channel"),
}


def entity_suite(entity: Entity) -> Suite:
    """Derive the checks of an entity's landing table from its contract."""
    named_by = _NAMED_BY[entity.name]
    checks = [
        kinds.column_types(entity.landed),
        _rows_agree_with_registry(entity.name),
        _required(entity),
    ]
    if entity.any_of:
        checks.append(_any_of(entity.any_of))
    checks.append(_clean_text(entity))
    if any(column.kind == "time" for column in entity.columns):
        checks.append(_times_in_bounds(entity))
    checks += _values(entity)
    return Suite(
        "landing",
        entity.name,
        key=", ".join((_PLACE, *(f"checked.{column}" for column in named_by))),
        identifiers=named_by,
        where=_TO_BE_READ if entity.name in _FACTS else ACTIVE,
        checks=tuple(checks),
    )


def _rows_agree_with_registry(entity: str) -> Check:
    return kinds.no_result(
        "rows_agree_with_files",
        "Every active load has as many rows as were accepted from its file.",
        "select files.file_name as file, files.rows_accepted as accepted, "
        "coalesce(found.rows, 0) as found "
        "from landing.files as files left join (select _load_id, count(*) as rows, "
        f"min(_row) as first_row, max(_row) as last_row from landing.{entity} "
        "group by _load_id) as found on found._load_id = files.load_id "
        f"where files.entity = '{entity}' "
        "and (coalesce(found.rows, 0) <> files.rows_accepted "
        "or found.first_row < 1 or found.last_row < found.rows)",
    )


def _required(entity: Entity) -> Check:
    columns = [column.name for column in entity.columns if column.required]
    if entity.row_id:
        columns.append(entity.row_id)
    return _no_row_with(
        "required_columns_given",
        f"These are never null: {', '.join(columns)}.",
        {column: f"{column} is null" for column in columns},
    )


def _no_row_with(name: str, expected: str, faults: dict[str, str]) -> Check:
    """No column has its fault; rows are shown with the columns at fault."""
    named = ", ".join(
        f"case when {fault} then '{column}' end" for column, fault in faults.items()
    )
    return kinds.no_rows(
        name,
        expected,
        where=" or ".join(faults.values()),
        show=f"concat_ws(', ', {named}) as columns",
    )


def _any_of(columns: tuple[str, ...]) -> Check:
    return kinds.no_rows(
        f"{'_or_'.join(columns)}_given",
        f"At least one of {', '.join(columns)} is given.",
        where=" and ".join(f"{column} is null" for column in columns),
    )


def _clean_text(entity: Entity) -> Check:
    """Keys padded with blanks would be different keys; '' is null in landing."""
    columns = [
        column.name
        for column in entity.columns
        if column.kind == "text"
        and (column.required or column.name.endswith(("_id", "channel")))
    ]
    return _no_row_with(
        "keys_are_trimmed",
        "Keys and channels are neither empty text nor padded with blanks.",
        {
            column: f"({column} = '' or {column} <> trim({column}))"
            for column in columns
        },
    )


def _times_in_bounds(entity: Entity) -> Check:
    columns = [column.name for column in entity.columns if column.kind == "time"]
    return _no_row_with(
        "times_in_bounds",
        f"Times lie inside the bounds of the configuration ({', '.join(columns)}).",
        # The bounds are local days but the times are UTC: allow a day either way.
        {
            column: f"({column} < ${{earliest}} - interval 1 day "
            f"or {column} >= ${{latest}} + interval 2 day)"
            for column in columns
        },
    )


def _values(entity: Entity) -> list[Check]:
    checks = []
    for column in entity.columns:
        if column.name == "status":
            checks.append(kinds.in_set("status", STATUSES))
        elif column.name == "currency":
            checks.append(_currency())
        elif column.name == "birth_date":
            checks.append(_birth_date())
        elif column.kind == "money" or column.name == "unit_price":
            checks.append(_magnitude(column.name, LARGEST_AMOUNT))
        elif column.name == "quantity":
            checks.append(_magnitude(column.name, LARGEST_QUANTITY))
        elif column.name == "consumption_days":
            checks.append(kinds.between(column.name, 1, 3650, severity="warn"))
    return checks


def _magnitude(column: str, largest: int) -> Check:
    return kinds.between(column, -largest, largest, severity="warn")


def _currency() -> Check:
    return kinds.no_rows(
        "currency_is_the_shops",
        "Amounts are in the shop's currency.",
        where="currency <> ${currency}",
        show="currency",
    )


def _birth_date() -> Check:
    return kinds.no_rows(
        "birth_date_plausible",
        f"Birth dates lie between {EARLIEST_BIRTH_YEAR} and the as-of date.",
        where=f"birth_date < date '{EARLIEST_BIRTH_YEAR}-01-01' "
        "or birth_date > ${as_of}",
        severity="warn",
    )


FILES = Suite(
    "landing",
    "files",
    key="load_id, file_name",
    identifiers=("load_id", "file_name"),
    checks=(
        kinds.in_set("entity", tuple(ENTITIES)),
        kinds.no_result(
            "load_id_unique",
            "Each load is listed once; otherwise its rows would count twice.",
            "select load_id, count(*) as rows from checked "
            "group by load_id having count(*) > 1",
        ),
        kinds.between("rows_accepted", 0),
    ),
)

ENTITY_SUITES = tuple(entity_suite(entity) for entity in ENTITIES.values())
