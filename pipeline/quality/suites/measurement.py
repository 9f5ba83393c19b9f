"""The marts that measure: the chain of links, its funnels, cohorts and referrals.

Totals are recounted from the facts, in a different way from the models.
"""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Check, Suite

LINKS = (
    "exposed",
    "wecom_added",
    "group_or_form",
    "member",
    "first_order",
    "second_order",
    "loyal",
    "referred",
)
DIMENSIONS = ("channel", "persona", "campaign", "cohort_month")
DATES = (
    "exposed_on",
    "wecom_on",
    "group_or_form_on",
    "member_on",
    "first_order_on",
    "second_order_on",
    "loyal_on",
    "referred_on",
)

_COUNTS = ("passed", "entered", "converted")
_FUNNEL_COLUMNS = ("link_no", "link", *_COUNTS, "rate", "median_days")
_SUMS = ", ".join(f"sum({column}) as {column}" for column in _COUNTS)
_DIMENSION_ROWS = ", ".join(f"('{name}')" for name in DIMENSIONS)
# The number of a customer's last link with a day.
_FURTHEST = ", ".join(
    f"case when {day} is null then 0 else {number} end"
    for number, day in enumerate(DATES, 1)
)


def _counts_are_in_order(groups: str) -> Check:
    """Counts of one group never grow from link to link, and no link is missing."""
    return kinds.no_result(
        "counts_never_grow",
        "All links are there; as many enter one as converted at the one before; no "
        "more pass than convert, and no more convert than enter.",
        f"select {groups}, link_no, passed, entered, converted, converted_before "
        "from (select *, lag(converted, 1, entered) over by_link as converted_before, "
        "row_number() over by_link as place, count(*) over (partition by "
        f"{groups}) as links from checked window by_link as (partition by {groups} "
        "order by link_no)) as links where passed > converted or converted > entered "
        f"or entered <> converted_before or place <> link_no or links <> {len(LINKS)}",
    )


_RATE_IS_THE_QUOTIENT = kinds.no_rows(
    "rate_is_converted_by_entered",
    "rate is converted divided by entered, and null if entered is 0.",
    where="(entered = 0) <> (rate is null) or abs(rate * entered - converted) > 0.01",
    show="entered, converted, rate",
)


CUSTOMER_CHAIN = Suite(
    "marts",
    "customer_chain",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("furthest_link", ("none", *LINKS)),
        kinds.not_after_as_of(*DATES),
        kinds.no_rows(
            "nothing_before_the_first_sight",
            "exposed_on is the first day of all links, and gives the cohort_month.",
            where=f"least({', '.join(DATES)}) is distinct from exposed_on "
            "or cohort_month is distinct from date_trunc('month', exposed_on)",
            show="cohort_month, exposed_on",
        ),
        kinds.no_rows(
            "furthest_link_is_the_last_with_a_day",
            "furthest_link_no is that of the last link with a day; 4, member, also for "
            "members of whom no day is known.",
            where=f"furthest_link_no <> greatest({_FURTHEST}, case when exists "
            "(select 1 from marts.dim_customer as known where known.is_member "
            "and known.customer_id = checked.customer_id) then 4 else 0 end)",
            show="furthest_link_no",
        ),
        kinds.customers_are_all(),
        kinds.no_result(
            "days_agree_with_dim_customer",
            "There is a first order on first_order_date, a second one exactly for "
            "customers with two, a day of WeCom exactly for those bound.",
            "select customer_id, first_order_on, first_order_date, second_order_on, "
            "valid_orders, wecom_on, wecom_bound "
            "from checked inner join marts.dim_customer as known using (customer_id) "
            "where first_order_on is distinct from first_order_date "
            "or (second_order_on is not null) <> (valid_orders > 1) "
            "or (wecom_on is not null) <> wecom_bound",
        ),
        kinds.no_result(
            "loyal_on_agrees_with_history",
            "loyal_on is the first day in stage L of aipl_stage_history.",
            "select customer_id, loyal_on, loyalty.first_on "
            "from checked left join (select customer_id, min(valid_from) as first_on "
            "from marts.aipl_stage_history where stage = 'L' group by customer_id) "
            "as loyalty using (customer_id) "
            "where loyal_on is distinct from loyalty.first_on",
        ),
        kinds.no_result(
            "referrals_agree_with_referrals",
            "referrals and converted_referrals are those of the mart referrals.",
            "select customer_id, checked.referrals, checked.converted_referrals, "
            "coalesce(pairs.found, 0) as found, "
            "coalesce(pairs.converted, 0) as found_converted "
            "from checked full join (select referrer_id as customer_id, "
            "count(*) as found, count(*) filter (where is_converted) as converted "
            "from marts.referrals group by referrer_id) as pairs using (customer_id) "
            "where checked.referrals is distinct from coalesce(pairs.found, 0) "
            "or checked.converted_referrals "
            "is distinct from coalesce(pairs.converted, 0)",
        ),
    ),
)

