"""Attributes of the members, such that each crowd's rule finds exactly that crowd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop import vocabulary as words
from demo_shop.randomness import chance, pick
from demo_shop.season import DAY, LAST_DAY, NEVER, Bools, Ints
from demo_shop.stories import CROWD_NAMES, NO_CROWD

_REGION_WEIGHTS = np.array([14, 10, 16, 12, 11, 8, 6, 5, 6, 5, 4, 3], dtype=np.float64)
_TIER_WEIGHTS = np.array([3.0, 3.0, 2.0, 2.0])
_MISSING = 0.08
_CHANGED = 0.03
_NOTED = 0.06


@dataclass
class Profiles:
    """Positions in the vocabulary (``NO_WORD``: unknown), indexed like the customers.

    ``birth_day`` counts days since 1970-01-01 (``NEVER``: unknown).
    ``city_tier_before`` is the value in an earlier extract, for members whose profile
    changed later.
    """

    gender: Ints
    birth_day: Ints
    region: Ints
    city_tier: Ints
    city_tier_before: Ints
    household: Ints
    occupation: Ints
    skin_type: Ints
    baby_stage: Ints
    travel: Ints
    note: Ints
    group: Ints
    changed_at: Ints


def draw_profiles(
    rng: np.random.Generator, crowd: Ints, registered_at: Ints
) -> Profiles:
    """Draw the attributes of a chunk of customers."""
    count = len(crowd)
    tier = pick(rng, _TIER_WEIGHTS, count)
    changed = chance(rng, _CHANGED, count) & (registered_at != NEVER)
    last = (LAST_DAY.toordinal() - 719_163) * DAY
    gender, household, birth_day = _person(rng, crowd)
    return Profiles(
        gender=gender,
        birth_day=birth_day,
        region=_forget(rng, pick(rng, _REGION_WEIGHTS, count)),
        city_tier=tier,
        city_tier_before=np.where(changed, (tier + 1) % len(words.CITY_TIERS), tier),
        household=household,
        occupation=_occupations(rng, crowd),
        skin_type=_forget(rng, rng.integers(0, len(words.SKIN_TYPES), count)),
        baby_stage=np.where(
            _is(crowd, "mothers"),
            rng.integers(0, len(words.BABY_STAGES), count),
            words.NO_WORD,
        ),
        travel=_travel(rng, crowd),
        note=np.where(
            chance(rng, _NOTED, count),
            rng.integers(0, len(words.NOTES), count),
            words.NO_WORD,
        ),
        group=rng.integers(0, words.GROUPS_PER_PERSONA, count),
        changed_at=np.where(changed, last - rng.integers(0, 3 * DAY, count), NEVER),
    )


def _is(crowd: Ints, name: str) -> Bools:
    return np.asarray(crowd == CROWD_NAMES.index(name))


def _forget(rng: np.random.Generator, positions: Ints) -> Ints:
    """Make a share of the values unknown."""
    return np.where(chance(rng, _MISSING, len(positions)), words.NO_WORD, positions)


def _person(rng: np.random.Generator, crowd: Ints) -> tuple[Ints, Ints, Ints]:
    """Draw gender, household and birth day, which crowd rules combine."""
    count = len(crowd)
    home = {name: words.code(words.HOUSEHOLDS, name) for name in words.HOUSEHOLDS}
    female, male = 0, 1
    gender = np.where(chance(rng, 0.72, count), female, male)
    shared = np.where(chance(rng, 0.5, count), home["情侣同住"], home["与父母同住"])
    household = shared.copy()
    ages = rng.uniform(24, 50, count)
    mothers, alone, students = (
        _is(crowd, name) for name in ("mothers", "living_alone", "students")
    )
    gender = np.where(mothers, female, gender)
    household = np.where(mothers, home["有孩家庭"], household)
    ages = np.where(mothers, rng.uniform(25, 40, count), ages)
    household = np.where(alone, home["独居"], household)
    ages = np.where(alone, rng.uniform(22, 33, count), ages)
    household = np.where(students, home["宿舍"], household)
    ages = np.where(students, rng.uniform(18.5, 23, count), ages)
    # Near misses: fathers, and older people who live alone.
    others = crowd == NO_CROWD
    fathers = others & chance(rng, 0.2, count)
    gender = np.where(fathers, male, gender)
    household = np.where(fathers, home["有孩家庭"], household)
    elders = others & ~fathers & chance(rng, 0.1, count)
    household = np.where(elders, home["独居"], household)
    ages = np.where(elders, rng.uniform(46, 75, count), ages)
    gender = np.where(mothers, gender, _forget(rng, gender))
    birth_day = (LAST_DAY.toordinal() - 719_163) - (ages * 365.25).astype(np.int64)
    unknown = chance(rng, _MISSING, count) & ~alone & ~elders
    return gender, household, np.where(unknown, NEVER, birth_day)


def _occupations(rng: np.random.Generator, crowd: Ints) -> Ints:
    """Draw occupations; only students are students."""
    count = len(crowd)
    usual = words.codes(
        words.OCCUPATIONS, ("上班族", "自由职业", "教师", "医护", "企业管理", "销售")
    )
    chosen = usual[rng.integers(0, len(usual), count)]
    at_home = _is(crowd, "mothers") & chance(rng, 0.35, count)
    chosen = np.where(at_home, words.code(words.OCCUPATIONS, "全职妈妈"), chosen)
    business = words.codes(words.OCCUPATIONS, ("企业管理", "销售"))
    travellers = _is(crowd, "business_travellers")
    chosen = np.where(travellers, business[rng.integers(0, 2, count)], chosen)
    chosen = _forget(rng, chosen)
    return np.where(
        _is(crowd, "students"), words.code(words.OCCUPATIONS, "学生"), chosen
    )


def _travel(rng: np.random.Generator, crowd: Ints) -> Ints:
    """Draw how much members travel; only business travellers travel often."""
    rarely = words.codes(words.TRAVEL, ("偶尔出差", "几乎不出差"))
    chosen = _forget(rng, rarely[rng.integers(0, 2, len(crowd))])
    often = words.code(words.TRAVEL, "经常出差")
    return np.where(_is(crowd, "business_travellers"), often, chosen)
