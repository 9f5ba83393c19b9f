"""Choices read from bytes that Hypothesis draws, for shops with many parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

T = TypeVar("T")


class Draws:
    """Choices read from drawn bytes, one a choice; the first option where they end.

    Of strategies with many parts Hypothesis makes most examples by changing a little in
    the one before. From bytes each example is another, and cheap; it still shrinks, to
    few and first options.
    """

    def __init__(self, tape: bytes) -> None:
        self._tape = iter(tape)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[next(self._tape, 0) % len(options)]

    def times(self, *numbers: int) -> range:
        """Return a range as long as one of the numbers says."""
        return range(self.pick(numbers))


def examples(number: int) -> int:
    """Return the number of examples, which the profile `long` multiplies."""
    usual = settings.get_profile("test").max_examples
    return number * settings().max_examples // usual


def drawn(build: Callable[[Draws], T], size: int) -> st.SearchStrategy[T]:
    """What the function makes of so many bytes."""
    return st.binary(min_size=size, max_size=size).map(lambda tape: build(Draws(tape)))
