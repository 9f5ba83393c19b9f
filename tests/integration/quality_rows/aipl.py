"""AIPL, lifecycle and the ledger for the tests of their checks, valid and broken."""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

STAGES = "marts.aipl_stage"
STAYS = "marts.aipl_stage_history"
FLOW = "marts.aipl_flow"
LAPSING = "marts.aipl_lapsing"
LEDGER = "marts.segment_ledger"
LIFECYCLE = "marts.customer_lifecycle"

BUILT = """
-- early_warning_days is a year.
create table marts.aipl_stage as select date '2024-03-31' as as_of_date, * from (values
    ('c1', 'L', date '2024-03-31', 'reward_devotion', 'brand_devotee', 0,
     date '2025-03-01', 'P', 'loyal_two_orders: order o2'),
    ('c2', 'none', date '2024-03-17', 'reactivate', 'dormant_fan', 29,
     null, null, 'aware_page_view lapsed: page_view e1 is 15 days ago'))
  as rows (customer_id, stage, since_date, play, persona, idle_days, lapses_on,
    lapses_to, cause);
create table marts.aipl_stage_history as select * from (values
    ('c1', 'P', date '2024-03-01', date '2024-03-31', 'purchase_order: order o1'),
    ('c1', 'L', date '2024-03-31', null, 'loyal_two_orders: order o2'),
    ('c2', 'A', date '2024-03-02', date '2024-03-17', 'aware_page_view: page_view e1'))
  as rows (customer_id, stage, valid_from, valid_to, cause);
create table marts.aipl_flow as select date '2024-03-31' - days as from_date,
  date '2024-03-31' as to_date, departed.stage as from_stage, arrived.stage as to_stage,
  cast((departed.stage, arrived.stage) in (('P', 'L'), ('none', 'none')) as bigint)
    as customers
  from (values (1), (7), (30)) as days_back (days)
  cross join (values ('A'), ('I'), ('P'), ('L'), ('none')) as departed (stage)
  cross join (values ('A'), ('I'), ('P'), ('L'), ('none')) as arrived (stage);
create table marts.aipl_lapsing as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'L' as stage, date '2025-03-01' as lapses_on, 'P' as lapses_to,
  335 as days_left, 'medium' as value_tier, 'reward_devotion' as play;
create table marts.customer_lifecycle as select date '2024-03-31' as as_of_date, *
  from (values
    ('c1', 'active', date '2024-03-01', 0, 30, 30, 30.0, 'at_risk', date '2024-05-31',
     'order o1'),
    ('c2', 'prospect', date '2024-01-02', null, null, null, 30.0, null, null,
     'no order yet'))
  as rows (customer_id, state, since_date, days_since_last_order,
    days_since_first_order, previous_gap_days, expected_interval_days, next_state,
    next_state_on, cause);
create table marts.segment_ledger as select * from (values
    (date '2024-03-01', 'c1', 'aipl_stage', 'none', 'P', 'purchase_order: order o1'),
    (date '2024-03-31', 'c1', 'aipl_stage', 'P', 'L', 'loyal_two_orders: order o2'),
    (date '2024-03-02', 'c2', 'aipl_stage', 'none', 'A', 'aware_page_view: e1'),
    (date '2024-03-17', 'c2', 'aipl_stage', 'A', 'none', 'aware_page_view lapsed: e1'),
    (date '2024-03-01', 'c1', 'rfm_segment', 'none', 'new', 'R5F1M1: order o1'),
    (date '2024-03-02', 'c1', 'lifecycle_state', 'none', 'active', 'ledger begins'),
    (date '2024-03-02', 'c2', 'lifecycle_state', 'none', 'prospect', 'ledger begins'))
  as rows (changed_on, customer_id, dimension, from_label, to_label, cause);
"""

# A cell of the flow, and what names the ledger's one entry of RFM.
CELL = "from_date = date '2024-03-30' and from_stage = 'A' and to_stage = 'I'"
NEW: dict[str, object] = {
    "dimension": "rfm_segment",
    "customer_id": "c1",
    "changed_on": date(2024, 3, 1),
}

