"""A growing log of interactions: parallel arrays, one batch after another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from demo_shop import vocabulary as words
from demo_shop.campaigns import CAMPAIGN_NAMES
from demo_shop.catalogue import CATALOGUE
from demo_shop.customers import Customers
from demo_shop.season import END_AT, START_AT, Ints, month_of

GUEST = -1
NO_VALUE = -1

# Columns that a batch may leave out, with their default values.
_OPTIONAL = {
    "channel": words.NO_WORD,
    "campaign": words.NO_WORD,
    "content": words.NO_WORD,
    "product": words.NO_WORD,
    "scene": words.NO_WORD,
    "referred": GUEST,
    "value": NO_VALUE,
}
_COLUMNS = ("customer", "type", "at", *_OPTIONAL)


def message_contents() -> tuple[str, ...]:
    """Return all content ids: pages, then one message for each campaign."""
    return (*words.CONTENTS, *(f"msg_{name}" for name in CAMPAIGN_NAMES))


_CONTENTS = message_contents()


@dataclass
class EventLog:
    """Interactions of one chunk; ``customer`` and ``referred`` are positions in it."""

    customers: Customers
    _batches: dict[str, list[Ints]] = field(
        default_factory=lambda: {name: [] for name in _COLUMNS}
    )

    def add(
        self, event: str | Ints, customer: Ints, at: Ints, **more: Ints | int
    ) -> None:
        """Append events of one type, or of the given types (positions).

        ``more`` holds optional columns; a number fills a whole column.
        """
        kind = words.code(words.EVENT_TYPES, event) if isinstance(event, str) else event
        given: dict[str, Ints | int] = {**_OPTIONAL, **more}
        given |= {"customer": customer, "type": kind, "at": at}
        for name in _COLUMNS:
            column = np.broadcast_to(np.asarray(given[name], np.int64), len(at))
            self._batches[name].append(column)

    def frame(self, first_number: int) -> pd.DataFrame:
        """Return the rows of the clean table ``events``, from ``first_number`` on.

        Events outside the shop's life, or after a customer went quiet, are left out.
        """
        log = {name: np.concatenate(self._batches[name]) for name in _COLUMNS}
        is_guest = log["customer"] == GUEST
        kept = (log["at"] >= START_AT) & (log["at"] < END_AT)
        kept &= is_guest | (log["at"] <= self.customers.quiet_after[log["customer"]])
        log = {name: column[kept] for name, column in log.items()}
        return self._render(log, first_number)

    def _render(self, log: dict[str, Ints], first_number: int) -> pd.DataFrame:
        who, is_guest = log["customer"], log["customer"] == GUEST
        wecom_types = words.codes(words.EVENT_TYPES, words.WECOM_EVENTS)
        from_wecom = np.isin(log["type"], wecom_types) & ~is_guest
        number, referred = self.customers.number, log["referred"]
        channel = log["channel"]
        wecom = words.code(words.CHANNELS, "企业微信")
        channel = np.where(from_wecom & (channel < 0), wecom, channel)
        persona = np.where(from_wecom, self.customers.persona[who], words.NO_WORD)
        return pd.DataFrame(
            {
                "event_no": np.arange(first_number, first_number + len(who)),
                "from_wecom": from_wecom,
                "customer_no": np.where(is_guest, -1, number[who]),
                "type": words.as_text(log["type"], words.EVENT_TYPES),
                "happened_at": log["at"],
                "month": month_of(log["at"]),
                "channel": words.as_text(channel, words.CHANNELS),
                "campaign": words.as_text(log["campaign"], CAMPAIGN_NAMES),
                "content": words.as_text(log["content"], _CONTENTS),
                "product": words.as_text(log["product"], CATALOGUE.ids),
                "persona": words.as_text(persona, words.PERSONAS),
                "scene": words.as_text(log["scene"], words.SCENES),
                "referred_no": np.where(referred == GUEST, -1, number[referred]),
                "value": log["value"],
            }
        )
