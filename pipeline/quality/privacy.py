"""The patterns of direct identifiers, and masking them in the results of checks."""

from __future__ import annotations

import re
from typing import Any

# Chinese mobile numbers with or without country code and separators, and numbers in
# international form. A part of a longer run of letters or digits is an id, not a
# number.
PHONE = (
    r"(^|[^0-9A-Za-z])"
    r"(([+]?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
    r"|[+][1-9][0-9]{0,2}[ -]?[0-9][0-9 -]{6,14}[0-9])"
    r"($|[^0-9A-Za-z])"
)
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*[.][A-Za-z]{2,}"

# For the regular expressions of both DuckDB and Python.
DIRECT_IDENTIFIER = f"({PHONE}|{EMAIL})"

_PATTERN = re.compile(DIRECT_IDENTIFIER)

# These numbers may look like a phone number but must stay readable.
_NAMES_OF_THINGS = frozenset(
    {"order_id", "line_key", "event_id", "product_id", "file", "row", "_load_id"}
)


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """Return ``row`` with anything that looks like a direct identifier masked."""
    return {
        name: hidden(value)
        if isinstance(value, str) and name not in _NAMES_OF_THINGS
        else value
        for name, value in row.items()
    }


def hidden(text: str) -> str:
    """Return ``text`` with all but the ends of each phone number or address masked."""
    return _PATTERN.sub(lambda found: _ends(found.group()), text)


def _ends(value: str) -> str:
    return f"{value[:2]}…{value[-2:]}"