BROKEN: list[Broken] = [
    (
        STAGES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c2'",
        [{"customer_id": "c2", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        STAGES,
        "stage_known",
        "set stage = 'loyal' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "loyal"}],
    ),
    (
        STAGES,
        "not_after_as_of",
        "set since_date = date '2024-04-01' where customer_id = 'c2'",
        [{"customer_id": "c2", "since_date": date(2024, 4, 1)}],
    ),
    (
        STAGES,
        "idle_days_in_range",
        "set idle_days = -1 where customer_id = 'c1'",
        [{"customer_id": "c1", "idle_days": -1}],
    ),
    (
        STAGES,
        "lapses_to_known",
        "set lapses_to = 'p' where customer_id = 'c1'",
        [{"customer_id": "c1", "lapses_to": "p"}],
    ),
    (
        STAGES,
        "lapses_after_the_as_of_date",
        "set lapses_on = date '2024-03-31' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "L", "lapses_on": date(2024, 3, 31)}],
    ),
    (
        STAGES,
        "lapses_exactly_if_in_a_stage",
        (
            "set lapses_on = null where customer_id = 'c1'; update marts.aipl_stage "
            "set lapses_to = 'none' where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "stage": "L", "lapses_on": None, "lapses_to": "P"},
            {"customer_id": "c2", "stage": "none", "lapses_to": "none"},
        ],
    ),
    (
        STAGES,
        "lapses_exactly_if_in_a_stage",
        (
            "set lapses_to = null where customer_id = 'c1'; update marts.aipl_stage "
            "set lapses_on = date '2024-04-01' where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "stage": "L", "lapses_to": None},
            {"customer_id": "c2", "stage": "none", "lapses_on": date(2024, 4, 1)},
        ],
    ),
    (
        STAGES,
        "lapses_to_another_stage",
        "set lapses_to = 'L' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "L", "lapses_to": "L"}],
    ),
    (
        STAGES,
        "customers_are_those_of_dim_customer",
        "set customer_id = 'c9' where customer_id = 'c2'",
        [
            {"customer_id": "c2", "is_here": False, "is_in_dim_customer": True},
            {"customer_id": "c9", "is_here": True, "is_in_dim_customer": False},
        ],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set stage = 'P' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "P", "stay": "L"}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set stage = 'A' where customer_id = 'c2'",
        [{"customer_id": "c2", "stage": "A", "stay": None}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "delete from marts.aipl_stage where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": None, "stay": "L"}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set since_date = date '2024-03-30' where customer_id = 'c1'",
        [
            {
                "customer_id": "c1",
                "since_date": date(2024, 3, 30),
                "valid_from": date(2024, 3, 31),
            }
        ],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set cause = 'by chance' where customer_id = 'c1'",
        [
            {
                "customer_id": "c1",
                "cause": "by chance",
                "stay_cause": "loyal_two_orders: order o2",
            }
        ],
    ),
    (
        STAYS,
        "stage_known",
        "set stage = 'none' where customer_id = 'c2'",
        [{"customer_id": "c2", "valid_from": date(2024, 3, 2), "stage": "none"}],
    ),
    (
        STAYS,
        "not_after_as_of",
        (
            "set valid_from = date '2024-04-01' where stage = 'L'; "
            "update marts.aipl_stage_history set valid_to = date '2024-04-01' "
            "where stage = 'A'"
        ),
        [
            {"customer_id": "c1", "valid_from": date(2024, 4, 1)},
            {"customer_id": "c2", "valid_to": date(2024, 4, 1)},
        ],
    ),
    (
        STAYS,
        "somebody_has_been_in_a_stage",
        "delete from marts.aipl_stage_history; delete from marts.fct_orders",
        [{"stays": 0}],
    ),
    (
        STAYS,
        "somebody_has_been_in_a_stage",
        "delete from marts.aipl_stage_history; "
        "delete from intermediate.int_interactions",
        [{"stays": 0}],
    ),
    (
        FLOW,
        "customers_in_range",
        f"set customers = -1 where {CELL}",
        [{"from_date": date(2024, 3, 30), "from_stage": "A", "customers": -1}],
    ),
    (
        FLOW,
        "every_cell_once",
        f"delete from marts.aipl_flow where {CELL}",
        [
            {
                "from_date": date(2024, 3, 30),
                "to_date": date(2024, 3, 31),
                "from_stage": "A",
                "to_stage": "I",
                "rows": 0,
                "expected": 1,
            }
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"insert into marts.aipl_flow from marts.aipl_flow where {CELL}",
        [{"from_stage": "A", "to_stage": "I", "rows": 2, "expected": 1}],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set to_date = date '2024-03-30' where {CELL}",
        [
            {"to_date": date(2024, 3, 30), "rows": 1, "expected": 0},
            {"to_date": date(2024, 3, 31), "rows": 0, "expected": 1},
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set from_stage = null where {CELL}",
        [
            {"from_stage": "A", "to_stage": "I", "rows": 0, "expected": 1},
            {"from_stage": None, "to_stage": "I", "rows": 1, "expected": 0},
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set to_stage = 'X' where {CELL}",
        [
            {"from_stage": "A", "to_stage": "I", "rows": 0, "expected": 1},
            {"from_stage": "A", "to_stage": "X", "rows": 1, "expected": 0},
        ],
    ),
    (
        FLOW,
        "everybody_counts_once",
        "set customers = 2 where from_date = date '2024-03-30' "
        "and from_stage = 'none' and to_stage = 'none'",
        [{"from_date": date(2024, 3, 30), "customers": 3, "known": 2}],
    ),
    (
        FLOW,
        "departures_agree_with_history",
        "set customers = cast(from_stage = 'A' as int) "
        "where from_date = date '2024-03-01' and to_stage = 'L'",
        [
            {"from_stage": "A", "customers": 1, "in_history": 0},
            {"from_stage": "P", "customers": 0, "in_history": 1},
        ],
    ),
    (
        FLOW,
        "arrivals_agree_with_stages",
        "set customers = cast(to_stage = 'none' as int) "
        "where from_date = date '2024-03-24' and from_stage = 'P'",
        [
            {
                "from_date": date(2024, 3, 24),
                "to_stage": "L",
                "customers": 0,
                "in_stage": 1,
            }
        ],
    ),
    (
        LAPSING,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-04-01'",
        [{"customer_id": "c1", "as_of_date": date(2024, 4, 1)}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set customer_id = 'c9', stage = null, lapses_on = null, lapses_to = null, "
        "play = null",
        [{"customer_id": "c9", "stage": None, "stage_of_customer": None}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set stage = 'P'",
        [{"customer_id": "c1", "stage": "P", "stage_of_customer": "L"}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set lapses_on = date '2024-04-01'",
        [{"customer_id": "c1", "lapse_of_customer": date(2025, 3, 1)}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set lapses_to = 'none'",
        [{"customer_id": "c1", "lapses_to": "none", "lapse_to_of_customer": "P"}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set play = null",
        [{"customer_id": "c1", "play": None, "play_of_customer": "reward_devotion"}],
    ),
    (
        LAPSING,
        "all_who_lapse_by_the_last_day_are_listed",
        (
            "update marts.aipl_stage set lapses_on = date '2025-03-01' "
            "where customer_id = 'c2'"
        ),
        [{"customer_id": "c2", "lapses_on": date(2025, 3, 1)}],
    ),
    (
        LAPSING,
        "days_left_until_the_lapse",
        "set days_left = 336",
        [{"customer_id": "c1", "lapses_on": date(2025, 3, 1), "days_left": 336}],
    ),
    (
        LAPSING,
        "value_tier_agrees_with_scores",
        "set value_tier = 'high'",
        [{"customer_id": "c1", "value_tier": "high", "tier_of_scores": "medium"}],
    ),
    (
        LAPSING,
        "value_tier_agrees_with_scores",
        "delete from marts.rfm_scores",
        [{"customer_id": "c1", "value_tier": "medium", "tier_of_scores": None}],
    ),
    (
        LEDGER,
        "dimension_known",
        "set dimension = 'mood' where dimension = 'rfm_segment'",
        [NEW | {"dimension": "mood"}],
    ),
    (
        LEDGER,
        "not_after_as_of",
        "set changed_on = date '2024-04-01' where to_label = 'L'",
        [{"dimension": "aipl_stage", "changed_on": date(2024, 4, 1)}],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "set from_label = 'I' where to_label = 'L'",
        [
            {
                "dimension": "aipl_stage",
                "customer_id": "c1",
                "changed_on": date(2024, 3, 31),
                "previous_label": "P",
                "from_label": "I",
            }
        ],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "delete from marts.segment_ledger where to_label = 'P'",
        [{"customer_id": "c1", "previous_label": "none", "from_label": "P"}],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "set to_label = 'P' where to_label = 'L'",
        [{"customer_id": "c1", "from_label": "P", "to_label": "P"}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "set to_label = 'I' where to_label = 'L'",
        [
            {
                "dimension": "aipl_stage",
                "customer_id": "c1",
                "last_entry": "I",
                "label": "L",
            }
        ],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.segment_ledger where to_label = 'none'",
        [{"customer_id": "c2", "last_entry": "A", "label": "none"}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.segment_ledger where dimension = 'rfm_segment'",
        [{"dimension": "rfm_segment", "last_entry": None, "label": "new"}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.rfm_scores",
        [{"dimension": "rfm_segment", "last_entry": "new", "label": None}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "update marts.customer_lifecycle set state = 'new' where customer_id = 'c1'",
        [{"dimension": "lifecycle_state", "last_entry": "active", "label": "new"}],
    ),
    (
        LIFECYCLE,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c1'",
        [{"customer_id": "c1", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        LIFECYCLE,
        "not_after_as_of",
        "set since_date = date '2024-04-01' where customer_id = 'c2'",
        [{"customer_id": "c2", "since_date": date(2024, 4, 1)}],
    ),
    *(
        (
            LIFECYCLE,
            f"{column}_in_range",
            f"set {column} = 0 where customer_id = 'c1'",
            [{"customer_id": "c1", column: 0}],
        )
        for column in ("previous_gap_days", "expected_interval_days")
    ),
    (
        LIFECYCLE,
        "changes_after_the_as_of_date",
        "set next_state_on = date '2024-03-31' where customer_id = 'c1'",
        [{"customer_id": "c1", "next_state_on": date(2024, 3, 31)}],
    ),
    (
        LIFECYCLE,
        "next_state_has_its_day",
        (
            "set next_state = null where customer_id = 'c1'; "
            "update marts.customer_lifecycle set next_state = 'new' "
            "where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "next_state": None},
            {"customer_id": "c2", "next_state_on": None},
        ],
    ),
    (
        LIFECYCLE,
        "changes_to_another_state",
        "set next_state = 'active' where customer_id = 'c1'",
        [{"customer_id": "c1", "state": "active", "next_state": "active"}],
    ),
    (
        LIFECYCLE,
        "gap_between_first_and_last_order",
        (
            "set previous_gap_days = 31 where customer_id = 'c1'; "
            "update marts.customer_lifecycle set previous_gap_days = 1 "
            "where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "previous_gap_days": 31},
            {"customer_id": "c2", "previous_gap_days": 1},
        ],
    ),
    (
        LIFECYCLE,
        "gap_between_first_and_last_order",
        "set previous_gap_days = null where customer_id = 'c1'",
        [{"customer_id": "c1", "previous_gap_days": None}],
    ),
    (
        LIFECYCLE,
        "customers_are_those_of_dim_customer",
        "set customer_id = 'c9' where customer_id = 'c2'",
        [
            {"customer_id": "c2", "is_here": False, "is_in_dim_customer": True},
            {"customer_id": "c9", "is_here": True, "is_in_dim_customer": False},
        ],
    ),
    (
        LIFECYCLE,
        "days_agree_with_orders",
        "set days_since_last_order = 1 where customer_id = 'c1'",
        [{"customer_id": "c1", "last_order_date": date(2024, 3, 31)}],
    ),
    (
        LIFECYCLE,
        "days_agree_with_orders",
        "set days_since_first_order = 0 where customer_id = 'c2'",
        [{"customer_id": "c2", "first_order_date": None}],
    ),
]
