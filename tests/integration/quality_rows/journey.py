"""The journey marts for the tests of their checks: valid rows, and broken ones."""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

REFILLS = "marts.customer_replenishment"
TOUCHES = "marts.journey_touches"

BUILT = """
create table marts.customer_replenishment as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'p1' as product_id, 'drinks' as category,
  date '2024-03-31' as last_bought_on, cast(4 as decimal(18, 4)) as last_quantity,
  2 as purchase_days, cast(30 as decimal(18, 4)) as days_per_unit,
  date '2024-07-29' as runs_out_on, 'consumption_days' as basis;
create table marts.journey_touches as select date '2024-03-31' as as_of_date, *,
  'sms' as channel, 'hello' as content_key, 'GIFT' as offer_key from (values
    ('hello-c2', 'c2', 'new', 'hello', date '2024-03-28', date '2024-03-30',
     date '2024-04-01', 1, 'send', null, 'catching_up', 'catching up, 1 day late'),
    ('again-c1-20240331', 'c1', 'old', 'again', date '2024-03-31', date '2024-03-31',
     date '2024-03-31', 0, 'suppress', cast(null as date), 'exited',
     'left: complaint on 2024-03-31'))
  as rows (touch_id, customer_id, journey, step, anchor_date, due_date, last_day,
    days_late, decision, defer_until, reason_kind, reason);
"""

REFILL: dict[str, object] = {"customer_id": "c1", "product_id": "p1"}

BROKEN: list[Broken] = [
    (
        REFILLS,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30'",
        [{**REFILL, "as_of_date": date(2024, 3, 30)}],
    ),
    (
        REFILLS,
        "basis_known",
        "set basis = 'gaps'",
        [{**REFILL, "basis": "gaps"}],
    ),
    (
        REFILLS,
        "purchase_days_in_range",
        "set purchase_days = 0",
        [{**REFILL, "purchase_days": 0}],
    ),
    (REFILLS, "days_per_unit_in_range", "set days_per_unit = -1", [REFILL]),
    (REFILLS, "something_was_bought", "set last_quantity = 0", [REFILL]),
    (
        REFILLS,
        "run_out_follows_from_the_row",
        "set runs_out_on = date '2024-07-30'",
        [{**REFILL, "runs_out_on": date(2024, 7, 30)}],
    ),
    *(
        (REFILLS, "run_out_follows_from_the_row", f"set {wrong}", [REFILL])
        for wrong in (
            "days_per_unit = null",
            "basis = 'own_gaps'",
            "purchase_days = 3",
            "basis = 'none'",
        )
    ),
    (
        REFILLS,
        "run_out_follows_from_the_row",
        "set runs_out_on = null",
        [{**REFILL, "basis": "consumption_days", "runs_out_on": None}],
    ),
    (
        REFILLS,
        "products_are_those_bought",
        "set last_bought_on = date '2024-03-01'",
        [{**REFILL, "last_order_date": date(2024, 3, 31)}],
    ),
    (
        REFILLS,
        "products_are_those_bought",
        "delete from marts.customer_replenishment",
        [{**REFILL, "last_bought_on": None}],
    ),
    (
        TOUCHES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        TOUCHES,
        "decision_known",
        "set decision = 'planned' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "decision": "planned"}],
    ),
    (
        TOUCHES,
        "reason_fits_decision",
        "set decision = 'send'",
        [{"touch_id": "again-c1-20240331", "reason_kind": "exited"}],
    ),
    (
        TOUCHES,
        "reason_fits_decision",
        "set reason_kind = null where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "decision": "send"}],
    ),
    *(
        (
            TOUCHES,
            "deferred_within_its_window",
            (
                f"set decision = '{decision}', defer_until = {day} "
                "where customer_id = 'c2'"
            ),
            [{"touch_id": "hello-c2", "decision": decision}],
        )
        for decision, day in (
            ("defer", "null"),
            ("send", "date '2024-04-01'"),
            ("defer", "date '2024-03-31'"),
            ("defer", "date '2024-04-02'"),
        )
    ),
    (
        TOUCHES,
        "touch_is_of_step_and_customer",
        "set step = 'bye' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "step": "bye"}],
    ),
]
