"""The marts of outcomes for the tests of their checks: valid rows, and broken ones.

c1 was sent a coupon and bought, c2 is the control. Nobody's first order is 90 days ago,
until a broken row moves it there.
"""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

ASSIGNMENT = "marts.experiment_assignment"
RESULT = "marts.experiment_result"
TOUCH = "marts.touch_outcome"
DRIVERS = "marts.repurchase_drivers"
EFFECTS = "marts.repurchase_decomposition"
TABLES = (ASSIGNMENT, RESULT, TOUCH, DRIVERS, EFFECTS)

BUILT = """
create table marts.experiment_assignment as select date '2024-03-31' as as_of_date,
  'x' as experiment, *, date '2024-03-01' as assigned_on, 'assignment' as assigned_by,
  1 as arms from (values ('c1', 'coupon'), ('c2', 'control'))
  as rows (customer_id, arm);
create table marts.experiment_result as select date '2024-03-31' as as_of_date,
  'x' as experiment, arm, metric, 0.5 as planned_share, 1 as customers, 1 as contacted,
  value, lift, lift - 1 as ci_low, lift + 1 as ci_high, 0.3 * lift as p_value,
  1.0 as srm_p_value, lift as adjusted_lift, lift - 1 as adjusted_ci_low,
  lift + 1 as adjusted_ci_high
  from (values ('coupon', 1.0, 1.0), ('control', 0.0, null)) as arms (arm, value, lift)
  cross join (values ('visit_rate'), ('conversion_rate'), ('net_amount_per_customer'))
  as metrics (metric);
create table marts.touch_outcome as select * replace (
    cast(net_amount as decimal(18, 2)) as net_amount) from (values
    ('hello-c1', timestamp '2024-02-28 02:00', date '2024-02-28', true, false),
    (null, timestamp '2024-02-29 02:00', date '2024-02-29', false, true))
  as rows (touch_id, sent_at, sent_on, responded, is_last_touch),
  (values ('c1', 'sms', true, 'o1', 1, 8)) as orders
  (customer_id, channel, converted, order_id, days_to_order, net_amount);
create table marts.repurchase_drivers (as_of_date date, driver varchar, value varchar,
  customers bigint, repurchased bigint, rate double, difference double, ci_low double,
  ci_high double);
create table marts.repurchase_decomposition (as_of_date date, driver varchar,
  value varchar, previous_customers bigint, previous_repurchased bigint,
  current_customers bigint, current_repurchased bigint, mix_effect double,
  rate_effect double, total_difference double);
"""

# c1 first bought long ago: everything that says so.
LONG_AGO = """
update marts.dim_customer set first_order_date = date '2023-12-01'
  where customer_id = 'c1';
insert into marts.repurchase_drivers values
  (date '2024-03-31', 'activity_before', 'no', 1, 0, 0, null, null, null);
"""
TWO_COHORTS = """
insert into marts.repurchase_decomposition values
  (date '2024-03-31', 'activity_before', 'no', 4, 1, 4, 2, 0, 0.25, 0.25);
"""

C1: dict[str, object] = {"experiment": "x", "customer_id": "c1"}
VISITS: dict[str, object] = {"experiment": "x", "metric": "visit_rate"}
COUPON = VISITS | {"arm": "coupon"}
OF_COUPON = "where arm = 'coupon' and metric = 'visit_rate'"
OF_LAST = "where is_last_touch"
LAST: dict[str, object] = {"customer_id": "c1", "channel": "sms"}
NO: dict[str, object] = {"driver": "activity_before", "value": "no"}
YESTERDAY: dict[str, object] = {"as_of_date": date(2024, 3, 30)}

