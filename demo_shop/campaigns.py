"""Campaigns, the newcomers' messages and the one experiment, as plain data.

``uplift`` is the planted effect: the probability that a message brings an order that
would not have been placed without it. One uplift is zero, so that a test can show that
no effect is found then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.season import DAYS, HOUR, Ints, day_number, wall

OUTCOME_DAYS = 14


@dataclass(frozen=True)
class Campaign:
    """One mass message and the offer behind it.

    A random ``share`` of the eligible customers get it. Its offer lasts ``days``. If
    ``uplift`` is not None, the campaign is a planted comparison.
    """

    name: str
    title: str
    first_day: int
    days: int
    share: float
    uplift: float | None = None

    @property
    def sent_at(self) -> int:
        """Wall seconds of the first message."""
        return int(wall(self.first_day, 10 * HOUR))


@dataclass(frozen=True)
class Experiment:
    """A randomised test with two arms; ``uplift`` is planted in the second."""

    name: str
    arms: tuple[str, str]
    assigned_at: int
    uplift: float
    visit_uplift: float


@dataclass(frozen=True)
class Welcome:
    """A one-to-one message to newcomers, days after registration."""

    touch: str
    day: int


def _festival(name: str, title: str, first: str, days: int, share: float) -> Campaign:
    return Campaign(name, title, day_number(first), days, share)


_FESTIVALS = (
    _festival("cny_2024", "年货节", "2024-01-22", 14, 0.30),
    _festival("women_2024", "女神节", "2024-03-05", 4, 0.35),
    _festival("love_2024", "520 告白季", "2024-05-18", 3, 0.30),
    _festival("mid_2024", "618 年中大促", "2024-06-01", 18, 0.55),
    _festival("baby_2024", "母婴节", "2024-08-08", 3, 0.30),
    _festival("double11_2024", "双11", "2024-10-21", 22, 0.60),
    _festival("double12_2024", "双12", "2024-12-11", 2, 0.35),
    _festival("cny_2025", "年货节", "2025-01-08", 15, 0.35),
    _festival("love_2025", "520 告白季", "2025-05-18", 3, 0.25),
    _festival("mid_2025", "618 年中大促", "2025-06-01", 18, 0.55),
)
_COMPARED = (
    Campaign("autumn_2024", "秋日焕新券", day_number("2024-09-07"), 5, 0.5, 0.10),
    Campaign("women_2025", "女神节专属礼", day_number("2025-03-05"), 4, 0.5, 0.06),
    Campaign("story_2025", "品牌故事推文", day_number("2025-04-16"), 3, 0.5, 0.0),
)
_MEMBER_DAYS = tuple(
    Campaign(
        f"member_day_{year}{month:02d}",
        "会员日",
        day_number(f"{year}-{month:02d}-20"),
        1,
        0.22,
    )
    for year, months in ((2024, range(2, 13)), (2025, range(1, 7)))
    for month in months
)
# Goes only to customers who are sure to click, and gets no credit for orders.
REMINDER = Campaign("reminder_2025", "会员提醒", day_number("2025-06-05"), 0, 0.0)
CAMPAIGNS = tuple(
    sorted(
        (*_FESTIVALS, *_COMPARED, *_MEMBER_DAYS, REMINDER),
        key=lambda campaign: (campaign.first_day, campaign.name),
    )
)
CAMPAIGN_NAMES = tuple(campaign.name for campaign in CAMPAIGNS)


def running_campaigns() -> Ints:
    """Return for each day the position of the running campaign, or -1."""
    running = np.full(DAYS, -1, dtype=np.int64)
    for position, campaign in enumerate(CAMPAIGNS):
        running[campaign.first_day : campaign.first_day + campaign.days] = position
    return running


WELCOMES = (
    Welcome("new_t0_welcome", 0),
    Welcome("new_t1_gift", 1),
    Welcome("new_t7_bundle", 7),
)

EXPERIMENT = Experiment(
    name="summer_coupon_2025",
    arms=("control", "coupon"),
    assigned_at=int(wall(day_number("2025-04-28"), 10 * HOUR)),
    uplift=0.08,
    visit_uplift=0.12,
)
