"""Rules of journeys: slips of the pen are refused, with row and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.journeys import StepRow
from pipeline.rules.rule_files import read_rules

STEPS = (
    "journey,step,anchor,offset_days,offset_mode,grace_days,channel,content_key,"
    "offer_key,exit_when\n"
)
POSTS = "journey,week,weekday,content_key\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("j,A-1,joined,0,fixed,0,sms,k,,\n", "row 1: step: 'A-1': "),
        ("J,a,joined,0,fixed,0,sms,k,,\n", "row 1: journey: 'J': "),
        ("j,moments_w1_mon,joined,0,fixed,0,sms,k,,\n", "names that begin with"),
        ("j,a,join,0,fixed,0,sms,k,,\n", "row 1: anchor: 'join': "),
        ("j,a,joined,,fixed,0,sms,k,,\n", "row 1: offset_days: is missing"),
        ("j,a,joined,1.5,fixed,0,sms,k,,\n", "row 1: offset_days: '1.5': "),
        ("j,a,joined,731,fixed,0,sms,k,,\n", "row 1: offset_days: '731': "),
        ("j,a,ordered,-731,replenishment,0,sms,k,,\n", "row 1: offset_days: '-731': "),
        ("j,a,joined,-1,fixed,0,sms,k,,\n", "offset_days -1 is before the anchor"),
        ("j,a,joined,0,,0,sms,k,,\n", "row 1: offset_mode: is missing"),
        ("j,a,joined,0,replenishment,0,sms,k,,\n", "anchor joined is not"),
        ("j,a,wecom_added,0,replenishment,0,sms,k,,\n", "anchor wecom_added is not"),
        ("j,a,joined,0,fixed,-1,sms,k,,\n", "row 1: grace_days: '-1': "),
        ("j,a,joined,0,fixed,731,sms,k,,\n", "row 1: grace_days: '731': "),
        ("j,a,joined,0,fixed,0,,k,,\n", "row 1: channel: is missing"),
        ("j,a,joined,0,fixed,0,1-to-1,k,,\n", "row 1: channel: '1-to-1': "),
        ("j,a,joined,0,fixed,0,sms,k,,order\n", "unknown exit 'order'"),
        ("j,a,joined,0,fixed,0,sms,k,,complaint|\n", "unknown exit ''"),
        ("j,a,joined,0,fixed,0,sms,k,,complaint| new_order\n", "without spaces"),
        ("j,a,joined,0,fixed,0,sms,k,,complaint|complaint\n", "complaint is given"),
        ("j,a,sample_ordered,0,fixed,0,sms,k,,first_order\n", "at once"),
        (
            "j,a,joined,0,fixed,0,sms,k,,\ni,a,ordered,0,fixed,0,sms,k,,\n",
            "rows 1 and 2: step a is given twice",
        ),
        (
            "j,a,joined,0,fixed,0,sms,k,,\nj,b,ordered,0,fixed,0,sms,k,,\n",
            "rows 1 and 2: journey j starts with joined and with ordered",
        ),
    ],
)
def test_a_broken_step_says_what_is_wrong(rows: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SiyuError) as failure:
        read_rules("journey_steps", write(tmp_path, "journey_steps", STEPS + rows))
    assert says in str(failure.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("j,0,mon,k\n", "row 1: week: '0': "),
        ("j,105,mon,k\n", "row 1: week: '105': "),
        ("j,1,Monday,k\n", "row 1: weekday: 'Monday': "),
        ("j,1,mon,\n", "row 1: content_key: is missing"),
        ("j 1,1,mon,k\n", "row 1: journey: 'j 1': "),
        ("j,1,mon,k\ni,1,mon,k\n", "rows 1 and 2: mon of week 1 is given twice (j, i)"),
    ],
)
def test_a_broken_post_says_what_is_wrong(rows: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, "moments_calendar", POSTS + rows)
    with pytest.raises(SiyuError) as failure:
        read_rules("moments_calendar", path)
    assert says in str(failure.value)


@pytest.mark.parametrize(
    "row",
    [
        "j,a,joined,0,fixed,0,sms,,,first_order|new_order|complaint|unsubscribe",
        "j,a,wecom_added,730,fixed,730,sms,,,full_size_order",
        "j,a,full_size_ordered,-730,replenishment,0,sms,,,new_order",
    ],
)
def test_what_is_at_the_bounds_is_allowed(row: str, tmp_path: Path) -> None:
    path = write(tmp_path, "journey_steps", f"{STEPS}{row}\n")
    assert len(read_rules("journey_steps", path)) == 1


def test_the_shipped_journeys_are_those_of_the_field() -> None:
    """What practice gives for new and for returning customers, day by day."""
    shipped: dict[str, list[tuple[str, int, str]]] = {}
    for _, row in read_rules("journey_steps", SEEDS_DIR / "journey_steps.csv"):
        assert isinstance(row, StepRow)
        step = (row.anchor, row.offset_days, row.channel)
        shipped.setdefault(row.journey, []).append(step)
        assert row.anchor != "joined" or "first_order" in (row.exit_when or "")
    assert [days for _, days, _ in shipped["new_customer"]] == [0, 0, 0, 1, 2, 7]
    assert shipped["returning_customer"] == [
        ("ordered", 0, "wecom"),
        ("ordered", 1, "wecom"),
        ("ordered", 7, "wecom"),
        ("ordered", 7, "moments"),
        ("ordered", 21, "wecom"),
        ("ordered", 24, "wecom"),
    ]
    assert {name: len(steps) for name, steps in shipped.items()} == {
        "new_customer": 6,
        "returning_customer": 6,
        "sample_buyer": 3,
        "full_size_buyer": 3,
    }
    posts = read_rules("moments_calendar", SEEDS_DIR / "moments_calendar.csv")
    assert [(row.week, row.weekday) for _, row in posts] == [  # type: ignore[attr-defined]
        (week, day) for week in (1, 2, 3, 4) for day in ("mon", "wed", "fri", "sun")
    ]
