"""What identifies one person, and how to find it in a text, a column or bytes.

Some values are too ambiguous to search for in running text: a customer ``7``, an order
number of five digits. They count only in columns that name people. A value with letters
and digits, an @, or nine digits is *distinctive* and is searched for everywhere, as a
whole word: ``C0001`` is not found in ``C00012``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from urllib.parse import quote

from pipeline.storage.quoting import quote_name, quote_text

_TELLING_DIGITS = 9
_TELLING_LENGTH = 6
_MOBILE_DIGITS = 11
_BEFORE, _AFTER = "(?i)(^|[^0-9A-Za-z])(", ")($|[^0-9A-Za-z])"
_PERSON_COLUMNS = re.compile(
    r"^(.*_)?(customer|member|user|recipient)(_?(id|no|number|key))?$"
    r"|phone|mobile|e?mail|id_value",
    re.IGNORECASE,
)
_TEXT_TYPES = re.compile(r"VARCHAR|JSON|BLOB|ENUM|UNION", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """A customer's id, their other identifiers, and the ids of their orders.

    ``identifiers`` are phone numbers, addresses and ids of other systems as they are in
    landing, except those shared with another customer.
    """

    customer_id: str
    identifiers: frozenset[str] = frozenset()
    orders: frozenset[str] = field(default=frozenset(), repr=False)

    def to_lists(self) -> dict[str, list[str]]:
        """The person in a form that JSON can hold, for `from_lists`."""
        return {
            "customer_id": [self.customer_id],
            "identifiers": sorted(self.identifiers),
            "orders": sorted(self.orders),
        }

    @classmethod
    def from_lists(cls, lists: dict[str, list[str]]) -> Person:
        """The person from the lists that `to_lists` returned."""
        identifiers, orders = lists["identifiers"], lists["orders"]
        return cls(lists["customer_id"][0], frozenset(identifiers), frozenset(orders))

    @cached_property
    def words(self) -> set[str]:
        """Every distinctive value, in each spelling that it may have as one word."""
        values = {self.customer_id, *self.identifiers}
        return {w for v in values if is_distinctive(v) for w in _spellings(v)}

    @cached_property
    def _exact(self) -> set[str]:
        return {self.customer_id, *self.identifiers} | self.words | self._hashes

    @cached_property
    def _hashes(self) -> set[str]:
        """Phone numbers and addresses in the hashed form sent to advertisers."""
        return {
            hashlib.new(name, word.encode()).hexdigest()
            for word in self.words
            for name in ("sha256", "md5")
        }

    @cached_property
    def pattern(self) -> str | None:
        """A regular expression, for Python and DuckDB, for any distinctive value.

        The value is its second group. None if the person has no distinctive value.
        """
        if not self.words:
            return None
        plain = self.words | self._hashes
        plain |= {escaped for word in self.words for escaped in _escaped(word)}
        choices = {re.escape(word) for word in plain}
        choices |= {_spaced(word) for word in self.words if _is_number(word)}
        # The longest first, to match the country code if it is there.
        ordered = sorted(choices, key=lambda text: (-len(text), text))
        return f"{_BEFORE}{'|'.join(ordered)}{_AFTER}"

    @cached_property
    def in_text(self) -> re.Pattern[str] | None:
        """The pattern for texts."""
        if not self.pattern:
            return None
        # Without consuming the neighbours: two values may share the blank between them.
        values = self.pattern.removeprefix(_BEFORE).removesuffix(_AFTER)
        return re.compile(f"(?i)(?<![0-9A-Za-z])({values})(?![0-9A-Za-z])")

    def found_in(self, columns: dict[str, str]) -> str:
        """SQL for whether a row with these columns (name to type) holds the person."""
        exact = ", ".join(quote_text(value) for value in sorted(self._exact))
        tests = ["false"]
        for name, sql_type in columns.items():
            text = f"cast({quote_name(name)} as varchar)"
            if _PERSON_COLUMNS.search(name):
                tests.append(f"{text} in ({exact})")
            if self.pattern and _TEXT_TYPES.search(sql_type):
                tests.append(f"regexp_matches({text}, {quote_text(self.pattern)})")
        return f"coalesce({' or '.join(tests)}, false)"

    def is_in_record(self, header: Iterable[str], values: Iterable[str]) -> bool:
        """Whether a record of texts holds the person."""
        return any(
            (self.in_text and self.in_text.search(value))
            or (value in self._exact and _PERSON_COLUMNS.search(name))
            for name, value in zip(header, values, strict=False)
        )

    def is_exactly(self, column: str, value: str) -> bool:
        """Whether the value of a column is exactly one of the person's."""
        is_about_people = _PERSON_COLUMNS.search(column)
        return value in self._exact and bool(is_about_people or is_distinctive(value))


def is_distinctive(value: str) -> bool:
    """Whether a value can be searched for in running text."""
    digits = sum(character.isdigit() for character in value)
    if digits == len(value) or not digits:
        return digits >= _TELLING_DIGITS or "@" in value
    return len(value) >= _TELLING_LENGTH


def _is_number(value: str) -> bool:
    return value.isdigit() and len(value) >= _TELLING_DIGITS


def _spellings(value: str) -> set[str]:
    """The value, also as a phone number without separators and country code."""
    value = value.strip()
    if "@" in value:
        return {value, value.lower()}
    digits = re.sub(r"[ ()+-]", "", value)
    if not _is_number(digits):
        return {value}
    local = digits.removeprefix("86")
    if len(local) != _MOBILE_DIGITS:
        local = digits
    return {value, digits, local, f"86{local}", f"+86{local}", f"+{digits}"}


def _spaced(number: str) -> str:
    """The number with blanks or hyphens between any of its digits."""
    return "[ -]?".join(number)


def _escaped(word: str) -> set[str]:
    """The word as it is written in HTML, JSON and URLs."""
    return {escape(word), json.dumps(word)[1:-1], quote(word, safe="")} - {word}
