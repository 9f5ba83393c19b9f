"""The journey marts: when products run out, and which touches are due today."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

BASES = ("own_gaps", "consumption_days", "category_median", "none")
DECISIONS = ("send", "defer", "suppress")
SENDING = ("due", "catching_up")
PASSING = ("quiet_day", "cap")
LASTING = (
    *("exited", "holdout", "unknown_channel", "no_consent", "opted_out", "complaint"),
    "unreachable",
)

_PURCHASES = (
    "select orders.customer_id, lines.product_id, "
    "max(orders.order_date) as last_bought_on "
    "from marts.fct_orders as orders join marts.fct_order_lines as lines "
    "on lines.order_id = orders.order_id "
    "where orders.is_valid and lines.quantity > 0 "
    "group by orders.customer_id, lines.product_id"
)

CUSTOMER_REPLENISHMENT = Suite(
    "marts",
    "customer_replenishment",
    key="checked.customer_id, checked.product_id",
    identifiers=("customer_id", "product_id"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("basis", BASES),
        kinds.between("purchase_days", 1),
        kinds.between("days_per_unit", 0),
        kinds.no_rows(
            "something_was_bought",
            "last_quantity is above zero, since returns are not purchases.",
            where="last_quantity is null or last_quantity <= 0",
            show="last_quantity",
        ),
        kinds.no_rows(
            "run_out_follows_from_the_row",
            "runs_out_on is last_bought_on plus days_per_unit times last_quantity, "
            "rounded, a century at the most; both are null exactly for basis none, and "
            "the basis is own_gaps exactly from three days of purchase on.",
            where="(basis = 'none') <> (runs_out_on is null) "
            "or (basis = 'none') <> (days_per_unit is null) "
            "or (basis = 'own_gaps') <> (purchase_days >= 3) or runs_out_on <> "
            "last_bought_on + least(round(days_per_unit * last_quantity), 36500)::int",
            show="last_bought_on, days_per_unit, last_quantity, purchase_days, basis, "
            "runs_out_on",
        ),
        kinds.no_result(
            "products_are_those_bought",
            "There is a row for each product that a customer bought in a valid order, "
            "with the last day, and no other.",
            "select customer_id, product_id, checked.last_bought_on, "
            "bought.last_bought_on as last_order_date "
            f"from checked full join ({_PURCHASES}) as bought "
            "using (customer_id, product_id) "
            "where checked.last_bought_on is distinct from bought.last_bought_on",
        ),
    ),
)

JOURNEY_TOUCHES = Suite(
    "marts",
    "journey_touches",
    key="checked.touch_id",
    identifiers=("touch_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("decision", DECISIONS),
        kinds.no_rows(
            "reason_fits_decision",
            "A touch is sent because it is due or catching up, deferred by a quiet day "
            "or a cap, and suppressed by one of those or by a lasting reason.",
            where="case decision "
            f"when 'send' then reason_kind in {SENDING} "
            f"when 'defer' then reason_kind in {PASSING} "
            f"else reason_kind in {(*PASSING, *LASTING)} end is not true",
            show="decision, reason_kind",
        ),
        kinds.no_rows(
            "deferred_within_its_window",
            "Exactly deferred touches have defer_until, which is at most last_day.",
            where="(decision = 'defer') <> (defer_until is not null) "
            "or defer_until <= ${as_of} or defer_until > last_day",
            show="decision, defer_until, last_day",
        ),
        kinds.no_rows(
            "touch_is_of_step_and_customer",
            "touch_id is the step and the customer, and the anchor's day unless the "
            "customer joined then.",
            where="touch_id not in (concat(step, '-', customer_id), "
            "concat(step, '-', customer_id, strftime(anchor_date, '-%Y%m%d')))",
            show="step, customer_id, anchor_date",
        ),
    ),
)
