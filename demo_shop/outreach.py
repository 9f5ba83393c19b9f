"""What the shop sends: campaign messages, newcomers' messages, the experiment's arms.

Messages go to a random part of the eligible customers, which makes planted effects
measurable. ``orders`` and ``interactions`` draw what messages cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo_shop import vocabulary as words
from demo_shop.campaigns import (
    CAMPAIGN_NAMES,
    CAMPAIGNS,
    EXPERIMENT,
    REMINDER,
    WELCOMES,
)
from demo_shop.customers import Customers
from demo_shop.randomness import chance, stream
from demo_shop.season import DAY, END_AT, FOREVER, HOUR, LAST, Bools, Ints, wall

CONTACT_CHANNELS = ("wecom", "sms")
OUTCOMES = ("failed", "delivered", "opened", "clicked")
FAILED, DELIVERED, OPENED, CLICKED = range(4)
WELCOME_NAMES = tuple(welcome.touch for welcome in WELCOMES)

_FAILING = 0.03
_OPENING = 0.40
_CLICKING = 0.28


@dataclass
class Contacts:
    """Messages sent, in parallel arrays; ``customer`` is a position in the chunk.

    ``campaign`` and ``welcome`` are positions in their lists, ``NO_WORD`` if the
    message is of the other kind.
    """

    customer: Ints
    channel: Ints
    sent_at: Ints
    campaign: Ints
    welcome: Ints
    outcome: Ints

    def frame(self, customers: Customers) -> pd.DataFrame:
        """Return the rows of the clean table ``contacts``."""
        return pd.DataFrame(
            {
                "customer_no": customers.number[self.customer],
                "channel": words.as_text(self.channel, CONTACT_CHANNELS),
                "sent_at": self.sent_at,
                "campaign": words.as_text(self.campaign, CAMPAIGN_NAMES),
                "welcome": words.as_text(self.welcome, WELCOME_NAMES),
                "outcome": words.as_text(self.outcome, OUTCOMES),
            }
        )


@dataclass
class Arms:
    """The arms of one comparison: the experiment or a compared campaign.

    ``comparison`` is the name; ``started_at`` when the outcome window opens.
    """

    comparison: str
    customer: Ints
    is_treated: Bools
    started_at: Ints
    uplift: float

    def frame(self, customers: Customers) -> pd.DataFrame:
        """Return the rows of the clean table ``arms``."""
        names = [self.comparison]
        return pd.DataFrame(
            {
                "comparison": pd.Categorical(names * len(self.customer), names),
                "customer_no": customers.number[self.customer],
                "is_treated": self.is_treated,
                "started_at": self.started_at,
            }
        )


@dataclass
class Outreach:
    """Everything sent to a chunk of customers, and the comparisons in it."""

    contacts: Contacts
    arms: list[Arms]


def draw_outreach(seed: int, chunk: int, customers: Customers) -> Outreach:
    """Draw the messages and arms of a chunk."""
    rng = stream(seed, chunk, "outreach")
    batches, arms = [], []
    for position, campaign in enumerate(CAMPAIGNS):
        eligible = _eligible(customers, campaign.sent_at)
        chosen = chance(rng, campaign.share, len(eligible))
        sent = campaign.sent_at + rng.integers(0, 90 * 60, len(eligible))
        if campaign.uplift is not None:
            compared = customers.flag("is_open")[eligible]
            arms.append(
                Arms(
                    campaign.name,
                    eligible[compared],
                    chosen[compared],
                    np.full(compared.sum(), campaign.sent_at, dtype=np.int64),
                    campaign.uplift,
                )
            )
        batches.append((eligible[chosen], sent[chosen], position, words.NO_WORD))
    batches += _welcomes(rng, customers)
    batches.append(_forced(rng, customers))
    arms.append(_experiment(rng, customers))
    return Outreach(_contacts(rng, customers, batches), arms)


_Batch = tuple[Ints, Ints, int, int]


def _eligible(customers: Customers, at: int) -> Ints:
    """Return members who joined some days ago and can still be reached."""
    return np.flatnonzero(
        customers.is_member
        & (customers.registered_at < at - 4 * DAY)
        & (customers.quiet_after > at + 2 * HOUR)
        & (customers.unsubscribed_at > at + 2 * HOUR)
    )


def _welcomes(rng: np.random.Generator, customers: Customers) -> list[_Batch]:
    """Send the newcomers' messages to members who are bound on WeCom."""
    bound = np.flatnonzero(customers.wecom_at < FOREVER)
    batches = []
    for position, welcome in enumerate(WELCOMES):
        at = (
            customers.wecom_at[bound]
            + welcome.day * DAY
            + rng.integers(30, HOUR, len(bound))
        )
        batches.append((bound, at, words.NO_WORD, position))
    return batches


