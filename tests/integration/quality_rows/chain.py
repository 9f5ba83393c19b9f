"""The marts of the chain for the tests of their checks: valid rows, and broken ones.

Two customers, of whom c1 has bought twice and c2 is in WeCom; nobody referred anybody.
"""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

CHAIN = "marts.customer_chain"
LINK = "marts.dim_chain_link"
FUNNEL = "marts.funnel"
BREAKDOWN = "marts.funnel_breakdown"
COHORTS = "marts.cohort_retention"
REFERRALS = "marts.referrals"
TABLES = (CHAIN, LINK, FUNNEL, BREAKDOWN, COHORTS, REFERRALS)

BUILT = """
create table marts.customer_chain as select date '2024-03-31' as as_of_date, * from (
  values
    ('c1', date '2024-01-01', 'store', null, null, null, date '2024-01-01', null, null,
     date '2024-01-01', date '2024-03-01', date '2024-03-31', date '2024-03-31',
     cast(null as date), 7, 'loyal', 0, 0),
    ('c2', date '2024-01-01', 'wecom', null, null, null, date '2024-01-02',
     date '2024-01-02', cast(null as date), date '2024-01-02', null, null, null, null,
     4, 'member', 0, 0))
  as rows (customer_id, cohort_month, channel, campaign_id, persona, group_id,
    exposed_on, wecom_on, group_or_form_on, member_on, first_order_on, second_order_on,
    loyal_on, referred_on, furthest_link_no, furthest_link, referrals,
    converted_referrals);
create table marts.dim_chain_link as select *, link as label_en, '链' as label_zh
  from (values (1, 'exposed'), (2, 'wecom_added'), (3, 'group_or_form'), (4, 'member'),
    (5, 'first_order'), (6, 'second_order'), (7, 'loyal'), (8, 'referred'))
  as rows (link_no, link);
create table marts.funnel as
  select date '2024-01-01' as cohort_month, channels.channel, link_no, link,
    cast(list_contains(passed_links, link_no) as bigint) as passed,
    cast(furthest >= link_no - 1 as bigint) as entered,
    cast(furthest >= link_no as bigint) as converted,
    case when entered > 0 then converted / entered end as rate,
    case when link_no = 6 then 30.0 end as median_days
  from marts.dim_chain_link
  cross join (values ('store', 7, [1, 4, 5, 6, 7]), ('wecom', 4, [1, 2, 4]))
  as channels (channel, furthest, passed_links);
create table marts.funnel_breakdown as
  select dimensions.dimension,
    case dimensions.dimension when 'channel' then channel
      when 'cohort_month' then '2024-01-01' else 'unknown' end as value,
    link_no, link, cast(sum(passed) as bigint) as passed,
    cast(sum(entered) as bigint) as entered,
    cast(sum(converted) as bigint) as converted,
    sum(converted) / nullif(sum(entered), 0) as rate, max(median_days) as median_days
  from marts.funnel
  cross join (values ('channel'), ('persona'), ('campaign'), ('cohort_month'))
  as dimensions (dimension)
  group by all;
create table marts.cohort_retention as select date '2024-03-01' as cohort_month,
  0 as month_no, 1 as customers, 1 as active, cast(28 as decimal(18, 2)) as net_amount,
  1.0 as active_rate;
create table marts.referrals (referrer_id varchar, referred_id varchar,
  referred_on date, is_first_referrer boolean, channel varchar, is_member boolean,
  first_order_on date, is_converted boolean, net_amount decimal(18, 2));
"""

# c2 brings c1, who then buys: everything that says so.
REFERRED = """
insert into intermediate.int_interactions by name select 'e2' as event_id,
  'c2' as customer_id, 'refer' as event_type,
  timestamp '2024-02-01 09:00' as occurred_at, date '2024-02-01' as event_date,
  'c1' as referred_customer_id;
insert into marts.referrals values ('c2', 'c1', date '2024-02-01', true, 'store', true,
  date '2024-03-01', true, 28);
update marts.customer_chain set referrals = 1, converted_referrals = 1
  where customer_id = 'c2';
"""

