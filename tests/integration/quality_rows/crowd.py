"""The marts of segments and crowds for the tests of their checks, valid and broken.

Of the two customers, c1 has bought twice and is a student; c2 has only looked.
"""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

SEGMENT = "marts.behavior_segment"
TIER = "marts.identity_tier"
CROWD = "marts.crowd_membership"
SCENE = "marts.crowd_scene"
INTERESTS = "marts.customer_interests"
PROFILE = "marts.audience_profile"
WHOLE = "marts.customer_360"
LEDGER = "marts.segment_ledger"
TABLES = (SEGMENT, TIER, CROWD, SCENE, INTERESTS, PROFILE, WHOLE)

BUILT = """
create table marts.behavior_segment as select date '2024-03-31' as as_of_date, *
  from (values ('c1', 'active_no_activity'), ('c2', 'registered_no_purchase'))
  as rows (customer_id, segment);
create table marts.identity_tier as select date '2024-03-31' as as_of_date, *,
  'everybody_else' as cause
  from (values ('c1', 'ordinary', 12), ('c2', 'ordinary', 0))
  as rows (customer_id, tier, contribution_points);
create table marts.crowd_membership as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'students' as crowd, date '2024-03-02' as since_date,
  'students_by_occupation' as cause;
create table marts.crowd_scene as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'students' as crowd, 'dorm' as scene,
  date '2024-03-31' as since_date, 'student_in_dorm' as cause;
create table marts.customer_interests (as_of_date date, customer_id varchar,
  category varchar, interest_rank integer, order_share double, spend_share double,
  view_share double);
-- Who has looked at no product has no share of views.
insert into marts.customer_interests values
  (date '2024-03-31', 'c1', 'drinks', 1, 2 / 3, 0.75, null),
  (date '2024-03-31', 'c1', 'food', 2, 1 / 3, 0.25, null);
create table marts.audience_profile (as_of_date date, audience varchar,
  attribute varchar, value varchar, share double, base_share double, tgi double,
  ci_low double, ci_high double, significant boolean);
-- One customer of two: the exact interval of 1 of 1 is from 0.025, of 0 of 1 to 0.975.
insert into marts.audience_profile
  select date '2024-03-31', 'crowd:students', *, false from (values
    ('acquisition_channel', 'store', 1, 0.5, 200, 5, 200),
    ('acquisition_channel', 'wecom', 0, 0.5, 0, 0, 195),
    ('is_member', 'true', 1, 1, 100, 2.5, 100)) as rows;
create table marts.customer_360 as select aipl_stage.as_of_date,
  aipl_stage.customer_id, rfm_segment, value_tier, stage as aipl_stage, play,
  customer_lifecycle.state as lifecycle_state, segment as behavior_segment,
  tier as identity_tier, crowd as crowds, scene as scenes,
  case aipl_stage.customer_id when 'c1' then 'drinks' end as interest
  from marts.aipl_stage
  inner join marts.customer_lifecycle using (customer_id)
  inner join marts.behavior_segment using (customer_id)
  inner join marts.identity_tier using (customer_id)
  left join marts.rfm_scores using (customer_id)
  left join marts.crowd_membership using (customer_id)
  left join marts.crowd_scene using (customer_id, crowd);
insert into marts.segment_ledger by name select * from (values
    (date '2024-03-31', 'c1', 'behavior_segment', 'none', 'active_no_activity'),
    (date '2024-03-02', 'c2', 'behavior_segment', 'none', 'registered_no_purchase'),
    (date '2024-03-02', 'c1', 'identity_tier', 'none', 'ordinary'),
    (date '2024-03-02', 'c2', 'identity_tier', 'none', 'ordinary'),
    (date '2024-03-02', 'c1', 'crowd:students', 'none', 'students'),
    (date '2024-03-31', 'c1', 'scene:students:dorm', 'none', 'dorm'))
  as rows (changed_on, customer_id, dimension, from_label, to_label),
  (values ('a rule')) as causes (cause);
"""

C1: dict[str, object] = {"customer_id": "c1"}
C2: dict[str, object] = {"customer_id": "c2"}
STUDENT = C1 | {"crowd": "students"}
IN_DORM = STUDENT | {"scene": "dorm"}
DRINKS = C1 | {"category": "drinks"}
VALUE: dict[str, object] = {
    "audience": "crowd:students",
    "attribute": "is_member",
    "value": "true",
}
YESTERDAY: dict[str, object] = {"as_of_date": date(2024, 3, 30)}