DIM_CHAIN_LINK = Suite(
    "marts",
    "dim_chain_link",
    key="checked.link_no",
    identifiers=("link_no",),
    checks=(kinds.in_set("link", LINKS),),
)

FUNNEL = Suite(
    "marts",
    "funnel",
    key="checked.cohort_month, checked.channel, checked.link_no",
    identifiers=("cohort_month", "channel", "link_no"),
    checks=(
        kinds.in_set("link", LINKS),
        kinds.between("passed", 0),
        kinds.between("median_days", 0),
        _counts_are_in_order("cohort_month, channel"),
        _RATE_IS_THE_QUOTIENT,
        kinds.no_result(
            "converted_agree_with_customers",
            "At each link those are converted whose furthest link in customer_chain is "
            "that one or a later one; into the first link all enter.",
            "select coalesce(checked.cohort_month, chain.cohort_month) "
            "as cohort_month, coalesce(checked.channel, chain.channel) as channel, "
            "coalesce(checked.link_no, chain.link_no) as link_no, checked.entered, "
            "checked.converted, chain.customers, chain.converted as found "
            "from checked full join (select cohort_month, channel, "
            "links.link_no, count(*) as customers, "
            "count(*) filter (where furthest_link_no >= links.link_no) as converted "
            "from marts.customer_chain cross join "
            f"range(1, {len(LINKS) + 1}) as links (link_no) "
            "group by cohort_month, channel, links.link_no) as chain "
            "on checked.cohort_month is not distinct from chain.cohort_month "
            "and checked.channel = chain.channel and checked.link_no = chain.link_no "
            "where checked.converted is distinct from chain.converted "
            "or (checked.link_no = 1 "
            "and checked.entered is distinct from chain.customers)",
        ),
    ),
)

FUNNEL_BREAKDOWN = Suite(
    "marts",
    "funnel_breakdown",
    key="checked.dimension, checked.value, checked.link_no",
    identifiers=("dimension", "value", "link_no"),
    checks=(
        kinds.in_set("dimension", DIMENSIONS),
        kinds.in_set("link", LINKS),
        kinds.between("passed", 0),
        kinds.between("median_days", 0),
        _counts_are_in_order("dimension, value"),
        _RATE_IS_THE_QUOTIENT,
        kinds.no_result(
            "each_dimension_adds_up_to_the_funnel",
            "At each link every dimension has the customers that funnel has.",
            "select dimensions.dimension, link_no, found.passed, found.entered, "
            "found.converted, wanted.passed as passed_in_funnel, "
            "wanted.entered as entered_in_funnel, "
            "wanted.converted as converted_in_funnel "
            f"from (select link_no, {_SUMS} from marts.funnel group by link_no) "
            "as wanted cross join "
            f"(values {_DIMENSION_ROWS}) as dimensions (dimension) "
            f"full join (select dimension, link_no, {_SUMS} from checked "
            "group by dimension, link_no) as found using (dimension, link_no) "
            "where found.passed is distinct from wanted.passed "
            "or found.entered is distinct from wanted.entered "
            "or found.converted is distinct from wanted.converted",
        ),
    ),
)

