"""The marts of segments, tiers, crowds and interests."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

BEHAVIOR_SEGMENT = Suite(
    "marts",
    "behavior_segment",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.customers_are_all(),
    ),
)

IDENTITY_TIER = Suite(
    "marts",
    "identity_tier",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.customers_are_all(),
        kinds.between("contribution_points", 0),
    ),
)

CROWD_MEMBERSHIP = Suite(
    "marts",
    "crowd_membership",
    key="checked.crowd, checked.customer_id",
    identifiers=("crowd", "customer_id"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.not_after_as_of("since_date"),
    ),
)

CROWD_SCENE = Suite(
    "marts",
    "crowd_scene",
    key="checked.crowd, checked.scene, checked.customer_id",
    identifiers=("crowd", "scene", "customer_id"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.not_after_as_of("since_date"),
        kinds.no_rows(
            "is_in_the_crowd",
            "Every customer in a scene is in its crowd.",
            where="not exists (select 1 from marts.crowd_membership as members "
            "where members.customer_id = checked.customer_id "
            "and members.crowd = checked.crowd)",
        ),
    ),
)

CUSTOMER_INTERESTS = Suite(
    "marts",
    "customer_interests",
    key="checked.customer_id, checked.category",
    identifiers=("customer_id", "category"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_rows(
            "shares_are_shares",
            "Shares are from 0 to 1, or null where there is nothing to share.",
            where="order_share not between 0 and 1 or spend_share not between 0 and 1 "
            "or view_share not between 0 and 1",
            show="order_share, spend_share, view_share",
        ),
        kinds.no_result(
            "spend_and_views_sum_to_one",
            "The shares of spend and of views of a customer sum to 1.",
            "select customer_id, sum(spend_share) as spend, sum(view_share) as views "
            "from checked group by customer_id "
            "having abs(sum(spend_share) - 1) > 1e-6 "
            "or abs(sum(view_share) - 1) > 1e-6",
        ),
    ),
)

AUDIENCE_PROFILE = Suite(
    "marts",
    "audience_profile",
    key="checked.audience, checked.attribute, checked.value",
    identifiers=("audience", "attribute", "value"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_rows(
            "interval_holds_the_index",
            "The TGI lies in its interval, and all three are zero or more.",
            where="not coalesce(0 <= ci_low and ci_low <= tgi and tgi <= ci_high, "
            "false)",
            show="tgi, ci_low, ci_high",
        ),
        kinds.no_result(
            "shares_sum_to_one",
            "The shares of an audience's values of an attribute sum to 1.",
            "select audience, attribute, sum(share) as share from checked "
            "group by audience, attribute having abs(sum(share) - 1) > 1e-6",
        ),
    ),
)

CUSTOMER_360 = Suite(
    "marts",
    "customer_360",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.customers_are_all(),
    ),
)