BROKEN: list[Broken] = [
    *(
        (table, "as_of_date_is_the_runs", f"set as_of_date = {day} {where}", offenders)
        for day, found in (("date '2024-03-30'", YESTERDAY), ("null", {}))
        for table, where, offenders in (
            (SEGMENT, "where customer_id = 'c2'", [C2 | found]),
            (TIER, "where customer_id = 'c2'", [C2 | found]),
            (CROWD, "", [STUDENT | found]),
            (SCENE, "", [IN_DORM | found]),
            (INTERESTS, "where category = 'drinks'", [DRINKS | found]),
            (PROFILE, "where attribute = 'is_member'", [VALUE | found]),
            (WHOLE, "where customer_id = 'c2'", [C2 | found]),
        )
    ),
    *(
        (
            table,
            "customers_are_those_of_dim_customer",
            "set customer_id = 'c9' where customer_id = 'c2'",
            [
                C2 | {"is_here": False, "is_in_dim_customer": True},
                {"customer_id": "c9", "is_here": True, "is_in_dim_customer": False},
            ],
        )
        for table in (SEGMENT, TIER, WHOLE)
    ),
    (
        TIER,
        "contribution_points_in_range",
        "set contribution_points = -1 where customer_id = 'c1'",
        [C1 | {"contribution_points": -1}],
    ),
    (
        CROWD,
        "not_after_as_of",
        "set since_date = date '2024-04-01'",
        [STUDENT | {"since_date": date(2024, 4, 1)}],
    ),
    (
        SCENE,
        "not_after_as_of",
        "set since_date = date '2024-04-01'",
        [IN_DORM | {"since_date": date(2024, 4, 1)}],
    ),
    (
        SCENE,
        "is_in_the_crowd",
        "set customer_id = 'c2'",
        [IN_DORM | C2],
    ),
    (
        SCENE,
        "is_in_the_crowd",
        # In a crowd, but not in this one.
        "set crowd = 'mothers'",
        [IN_DORM | {"crowd": "mothers"}],
    ),
    *(
        (
            INTERESTS,
            "shares_are_shares",
            f"set {column} = {share} where category = 'drinks'",
            [DRINKS | {column: share}],
        )
        for column in ("order_share", "spend_share", "view_share")
        for share in (-0.01, 1.01)
    ),
    (
        INTERESTS,
        "spend_and_views_sum_to_one",
        "set spend_share = 0.74 where category = 'drinks'",
        [C1 | {"views": None}],
    ),
    (
        INTERESTS,
        "spend_and_views_sum_to_one",
        "set spend_share = 0.76 where category = 'drinks'",
        [C1 | {"views": None}],
    ),
    (
        INTERESTS,
        "spend_and_views_sum_to_one",
        "set view_share = 0.25",
        [C1 | {"views": 0.5}],
    ),
    *(
        (
            PROFILE,
            "interval_holds_the_index",
            f"set {column} = {number} where attribute = 'is_member'",
            [VALUE | {column: value}],
        )
        for column, number, value in (
            ("ci_low", "100.01", 100.01),
            ("ci_low", "-0.01", -0.01),
            ("ci_high", "99.99", 99.99),
            ("tgi", "2.49", 2.49),
            ("tgi", "null", None),
            ("ci_low", "null", None),
            ("ci_high", "null", None),
        )
    ),
    (
        PROFILE,
        "shares_sum_to_one",
        "set share = 0.99 where attribute = 'is_member'",
        [{"audience": "crowd:students", "attribute": "is_member"}],
    ),
    (
        PROFILE,
        "shares_sum_to_one",
        "set share = 0.01 where value = 'wecom'",
        [{"audience": "crowd:students", "attribute": "acquisition_channel"}],
    ),
    (
        LEDGER,
        "dimension_known",
        "set dimension = 'crowd:' where dimension = 'crowd:students'",
        [C1 | {"dimension": "crowd:"}],
    ),
    (
        LEDGER,
        "dimension_known",
        # A scene is of a crowd.
        "set dimension = 'scene:dorm' where dimension = 'scene:students:dorm'",
        [C1 | {"dimension": "scene:dorm"}],
    ),
    *(
        (
            LEDGER,
            "last_entries_are_the_labels",
            f"set to_label = 'other' where customer_id = 'c1' and dimension = '{name}'",
            [C1 | {"dimension": name, "last_entry": "other", "label": label}],
        )
        for name, label in (
            ("behavior_segment", "active_no_activity"),
            ("identity_tier", "ordinary"),
            ("crowd:students", "students"),
            ("scene:students:dorm", "dorm"),
        )
    ),
    *(
        (
            LEDGER,
            "last_entries_are_the_labels",
            f"delete from {table} where customer_id = 'c1'",
            [C1 | {"dimension": name, "last_entry": label, "label": None}],
        )
        for table, name, label in (
            (SEGMENT, "behavior_segment", "active_no_activity"),
            (TIER, "identity_tier", "ordinary"),
            (CROWD, "crowd:students", "students"),
            (SCENE, "scene:students:dorm", "dorm"),
        )
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        # A crowd of another name is another dimension.
        f"update {CROWD} set crowd = 'mothers'",
        [
            C1 | {"dimension": "crowd:mothers", "last_entry": None, "label": "mothers"},
            C1 | {"dimension": "crowd:students", "label": None},
        ],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        # One who left a crowd must have been in it.
        "set from_label = 'students', to_label = 'none' "
        "where dimension = 'crowd:students'",
        [C1 | {"dimension": "crowd:students", "previous_label": "none"}],
    ),
]
