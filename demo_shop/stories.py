"""What is planted among the customers: stories of behaviour and crowds by attributes.

A story fixes how a customer comes, buys and leaves, and so their behaviour segment and
lifecycle state on the shop's last day. A crowd fixes attributes and tastes.
``truth.json`` has both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.catalogue import CATALOGUE
from demo_shop.season import Floats

# Silent customers leave no trace in this many days: the segments' 60 and a margin, so
# that they are also found some days earlier or later.
SILENT_DAYS = 66
BEFORE_SILENCE = 70


@dataclass(frozen=True)
class Story:
    """One kind of customer.

    ``joined`` bounds the registration, in days before the last day. ``is_open`` stories
    may get extra orders, from campaigns and the experiment, without breaking their
    promise; ``browsing`` is the mean number of idle events.
    """

    name: str
    share: float
    joined: tuple[int, int] = (0, 0)
    is_member: bool = True
    is_silent: bool = False
    is_recent: bool = False
    is_open: bool = False
    browsing: float = 10.0
    segment: str | None = None
    lifecycle: str | None = None
    about: str = ""


STORIES = (
    Story(
        name="visitor",
        share=0.09,
        is_member=False,
        is_recent=True,
        browsing=3,
        segment="none",
        lifecycle="prospect",
        about="known by an id, never registered, looked around in the last weeks",
    ),
    Story(
        name="gone_visitor",
        share=0.09,
        is_member=False,
        is_silent=True,
        browsing=3,
        segment="silent_60d",
        lifecycle="prospect",
        about="known by an id, never registered, away for more than 60 days",
    ),
    Story(
        name="just_joined",
        share=0.01,
        joined=(1, 14),
        browsing=5,
        segment="registered_no_purchase",
        lifecycle="prospect",
        about="member of the last two weeks who has not bought yet",
    ),
    Story(
        name="browser",
        share=0.10,
        joined=(40, 546),
        is_recent=True,
        browsing=11,
        segment="registered_no_purchase",
        lifecycle="prospect",
        about="member who looks, never clicked a message, never bought",
    ),
    Story(
        name="clicker",
        share=0.08,
        joined=(40, 546),
        is_recent=True,
        browsing=10,
        segment="clicked_no_purchase",
        lifecycle="prospect",
        about="member who clicks messages and never bought",
    ),
    Story(
        name="silent_prospect",
        share=0.06,
        joined=(90, 546),
        is_silent=True,
        browsing=4,
        segment="silent_60d",
        lifecycle="prospect",
        about="member who never bought and went silent",
    ),
    Story(
        name="newcomer",
        share=0.05,
        joined=(5, 45),
        is_recent=True,
        browsing=5,
        segment="none",
        lifecycle="new",
        about="one order, less than 30 days ago",
    ),
    Story(
        name="one_time",
        share=0.12,
        joined=(90, 546),
        is_recent=True,
        browsing=9,
        segment="no_repurchase_60d",
        about="one order more than 60 days ago, still looking around",
    ),
    Story(
        name="lapsed",
        share=0.09,
        joined=(200, 546),
        is_silent=True,
        browsing=9,
        segment="silent_60d",
        about="several orders, then no trace for more than 60 days",
    ),
    Story(
        name="casual",
        share=0.08,
        joined=(60, 546),
        is_open=True,
        browsing=12,
        about="orders now and then, busy days preferred",
    ),
    Story(
        name="continuous",
        share=0.06,
        joined=(130, 546),
        is_open=True,
        browsing=18,
        segment="continuous",
        lifecycle="active",
        about="orders about every 30 days, to the end",
    ),
    Story(
        name="replenisher",
        share=0.06,
        joined=(150, 546),
        is_open=True,
        browsing=14,
        about="buys the main product again when it has run out (consumption_days)",
    ),
    Story(
        name="enthusiast",
        share=0.03,
        joined=(100, 450),
        browsing=16,
        segment="active_no_activity",
        lifecycle="active",
        about="2 or 3 orders in the last 60 days, none in the 30 before, no activity",
    ),
    Story(
        name="reactivated",
        share=0.03,
        joined=(260, 546),
        is_recent=True,
        browsing=10,
        segment="none",
        lifecycle="reactivated",
        about="back with an order after more than 180 days",
    ),
    Story(
        name="sample_converted",
        share=0.03,
        joined=(60, 546),
        is_open=True,
        browsing=12,
        about="first order a sample, second its full size",
    ),
    Story(
        name="sample_only",
        share=0.02,
        joined=(4, 500),
        is_recent=True,
        browsing=8,
        about="one order, of a sample, and nothing after",
    ),
)
STORY_NAMES = tuple(story.name for story in STORIES)


@dataclass(frozen=True)
class Crowd:
    """One planted crowd: the attributes of its members, and what they like to buy.

    ``rule`` is a conjunction of (attribute, operator, value, value_to) over the
    members' attributes; it holds for exactly the crowd's members.
    """

    name: str
    share: float
    rule: tuple[tuple[str, str, str, str | None], ...]
    favourites: dict[str, float]


CROWDS = (
    Crowd(
        "mothers",
        0.30,
        (("gender", "=", "女", None), ("household", "=", "有孩家庭", None)),
        {"母婴用品": 8, "婴童洗护": 5, "奶粉辅食": 6, "护肤": 2},
    ),
    Crowd(
        "living_alone",
        0.16,
        (("household", "=", "独居", None), ("age", "between", "18", "35")),
        {"家居香氛": 7, "个护": 4, "护肤": 3, "彩妆": 2},
    ),
    Crowd(
        "students",
        0.14,
        (("occupation", "=", "学生", None),),
        {"彩妆": 7, "护肤": 4, "个护": 2},
    ),
    Crowd(
        "business_travellers",
        0.08,
        (("travel_frequency", "=", "经常出差", None),),
        {"旅行装": 8, "营养健康": 4, "护肤": 2},
    ),
)
CROWD_NAMES = tuple(crowd.name for crowd in CROWDS)
NO_CROWD = len(CROWDS)
_NO_FAVOURITES = {"护肤": 6, "彩妆": 2, "个护": 3, "营养健康": 2, "家居香氛": 1}


def _tastes() -> Floats:
    """Return crowd × product shares; the last row is for customers without a crowd."""
    favourites = [crowd.favourites for crowd in CROWDS] + [_NO_FAVOURITES]
    weights = np.array(
        [[likes.get(c, 0.3) for c in CATALOGUE.categories] for likes in favourites]
    )
    weights = weights * CATALOGUE.popularity
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


TASTES = _tastes()


def story_codes(*names: str) -> list[int]:
    """Return the positions of stories by name."""
    return [STORY_NAMES.index(name) for name in names]
