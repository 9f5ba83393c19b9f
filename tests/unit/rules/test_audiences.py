"""Rules for audiences: slips of the pen are refused, also those between two files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shops import Shop

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.rule_files import check_all_rules, read_rules

AUDIENCES = "audience,play,channel,enabled\n"
RULES = "priority,audience,rule_id,attribute,operator,value\n"
GONE = "gone,wake_up,sms,true\n"
GONE_RULE = "1,gone,r,days_idle,>=,60\n"
HOLDOUTS = "holdout,scope,scope_name,share,salt\n"
PLAYS = "priority,stage,play\n1,I,greet\n"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("audiences", AUDIENCES + "A b,,sms,true\n", "row 1: audience: 'A b'"),
        ("audiences", AUDIENCES + "gone,,,true\n", "row 1: channel: is missing"),
        ("audiences", AUDIENCES + "gone,,sms,\n", "row 1: enabled: is missing"),
        ("audiences", AUDIENCES + "gone,,sms,maybe\n", "row 1: enabled: 'maybe'"),
        (
            "audiences",
            AUDIENCES + GONE + "new,,sms,true\ngone,,call,false\n",
            "rows 1 and 3: audience gone is given twice; keep one",
        ),
        ("audience_rules", RULES + "1,gone,r,days_idel,>=,60\n", "mean 'days_idle'?"),
        ("audience_rules", RULES + "1,gone,r,days_idle,>=,x\n", "days_idle is a numb"),
        (
            "audience_rules",
            RULES + GONE_RULE + "1,new,r,play,=,greet\n",
            "rows 1 and 2: rule r has two values of audience, gone and new",
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
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "attribute",
    ["play", "behavior_segment", "identity_tier", "crowd:mothers", "due:new_customer"],
)
def test_labels_of_other_rules_may_be_named(attribute: str, tmp_path: Path) -> None:
    path = tmp_path / "audience_rules.csv"
    path.write_text(f"{RULES}1,a,r,{attribute},=,x\n", encoding="utf-8")
    assert read_rules("audience_rules", path)


def check(shop: Shop, **files: str) -> None:
    """Check the built-in rules with these files in their places."""
    for name, text in files.items():
        shop.write(f"rules/{name}.csv", text)
    shop.keys["rules"] = "rules"
    check_all_rules(shop.source().settings)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (
            {
                "audiences": AUDIENCES + GONE,
                "audience_rules": RULES + GONE_RULE + "2,gon,s,play,=,greet\n",
            },
            "audience_rules.csv: row 2: audience: 'gon' is not in audiences.csv. Did "
            "you mean 'gone'?",
        ),
        (
            {"audience_rules": RULES + GONE_RULE},
            "audience_rules.csv: row 1: audience: 'gone' is not in audiences.csv.",
        ),
        (
            {"audiences": AUDIENCES + "win_back,,sms,true\n" + GONE},
            "audiences.csv: row 2: audience gone has no rule in audience_rules.csv, so "
            "it would be empty; add one, or set enabled to false",
        ),
        (
            {"audiences": AUDIENCES + "win_back,wake_upp,sms,true\n"},
            "audiences.csv: row 1: play: 'wake_upp' is not in plays.csv. Did you mean "
            "'wake_up'?",
        ),
        (
            {"plays": "priority,segment,play\n1,none,greet\n2,continous,thank\n"},
            "plays.csv: row 2: segment: 'continous' is not in behavior_segments.csv. "
            "Did you mean 'continuous'?",
        ),
        (
            {"holdouts": HOLDOUTS + "h,audience,winback,0.1,s\n"},
            "holdouts.csv: row 1: scope_name: 'winback' is not in audiences.csv. Did "
            "you mean 'win_back'?",
        ),
        (
            {"audience_rules": RULES + "1,win_back,r,crowd:mothres,is_not_null,\n"},
            "audience_rules.csv: row 1: attribute: 'mothres' is not in "
            "crowd_rules.csv. Did you mean 'mothers'?",
        ),
        (
            {"audience_rules": RULES + "1,win_back,r,due:newcustomer,is_not_null,\n"},
            "audience_rules.csv: row 1: attribute: 'newcustomer' is not in "
            "journey_steps.csv. Did you mean 'new_customer'?",
        ),
    ],
)
def test_files_that_disagree_are_named(
    shop: Shop, files: dict[str, str], says: str
) -> None:
    """A list that would stay empty, because a name is spelt in two ways."""
    with pytest.raises(SiyuError) as caught:
        check(shop, **files)
    assert says in str(caught.value)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    "files",
    [
        # Built-in rules and holdouts name audiences that are gone.
        {"audiences": AUDIENCES + "win_back,wake_up,sms,true\n"},
        {"audiences": AUDIENCES + "gone,,sms,false\n"},
        # Built-in audiences name plays that are gone, or have no rules any more.
        {"plays": PLAYS},
        {"audience_rules": RULES + "1,win_back,r,days_idle,>=,60\n"},
        {"audiences": AUDIENCES + GONE, "audience_rules": RULES + GONE_RULE},
    ],
)
def test_one_file_may_be_replaced_alone(shop: Shop, files: dict[str, str]) -> None:
    check(shop, **files)


def test_there_is_an_audience_for_each_play_segment_and_journey() -> None:
    """A play, segment or journey that was added, and nobody can export."""

    def names(file: str, column: str) -> set[str]:
        rows = read_rules(file, SEEDS_DIR / f"{file}.csv")
        return {getattr(row, column) for _, row in rows}

    wanted = {f"play_{name}" for name in names("plays", "play")}
    wanted |= {f"rfm_{name}" for name in names("rfm_segments", "segment")}
    wanted |= {f"behavior_{name}" for name in names("behavior_segments", "segment")}
    wanted |= {f"due_{name}" for name in names("journey_steps", "journey")}
    assert names("audiences", "audience") == wanted | {"early_warning", "win_back"}
