"""The planted part of the truth: stories, crowds, tiers, referrals and effects."""

from __future__ import annotations

from typing import Any

from demo_shop.campaigns import CAMPAIGNS, EXPERIMENT, OUTCOME_DAYS
from demo_shop.season import DAY
from demo_shop.store import Store
from demo_shop.stories import CROWDS, STORIES

# The members of larger groups are in the customers' truth file.
_LISTED = 300


def planted(store: Store, customers_file: str) -> dict[str, Any]:
    """Return what was planted, ready for JSON."""
    return {
        "one_row_a_customer": customers_file,
        "stories": _stories(store),
        "crowds": _crowds(store),
        "tiers": _tiers(store),
        "referrals": _referrals(store),
        "experiment": _experiment(store),
        "campaigns": _campaigns(store),
    }


def _group(store: Store, condition: str) -> dict[str, Any]:
    """Count the customers of a group and, if there are few, list them."""
    count = store.one(f"select count(*) from customers where {condition}")
    group: dict[str, Any] = {"customers": count}
    if count <= _LISTED:
        ids = store.rows(
            f"select customer_id(customer_no) from customers where {condition} "
            "order by customer_no"
        )
        group["customer_ids"] = [row[0] for row in ids]
    return group


def _stories(store: Store) -> dict[str, Any]:
    """What each story promises, or null."""
    return {
        story.name: {
            "about": story.about,
            "behavior_segment": story.segment,
            "lifecycle_state": story.lifecycle,
        }
        | _group(store, f"story = '{story.name}'")
        for story in STORIES
    }


def _crowds(store: Store) -> dict[str, Any]:
    """The rule of each crowd over member attributes, and the customers it finds."""
    keys = ("attribute", "operator", "value", "value_to")
    return {
        crowd.name: {
            "rule": [dict(zip(keys, part, strict=True)) for part in crowd.rule],
            "favourite_categories": sorted(
                crowd.favourites, key=lambda name: (-crowd.favourites[name], name)
            ),
        }
        | _group(store, f"crowd = '{crowd.name}'")
        for crowd in CROWDS
    }


def _tiers(store: Store) -> dict[str, Any]:
    """Opinion leaders by role; contributors by behaviour."""
    return {
        "kol": {"rule": "role = 'KOL'; at least 20 positive reviews and shares"}
        | _group(store, "role = 'KOL'"),
        "staff": {"rule": "role = '员工'; ordinary behaviour"}
        | _group(store, "role = '员工'"),
        "contributor": {
            "rule": "at least 8 positive reviews and shares; no other customer of "
            "the ordinary role has more than 3 reviews, shares and referrals together"
        }
        | _group(store, "is_contributor"),
    }


def _referrals(store: Store) -> dict[str, Any]:
    """Count referrals and measure the longest chain (links, not people)."""
    edges = (
        "select customer_no as referrer, referred_no as referred from events "
        "where type = 'refer'"
    )
    longest = store.one(f"""
        with recursive edges as ({edges}),
        chains as (
            select referred, 1 as links from edges
            where referrer not in (select referred from edges)
            union all
            select edges.referred, links + 1
            from chains join edges on edges.referrer = chains.referred
        )
        select coalesce(max(links), 0) from chains""")
    top = store.rows(f"""
        select customer_id(referrer), count(*) as referred from ({edges})
        group by referrer order by referred desc, referrer limit 10""")
    return {
        "referrals": store.one(f"select count(*) from ({edges})"),
        "referrers": store.one(f"select count(distinct referrer) from ({edges})"),
        "longest_chain": longest,
        "top": dict(top),
    }


def _arms(store: Store, comparison: str) -> dict[str, Any]:
    """Return size, orders and money of both arms in the outcome window.

    ``true_effect`` is exact: the treated customers who ordered only because of the
    message, and the amount of these orders, each per treated customer.
    """
    arms = store.rows(f"""
        with outcome as (
            select
                arms.customer_no,
                is_treated,
                count(order_no) > 0 as converted,
                count(order_no) filter (cause = comparison) as caused,
                count(order_no) as valid,
                coalesce(sum(net), 0) as net,
                coalesce(sum(net) filter (cause = comparison), 0) as net_caused
            from arms
            left join valid_orders as placed
                on placed.customer_no = arms.customer_no
                and ordered_at >= started_at
                and ordered_at < started_at + {OUTCOME_DAYS * DAY}
            where comparison = '{comparison}'
            group by all
        )
        select is_treated, count(*), count(*) filter (converted), money(sum(net)),
            count(*) filter (valid > 0 and caused = valid), sum(net_caused)::bigint
        from outcome group by is_treated order by is_treated""")
    result: dict[str, Any] = {}
    for is_treated, customers, converted, net, only_caused, net_caused in arms:
        result["treated" if is_treated else "control"] = {
            "customers": customers,
            "converted": converted,
            "net_amount": net,
        }
        if is_treated:
            result["true_effect"] = {
                "conversion_rate": round(only_caused / customers, 6),
                "net_amount_per_customer": round(net_caused / 100 / customers, 4),
            }
    return result


def _experiment(store: Store) -> dict[str, Any]:
    """The randomised test, split one to one."""
    return {
        "name": EXPERIMENT.name,
        "arms": list(EXPERIMENT.arms),
        "assigned_at": store.one(f"select plain_time({EXPERIMENT.assigned_at})"),
        "outcome_window_days": OUTCOME_DAYS,
        "window": "assigned_at <= ordered_at < assigned_at + window",
        "planted_order_probability": EXPERIMENT.uplift,
        "planted_visit_probability": EXPERIMENT.visit_uplift,
    } | _arms(store, EXPERIMENT.name)


def _campaigns(store: Store) -> dict[str, Any]:
    """Campaigns that went to a random half of the eligible customers.

    Other members got messages too; the comparison covers the stories that the campaign
    could influence.
    """
    open_stories = [story.name for story in STORIES if story.is_open]
    compared = [campaign for campaign in CAMPAIGNS if campaign.uplift is not None]
    return {
        campaign.name: {
            "title": campaign.title,
            "sent_at": store.one(f"select plain_time({campaign.sent_at})"),
            "planted_order_probability": campaign.uplift,
            "among_stories": open_stories,
            "outcome_window_days": OUTCOME_DAYS,
        }
        | _arms(store, campaign.name)
        for campaign in compared
    }