BROKEN: list[Broken] = [
    *(
        (
            table,
            "as_of_date_is_the_runs",
            f"{given} update {table} set as_of_date = date '2024-03-30' {where}",
            [named | YESTERDAY],
        )
        for table, given, where, named in (
            (RESULT, "", OF_COUPON, COUPON),
            (DRIVERS, LONG_AGO, "", NO),
            (EFFECTS, TWO_COHORTS, "", NO),
        )
    ),
    (
        ASSIGNMENT,
        "not_after_as_of",
        "set assigned_on = date '2024-04-01' where customer_id = 'c1'",
        [C1 | {"assigned_on": date(2024, 4, 1)}],
    ),
    (
        ASSIGNMENT,
        "assigned_by_known",
        "set assigned_by = 'chance' where customer_id = 'c1'",
        [C1 | {"assigned_by": "chance"}],
    ),
    (
        ASSIGNMENT,
        "customers_have_one_arm",
        "set arms = 2 where customer_id = 'c1'",
        [C1 | {"arm": "coupon", "arms": 2}],
    ),
    (
        RESULT,
        "metric_known",
        f"set metric = 'clicks' {OF_COUPON}",
        [COUPON | {"metric": "clicks"}],
    ),
    *(
        (RESULT, "rates_are_shares", f"set {wrong} {OF_COUPON}", [COUPON])
        for wrong in (
            "value = 1.5",
            "value = -0.1",
            "p_value = 1.01",
            "srm_p_value = -1",
            "contacted = 2",
        )
    ),
    *(
        (RESULT, "intervals_hold_the_lift", f"set {wrong} {OF_COUPON}", [COUPON])
        for wrong in ("ci_low = 1.5", "adjusted_ci_high = 0.5")
    ),
    *(
        (RESULT, "lifts_are_over_control", f"set lift = {lift} {OF_COUPON}", [COUPON])
        for lift in ("0.9", "null")
    ),
    (
        RESULT,
        "lifts_are_over_control",
        "set lift = 0 where arm = 'control' and metric = 'visit_rate'",
        [VISITS | {"arm": "control"}],
    ),
    (
        RESULT,
        "lifts_are_over_control",
        "delete from marts.experiment_result "
        "where arm = 'control' and metric = 'visit_rate'",
        [COUPON | {"control_value": None}],
    ),
    (
        RESULT,
        "customers_agree_with_assignments",
        f"set customers = 2 {OF_COUPON}",
        [COUPON | {"customers": 2, "found": 1}],
    ),
    (
        RESULT,
        "customers_agree_with_assignments",
        f"delete from marts.experiment_result {OF_COUPON}",
        [COUPON | {"customers": None, "found": 1}],
    ),
    (
        RESULT,
        "arms_have_their_planned_share",
        f"set srm_p_value = 0.0009 {OF_COUPON}",
        [COUPON],
    ),
    (
        TOUCH,
        "not_after_as_of",
        f"set sent_on = date '2024-04-01' {OF_LAST}",
        [LAST | {"sent_on": date(2024, 4, 1)}],
    ),
    *(
        (TOUCH, "converted_has_an_order", f"set {wrong} {OF_LAST}", [LAST])
        for wrong in (
            "converted = false",
            "order_id = null",
            "days_to_order = null",
            "days_to_order = -1",
            "net_amount = 0",
            "converted = false, order_id = null, days_to_order = null, net_amount = 0",
        )
    ),
    *(
        (
            TOUCH,
            "orders_are_the_customers_own",
            f"set {wrong} {OF_LAST}",
            [LAST | {"order_id": order}],
        )
        for wrong, order in (
            ("order_id = 'o9'", "o9"),
            ("order_id = 'o3', net_amount = 30", "o3"),
            ("net_amount = 9", "o1"),
            ("sent_at = timestamp '2024-03-01 02:01'", "o1"),
        )
    ),
    (
        TOUCH,
        "orders_are_the_customers_own",
        f"set customer_id = 'c2' {OF_LAST}",
        [{"customer_id": "c2"}],
    ),
    (
        TOUCH,
        "an_order_has_one_last_touch",
        "set is_last_touch = true",
        [{"order_id": "o1", "touches": 2}],
    ),
    *(
        (
            DRIVERS,
            "rate_is_the_quotient",
            f"{LONG_AGO} update marts.repurchase_drivers set {wrong}",
            [NO],
        )
        for wrong in (
            "rate = 0.5",
            "customers = 0",
            "repurchased = 2, rate = 2",
            "difference = 0.2, ci_low = 0.3, ci_high = 0.4",
        )
    ),
    (
        DRIVERS,
        "each_driver_has_every_customer",
        f"{LONG_AGO} update marts.repurchase_drivers set customers = 2",
        [{"driver": "activity_before", "customers": 2, "found": 1}],
    ),
    (
        EFFECTS,
        "effects_add_up",
        f"{TWO_COHORTS} update marts.repurchase_decomposition set mix_effect = 0.01",
        [{"driver": "activity_before", "effects": 0.26, "found": 0.25}],
    ),
    *(
        (
            EFFECTS,
            "effects_add_up",
            f"{TWO_COHORTS} update marts.repurchase_decomposition "
            f"set total_difference = {total}",
            [{"driver": "activity_before", "effects": 0.25, "found": 0.25}],
        )
        for total in (0.24, 0.26)
    ),
]
