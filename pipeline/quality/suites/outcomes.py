"""The marts of outcomes: experiments, touches, and drivers of repurchase.

Unit tests cover the statistics; these checks compare them with other marts.
"""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

METRICS = ("visit_rate", "conversion_rate", "net_amount_per_customer")

EXPERIMENT_ASSIGNMENT = Suite(
    "marts",
    "experiment_assignment",
    key="checked.experiment, checked.customer_id",
    identifiers=("experiment", "customer_id"),
    checks=(
        kinds.not_after_as_of("assigned_on"),
        kinds.in_set("assigned_by", ("assignment", "holdout")),
        kinds.no_rows(
            "customers_have_one_arm",
            "No customer was assigned to several arms of an experiment; if one was, "
            "the first arm counts.",
            where="arms > 1",
            show="arm, arms",
            severity="warn",
        ),
    ),
)

EXPERIMENT_RESULT = Suite(
    "marts",
    "experiment_result",
    key="checked.experiment, checked.arm, checked.metric",
    identifiers=("experiment", "arm", "metric"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("metric", METRICS),
        kinds.no_rows(
            "rates_are_shares",
            "Rates are from 0 to 1, p-values as well, and no more customers were "
            "contacted than there are.",
            where="value < 0 or (metric like '%_rate' and value > 1) "
            "or p_value not between 0 and 1 or srm_p_value not between 0 and 1 "
            "or contacted > customers",
            show="value, p_value, srm_p_value",
        ),
        kinds.no_rows(
            "intervals_hold_the_lift",
            "Each lift lies in its interval.",
            where="lift not between ci_low and ci_high "
            "or adjusted_lift not between adjusted_ci_low and adjusted_ci_high",
            show="lift, ci_low, ci_high",
        ),
        kinds.no_result(
            "lifts_are_over_control",
            "lift is value less that of control, and null without a control.",
            "select ${key}, checked.value, checked.lift, "
            "control.value as control_value from checked left join checked as control "
            "on control.experiment = checked.experiment "
            "and control.metric = checked.metric and control.arm = 'control' "
            "where case when checked.arm = 'control' or control.value is null "
            "then checked.lift is not null else checked.lift is null "
            "or abs(checked.value - control.value - checked.lift) > 1e-6 end",
        ),
        kinds.no_result(
            "customers_agree_with_assignments",
            "Each arm has the customers of experiment_assignment, in all metrics.",
            "select experiment, arm, metric, checked.customers, "
            "found.customers as found from checked full join (select experiment, arm, "
            "metric, count(*) as customers from marts.experiment_assignment "
            "cross join (values ('visit_rate'), ('conversion_rate'), "
            "('net_amount_per_customer')) as metrics (metric) "
            "group by experiment, arm, metric) as found "
            "using (experiment, arm, metric) "
            "where checked.customers is distinct from found.customers",
        ),
        kinds.no_rows(
            "arms_have_their_planned_share",
            "Each experiment passes its sample-ratio test (p 0.001 or above). One that "
            "does not was not assigned as planned: do not trust its lifts.",
            where="srm_p_value < 0.001",
            show="customers, planned_share, srm_p_value",
            severity="warn",
        ),
    ),
)

TOUCH_OUTCOME = Suite(
    "marts",
    "touch_outcome",
    key="checked.customer_id, checked.channel, checked.sent_at",
    identifiers=("customer_id", "channel", "sent_at"),
    checks=(
        kinds.not_after_as_of("sent_on"),
        kinds.no_rows(
            "converted_has_an_order",
            "Exactly the touches that converted have an order, its amount and the days "
            "to it; no other is a last touch.",
            where="converted <> (order_id is not null) "
            "or converted <> (coalesce(days_to_order, -1) >= 0) "
            "or converted <> (net_amount > 0) or (is_last_touch and not converted)",
            show="converted, order_id, days_to_order, net_amount, is_last_touch",
        ),
        kinds.no_result(
            "orders_are_the_customers_own",
            "The order is a valid one of the customer, with its amount, and not before "
            "the message.",
            "select ${key}, order_id, checked.net_amount, orders.net_amount as found "
            "from checked left join marts.fct_orders as orders using (order_id) "
            "where checked.converted and not (coalesce(orders.is_valid "
            "and orders.customer_id = checked.customer_id "
            "and orders.net_amount = checked.net_amount "
            "and orders.ordered_at >= checked.sent_at, false))",
        ),
        kinds.no_result(
            "an_order_has_one_last_touch",
            "No order is credited to two messages.",
            "select order_id, count(*) as touches from checked where is_last_touch "
            "group by order_id having count(*) > 1",
        ),
    ),
)

_COUNTED = (
    "select count(*) as customers from marts.dim_customer "
    "where first_order_date <= ${as_of} - 90"
)

REPURCHASE_DRIVERS = Suite(
    "marts",
    "repurchase_drivers",
    key="checked.driver, checked.value",
    identifiers=("driver", "value"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_rows(
            "rate_is_the_quotient",
            "rate is repurchased by customers; the difference lies in its interval.",
            where="customers < 1 or repurchased not between 0 and customers "
            "or abs(rate * customers - repurchased) > 0.01 "
            "or difference not between ci_low and ci_high",
            show="customers, repurchased, rate",
        ),
        kinds.no_result(
            "each_driver_has_every_customer",
            "Every driver has all customers who first bought 90 days ago or earlier.",
            "select driver, sum(checked.customers) as customers, "
            "min(counted.customers) as found "
            f"from checked cross join ({_COUNTED}) as counted "
            "group by driver having sum(checked.customers) <> min(counted.customers)",
        ),
    ),
)

REPURCHASE_DECOMPOSITION = Suite(
    "marts",
    "repurchase_decomposition",
    key="checked.driver, checked.value",
    identifiers=("driver", "value"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_result(
            "effects_add_up",
            "Mix and rate effects of a driver sum to total_difference, which is the "
            "difference of the two cohorts' rates, counted again.",
            "select driver, sum(mix_effect + rate_effect) as effects, "
            "min(total_difference) as least_total, "
            "max(total_difference) as greatest_total, "
            "sum(current_repurchased) / sum(current_customers) "
            "- sum(previous_repurchased) / sum(previous_customers) as found "
            "from checked group by driver having abs(effects - found) > 1e-6 "
            "or abs(least_total - found) > 1e-6 or abs(greatest_total - found) > 1e-6",
        ),
    ),
)
