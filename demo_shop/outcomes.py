"""The outcome of orders: paid, shipped, completed, cancelled, refunded, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.season import DAY, Bools, Ints

STATUSES = ("pending", "paid", "shipped", "completed", "cancelled", "refunded")
PENDING, PAID, SHIPPED, COMPLETED, CANCELLED, REFUNDED = range(6)
# Shares of outcomes among orders that need not be kept.
_CANCELLED, _REFUNDED, _PARTLY = 0.035, 0.035, 0.03


@dataclass
class State:
    """An order as one extract shows it."""

    status: Ints
    refund: Ints
    updated_at: Ints


@dataclass
class Outcome:
    """The final state of each order, and when it reaches it."""

    ordered_at: Ints
    shipped_at: Ints
    final: State

    def state_at(self, moment: Ints) -> State:
        """Return the states that an extract shows at that moment."""
        is_final = moment > self.final.updated_at
        is_shipped = moment > self.shipped_at
        is_open = self.final.status == CANCELLED
        status = np.where(is_shipped, SHIPPED, PAID)
        status = np.where(is_open, PENDING, status)
        at = np.where(is_shipped & ~is_open, self.shipped_at, self.ordered_at)
        return State(
            np.where(is_final, self.final.status, status),
            np.where(is_final, self.final.refund, 0),
            np.where(is_final, self.final.updated_at, at),
        )


def draw_outcomes(
    rng: np.random.Generator,
    kept: Bools,
    in_store: Bools,
    ordered_at: Ints,
    amount: Ints,
) -> Outcome:
    """Draw outcomes: ``kept`` orders complete, and orders in a store do so at once."""
    count = len(kept)
    draw = np.where(kept, 1.0, rng.random(count))
    is_cancelled = draw < _CANCELLED
    is_refunded = ~is_cancelled & (draw < _CANCELLED + _REFUNDED) & ~in_store
    is_partly = draw < _CANCELLED + _REFUNDED + _PARTLY
    is_partly &= ~is_cancelled & ~is_refunded & ~in_store
    # Shipping takes a day or two, so refunds and completion always come after it.
    shipped_at = ordered_at + rng.integers(DAY // 2, 3 * DAY, count)
    delay = np.where(
        is_cancelled,
        rng.integers(1_800, DAY, count),
        np.where(
            is_refunded | is_partly,
            rng.integers(4 * DAY, 38 * DAY, count),
            rng.integers(7 * DAY, 15 * DAY, count),
        ),
    )
    status = np.full(count, COMPLETED, dtype=np.int64)
    status = np.where(is_cancelled, CANCELLED, status)
    status = np.where(is_refunded, REFUNDED, status)
    refund = np.where(is_refunded, amount, 0)
    refund = np.where(is_partly, amount * rng.integers(10, 60, count) // 100, refund)
    final_at = np.where(in_store, ordered_at, ordered_at + delay)
    return Outcome(ordered_at, shipped_at, State(status, refund, final_at))
