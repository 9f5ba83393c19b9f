"""Reproducible randomness for the demo shop.

Every step of every chunk of customers draws from its own stream, so that a change in
one step does not affect the draws of others.
"""

from __future__ import annotations

import zlib

import numpy as np

from demo_shop.season import Bools, Floats, Ints

_GOLDEN = 0.6180339887498949


def stream(seed: int, chunk: int, name: str) -> np.random.Generator:
    """Return the generator of one step of one chunk."""
    return np.random.default_rng([seed, chunk, zlib.crc32(name.encode())])


def spread(numbers: Ints, seed: int, name: str) -> Floats:
    """Return values in [0, 1) that are spread evenly over any range of numbers.

    Unlike a draw, this keeps planned shares exact to within a few rows at any size.
    """
    start = (zlib.crc32(f"{seed}:{name}".encode()) % 1_000_003) / 1_000_003
    return np.asarray((start + numbers * _GOLDEN) % 1.0)


def pick(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Draw ``count`` positions with the given weights."""
    shares = np.cumsum(weights)
    found: Ints = np.searchsorted(shares, rng.random(count) * shares[-1], "right")
    return np.clip(found, 0, len(shares) - 1)


def pick_rows(rng: np.random.Generator, table: Floats, rows: Ints) -> Ints:
    """Draw one position for each row, by the weights in ``table[row]``."""
    chosen = np.zeros(len(rows), dtype=np.int64)
    for row in np.unique(rows):
        mask = rows == row
        chosen[mask] = pick(rng, table[row], int(mask.sum()))
    return chosen


def chance(rng: np.random.Generator, probability: Floats | float, count: int) -> Bools:
    """Draw ``count`` times true with the given probability."""
    return np.asarray(rng.random(count) < probability)
