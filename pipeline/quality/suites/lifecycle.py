"""The lifecycle mart. The shop's rules decide which states exist."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

CUSTOMER_LIFECYCLE = Suite(
    "marts",
    "customer_lifecycle",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        # A customer who is known only by an identity has no date.
        kinds.not_after_as_of("since_date"),
        kinds.between("previous_gap_days", 1),
        kinds.between("expected_interval_days", 1),
        kinds.no_rows(
            "changes_after_the_as_of_date",
            "Every state lasts at least until the day after the as-of date.",
            where="next_state_on <= ${as_of}",
            show="state, next_state_on",
        ),
        kinds.no_rows(
            "next_state_has_its_day",
            "next_state and next_state_on are either both given or both null.",
            where="(next_state is null) <> (next_state_on is null)",
            show="state, next_state, next_state_on",
        ),
        kinds.no_rows(
            "changes_to_another_state",
            "The next state differs from the state.",
            where="next_state = state",
            show="state, next_state",
        ),
        kinds.no_rows(
            "gap_between_first_and_last_order",
            "The previous gap is no longer than the time from the first order to the "
            "last, and is there exactly if these are of different days.",
            where="(previous_gap_days is null) <> "
            "(days_since_first_order is not distinct from days_since_last_order) "
            "or previous_gap_days > days_since_first_order - days_since_last_order",
            show="days_since_first_order, days_since_last_order, previous_gap_days",
        ),
        kinds.customers_are_all(),
        kinds.no_result(
            "days_agree_with_orders",
            "Days since the first and the last order are those to the dates in "
            "dim_customer.",
            "select customer_id, days_since_first_order, known.first_order_date, "
            "days_since_last_order, known.last_order_date "
            "from checked inner join marts.dim_customer as known using (customer_id) "
            "where days_since_first_order is distinct from "
            "${as_of} - known.first_order_date "
            "or days_since_last_order is distinct from "
            "${as_of} - known.last_order_date",
        ),
    ),
)
