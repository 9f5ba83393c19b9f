"""How customers browse: arriving, idle browsing, the way to an order, guests."""

from __future__ import annotations

import numpy as np

from demo_shop import vocabulary as words
from demo_shop.campaigns import EXPERIMENT
from demo_shop.customers import Customers
from demo_shop.events import GUEST, EventLog
from demo_shop.orders import Orders
from demo_shop.outreach import Outreach
from demo_shop.randomness import chance, pick, pick_rows
from demo_shop.season import (
    DAY,
    FOREVER,
    LAST,
    Floats,
    Ints,
    draw_days,
    draw_seconds,
    wall,
)
from demo_shop.stories import CROWD_NAMES, NO_CROWD, STORIES, TASTES

_GUEST_EVENTS = 1.3
_IDLE_TYPES = {
    "page_view": 0.38,
    "product_view": 0.40,
    "search": 0.10,
    "favorite": 0.05,
    "add_to_cart": 0.05,
    "ad_impression": 0.02,
}
# The usual scenes of each crowd, as weights.
_SCENES = {
    "mothers": (1, 2, 4, 0, 0, 5),
    "living_alone": (2, 5, 3, 0, 0, 0),
    "students": (0, 3, 0, 6, 0, 0),
    "business_travellers": (3, 1, 0, 0, 6, 0),
}
_NO_CROWD_SCENES = (4, 3, 2, 0, 0, 1)
_SCENE_KNOWN = 0.45


def event_codes(*names: str) -> Ints:
    """Return the positions of event types."""
    return words.codes(words.EVENT_TYPES, names)


def online(rng: np.random.Generator, count: int) -> Ints:
    """Draw the shop's own online channels."""
    channels = words.codes(
        words.CHANNELS, ("小程序", "小程序", "小程序", "APP", "公众号")
    )
    return channels[rng.integers(0, len(channels), count)]


def _kinds(rng: np.random.Generator, count: int) -> Ints:
    """Draw types of idle events."""
    drawn = pick(rng, np.array(list(_IDLE_TYPES.values())), count)
    return event_codes(*_IDLE_TYPES)[drawn]


def scenes(rng: np.random.Generator, customers: Customers, who: Ints) -> Ints:
    """Draw scenes by crowd; often unknown."""
    weights = [_SCENES[name] for name in CROWD_NAMES] + [_NO_CROWD_SCENES]
    table: Floats = np.array(weights, dtype=np.float64)
    scene = pick_rows(rng, table, customers.crowd[who])
    known = chance(rng, _SCENE_KNOWN, len(who))
    return np.where(known, scene, words.NO_WORD)


def arrive(rng: np.random.Generator, log: EventLog) -> None:
    """Advertisement, first look, following, registering, WeCom and group."""
    customers = log.customers
    everyone = np.arange(len(customers))
    start = np.where(
        customers.is_member,
        customers.registered_at,
        wall(customers.first_seen, draw_seconds(rng, len(customers))),
    )
    paid = words.codes(words.CHANNELS, ("抖音广告", "小红书", "朋友圈广告"))
    by_ad = np.flatnonzero(np.isin(customers.channel, paid))
    before = rng.integers(600, 6 * DAY, len(by_ad))
    source = customers.channel[by_ad]
    log.add("ad_impression", by_ad, start[by_ad] - before, channel=source)
    clicked = chance(rng, 0.6, len(by_ad))
    at = start[by_ad] - before + rng.integers(2, 60, len(by_ad))
    log.add("ad_click", by_ad[clicked], at[clicked], channel=source[clicked])
    # Every customer leaves at least this trace.
    look = np.where(
        customers.is_member, start - rng.integers(20, 500, len(start)), start
    )
    log.add("page_view", everyone, look, channel=online(rng, len(start)), content=0)
    members = np.flatnonzero(customers.is_member)
    log.add(
        "register",
        members,
        start[members],
        channel=customers.channel[members],
        campaign=customers.campaign[members],
    )
    fans = members[chance(rng, 0.35, len(members))]
    official = words.code(words.CHANNELS, "公众号")
    log.add(
        "follow",
        fans,
        start[fans] + rng.integers(60, 3 * DAY, len(fans)),
        channel=official,
    )
    bound = np.flatnonzero(customers.wecom_at < FOREVER)
    log.add("add_wecom", bound, customers.wecom_at[bound])
    grouped = bound[chance(rng, 0.55, len(bound))]
    later = rng.integers(120, 5 * DAY, len(grouped))
    log.add("group_join", grouped, customers.wecom_at[grouped] + later)
    claims = members[chance(rng, 0.12, len(members))]
    at = start[claims] + rng.integers(DAY, 6 * DAY, len(claims))
    log.add("sample_claim", claims, at, channel=online(rng, len(claims)))


