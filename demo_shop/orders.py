"""Orders of one chunk, from their plans: time, place, price and outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo_shop import vocabulary as words
from demo_shop.baskets import Basket, Lines, draw_lines
from demo_shop.campaigns import CAMPAIGN_NAMES, running_campaigns
from demo_shop.catalogue import CATALOGUE
from demo_shop.customers import Customers
from demo_shop.outcomes import COMPLETED, REFUNDED, STATUSES, State, draw_outcomes
from demo_shop.outreach import Outreach
from demo_shop.plans import GUEST, NO_CAUSE, Plan
from demo_shop.randomness import chance, stream
from demo_shop.season import (
    CLOSED_DAY,
    END_AT,
    Bools,
    Ints,
    day_at,
    draw_seconds,
    month_of,
    month_starts,
    wall,
)
from demo_shop.stories import NO_CROWD

_RETURNED = 0.03
_IN_SALES = 0.6
_PERCENTS = np.array([100, 100, 100, 100, 95, 90, 90, 85], dtype=np.int64)
# Every tenth order has a time without seconds.
MINUTE_FORMAT = 0


@dataclass
class Orders:
    """A chunk of orders in parallel arrays; ``number`` counts through the whole shop.

    ``customer`` is a position in the chunk or ``GUEST``; money is in cents. ``first``
    is the state in the extract of the order's own month, ``last`` that in the last one.
    """

    number: Ints
    customer: Ints
    ordered_at: Ints
    in_store: Bools
    amount: Ints
    channel: Ints
    store: Ints
    coupon: Ints
    campaign: Ints
    cause: Ints
    first: State
    last: State
    lines: Lines

    def __len__(self) -> int:
        return len(self.number)


def draw_orders(
    seed: int,
    chunk: int,
    customers: Customers,
    outreach: Outreach,
    plan: Plan,
    first_number: int,
) -> Orders:
    """Turn plans into orders with numbers from ``first_number`` on."""
    rng = stream(seed, chunk, "orders")
    count = len(plan)
    number = np.arange(first_number, first_number + count, dtype=np.int64)
    in_store = _in_store(rng, customers, plan)
    ordered_at = _times(rng, plan, in_store, number)
    campaign = _campaigns(rng, plan, outreach)
    percent = _PERCENTS[rng.integers(0, len(_PERCENTS), count)]
    percent = np.where(campaign != words.NO_WORD, np.minimum(percent, 90), percent)
    coupon = np.where(percent < 100, number % len(words.COUPONS), words.NO_WORD)
    lines = draw_lines(rng, _basket(customers, plan, in_store, percent))
    amount = lines.totals(count)
    outcome = draw_outcomes(rng, plan.kept, in_store, ordered_at, amount)
    month_end = month_starts()[month_of(ordered_at) + 1]
    return Orders(
        number=number,
        customer=plan.customer,
        ordered_at=ordered_at,
        in_store=in_store,
        amount=amount,
        channel=_channels(rng, in_store),
        store=np.where(
            in_store, rng.integers(0, len(words.STORES), count), words.NO_WORD
        ),
        coupon=coupon,
        campaign=campaign,
        cause=plan.cause,
        first=outcome.state_at(month_end),
        last=outcome.state_at(np.full(count, END_AT)),
        lines=lines,
    )


def _in_store(rng: np.random.Generator, customers: Customers, plan: Plan) -> Bools:
    """Decide where each order is placed; samples and caused orders are online."""
    is_guest = plan.customer == GUEST
    won_in_store = customers.channel == words.code(words.CHANNELS, "门店")
    habit = np.where(won_in_store[plan.customer], 0.55, 0.10)
    probability = np.where(is_guest, 0.75, habit)
    mailed = plan.sample | (plan.cause != NO_CAUSE)
    in_store: Bools = chance(rng, probability, len(plan)) & ~mailed
    return in_store


def _times(rng: np.random.Generator, plan: Plan, in_store: Bools, number: Ints) -> Ints:
    """Draw the time of each order; nothing is sold in stores on their closed day."""
    day = np.where(in_store & (plan.day == CLOSED_DAY), CLOSED_DAY - 1, plan.day)
    seconds = np.where(
        in_store,
        draw_seconds(rng, len(plan), in_store=True),
        draw_seconds(rng, len(plan)),
    )
    at: Ints = wall(day, seconds)
    to_the_minute = ~in_store & (number % 10 == MINUTE_FORMAT)
    return np.where(to_the_minute, at // 60 * 60, at)


def _campaigns(rng: np.random.Generator, plan: Plan, outreach: Outreach) -> Ints:
    """Credit a campaign with most orders on its days, and with those it caused."""
    credited = chance(rng, _IN_SALES, len(plan))
    found = np.where(credited, running_campaigns()[plan.day], words.NO_WORD)
    for cause, arms in enumerate(outreach.arms):
        if arms.comparison in CAMPAIGN_NAMES:
            own = CAMPAIGN_NAMES.index(arms.comparison)
            found = np.where(plan.cause == cause, own, found)
    return found


def _basket(customers: Customers, plan: Plan, in_store: Bools, percent: Ints) -> Basket:
    is_guest = plan.customer == GUEST
    wanted = (plan.main | plan.sample) & ~is_guest
    return Basket(
        crowd=np.where(is_guest, NO_CROWD, customers.crowd[plan.customer]),
        main_product=np.where(wanted, customers.main_product[plan.customer], -1),
        sample=plan.sample,
        in_store=in_store,
        percent=percent,
    )


def _channels(rng: np.random.Generator, in_store: Bools) -> Ints:
    """Draw the sales channel: the store, or one of the shop's own online channels."""
    online = words.codes(
        words.CHANNELS, ("小程序", "小程序", "APP", "公众号", "企业微信")
    )
    drawn = online[rng.integers(0, len(online), len(in_store))]
    return np.where(in_store, words.code(words.CHANNELS, "门店"), drawn)


