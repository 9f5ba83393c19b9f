"""Journeys built by dbt from landed rows, and rule files of a shop's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_fixture import Landing, Row
from support.sql_models import ROOT, render_singular_test

AS_OF = "2024-03-31"
HELD_OUT = "holdout: new_customer_off"
CAP = "cap: 1 a day over all channels"
STEPS = (
    "journey,step,anchor,offset_days,offset_mode,grace_days,channel,content_key,"
    "offer_key,exit_when,label_en,label_zh\n"
    "mine,mine_t0,joined,0,fixed,0,sms,hello,,,Hello,你好\n"
)
POSTS = (
    "journey,week,weekday,content_key,label_en,label_zh\nyours,1,mon,hello,Hello,你好\n"
)
# Midnight of 31 March in Shanghai is 16:00 of the 30th in UTC.
MEMBERS: list[Row] = [
    {
        "customer_id": customer_id,
        "registered_at": registered_at,
        "wecom_bound_at": registered_at,
    }
    for customer_id, registered_at in [
        ("c1", "2024-03-30 16:30:00"),
        ("c2", "2024-03-30 15:30:00"),
        ("c3", "2024-03-20 02:00:00"),
    ]
]
ORDERS: list[Row] = [
    {
        "order_id": "o1",
        "customer_id": "c3",
        "ordered_at": "2024-03-20 02:00:00",
        "amount": 30,
    },
    {
        "order_id": "o2",
        "customer_id": "c4",
        "ordered_at": "2024-03-23 15:30:00",
        "amount": 10,
    },
]
LINES: list[Row] = [
    {
        "line_key": f"k{n}",
        "order_id": order_id,
        "ordered_at": "2024-03-20 02:00:00",
        "product_id": product,
        "quantity": quantity,
        "unit_price": "10",
    }
    for n, (order_id, product, quantity) in enumerate(
        [("o1", "p1", 2), ("o1", "p1", -1), ("o2", "s1", 1)]
    )
]
PRODUCTS: list[Row] = [
    {"product_id": "p1", "category": "skin", "consumption_days": 9},
    {"product_id": "s1", "category": "skin", "is_sample": True},
]
CONTACTS: list[Row] = [
    {
        "customer_id": "c2",
        "channel": "wecom",
        "sent_at": f"2024-03-31 0{n}:00:00",
        "touch_id": touch_id,
        "outcome": outcome,
    }
    for n, (touch_id, outcome) in enumerate(
        [
            ("new_t0_welcome-c2", "opened"),
            ("new_t0_form-c2", "failed"),
            ("new_t0_group-c2", None),
        ]
    )
]


def test_touches_of_a_shop(tmp_path: Path) -> None:
    """Days are the shop's own, what was sent is not due, run-outs set the clock.

    c2 is held out of the journey, c4 is not in WeCom, and one a day is the cap.
    """
    landing = Landing(tmp_path)
    landing.load("members", MEMBERS)
    landing.load("orders", ORDERS)
    landing.load("order_lines", LINES)
    landing.load("products", PRODUCTS)
    landing.load("contacts", CONTACTS)
    marts = "+journey_touches +customer_replenishment"
    landing.build(select=marts, checked=True, as_of_date=AS_OF)
    assert landing.query(
        "select touch_id, decision, defer_until::text, reason "
        "from marts.journey_touches order by touch_id"
    ) == [
        ("full_size_r7_care-c3-20240320", "send", None, "due today"),
        ("moments_w1_sun-c1", "suppress", None, CAP),
        ("moments_w1_sun-c2", "suppress", None, HELD_OUT),
        ("moments_w2_sun-c3", "suppress", None, "left: first order on 2024-03-20"),
        ("new_t0_form-c1", "defer", "2024-04-01", CAP),
        ("new_t0_form-c2", "suppress", None, HELD_OUT),
        ("new_t0_group-c1", "defer", "2024-04-01", CAP),
        ("new_t0_welcome-c1", "send", None, "due today"),
        ("new_t1_gift-c2", "suppress", None, HELD_OUT),
        ("return_t7_renewal-c4-20240323", "suppress", None, "not bound in WeCom"),
        ("sample_t7_full_size-c4-20240323", "suppress", None, "not bound in WeCom"),
    ]
    assert landing.query(
        "select product_id, last_quantity, runs_out_on::text, basis "
        "from marts.customer_replenishment order by product_id"
    ) == [
        ("p1", 2, "2024-04-07", "consumption_days"),
        ("s1", 1, None, "none"),
    ]


def failures(test: str, folder: Path, seeds: str, **files: str) -> list[Any]:
    """Return what the test finds in the seeds, some of which are a shop's own files."""
    own = {name: folder / f"{name}.csv" for name in files}
    for name, text in files.items():
        own[name].write_text(text, encoding="utf8")
    with duckdb.connect() as connection:
        for seed in seeds.split():
            file = own.get(seed, ROOT / "seeds" / f"{seed}.csv")
            connection.execute(
                f"create table {seed} as "
                f"from read_csv('{file}', header = true, all_varchar = true)"
            )
        sql = render_singular_test(test, {"rule_files": own})
        return connection.execute(sql).fetchall()


def unknown_journeys(folder: Path, **files: str) -> list[Any]:
    test, seeds = "assert_moments_journeys_exist", "journey_steps moments_calendar"
    return failures(test, folder, seeds, **files)


def test_posts_of_an_unknown_journey_stop_the_build(tmp_path: Path) -> None:
    own = {"journey_steps": STEPS, "moments_calendar": POSTS}
    assert unknown_journeys(tmp_path, **own) == [("moments_calendar.csv", "yours")]


def test_own_steps_leave_the_built_in_calendar_alone(tmp_path: Path) -> None:
    assert unknown_journeys(tmp_path, journey_steps=STEPS) == []


POLICY = "scope,window_days,calendar_unit,max_contacts,priority\n{},7,,1,1\n"
CHANNELS = (
    "channel,counts_as,consent_channel,needs_consent,reached_by\n"
    "sms,,,true,phone\ntext,sms,,true,phone\n"
)


def unknown_channels(folder: Path, **files: str) -> list[Any]:
    test, seeds = (
        "assert_contact_scopes_are_channels",
        "channels contact_policy quiet_days",
    )
    return failures(test, folder, seeds, **files)


@pytest.mark.parametrize("scope", ["smss", "text"])
def test_a_cap_that_would_hold_for_nothing_stops_the_build(
    tmp_path: Path, scope: str
) -> None:
    own = {"channels": CHANNELS, "contact_policy": POLICY.format(scope)}
    assert unknown_channels(tmp_path, **own) == [("contact_policy.csv", scope)]


def test_own_channels_leave_the_built_in_caps_alone(tmp_path: Path) -> None:
    assert unknown_channels(tmp_path, channels=CHANNELS) == []
