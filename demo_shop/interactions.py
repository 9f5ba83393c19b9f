"""Everything that customers do besides buying, as one log of interactions."""

from __future__ import annotations

from demo_shop.customers import Customers
from demo_shop.events import EventLog
from demo_shop.orders import Orders
from demo_shop.outreach import Outreach
from demo_shop.participation import (
    answer_messages,
    contribute,
    join_in,
    leave,
    speak_up,
)
from demo_shop.randomness import stream
from demo_shop.referrals import Referrals
from demo_shop.visits import (
    approach_orders,
    arrive,
    browse,
    browse_as_guest,
    visit_for_experiment,
)


def draw_interactions(
    seed: int,
    chunk: int,
    customers: Customers,
    outreach: Outreach,
    orders: Orders,
    referrals: Referrals,
) -> EventLog:
    """Draw all interactions of a chunk."""
    rng = stream(seed, chunk, "interactions")
    log = EventLog(customers)
    arrive(rng, log)
    browse(rng, log)
    approach_orders(rng, log, orders)
    answer_messages(rng, log, outreach.contacts)
    visit_for_experiment(rng, log, outreach)
    join_in(rng, log)
    speak_up(rng, log, orders)
    contribute(rng, log)
    log.add("refer", referrals.referrer, referrals.at, referred=referrals.referred)
    leave(rng, log)
    browse_as_guest(rng, log)
    return log
