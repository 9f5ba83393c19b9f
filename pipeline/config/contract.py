"""What each entity's rows must look like once they have landed.

The contract says which columns an entity has, their types, which are required, and how
a row is identified. It does not depend on files or on any shop's mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["text", "time", "date", "money", "number", "integer", "boolean"]

SQL_TYPES: dict[ColumnKind, str] = {
    "text": "varchar",
    "time": "timestamp",  # UTC
    "date": "date",
    "money": "decimal(18, 2)",
    "number": "decimal(18, 4)",
    "integer": "bigint",
    "boolean": "boolean",
}

# A change here means that files that have already landed must be read again.
CONTRACT_VERSION = 1


@dataclass(frozen=True)
class Column:
    """One canonical column of an entity."""

    name: str
    kind: ColumnKind
    required: bool = False


@dataclass(frozen=True)
class Entity:
    """A kind of row that a source can feed.

    ``content`` names the columns that make two rows without a key the same row; the id
    that such a row gets is stored in ``row_id``. ``fact_time`` is the time that decides
    whether the row exists on a given as-of date.
    """

    name: str
    columns: tuple[Column, ...]
    fact_time: str | None = None
    row_id: str | None = None
    content: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    has_attributes: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name; ``KeyError`` if there is none."""
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> list[str]:
        """The canonical column names, in order."""
        return [c.name for c in self.columns]

    @property
    def landed(self) -> dict[str, str]:
        """Column name to SQL type of the entity's landing files."""
        types = {c.name: SQL_TYPES[c.kind] for c in self.columns}
        if self.row_id and self.row_id not in types:
            types[self.row_id] = "varchar"
        if self.has_attributes:
            types["attributes"] = "varchar"
        return types | {"_load_id": "varchar", "_row": "bigint"}


def _columns(text: str) -> tuple[Column, ...]:
    """Parse ``name:kind`` words; a trailing ``!`` marks a required column."""
    columns = []
    for word in text.split():
        name, _, kind = word.rstrip("!").partition(":")
        columns.append(Column(name, kind or "text", word.endswith("!")))  # type: ignore[arg-type]
    return tuple(columns)


_ORDER_COLUMNS = (
    "status refund_amount:money currency channel store_id coupon_id campaign_id "
    "updated_at:time"
)

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity(
            "orders",
            _columns(
                f"order_id! customer_id ordered_at:time! amount:money! {_ORDER_COLUMNS}"
            ),
            fact_time="ordered_at",
        ),
        Entity(
            "order_lines",
            _columns(
                "order_id! customer_id ordered_at:time! product_id! quantity:number! "
                "unit_price:number line_amount:money line_no:integer is_sample:boolean "
                f"amount:money {_ORDER_COLUMNS}"
            ),
            fact_time="ordered_at",
            row_id="line_key",
            content=(
                "order_id",
                "product_id",
                "quantity",
                "unit_price",
                "line_amount",
                "is_sample",
            ),
            any_of=("unit_price", "line_amount"),
        ),
        Entity(
            "interactions",
            _columns(
                "customer_id event_type! occurred_at:time! event_id channel "
                "campaign_id content_id product_id persona scene referred_customer_id "
                "value:number"
            ),
            fact_time="occurred_at",
            row_id="event_id",
            content=(
                "customer_id",
                "event_type",
                "occurred_at",
                "channel",
                "campaign_id",
                "content_id",
                "product_id",
                "persona",
                "scene",
                "referred_customer_id",
                "value",
            ),
        ),
        Entity(
            "members",
            _columns(
                "customer_id! registered_at:time channel campaign_id gender "
                "birth_date:date region city_tier household occupation role "
                "wecom_bound_at:time persona group_id phone email updated_at:time"
            ),
            fact_time="registered_at",
            has_attributes=True,
        ),
        Entity(
            "products",
            _columns(
                "product_id! name category brand is_sample:boolean list_price:money "
                "consumption_days:integer updated_at:time"
            ),
        ),
        Entity("identities", _columns("id_type! id_value! customer_id!")),
        Entity(
            "consents",
            _columns("customer_id! channel! granted:boolean! changed_at:time!"),
            fact_time="changed_at",
        ),
        Entity(
            "assignments",
            _columns("experiment! customer_id! arm! assigned_at:time!"),
            fact_time="assigned_at",
        ),
        Entity(
            "contacts",
            _columns(
                "customer_id! channel! sent_at:time! campaign_id touch_id outcome"
            ),
            fact_time="sent_at",
        ),
    )
}