COHORT_RETENTION = Suite(
    "marts",
    "cohort_retention",
    key="checked.cohort_month, checked.month_no",
    identifiers=("cohort_month", "month_no"),
    checks=(
        kinds.between("active", 0),
        kinds.no_result(
            "every_month_up_to_the_as_of_date",
            "Each cohort has all months from its own, number 0, to that of the as-of "
            "date, and the same size in all of them.",
            "select cohort_month, count(*) as months, min(month_no) as first_month, "
            "max(month_no) as last_month, min(customers) as least_customers, "
            "max(customers) as most_customers from checked group by cohort_month "
            "having min(month_no) <> 0 or max(month_no) <> count(*) - 1 "
            "or max(month_no) <> date_diff('month', cohort_month, ${as_of}) "
            "or min(customers) <> max(customers)",
        ),
        kinds.no_rows(
            "active_are_of_the_cohort",
            "At most all customers are active, in month 0 all of them; "
            "active_rate is active divided by customers.",
            where="active > customers or (month_no = 0 and active <> customers) "
            "or (active = 0) <> (net_amount = 0) "
            "or abs(active_rate * customers - active) > 0.01",
            show="customers, active, net_amount",
        ),
        kinds.no_result(
            "cells_agree_with_orders",
            "Size, active customers and net amount are those of the valid orders in "
            "fct_orders.",
            "select cohort_month, month_no, checked.active, checked.net_amount, "
            "found.active as active_in_orders, found.net_amount as net_in_orders "
            "from (select * from checked where active > 0) as checked full join "
            "(select cast(cohort_month as date) as cohort_month, "
            "date_diff('month', cohort_month, order_date) as month_no, "
            "count(distinct customer_id) as active, sum(net_amount) as net_amount "
            "from (select customer_id, order_date, net_amount, date_trunc('month', "
            "min(order_date) over (partition by customer_id)) as cohort_month "
            "from marts.fct_orders where is_valid) as orders group by all) as found "
            "using (cohort_month, month_no) "
            "where checked.active is distinct from found.active "
            "or checked.net_amount is distinct from found.net_amount",
        ),
    ),
)

REFERRALS = Suite(
    "marts",
    "referrals",
    key="checked.referrer_id, checked.referred_id",
    identifiers=("referrer_id", "referred_id"),
    checks=(
        kinds.not_after_as_of("referred_on", "first_order_on"),
        kinds.no_rows(
            "referrer_is_another_customer",
            "Referrer and referred are different customers.",
            where="referrer_id = referred_id",
        ),
        kinds.no_result(
            "one_first_referrer",
            "Every referred customer has one first referrer, on the earliest day.",
            "select referred_id, count(*) filter (where is_first_referrer) as firsts "
            "from checked group by referred_id "
            "having count(*) filter (where is_first_referrer) <> 1 "
            "or min(referred_on) "
            "<> min(referred_on) filter (where is_first_referrer)",
        ),
        kinds.no_result(
            "pairs_are_those_of_the_events",
            "There is a row for each referrer and other customer in refer events, of "
            "the day of the first one.",
            "select referrer_id, referred_id, checked.referred_on, events.first_on "
            "from checked full join (select customer_id as referrer_id, "
            "referred_customer_id as referred_id, min(event_date) as first_on "
            "from marts.fct_interactions where event_type = 'refer' "
            "and customer_id is not null and referred_customer_id <> customer_id "
            "group by all) as events using (referrer_id, referred_id) "
            "where checked.referred_on is distinct from events.first_on",
        ),
        kinds.no_result(
            "purchases_agree_with_orders",
            "Day of the first order and net amount are those of the referred "
            "customer's valid orders; a first order since referred_on is a conversion.",
            "select referrer_id, referred_id, checked.first_order_on, "
            "orders.first_on, checked.net_amount, orders.net_amount as net_in_orders, "
            "is_converted from checked left join (select customer_id as referred_id, "
            "min(order_date) as first_on, sum(net_amount) as net_amount "
            "from marts.fct_orders where is_valid group by customer_id) as orders "
            "using (referred_id) "
            "where checked.first_order_on is distinct from orders.first_on "
            "or checked.net_amount <> coalesce(orders.net_amount, 0) "
            "or is_converted "
            "<> coalesce(orders.first_on >= checked.referred_on, false)",
        ),
    ),
)