def draw_returns(
    seed: int, chunk: int, orders: Orders, first_number: int
) -> Orders | None:
    """Draw goods brought back to a store: separate orders with negative quantities.

    Returns None if the chunk has none.
    """
    rng = stream(seed, chunk, "returns")
    back = orders.in_store & (orders.last.status == COMPLETED)
    back &= chance(rng, _RETURNED, len(orders))
    day = day_at(orders.ordered_at) + rng.integers(1, 5, len(orders))
    day = np.where(day == CLOSED_DAY, CLOSED_DAY + 1, day)
    at: Ints = wall(day, draw_seconds(rng, len(orders), in_store=True))
    rows = np.flatnonzero(back & (at < END_AT))
    if not len(rows):
        return None
    first_line = np.searchsorted(orders.lines.order, rows)
    count = len(rows)
    lines = Lines(
        np.arange(count, dtype=np.int64),
        np.ones(count, dtype=np.int64),
        orders.lines.product[first_line],
        -orders.lines.quantity[first_line],
        orders.lines.cents[first_line],
    )
    state = State(np.full(count, REFUNDED), np.zeros(count, np.int64), at[rows])
    return Orders(
        number=np.arange(first_number, first_number + count, dtype=np.int64),
        customer=orders.customer[rows],
        ordered_at=at[rows],
        in_store=np.ones(count, dtype=np.bool_),
        amount=lines.totals(count),
        channel=orders.channel[rows],
        store=orders.store[rows],
        coupon=np.full(count, words.NO_WORD, dtype=np.int64),
        campaign=np.full(count, words.NO_WORD, dtype=np.int64),
        cause=np.full(count, NO_CAUSE, dtype=np.int64),
        first=state,
        last=state,
        lines=lines,
    )


def order_frame(
    orders: Orders, customers: Customers, outreach: Outreach
) -> pd.DataFrame:
    """Return the rows of the clean table ``orders``."""
    causes = tuple(arms.comparison for arms in outreach.arms)
    is_guest = orders.customer == GUEST
    return pd.DataFrame(
        {
            "order_no": orders.number,
            "customer_no": np.where(is_guest, -1, customers.number[orders.customer]),
            "in_store": orders.in_store,
            "ordered_at": orders.ordered_at,
            "month": month_of(orders.ordered_at),
            "amount": orders.amount,
            "channel": words.as_text(orders.channel, words.CHANNELS),
            "store": words.as_text(orders.store, words.STORES),
            "coupon": words.as_text(orders.coupon, words.COUPONS),
            "campaign": words.as_text(orders.campaign, CAMPAIGN_NAMES),
            "cause": words.as_text(orders.cause, causes),
            "first_status": words.as_text(orders.first.status, STATUSES),
            "first_refund": orders.first.refund,
            "first_updated_at": orders.first.updated_at,
            "status": words.as_text(orders.last.status, STATUSES),
            "refund": orders.last.refund,
            "updated_at": orders.last.updated_at,
            "updated_month": month_of(orders.last.updated_at),
        }
    )


def line_frame(orders: Orders) -> pd.DataFrame:
    """Return the rows of the clean table ``lines``."""
    lines = orders.lines
    return pd.DataFrame(
        {
            "order_no": orders.number[lines.order],
            "line_no": lines.line_no,
            "product": words.as_text(lines.product, CATALOGUE.ids),
            "quantity": lines.quantity,
            "cents": lines.cents,
        }
    )
