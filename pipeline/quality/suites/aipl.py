"""The AIPL marts and the ledger of label changes.

History and ledger are by far the longest of these tables, and views in the build. So a
single window compares neighbouring rows, and no check sorts twice.
"""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

STAGES = ("A", "I", "P", "L")
STAGES_OR_NONE = (*STAGES, "none")
COMPARISON_DAYS = (1, 7, 30)

_FROM_DATES = (
    "(select ${as_of} - days as from_date from (values "
    + ", ".join(f"({days})" for days in COMPARISON_DAYS)
    + ") as days_back (days))"
)
_LISTED_STAGES = (
    "(values " + ", ".join(f"('{stage}')" for stage in STAGES_OR_NONE) + ")"
)
_CELL = "from_date, to_date, from_stage, to_stage"
AIPL_STAGE = Suite(
    "marts",
    "aipl_stage",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("stage", STAGES_OR_NONE),
        # A customer who is known only by an identity has no date.
        kinds.not_after_as_of("since_date"),
        kinds.between("idle_days", 0),
        kinds.in_set("lapses_to", STAGES_OR_NONE),
        kinds.no_rows(
            "lapses_after_the_as_of_date",
            "Every stage lasts at least until the day after the as-of date.",
            where="lapses_on <= ${as_of}",
            show="stage, lapses_on",
        ),
        kinds.no_rows(
            "lapses_exactly_if_in_a_stage",
            "A customer in a stage has the day of its lapse and the next stage; a "
            "customer in no stage has neither.",
            where="(stage = 'none') <> (lapses_on is null) "
            "or (stage = 'none') <> (lapses_to is null)",
            show="stage, lapses_on, lapses_to",
        ),
        kinds.no_rows(
            "lapses_to_another_stage",
            "A stage lapses to a different one, or to none.",
            where="lapses_to = stage",
            show="stage, lapses_to",
        ),
        kinds.customers_are_all(),
        kinds.no_result(
            "stage_is_the_open_stay",
            "Stage, since_date and cause are those of the customer's open stay in "
            "aipl_stage_history; without one the stage is none.",
            "select customer_id, checked.stage, stays.stage as stay, "
            "checked.since_date, stays.valid_from, checked.cause, "
            "stays.cause as stay_cause from checked full join "
            "(select customer_id, stage, valid_from, cause "
            "from marts.aipl_stage_history where valid_to is null) as stays "
            "using (customer_id) "
            "where coalesce(checked.stage, 'none') <> coalesce(stays.stage, 'none') "
            "or (stays.stage is not null "
            "and (checked.since_date is distinct from stays.valid_from "
            "or checked.cause is distinct from stays.cause))",
        ),
    ),
)

AIPL_STAGE_HISTORY = Suite(
    "marts",
    "aipl_stage_history",
    key="checked.customer_id, checked.valid_from",
    identifiers=("customer_id", "valid_from"),
    checks=(
        kinds.in_set("stage", STAGES),
        kinds.not_after_as_of("valid_from", "valid_to"),
        # Two stays of a customer cannot begin on one day, or they would overlap.
        kinds.no_result(
            "somebody_has_been_in_a_stage",
            "If there are valid orders or interactions, there are stays.",
            "select 0 as stays where not exists (select 1 from checked) "
            "and (exists (select 1 from marts.fct_orders where is_valid) or exists "
            "(select 1 from marts.fct_interactions where customer_id is not null))",
            # A shop's own rules may name no behaviour of its customers.
            severity="warn",
        ),
    ),
)

