"""Referrals among the customers of one chunk, with chains of them.

Members whose channel is 老客推荐 get a referrer who joined earlier. Opinion leaders
refer most customers, contributors many, everybody else at most one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop import vocabulary as words
from demo_shop.customers import Customers
from demo_shop.randomness import chance, stream
from demo_shop.season import DAY, NEVER, Ints

_BY_KOL, _BY_CONTRIBUTOR = 0.45, 0.30


@dataclass
class Referrals:
    """Pairs of positions in the chunk, and when the referral was made."""

    referrer: Ints
    referred: Ints
    at: Ints


def draw_referrals(seed: int, chunk: int, customers: Customers) -> Referrals:
    """Draw referrals; members without a suitable referrer get another channel."""
    rng = stream(seed, chunk, "referrals")
    invited_by_friend = words.code(words.CHANNELS, "老客推荐")
    visitors = customers.registered_at == NEVER
    other = words.code(words.CHANNELS, "小红书")
    customers.channel[visitors & (customers.channel == invited_by_friend)] = other
    referred = np.flatnonzero(customers.channel == invited_by_friend)
    referrer = _referrers(rng, customers, referred)
    at = customers.registered_at[referred] - rng.integers(600, DAY, len(referred))
    fits = referrer >= 0
    fits &= at > customers.registered_at[referrer] + DAY
    customers.channel[referred[~fits]] = other
    return Referrals(referrer[fits], referred[fits], at[fits])


def _referrers(rng: np.random.Generator, customers: Customers, referred: Ints) -> Ints:
    """Propose a referrer for each; -1 if no other customer is left."""
    is_kol = customers.role == words.code(words.ROLES, "KOL")
    silent = customers.flag("is_silent")
    kols = np.flatnonzero(is_kol)
    contributors = np.flatnonzero(customers.is_contributor)
    # Ordinary members refer once at most, so that only the planted tiers stand out.
    usual = ~is_kol & ~customers.is_contributor & ~silent & customers.is_member
    once = rng.permutation(np.flatnonzero(usual))
    # Referred customers come first, so that chains get long.
    once = once[np.argsort(~np.isin(once, referred), kind="stable")]
    count = len(referred)
    proposed = np.full(count, -1, dtype=np.int64)
    proposed[: len(once)] = once[:count]
    draw = rng.random(count)
    by_contributor = draw < _BY_KOL + _BY_CONTRIBUTOR
    chosen = contributors[rng.integers(0, len(contributors), count)]
    proposed = np.where(by_contributor, chosen, proposed)
    chosen = kols[rng.integers(0, len(kols), count)]
    proposed = np.where(draw < _BY_KOL, chosen, proposed)
    own = proposed == referred
    unlucky = chance(rng, 0.02, count)
    return np.where(own | unlucky, -1, proposed)
