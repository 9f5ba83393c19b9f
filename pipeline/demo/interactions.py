"""Everything that customers do besides buying, as one log of interactions."""

from __future__ import annotations

from pipeline.demo.customers import Customers
from pipeline.demo.events import EventLog
from pipeline.demo.orders import Orders
from pipeline.demo.outreach import Outreach
from pipeline.demo.participation import (
    answer_messages,
    contribute,
    join_in,
    leave,
    speak_up,
)
from pipeline.demo.randomness import stream
from pipeline.demo.referrals import Referrals
from pipeline.demo.visits import (
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
