"""Customers of one chunk: their attributes, their story, and when they are present.

Only what does not depend on orders or messages belongs here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop import vocabulary as words
from demo_shop.campaigns import running_campaigns
from demo_shop.catalogue import CATALOGUE
from demo_shop.profiles import Profiles, draw_profiles
from demo_shop.randomness import chance, pick, pick_rows, spread, stream
from demo_shop.season import (
    DAY,
    END_AT,
    FOREVER,
    HOUR,
    LAST,
    NEVER,
    Bools,
    Ints,
    day_at,
    draw_days,
    draw_seconds,
    wall,
)
from demo_shop.stories import (
    BEFORE_SILENCE,
    CROWDS,
    NO_CROWD,
    SILENT_DAYS,
    STORIES,
    STORY_NAMES,
    TASTES,
    story_codes,
)

_KOL_SHARE, _STAFF_SHARE, _CONTRIBUTOR_SHARE = 0.003, 0.002, 0.04
_ACTIVE = story_codes("casual", "continuous", "replenisher", "enthusiast")
_WECOM_SHARE = 0.7
_LEAVING_SHARE = 0.04
_BY_CAMPAIGN = 0.6


@dataclass
class Customers:
    """A chunk of customers in parallel arrays, indexed by position in the chunk.

    Between the days ``first_seen`` and ``last_seen`` a customer leaves traces; events
    drawn after the second ``quiet_after`` are dropped. Times that never come are
    ``FOREVER``; visitors have ``registered_at`` ``NEVER``.
    """

    number: Ints
    story: Ints
    crowd: Ints
    registered_at: Ints
    first_seen: Ints
    last_seen: Ints
    quiet_after: Ints
    wecom_at: Ints
    unsubscribed_at: Ints
    channel: Ints
    campaign: Ints
    persona: Ints
    role: Ints
    is_contributor: Bools
    main_product: Ints
    profile: Profiles

    def __len__(self) -> int:
        return len(self.number)

    @property
    def is_member(self) -> Bools:
        """Whether each customer has registered."""
        return np.asarray(self.registered_at != NEVER)

    @property
    def registered_day(self) -> Ints:
        """Day number of registration; meaningless for visitors."""
        return day_at(self.registered_at)

    def of_story(self, *names: str) -> Ints:
        """Return the positions of the customers of some stories."""
        return np.flatnonzero(np.isin(self.story, story_codes(*names)))

    def flag(self, name: str) -> Bools:
        """Return a boolean field of each customer's story."""
        values = np.array([getattr(story, name) for story in STORIES], dtype=np.bool_)
        return np.asarray(values[self.story])


def draw_customers(seed: int, chunk: int, first: int, count: int) -> Customers:
    """Draw ``count`` customers with numbers from ``first`` on."""
    rng = stream(seed, chunk, "customers")
    number = np.arange(first, first + count, dtype=np.int64)
    shares = np.cumsum([story.share for story in STORIES])
    place = spread(number, seed, "story") * shares[-1]
    story = np.minimum(np.searchsorted(shares, place, "right"), len(STORIES) - 1)
    registered_at = _registrations(rng, story)
    is_member = registered_at != NEVER
    crowd = np.where(is_member, _crowds(number, seed), NO_CROWD)
    first_seen, last_seen, quiet_after = _presence(rng, story, registered_at)
    channel = words.codes(words.CHANNELS, words.ACQUISITION)[
        pick(rng, np.array(words.ACQUISITION_SHARES), count)
    ]
    wecom_at = np.where(
        is_member & chance(rng, _WECOM_SHARE, count),
        registered_at + (rng.exponential(2.0, count) * DAY).astype(np.int64) + 60,
        FOREVER,
    )
    wecom_at = np.where(wecom_at < np.minimum(quiet_after, END_AT), wecom_at, FOREVER)
    role, is_contributor = _roles(rng, story)
    return Customers(
        number=number,
        story=story,
        crowd=crowd,
        registered_at=registered_at,
        first_seen=first_seen,
        last_seen=last_seen,
        quiet_after=quiet_after,
        wecom_at=wecom_at,
        unsubscribed_at=_departures(rng, story, registered_at, quiet_after),
        channel=channel,
        campaign=_campaigns(stream(seed, chunk, "acquisition"), registered_at),
        persona=np.where(
            wecom_at < FOREVER,
            rng.integers(0, len(words.PERSONAS), count),
            words.NO_WORD,
        ),
        role=role,
        is_contributor=is_contributor,
        main_product=_main_products(rng, story, crowd),
        profile=draw_profiles(rng, crowd, registered_at),
    )


