"""Errors that a user can cause, each with a message that says what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SiyuError(Exception):
    """A mistake in configuration, rules or data; its text is shown as it is."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known name closest to ``name``, or ''."""
    names = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f" Did you mean '{names[found[0]]}'?" if found else ""
