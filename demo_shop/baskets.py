"""The contents of orders: articles, quantities and prices, as order lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.catalogue import CATALOGUE
from demo_shop.randomness import chance, pick_rows
from demo_shop.season import Bools, Ints
from demo_shop.stories import TASTES

_EXTRA_LINES = (0.42, 0.33, 0.17, 0.08)
_QUANTITIES = np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 3], dtype=np.int64)
_GIFTS = 0.06
_BAGS = 0.15
_SCANNED_TWICE = 0.3


@dataclass
class Basket:
    """What decides an order's lines: parallel arrays, one entry for each order.

    ``main_product`` is -1 if the order does not start with it; ``sample`` orders hold
    only the sample of their main product. ``percent`` of the list price is paid.
    """

    crowd: Ints
    main_product: Ints
    sample: Bools
    in_store: Bools
    percent: Ints

    def __len__(self) -> int:
        return len(self.crowd)


@dataclass
class Lines:
    """Order lines in parallel arrays; lines of one order (a position) are adjacent."""

    order: Ints
    line_no: Ints
    product: Ints
    quantity: Ints
    cents: Ints

    def totals(self, orders: int) -> Ints:
        """Return the sum of quantity × price of each order, in cents."""
        values = (self.quantity * self.cents).astype(np.float64)
        # Exact: sums of whole numbers far below 2**53.
        return np.bincount(self.order, values, orders).astype(np.int64)


def draw_lines(rng: np.random.Generator, basket: Basket) -> Lines:
    """Draw the lines of all orders."""
    count = len(basket)
    extra = np.searchsorted(np.cumsum(_EXTRA_LINES), rng.random(count), "right")
    sizes = np.where(basket.sample, 1, 1 + np.minimum(extra, 3))
    order = np.repeat(np.arange(count, dtype=np.int64), sizes)
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = order[1:] != order[:-1]
    product = pick_rows(rng, TASTES, basket.crowd[order])
    wanted = basket.main_product[order]
    product = np.where(is_first & (wanted >= 0), wanted, product)
    product = np.where(basket.sample[order], CATALOGUE.sample_of()[wanted], product)
    quantity = _QUANTITIES[rng.integers(0, len(_QUANTITIES), len(order))]
    # Rhythms count one piece at a time.
    quantity = np.where(product == wanted, 1, quantity)
    quantity = np.where(basket.sample[order], 1, quantity)
    cents = CATALOGUE.cents[product] * basket.percent[order] // 100
    cents = np.where(basket.sample[order], CATALOGUE.cents[product], cents)
    return _numbered(
        _scanned_twice(
            rng,
            basket,
            _with_extras(rng, basket, Lines(order, order, product, quantity, cents)),
        )
    )


def _with_extras(rng: np.random.Generator, basket: Basket, lines: Lines) -> Lines:
    """Add free samples to some orders and carrier bags to some at the till."""
    samples = CATALOGUE.sample_of()
    fitting = ~basket.in_store[lines.order] & ~basket.sample[lines.order]
    fitting &= samples[lines.product] >= 0
    gifted = np.flatnonzero(fitting & chance(rng, _GIFTS, len(lines.order)))
    bagged = np.flatnonzero(basket.in_store & chance(rng, _BAGS, len(basket)))
    bag = np.full(len(bagged), CATALOGUE.bag, dtype=np.int64)
    ones = np.ones(len(gifted) + len(bagged), dtype=np.int64)
    free = np.zeros(len(gifted), dtype=np.int64)
    order = np.concatenate([lines.order, lines.order[gifted], bagged])
    product = np.concatenate([lines.product, samples[lines.product[gifted]], bag])
    quantity = np.concatenate([lines.quantity, ones])
    cents = np.concatenate([lines.cents, free, CATALOGUE.cents[bag]])
    sequence = np.argsort(order, kind="stable")
    return Lines(
        order[sequence],
        order[sequence],
        product[sequence],
        quantity[sequence],
        cents[sequence],
    )


def _scanned_twice(rng: np.random.Generator, basket: Basket, lines: Lines) -> Lines:
    """Split two pieces into two equal lines, as tills do: a real repeat."""
    split = basket.in_store[lines.order] & (lines.quantity == 2)
    split &= chance(rng, _SCANNED_TWICE, len(lines.order))
    times = np.where(split, 2, 1)
    quantity = np.where(split, 1, lines.quantity)
    return Lines(
        np.repeat(lines.order, times),
        np.repeat(lines.order, times),
        np.repeat(lines.product, times),
        np.repeat(quantity, times),
        np.repeat(lines.cents, times),
    )


def _numbered(lines: Lines) -> Lines:
    """Number the lines of each order from 1."""
    starts = np.flatnonzero(np.diff(lines.order, prepend=-1))
    sizes = np.diff(np.append(starts, len(lines.order)))
    lines.line_no = np.arange(len(lines.order)) - np.repeat(starts, sizes) + 1
    return lines
