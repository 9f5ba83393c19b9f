"""How customers take part: messages, activities, reviews, sharing, leaving."""

from __future__ import annotations

import numpy as np

from demo_shop import vocabulary as words
from demo_shop.campaigns import CAMPAIGN_NAMES
from demo_shop.events import GUEST, NO_VALUE, EventLog
from demo_shop.orders import Orders
from demo_shop.outreach import CLICKED, DELIVERED, OPENED, Contacts
from demo_shop.randomness import chance
from demo_shop.season import DAY, END_AT, draw_days, draw_seconds, wall
from demo_shop.visits import event_codes, online


def answer_messages(rng: np.random.Generator, log: EventLog, sent: Contacts) -> None:
    """Draw delivered, opened and clicked events, by the outcome of each message."""
    at = sent.sent_at.copy()
    sms = words.code(words.CHANNELS, "短信")
    channel = np.where(sent.channel == 1, sms, words.NO_WORD)
    is_campaign = sent.campaign != words.NO_WORD
    content = np.where(is_campaign, len(words.CONTENTS) + sent.campaign, words.NO_WORD)
    steps = (
        ("message_delivered", DELIVERED, 20),
        ("message_open", OPENED, 3_000),
        ("message_click", CLICKED, 240),
    )
    for name, least, delay in steps:
        at = at + rng.integers(1, delay, len(at))
        rows = np.flatnonzero(sent.outcome >= least)
        log.add(
            name,
            sent.customer[rows],
            at[rows],
            channel=channel[rows],
            campaign=sent.campaign[rows],
            content=content[rows],
        )


def join_in(rng: np.random.Generator, log: EventLog) -> None:
    """Draw check-ins, activities, surveys and questions of members."""
    customers = log.customers
    members = np.flatnonzero(customers.is_member)
    barred = customers.of_story("enthusiast")
    for name, share, most, value in (
        ("check_in", 0.30, 10, 5),
        ("activity_join", 0.28, 4, NO_VALUE),
        ("survey_submit", 0.18, 2, 8),
        ("consult", 0.25, 3, NO_VALUE),
    ):
        rows = members[chance(rng, share, len(members))]
        if name == "activity_join":
            rows = np.setdiff1d(rows, barred)
        who = np.repeat(rows, rng.integers(1, most + 1, len(rows)))
        day = draw_days(rng, customers.first_seen[who] + 1, customers.last_seen[who])
        campaign = rng.integers(0, len(CAMPAIGN_NAMES), len(who))
        on_wecom = name == "consult"
        log.add(
            name,
            who,
            wall(day, draw_seconds(rng, len(who))),
            channel=words.NO_WORD if on_wecom else online(rng, len(who)),
            campaign=campaign if name == "activity_join" else words.NO_WORD,
            value=value,
        )


def speak_up(rng: np.random.Generator, log: EventLog, orders: Orders) -> None:
    """Draw reviews, shares and complaints after orders; one each for most buyers."""
    customers = log.customers
    usual = ~customers.is_contributor & (customers.role == words.NO_WORD)
    done = np.flatnonzero(orders.customer != GUEST)
    _, first = np.unique(orders.customer[done], return_index=True)
    rows = done[first]
    rows = rows[usual[orders.customer[rows]]]
    for name, share, value in (
        ("review_positive", 0.30, 5),
        ("share", 0.12, NO_VALUE),
        ("review_negative", 0.05, 2),
        ("complaint", 0.02, NO_VALUE),
    ):
        chosen = rows[chance(rng, share, len(rows))]
        at = orders.ordered_at[chosen] + rng.integers(4 * DAY, 20 * DAY, len(chosen))
        log.add(
            name,
            orders.customer[chosen],
            at,
            channel=words.NO_WORD if name == "complaint" else online(rng, len(chosen)),
            value=value,
        )


def contribute(rng: np.random.Generator, log: EventLog) -> None:
    """Draw the frequent reviews and shares of opinion leaders and contributors."""
    customers = log.customers
    is_kol = customers.role == words.code(words.ROLES, "KOL")
    for rows, fewest, most in (
        (np.flatnonzero(customers.is_contributor), 8, 20),
        (np.flatnonzero(is_kol), 20, 45),
    ):
        who = np.repeat(rows, rng.integers(fewest, most + 1, len(rows)))
        day = draw_days(rng, customers.first_seen[who] + 1, customers.last_seen[who])
        kind = event_codes("review_positive", "share")[rng.integers(0, 2, len(who))]
        note = words.code(words.CONTENTS, "note_ingredients")
        log.add(
            kind,
            who,
            wall(day, draw_seconds(rng, len(who))),
            channel=online(rng, len(who)),
            content=note,
        )


def leave(rng: np.random.Generator, log: EventLog) -> None:
    """Draw who unsubscribes, some with a complaint just before."""
    customers = log.customers
    rows = np.flatnonzero(customers.unsubscribed_at < END_AT)
    log.add("unsubscribe", rows, customers.unsubscribed_at[rows])
    angry = rows[chance(rng, 0.2, len(rows))]
    log.add("complaint", angry, customers.unsubscribed_at[angry] - 300)
