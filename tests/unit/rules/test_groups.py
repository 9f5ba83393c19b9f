"""Rules for crowds, scenes, tiers and segments: slips of the pen are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SiyuError
from pipeline.rules.rule_files import read_rules

CROWDS = "priority,crowd,rule_id,attribute,operator,value,value_to\n"
SCENES = "priority,scene,rule_id,attribute,operator,value,value_to\n"
TIERS = "priority,tier,rule_id,attribute,operator,value,value_to\n"
SEGMENTS = (
    "priority,segment,min_orders,max_orders,recent_days,min_recent_orders,"
    "consecutive_windows,window_days\n"
)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("crowd_rules", CROWDS + "1,a,r,gendr,=,x,\n", "no attribute 'gendr'. Did you"),
        ("crowd_rules", CROWDS + "1,a,r,skin,=,x,\n", "is named member:skin"),
        ("crowd_rules", CROWDS + "1,a,r,crowd:b,=,true,\n", "no attribute 'crowd:b'"),
        (
            "crowd_rules",
            CROWDS + "1,a,r,count_0d:share,>,1,\n",
            "no attribute 'count_0",
        ),
        ("crowd_rules", CROWDS + "1,a,r,count:Share,>,1,\n", "'Share' after 'count:'"),
        ("crowd_rules", CROWDS + "1,a,r,region,like,x,\n", "row 1: operator: 'like'"),
        ("crowd_rules", CROWDS + "1,a,r,region,=,,\n", "operator = takes a value"),
        ("crowd_rules", CROWDS + "1,a,r,region,is_null,x,\n", "is_null takes no value"),
        ("crowd_rules", CROWDS + "1,a,r,age,between,9,\n", "between takes a value_to"),
        ("crowd_rules", CROWDS + "1,a,r,age,>,9,10\n", "operator > takes no value_to"),
        (
            "crowd_rules",
            CROWDS + "1,a,r,age,between,9,8\n",
            "value 9 is above value_to",
        ),
        (
            "crowd_rules",
            CROWDS + "1,a,r,age,>,old,\n",
            "age is a number, but 'old' is not",
        ),
        (
            "crowd_rules",
            CROWDS + "1,a,r,days_silent,in,1|2,\n",
            "operator in is for text; days_silent is a number",
        ),
        (
            "crowd_rules",
            CROWDS + "1,a,r,age,>,9,\n1,b,r,region,=,x,\n",
            "rows 1 and 2: rule r has two values of crowd, a and b",
        ),
        (
            "scene_rules",
            SCENES + "1,a,r,age,>,9,\n2,a,r,crowd:b,=,true,\n",
            "rows 1 and 2: rule r has two values of priority, 1 and 2",
        ),
        (
            "identity_tiers",
            TIERS + "1,a,r,age,>,9,\n1,b,s,age,>,9,\n",
            "rows 1 and 2: a and b both have priority 1",
        ),
        (
            "contribution_points",
            "behavior,points\nshare,1\nshare,2\n",
            "rows 1 and 2: share is given twice",
        ),
        ("contribution_points", "behavior,points\nshare,-1\n", "row 1: points: '-1'"),
        ("behavior_segments", SEGMENTS + "1,none,1,,,,,\n", "'none' means to be in no"),
        ("behavior_segments", SEGMENTS + "1,a,,,,,,\n", "a has no condition"),
        ("behavior_segments", SEGMENTS + "1,a,3,2,,,,\n", "min_orders 3 is above max"),
        ("behavior_segments", SEGMENTS + "1,a,,,60,,,\n", "must be set together"),
        ("behavior_segments", SEGMENTS + "1,a,,,,2,,\n", "must be set together"),
        (
            "behavior_segments",
            SEGMENTS + "1,a,,,,,3,\n",
            "window_days must be set together",
        ),
        ("behavior_segments", SEGMENTS + "1,a,,,,,13,9\n", "consecutive_windows: '13'"),
        (
            "behavior_segments",
            SEGMENTS + "1,a,1,,,,,\n1,b,1,,,,,\n",
            "rows 1 and 2: priority 1 is given twice",
        ),
        (
            "behavior_segments",
            SEGMENTS + "1,a,1,,,,,\n2,a,2,,,,,\n",
            "rows 1 and 2: segment a is given twice",
        ),
    ],
)
def test_a_broken_file_says_what_is_wrong(
    name: str, text: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SiyuError) as caught:
        read_rules(name, path)

    assert f"{path}: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crowd_rules", CROWDS + "1,a,r,member:皮肤,!=,干性,\n1,a,s,age,<=,9.5,\n"),
        ("crowd_rules", CROWDS + "1,a,r,count_30d_before_60d:share,between,1,10\n"),
        ("scene_rules", SCENES + "1,a,r,crowd:b,=,true,\n1,a,r,scene:厨房,>=,1,\n"),
        ("identity_tiers", TIERS + "1,a,r,role,is_null,,\n1,a,s,count:share,>,9,\n"),
        ("behavior_segments", SEGMENTS + "1,a,,,60,0,,\n2,b,,,,,3,30\n"),
    ],
)
def test_what_makes_sense_is_read(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")

    assert len(read_rules(name, path)) == text.count("\n") - 1