def browse(rng: np.random.Generator, log: EventLog) -> None:
    """Draw idle browsing over the whole time in which a customer is present."""
    customers = log.customers
    mean = np.array([story.browsing for story in STORIES])[customers.story]
    who = np.repeat(np.arange(len(customers)), rng.poisson(mean))
    day = draw_days(rng, customers.first_seen[who] + 1, customers.last_seen[who])
    recent = np.flatnonzero(customers.flag("is_recent"))
    who = np.concatenate([who, recent])
    day = np.concatenate([day, LAST - rng.integers(1, 25, len(recent))])
    kind = _kinds(rng, len(who))
    on_product = np.isin(kind, event_codes("product_view", "favorite", "add_to_cart"))
    on_page = kind == words.code(words.EVENT_TYPES, "page_view")
    content = rng.integers(0, len(words.CONTENTS), len(who))
    product = pick_rows(rng, TASTES, customers.crowd[who])
    log.add(
        kind,
        who,
        wall(day, draw_seconds(rng, len(who))),
        channel=online(rng, len(who)),
        content=np.where(on_page, content, words.NO_WORD),
        product=np.where(on_product, product, words.NO_WORD),
        scene=scenes(rng, customers, who),
    )


def approach_orders(rng: np.random.Generator, log: EventLog, orders: Orders) -> None:
    """Draw the half hour before an order: search, view, add to cart."""
    customers = log.customers
    first_line = np.searchsorted(orders.lines.order, np.arange(len(orders)))
    product = orders.lines.product[first_line]
    known = np.flatnonzero((orders.customer != GUEST) & ~orders.in_store)
    steps: dict[str, float] = {
        "search": 0.4,
        "product_view": 1.0,
        "page_view": 0.5,
        "favorite": 0.15,
        "add_to_cart": 0.8,
    }
    for step, (name, probability) in enumerate(steps.items()):
        rows = known[chance(rng, probability, len(known))]
        times = rng.integers(1, 4, len(rows)) if name == "product_view" else 1
        rows = np.repeat(rows, times)
        before = rng.integers(60, 500, len(rows)) + (len(steps) - step) * 300
        on_product = name not in ("search", "page_view")
        log.add(
            name,
            orders.customer[rows],
            orders.ordered_at[rows] - before,
            channel=online(rng, len(rows)),
            product=product[rows] if on_product else words.NO_WORD,
            scene=scenes(rng, customers, orders.customer[rows]),
        )


def visit_for_experiment(
    rng: np.random.Generator, log: EventLog, outreach: Outreach
) -> None:
    """Draw visits that the experiment's coupon brings, besides its orders."""
    arms = next(a for a in outreach.arms if a.comparison == EXPERIMENT.name)
    treated = arms.customer[arms.is_treated]
    moved = treated[chance(rng, EXPERIMENT.visit_uplift, len(treated))]
    at = EXPERIMENT.assigned_at + rng.integers(DAY, 10 * DAY, len(moved))
    coupon_page = words.code(words.CONTENTS, "page_coupon")
    channel = online(rng, len(moved))
    log.add("page_view", moved, at, channel=channel, content=coupon_page)


def browse_as_guest(rng: np.random.Generator, log: EventLog) -> None:
    """Draw visits of guests, whom the shop cannot tell apart."""
    count = round(_GUEST_EVENTS * len(log.customers))
    kind = _kinds(rng, count)
    low, high = np.zeros(count, np.int64), np.full(count, LAST, np.int64)
    on_product = np.isin(kind, event_codes("product_view", "favorite", "add_to_cart"))
    product = pick(rng, TASTES[NO_CROWD], count)
    log.add(
        kind,
        np.full(count, GUEST, dtype=np.int64),
        wall(draw_days(rng, low, high), draw_seconds(rng, count)),
        channel=online(rng, count),
        product=np.where(on_product, product, words.NO_WORD),
    )