MARCH = date(2024, 3, 1)
JANUARY = date(2024, 1, 1)
C1: dict[str, object] = {"customer_id": "c1"}
C2: dict[str, object] = {"customer_id": "c2"}
PAIR: dict[str, object] = {"referrer_id": "c2", "referred_id": "c1"}
# A cell of each funnel.
STORE = "where channel = 'store' and link_no = "
LULU = "where dimension = 'persona' and link_no = "
CELL: dict[str, object] = {"cohort_month": JANUARY, "channel": "store"}
VALUE: dict[str, object] = {"dimension": "persona", "value": "unknown"}
COUNTS = ("passed", "entered", "converted")

BROKEN: list[Broken] = [
    (
        CHAIN,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c2'",
        [C2 | {"as_of_date": date(2024, 3, 30)}],
    ),
    (
        CHAIN,
        "furthest_link_known",
        "set furthest_link = 'fan' where customer_id = 'c2'",
        [C2 | {"furthest_link": "fan"}],
    ),
    (
        CHAIN,
        "not_after_as_of",
        "set referred_on = date '2024-04-01' where customer_id = 'c1'",
        [C1 | {"referred_on": date(2024, 4, 1)}],
    ),
    (
        CHAIN,
        "nothing_before_the_first_sight",
        "set member_on = date '2023-12-31' where customer_id = 'c1'",
        [C1 | {"exposed_on": JANUARY}],
    ),
    (
        CHAIN,
        "nothing_before_the_first_sight",
        "set cohort_month = null where customer_id = 'c1'",
        [C1 | {"cohort_month": None}],
    ),
    (
        CHAIN,
        "furthest_link_is_the_last_with_a_day",
        "set furthest_link_no = 5 where customer_id = 'c1'",
        [C1 | {"furthest_link_no": 5}],
    ),
    (
        CHAIN,
        "furthest_link_is_the_last_with_a_day",
        # A member without a day is a member all the same.
        "set furthest_link_no = 2, member_on = null where customer_id = 'c2'",
        [C2 | {"furthest_link_no": 2}],
    ),
    (
        CHAIN,
        "customers_are_those_of_dim_customer",
        "delete from marts.customer_chain where customer_id = 'c2'",
        [C2 | {"is_here": False, "is_in_dim_customer": True}],
    ),
    (
        CHAIN,
        "days_agree_with_dim_customer",
        "set first_order_on = date '2024-03-02' where customer_id = 'c1'",
        [C1 | {"first_order_on": date(2024, 3, 2), "first_order_date": MARCH}],
    ),
    (
        CHAIN,
        "days_agree_with_dim_customer",
        "set second_order_on = null where customer_id = 'c1'",
        [C1 | {"second_order_on": None, "valid_orders": 2}],
    ),
    (
        CHAIN,
        "days_agree_with_dim_customer",
        "set wecom_on = null where customer_id = 'c2'",
        [C2 | {"wecom_on": None, "wecom_bound": True}],
    ),
    (
        CHAIN,
        "loyal_on_agrees_with_history",
        "set loyal_on = date '2024-03-30' where customer_id = 'c1'",
        [C1 | {"loyal_on": date(2024, 3, 30), "first_on": date(2024, 3, 31)}],
    ),
    (
        CHAIN,
        "referrals_agree_with_referrals",
        "set referrals = 1 where customer_id = 'c1'",
        [C1 | {"referrals": 1, "found": 0}],
    ),
    (
        CHAIN,
        "referrals_agree_with_referrals",
        f"{REFERRED} update marts.customer_chain set converted_referrals = 0",
        [C2 | {"converted_referrals": 0, "found_converted": 1}],
    ),
    (LINK, "link_known", "set link = 'fan' where link_no = 2", [{"link": "fan"}]),
    (FUNNEL, "link_known", f"set link = 'fan' {STORE} 8", [CELL | {"link": "fan"}]),
    (FUNNEL, "passed_in_range", f"set passed = -1 {STORE} 8", [CELL | {"passed": -1}]),
    (
        FUNNEL,
        "median_days_in_range",
        f"set median_days = -1 {STORE} 8",
        [CELL | {"median_days": -1}],
    ),
    (
        FUNNEL,
        "counts_never_grow",
        f"set converted = 2 {STORE} 8",
        [CELL | {"link_no": 8, "entered": 1, "converted": 2}],
    ),
    (
        FUNNEL,
        "counts_never_grow",
        f"set passed = 1 {STORE} 8",
        [CELL | {"link_no": 8, "passed": 1, "converted": 0}],
    ),
    (
        FUNNEL,
        "counts_never_grow",
        f"set entered = 2 {STORE} 8",
        [CELL | {"link_no": 8, "entered": 2, "converted_before": 1}],
    ),
    (
        FUNNEL,
        "counts_never_grow",
        (
            "delete from marts.funnel where link_no > 1; "
            "delete from marts.funnel where channel = 'wecom'"
        ),
        [CELL | {"link_no": 1}],
    ),
    (
        FUNNEL,
        "rate_is_converted_by_entered",
        f"set rate = 0.5 {STORE} 7",
        [CELL | {"entered": 1, "converted": 1, "rate": 0.5}],
    ),
    (
        FUNNEL,
        "rate_is_converted_by_entered",
        f"set rate = null {STORE} 7",
        [CELL | {"link_no": 7, "rate": None}],
    ),
    (
        FUNNEL,
        "converted_agree_with_customers",
        "update marts.customer_chain set furthest_link_no = 6 where customer_id = 'c1'",
        [CELL | {"link_no": 7, "converted": 1, "found": 0}],
    ),
    (
        FUNNEL,
        "converted_agree_with_customers",
        f"set entered = 2 {STORE} 1",
        [CELL | {"link_no": 1, "entered": 2, "customers": 1}],
    ),
    (
        FUNNEL,
        "converted_agree_with_customers",
        f"delete from marts.funnel {STORE} 8",
        [CELL | {"link_no": 8, "converted": None, "found": 0}],
    ),
    (
        BREAKDOWN,
        "dimension_known",
        f"set dimension = 'mood' {LULU} 8",
        [{"dimension": "mood"}],
    ),
    (BREAKDOWN, "link_known", f"set link = 'fan' {LULU} 8", [VALUE | {"link": "fan"}]),
    (
        BREAKDOWN,
        "passed_in_range",
        f"set passed = -1 {LULU} 8",
        [VALUE | {"passed": -1}],
    ),
    (
        BREAKDOWN,
        "median_days_in_range",
        f"set median_days = -1 {LULU} 8",
        [VALUE | {"median_days": -1}],
    ),
    (
        BREAKDOWN,
        "counts_never_grow",
        f"set converted = 2 {LULU} 8",
        [VALUE | {"link_no": 8, "entered": 1, "converted": 2}],
    ),
    (
        BREAKDOWN,
        "rate_is_converted_by_entered",
        f"set rate = 0.1 {LULU} 4",
        [VALUE | {"link_no": 4, "rate": 0.1}],
    ),
    (
        BREAKDOWN,
        "each_dimension_adds_up_to_the_funnel",
        f"set passed = 0 {LULU} 7",
        [{"dimension": "persona", "link_no": 7, "passed": 0, "passed_in_funnel": 1}],
    ),
    (
        BREAKDOWN,
        "each_dimension_adds_up_to_the_funnel",
        f"set entered = 2 {LULU} 8",
        [{"dimension": "persona", "entered": 2, "entered_in_funnel": 1}],
    ),
    (
        BREAKDOWN,
        "each_dimension_adds_up_to_the_funnel",
        f"delete from marts.funnel_breakdown {LULU} 8",
        [{"dimension": "persona", "converted": None, "converted_in_funnel": 0}],
    ),
    (COHORTS, "active_in_range", "set active = -1", [{"active": -1}]),
    (
        COHORTS,
        "every_month_up_to_the_as_of_date",
        "set cohort_month = date '2024-02-01'",
        [{"cohort_month": date(2024, 2, 1), "months": 1, "last_month": 0}],
    ),
    (
        COHORTS,
        "every_month_up_to_the_as_of_date",
        "set month_no = 1",
        [{"cohort_month": MARCH, "first_month": 1}],
    ),
    (
        COHORTS,
        "every_month_up_to_the_as_of_date",
        (
            "insert into marts.cohort_retention select * replace (1 as month_no, "
            "2 as customers) from marts.cohort_retention; "
            "update marts.cohort_retention set cohort_month = date '2024-02-01'"
        ),
        [{"least_customers": 1, "most_customers": 2, "months": 2}],
    ),
    (
        COHORTS,
        "active_are_of_the_cohort",
        "set active = 2, active_rate = 2",
        [{"cohort_month": MARCH, "active": 2}],
    ),
    (
        COHORTS,
        "active_are_of_the_cohort",
        "set customers = 2, active_rate = 0.5",
        [{"customers": 2, "active": 1}],
    ),
    (
        COHORTS,
        "active_are_of_the_cohort",
        "set net_amount = 0",
        [{"active": 1, "net_amount": 0}],
    ),
    (
        COHORTS,
        "active_are_of_the_cohort",
        "set active_rate = 0.5",
        [{"cohort_month": MARCH}],
    ),
    (
        COHORTS,
        "cells_agree_with_orders",
        "set net_amount = 27.99",
        [{"cohort_month": MARCH, "month_no": 0, "net_in_orders": 28}],
    ),
    (
        COHORTS,
        "cells_agree_with_orders",
        "delete from marts.cohort_retention",
        [{"cohort_month": MARCH, "active": None, "active_in_orders": 1}],
    ),
    (
        REFERRALS,
        "not_after_as_of",
        f"{REFERRED} update marts.referrals set referred_on = date '2024-04-01'",
        [PAIR | {"referred_on": date(2024, 4, 1)}],
    ),
    (
        REFERRALS,
        "referrer_is_another_customer",
        f"{REFERRED} update marts.referrals set referrer_id = 'c1'",
        [{"referrer_id": "c1", "referred_id": "c1"}],
    ),
    (
        REFERRALS,
        "one_first_referrer",
        f"{REFERRED} update marts.referrals set is_first_referrer = false",
        [{"referred_id": "c1", "firsts": 0}],
    ),
    (
        REFERRALS,
        "one_first_referrer",
        (
            f"{REFERRED} insert into marts.referrals select * replace "
            "('c3' as referrer_id, date '2024-01-31' as referred_on, "
            "false as is_first_referrer) from marts.referrals"
        ),
        [{"referred_id": "c1", "firsts": 1}],
    ),
    (
        REFERRALS,
        "pairs_are_those_of_the_events",
        f"{REFERRED} update marts.referrals set referred_on = date '2024-02-02'",
        [PAIR | {"referred_on": date(2024, 2, 2), "first_on": date(2024, 2, 1)}],
    ),
    (
        REFERRALS,
        "pairs_are_those_of_the_events",
        f"{REFERRED} delete from marts.referrals",
        [PAIR | {"referred_on": None}],
    ),
    (
        REFERRALS,
        "purchases_agree_with_orders",
        f"{REFERRED} update marts.referrals set net_amount = 27.99",
        [PAIR | {"net_in_orders": 28}],
    ),
    (
        REFERRALS,
        "purchases_agree_with_orders",
        f"{REFERRED} update marts.referrals set first_order_on = null",
        [PAIR | {"first_order_on": None, "first_on": MARCH}],
    ),
    (
        REFERRALS,
        "purchases_agree_with_orders",
        f"{REFERRED} update marts.referrals set is_converted = false",
        [PAIR | {"is_converted": False}],
    ),
]