def _registrations(rng: np.random.Generator, story: Ints) -> Ints:
    """Draw registration times inside each story's window; visitors get ``NEVER``."""
    nearest = np.array([kind.joined[0] for kind in STORIES])[story]
    farthest = np.array([kind.joined[1] for kind in STORIES])[story]
    day = draw_days(rng, LAST - farthest, LAST - nearest)
    at = wall(day, draw_seconds(rng, len(story)))
    is_member = np.array([kind.is_member for kind in STORIES])[story]
    return np.where(is_member, at, NEVER)


def _campaigns(rng: np.random.Generator, registered_at: Ints) -> Ints:
    """Credit the campaign with most customers who join during it."""
    day = np.where(registered_at == NEVER, 0, day_at(registered_at))
    won = (registered_at != NEVER) & chance(rng, _BY_CAMPAIGN, len(day))
    return np.where(won, running_campaigns()[day], words.NO_WORD)


def _crowds(number: Ints, seed: int) -> Ints:
    """Spread the crowds over the customers; ``NO_CROWD`` for the rest."""
    shares = np.cumsum([crowd.share for crowd in CROWDS])
    # The stories use another multiple, so that crowds and stories are independent.
    place = spread(number * 7_919 + number // 13, seed, "crowd")
    return np.searchsorted(shares, place, "right")


def _presence(
    rng: np.random.Generator, story: Ints, registered_at: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return the first and last day with traces, and when silence begins."""
    count = len(story)
    is_silent = np.array([kind.is_silent for kind in STORIES])[story]
    last = np.full(count, LAST, dtype=np.int64)
    joined = day_at(registered_at)
    is_visitor = registered_at == NEVER
    oldest = np.full(count, 0, dtype=np.int64)
    visitor_day = draw_days(rng, oldest, np.where(is_silent, LAST - 80, LAST - 2))
    first = np.where(is_visitor, visitor_day, joined)
    silent_last = LAST - BEFORE_SILENCE
    gone = draw_days(rng, first, np.minimum(first + 40, silent_last))
    # Buyers who lapse keep the whole time for their orders.
    stays = np.isin(story, story_codes("lapsed"))
    last = np.where(is_silent, np.where(stays, silent_last, gone), last)
    quiet_after = np.where(is_silent, wall(LAST - SILENT_DAYS), FOREVER)
    return first, last, quiet_after


def _departures(
    rng: np.random.Generator, story: Ints, registered_at: Ints, quiet_after: Ints
) -> Ints:
    """Draw when members unsubscribe; those who must click a message never do."""
    count = len(story)
    stays = np.isin(story, story_codes("clicker", "visitor", "gone_visitor"))
    leaves = chance(rng, _LEAVING_SHARE, count) & ~stays
    at = registered_at + rng.integers(20 * DAY, 300 * DAY, count)
    leaves &= at < np.minimum(quiet_after, END_AT - HOUR)
    return np.where(leaves, at, FOREVER)


def _roles(rng: np.random.Generator, story: Ints) -> tuple[Ints, Bools]:
    """Pick opinion leaders, staff and contributors among the active customers."""
    role = np.full(len(story), words.NO_WORD, dtype=np.int64)
    is_contributor = np.zeros(len(story), dtype=np.bool_)
    active = rng.permutation(np.flatnonzero(np.isin(story, _ACTIVE)))
    kols, staff, contributors = (
        max(1, round(share * len(story)))
        for share in (_KOL_SHARE, _STAFF_SHARE, _CONTRIBUTOR_SHARE)
    )
    role[active[:kols]] = words.code(words.ROLES, "KOL")
    role[active[kols : kols + staff]] = words.code(words.ROLES, "员工")
    is_contributor[active[kols + staff : kols + staff + contributors]] = True
    return role, is_contributor


def _main_products(rng: np.random.Generator, story: Ints, crowd: Ints) -> Ints:
    """Draw the product that each customer comes back for.

    For monthly buyers it lasts about a month, for replenishers longer; for sample
    buyers it has a sample.
    """
    days = CATALOGUE.consumption_days
    usual = ~CATALOGUE.is_sample
    subsets = {
        "continuous": usual & (days >= 28) & (days <= 32),
        "replenisher": usual & (days >= 40) & (days <= 75),
        "sample_converted": CATALOGUE.sample_of() >= 0,
        "sample_only": CATALOGUE.sample_of() >= 0,
    }
    main = pick_rows(rng, TASTES, crowd)
    for name, subset in subsets.items():
        rows = np.flatnonzero(story == STORY_NAMES.index(name))
        main[rows] = pick_rows(rng, TASTES * subset, crowd[rows])
    return main
