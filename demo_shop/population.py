"""From a seed to the clean tables: chunk by chunk, everything that belongs together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from demo_shop import vocabulary as words
from demo_shop.campaigns import CAMPAIGN_NAMES
from demo_shop.catalogue import CATALOGUE
from demo_shop.customers import Customers, draw_customers
from demo_shop.interactions import draw_interactions
from demo_shop.orders import Orders, draw_orders, draw_returns, line_frame, order_frame
from demo_shop.outreach import Outreach, draw_consents, draw_outreach
from demo_shop.plans import draw_plans
from demo_shop.referrals import draw_referrals
from demo_shop.season import FOREVER, MONTHS, NEVER, WRONG_CLOCK_AT
from demo_shop.store import Store
from demo_shop.stories import CROWD_NAMES, NO_CROWD, STORY_NAMES

# This also bounds the memory: about 200 MB for the arrays of one chunk.
CHUNK = 20_000


def populate(
    store: Store,
    customers: int,
    seed: int,
    on_chunk: Callable[[int, int], None],
    *,
    chunk_size: int = CHUNK,
) -> None:
    """Fill the clean tables with a shop of that many customers.

    The shop also depends on ``chunk_size``, since referrals stay inside a chunk.
    """
    store.append("products", _product_frame())
    chunks = -(-customers // chunk_size)
    orders = events = 0
    for chunk in range(chunks):
        on_chunk(chunk, chunks)
        first = chunk * chunk_size + 1
        count = min(chunk_size, customers - chunk * chunk_size)
        more = _populate_chunk(store, seed, chunk, (first, count), (orders, events))
        orders, events = orders + more[0], events + more[1]
    _add_future_event(store, events + 1)
    on_chunk(chunks, chunks)


def _populate_chunk(
    store: Store, seed: int, chunk: int, span: tuple[int, int], known: tuple[int, int]
) -> tuple[int, int]:
    """Add one chunk; return how many order and event numbers it used.

    ``span`` is the number of the first customer and the size of the chunk; ``known``
    has the last order and event numbers given so far.
    """
    customers = draw_customers(seed, chunk, *span)
    # This decides the channels of customers, so it must come first.
    referrals = draw_referrals(seed, chunk, customers)
    outreach = draw_outreach(seed, chunk, customers)
    plan = draw_plans(seed, chunk, customers, outreach)
    orders = draw_orders(seed, chunk, customers, outreach, plan, known[0] + 1)
    used = len(orders)
    _append_orders(store, orders, customers, outreach)
    returns = draw_returns(seed, chunk, orders, known[0] + 1 + used)
    if returns is not None:
        used += len(returns)
        _append_orders(store, returns, customers, outreach)
    log = draw_interactions(seed, chunk, customers, outreach, orders, referrals)
    events = store.append("events", log.frame(known[1] + 1))
    store.append("customers", _customer_frame(customers))
    store.append("contacts", outreach.contacts.frame(customers))
    store.append("consents", draw_consents(seed, chunk, customers))
    for arms in outreach.arms:
        store.append("arms", arms.frame(customers))
    return used, events


def _append_orders(
    store: Store, orders: Orders, customers: Customers, outreach: Outreach
) -> None:
    store.append("orders", order_frame(orders, customers, outreach))
    store.append("lines", line_frame(orders))


def _add_future_event(store: Store, number: int) -> None:
    """Add a page view decades ahead to the last extract: a phone's wrong clock."""
    store.run(
        "insert into events (event_no, from_wecom, customer_no, type, happened_at, "
        "month, channel, content) "
        f"select {number}, false, min(customer_no), 'page_view', {WRONG_CLOCK_AT}, "
        f"{MONTHS - 1}, '小程序', 'page_home' from customers "
        "where story not in ('lapsed', 'silent_prospect', 'gone_visitor')"
    )


def _customer_frame(customers: Customers) -> pd.DataFrame:
    """Return the rows of the clean table ``customers``."""
    profile = customers.profile
    groups = tuple(
        f"G{persona + 1}{group + 1:02d}"
        for persona in range(len(words.PERSONAS))
        for group in range(words.GROUPS_PER_PERSONA)
    )
    has_group = customers.persona != words.NO_WORD
    group = customers.persona * words.GROUPS_PER_PERSONA + profile.group
    crowds = np.where(customers.crowd == NO_CROWD, words.NO_WORD, customers.crowd)
    tiers = words.CITY_TIERS
    return pd.DataFrame(
        {
            "customer_no": customers.number,
            "story": words.as_text(customers.story, STORY_NAMES),
            "crowd": words.as_text(crowds, CROWD_NAMES),
            "is_member": customers.is_member,
            "registered_at": customers.registered_at,
            "channel": words.as_text(customers.channel, words.CHANNELS),
            "campaign": words.as_text(customers.campaign, CAMPAIGN_NAMES),
            "gender": words.as_text(profile.gender, words.GENDERS),
            "birth_day": profile.birth_day,
            "region": words.as_text(profile.region, words.REGIONS),
            "city_tier": words.as_text(profile.city_tier, tiers),
            "city_tier_before": words.as_text(profile.city_tier_before, tiers),
            "household": words.as_text(profile.household, words.HOUSEHOLDS),
            "occupation": words.as_text(profile.occupation, words.OCCUPATIONS),
            "role": words.as_text(customers.role, words.ROLES),
            "wecom_at": np.where(
                customers.wecom_at < FOREVER, customers.wecom_at, NEVER
            ),
            "persona": words.as_text(customers.persona, words.PERSONAS),
            "group_id": words.as_text(
                np.where(has_group, group, words.NO_WORD), groups
            ),
            "skin_type": words.as_text(profile.skin_type, words.SKIN_TYPES),
            "baby_stage": words.as_text(profile.baby_stage, words.BABY_STAGES),
            "travel": words.as_text(profile.travel, words.TRAVEL),
            "note": words.as_text(profile.note, words.NOTES),
            "changed_at": profile.changed_at,
            "main_product": words.as_text(customers.main_product, CATALOGUE.ids),
            "is_contributor": customers.is_contributor,
        }
    )


def _product_frame() -> pd.DataFrame:
    """Return the rows of the clean table ``products``, the unlisted bag included."""
    known = CATALOGUE
    return pd.DataFrame(
        {
            "product": known.ids,
            "name": known.names,
            "category": known.categories,
            "brand": known.brands,
            "is_sample": known.is_sample,
            "cents": known.cents,
            "consumption_days": np.where(
                known.consumption_days > 0, known.consumption_days, -1
            ),
            "full_size": [known.ids[position] for position in known.full_size],
            "is_listed": np.arange(len(known.ids)) < known.listed,
            "number": np.arange(len(known.ids)),
        }
    )