def _forced(rng: np.random.Generator, customers: Customers) -> _Batch:
    """Give each clicker one recent message that they are sure to click."""
    clickers = customers.of_story("clicker")
    day = LAST - rng.integers(2, 25, len(clickers))
    at = wall(day, rng.integers(9 * HOUR, 20 * HOUR, len(clickers)))
    return clickers, at, CAMPAIGN_NAMES.index(REMINDER.name), words.NO_WORD


def _contacts(
    rng: np.random.Generator, customers: Customers, batches: list[_Batch]
) -> Contacts:
    """Combine the batches and draw the outcome of each message."""
    sizes = [len(batch[0]) for batch in batches]
    customer = np.concatenate([batch[0] for batch in batches])
    sent_at = np.concatenate([batch[1] for batch in batches])
    campaign = np.repeat([batch[2] for batch in batches], sizes)
    welcome = np.repeat([batch[3] for batch in batches], sizes)
    is_forced = np.arange(len(customer)) >= len(customer) - sizes[-1]
    outcome = _outcomes(rng, customers, customer, is_forced)
    kept = (
        (sent_at < np.minimum(customers.quiet_after[customer], END_AT - 2 * HOUR))
        & (sent_at < customers.unsubscribed_at[customer])
        & (sent_at > customers.registered_at[customer])
    )
    is_bound = customers.wecom_at[customer] < sent_at
    channel = np.where(is_bound, 0, 1)
    # Sending every message by SMS would cost too much.
    kept &= is_bound | is_forced | chance(rng, 0.6, len(customer))
    return Contacts(
        customer[kept],
        channel[kept],
        sent_at[kept],
        campaign[kept],
        welcome[kept],
        outcome[kept],
    )


def _outcomes(
    rng: np.random.Generator, customers: Customers, customer: Ints, is_forced: Bools
) -> Ints:
    """Draw outcomes; browsers never click, clickers often, and the forced always."""
    count = len(customer)
    clickers = np.isin(customer, customers.of_story("clicker"))
    browsers = np.isin(customer, customers.of_story("browser", "just_joined"))
    clicking = np.where(clickers, 0.6, np.where(browsers, 0.0, _CLICKING))
    outcome = np.full(count, DELIVERED, dtype=np.int64)
    opened = chance(rng, _OPENING, count) | is_forced
    outcome = np.where(opened, OPENED, outcome)
    outcome = np.where(opened & chance(rng, clicking, count), CLICKED, outcome)
    outcome = np.where(chance(rng, _FAILING, count), FAILED, outcome)
    return np.where(is_forced, CLICKED, outcome)


def _experiment(rng: np.random.Generator, customers: Customers) -> Arms:
    """Assign customers of open stories to the experiment's arms, one to one."""
    at = EXPERIMENT.assigned_at
    eligible = _eligible(customers, at)
    eligible = eligible[customers.flag("is_open")[eligible]]
    return Arms(
        EXPERIMENT.name,
        eligible,
        chance(rng, 0.5, len(eligible)),
        np.full(len(eligible), at, dtype=np.int64),
        EXPERIMENT.uplift,
    )


def draw_consents(seed: int, chunk: int, customers: Customers) -> pd.DataFrame:
    """Draw the rows of the clean table ``consents``: given, withdrawn on leaving."""
    rng = stream(seed, chunk, "consents")
    bound = np.flatnonzero(customers.wecom_at < FOREVER)
    members = np.flatnonzero(customers.is_member)
    refuses_sms = chance(rng, 0.15, len(members))
    left = np.flatnonzero(customers.unsubscribed_at < END_AT)
    left_bound = left[customers.wecom_at[left] < customers.unsubscribed_at[left]]
    parts = (
        (bound, 0, np.ones(len(bound), np.bool_), customers.wecom_at[bound]),
        (members, 1, ~refuses_sms, customers.registered_at[members]),
        (
            left_bound,
            0,
            np.zeros(len(left_bound), np.bool_),
            _leaving(customers, left_bound),
        ),
        (left, 1, np.zeros(len(left), np.bool_), _leaving(customers, left)),
    )
    return pd.DataFrame(
        {
            "customer_no": np.concatenate([customers.number[p[0]] for p in parts]),
            "channel": words.as_text(
                np.repeat([p[1] for p in parts], [len(p[0]) for p in parts]),
                CONTACT_CHANNELS,
            ),
            "granted": np.concatenate([p[2] for p in parts]),
            "changed_at": np.concatenate([p[3] for p in parts]),
        }
    )


def _leaving(customers: Customers, positions: Ints) -> Ints:
    return customers.unsubscribed_at[positions]
