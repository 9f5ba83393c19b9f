"""The identifiers and orders of a customer in landing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.privacy.person import Person
from pipeline.storage.quoting import read_parquet
from pipeline.storage.warehouse import Warehouse

# Phone numbers are compared by their last digits: the country code is optional.
_OWNERS = """
with named as (
    select customer_id, phone as value from {members} where phone is not null
    union select customer_id, email from {members} where email is not null
    union select customer_id, id_value from {identities}
),
compared as (
    select
        customer_id,
        value,
        case
            when regexp_full_match(value, '[+0-9 ()-]{{9,}}')
            then right(regexp_replace(value, '[^0-9]', '', 'g'), 11)
            else lower(trim(value))
        end as compared_by
    from named
)
select distinct own.value
from compared as own
where own.customer_id = $customer_id
    and not exists (
        select 1 from compared as other
        where other.compared_by = own.compared_by
            and other.customer_id <> own.customer_id
    )
"""

_ORDERS = """
with sightings as ({sightings})
select order_id
from sightings
where customer_id is not null
group by order_id
having bool_and(customer_id = $customer_id)
"""


def known_as(warehouse: Warehouse, customer_id: str) -> Person:
    """The customer with all identifiers and orders that have ever landed for them.

    What another customer shares is left out: a family's phone number stays with the
    others, and an order that was moved to another customer stays with that one.
    """
    tables = {name: _landed(warehouse.landing / name) for name in ENTITIES}
    with_orders = [n for n in ("orders", "order_lines") if tables[n]]
    sightings = " union all ".join(
        f"select order_id, customer_id from {tables[name]}" for name in with_orders
    )
    with duckdb.connect() as connection:

        def values(query: str) -> frozenset[str]:
            rows = connection.execute(query, {"customer_id": customer_id}).fetchall()
            return frozenset(value for (value,) in rows)

        owners = _OWNERS.format(
            members=tables["members"] or _NO_MEMBERS,
            identities=tables["identities"] or _NO_IDENTITIES,
        )
        orders = values(_ORDERS.format(sightings=sightings)) if sightings else ()
        return Person(customer_id, values(owners), frozenset(orders))


_NO_MEMBERS = (
    "(select '' as customer_id, null::varchar as phone, null::varchar as email "
    "where false)"
)
_NO_IDENTITIES = "(select '' as customer_id, '' as id_value where false)"


def _landed(folder: Path) -> str | None:
    if not any(folder.glob("*.parquet")):
        return None
    return read_parquet(folder / "*.parquet")
