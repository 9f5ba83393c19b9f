"""Queries for the facts in landing that exist on the as-of date."""

from __future__ import annotations

from pipeline.config.contract import ENTITIES
from pipeline.quality.suites.landing import ACTIVE


def landed(entity: str, columns: str = "1") -> str:
    """Query ``columns`` of the active rows of ``entity`` up to the as-of date."""
    query = f"select {columns} from landing.{entity} where {ACTIVE}"
    time = ENTITIES[entity].fact_time
    if time is None:
        return query
    return f"{query} and ({time} is null or {time} < ${{end_of_as_of}})"


LANDED_ORDERS = (
    f"{landed('orders', 'order_id')} union all {landed('order_lines', 'order_id')}"
)

LANDED_CUSTOMERS = " union all ".join(
    f"{landed(entity, 'customer_id')} and customer_id is not null"
    for entity, contract in ENTITIES.items()
    if "customer_id" in contract.names
)
