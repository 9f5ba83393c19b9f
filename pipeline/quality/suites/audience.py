"""The marts of audiences: their members, changes and totals."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

CHANGES = ("add", "update", "remove")

AUDIENCE_MEMBERS = Suite(
    "marts",
    "audience_members",
    key="checked.audience, checked.customer_id",
    identifiers=("audience", "customer_id"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.not_after_as_of("since_date"),
        kinds.no_rows(
            "held_out_by_a_holdout",
            "A holdout is given exactly for members who are held out.",
            where="is_held_out is distinct from (holdout is not null)",
            show="is_held_out, holdout",
        ),
    ),
)

AUDIENCE_CHANGES = Suite(
    "marts",
    "audience_changes",
    key="checked.audience, checked.customer_id",
    identifiers=("audience", "customer_id"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("change", CHANGES),
        kinds.no_rows(
            "changes_agree_with_members",
            "Customers who were added or updated are members; removed ones are not.",
            where="(change = 'remove') = exists (select 1 "
            "from marts.audience_members as members "
            "where members.audience = checked.audience "
            "and members.customer_id = checked.customer_id)",
            show="change",
        ),
    ),
)

DIM_AUDIENCE = Suite(
    "marts",
    "dim_audience",
    key="checked.audience",
    identifiers=("audience",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_result(
            "members_are_counted",
            "Enabled audiences, and no others, have the members of audience_members.",
            "select audience, checked.members, checked.held_out, "
            "counted.members as found, counted.held_out as found_held_out "
            "from checked full join (select audience, count(*) as members, "
            "count(*) filter (where is_held_out) as held_out "
            "from marts.audience_members group by audience) as counted "
            "using (audience) "
            "where coalesce(checked.members, -1) <> coalesce(counted.members, 0) "
            "or coalesce(checked.held_out, -1) <> coalesce(counted.held_out, 0) "
            "or (counted.members > 0 and is_enabled is not true)",
        ),
    ),
)