AIPL_FLOW = Suite(
    "marts",
    "aipl_flow",
    key=", ".join(f"checked.{column}" for column in _CELL.split(", ")),
    identifiers=tuple(_CELL.split(", ")),
    checks=(
        kinds.between("customers", 0),
        # This also covers unique keys, the right days and known stages.
        kinds.no_result(
            "every_cell_once",
            "Each comparison (1, 7 and 30 days before the as-of date) has a row for "
            "each stage or none then and each stage or none now, and no other.",
            f"select {_CELL}, sum(found) as rows, sum(wanted) as expected from ("
            f"select {_CELL}, 1 as found, 0 as wanted from checked union all "
            "select from_date, ${as_of}, departed.stage, arrived.stage, 0, 1 "
            f"from {_FROM_DATES} as days "
            f"cross join {_LISTED_STAGES} as departed (stage) "
            f"cross join {_LISTED_STAGES} as arrived (stage)) as cells "
            f"group by {_CELL} having sum(found) <> sum(wanted)",
        ),
        # These three checks also cover none, the remaining customers.
        kinds.no_result(
            "everybody_counts_once",
            "The customers of each comparison are as many as in dim_customer.",
            "select from_date, sum(customers) as customers, "
            "(select count(*) from marts.dim_customer) as known "
            "from checked group by from_date "
            "having sum(customers) <> (select count(*) from marts.dim_customer)",
        ),
        kinds.no_result(
            "departures_agree_with_history",
            "Summed over to_stage, customers are as many as aipl_stage_history has "
            "in from_stage on from_date.",
            "select from_date, flow.stage as from_stage, flow.customers, "
            "coalesce(sizes.customers, 0) as in_history from "
            "(select from_date, from_stage as stage, sum(customers) as customers "
            "from checked where from_stage <> 'none' group by from_date, from_stage) "
            "as flow left join (select from_date, stage, count(*) as customers "
            f"from marts.aipl_stage_history cross join {_FROM_DATES} as days "
            "where valid_from <= from_date "
            "and (valid_to is null or valid_to > from_date) "
            "group by from_date, stage) as sizes using (from_date, stage) "
            "where flow.customers <> coalesce(sizes.customers, 0)",
        ),
        kinds.no_result(
            "arrivals_agree_with_stages",
            "Summed over from_stage, customers are as many as aipl_stage has in "
            "to_stage.",
            "select from_date, flow.stage as to_stage, flow.customers, "
            "coalesce(sizes.customers, 0) as in_stage from "
            "(select from_date, to_stage as stage, sum(customers) as customers "
            "from checked where to_stage <> 'none' group by from_date, to_stage) "
            "as flow left join (select stage, count(*) as customers "
            "from marts.aipl_stage group by stage) as sizes using (stage) "
            "where flow.customers <> coalesce(sizes.customers, 0)",
        ),
    ),
)

AIPL_LAPSING = Suite(
    "marts",
    "aipl_lapsing",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_result(
            "rows_agree_with_stages",
            "Stage, lapse and play agree with aipl_stage.",
            "select customer_id, checked.stage, stages.stage as stage_of_customer, "
            "checked.lapses_on, stages.lapses_on as lapse_of_customer, "
            "checked.lapses_to, stages.lapses_to as lapse_to_of_customer, "
            "checked.play, stages.play as play_of_customer "
            "from checked left join marts.aipl_stage as stages using (customer_id) "
            "where stages.customer_id is null "
            "or checked.stage is distinct from stages.stage "
            "or checked.lapses_on is distinct from stages.lapses_on "
            "or checked.lapses_to is distinct from stages.lapses_to "
            "or checked.play is distinct from stages.play",
        ),
        kinds.no_result(
            "all_who_lapse_by_the_last_day_are_listed",
            "Every customer who lapses up to the last day listed is listed.",
            "select stages.customer_id, stages.lapses_on from marts.aipl_stage as "
            "stages where stages.lapses_on <= (select max(lapses_on) from checked) "
            "and not exists (select 1 from checked "
            "where checked.customer_id = stages.customer_id)",
        ),
        kinds.no_rows(
            "days_left_until_the_lapse",
            "days_left is the number of days from the as-of date to lapses_on.",
            where="days_left is distinct from lapses_on - ${as_of}",
            show="lapses_on, days_left",
        ),
        kinds.no_result(
            "value_tier_agrees_with_scores",
            "value_tier is that of rfm_scores, none for a customer without scores.",
            "select customer_id, checked.value_tier, "
            "scores.value_tier as tier_of_scores "
            "from checked left join marts.rfm_scores as scores using (customer_id) "
            "where checked.value_tier is distinct from "
            "coalesce(scores.value_tier, 'none')",
        ),
    ),
)

DIM_PLAY = Suite(
    "marts",
    "dim_play",
    key="checked.priority",
    identifiers=("priority",),
    checks=(
        # An operator may leave a label empty; reports then show the name.
        kinds.no_rows(
            "labels_are_there",
            "Every play has both labels.",
            where="label_en is null or label_zh is null",
            show="play, label_en, label_zh",
            severity="warn",
        ),
        kinds.no_result(
            "plays_of_customers_are_listed",
            "Every play that aipl_stage gives to a customer is in the plays.",
            "select play, count(*) as customers from marts.aipl_stage as stages "
            "where play is not null and not exists "
            "(select 1 from checked where checked.play = stages.play) group by play",
        ),
    ),
)
