"""AIPL rules and plays: slips of the pen are refused, with row and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SiyuError
from pipeline.rules.rule_files import read_rules

RULES = "rule_id,stage,behavior,min_count,min_days,min_amount,window_days\n"
PLAYS = "priority,stage,segment,min_idle_days,max_idle_days,play\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("aipl_rules", RULES + "r,B,search,1,,,30\n", "row 1: stage: 'B': "),
        ("aipl_rules", RULES + "r,I,Search,1,,,30\n", "row 1: behavior: 'Search': "),
        ("aipl_rules", RULES + "r,I,search,0,,,30\n", "row 1: min_count: '0': "),
        ("aipl_rules", RULES + "r,I,search,1.5,,,30\n", "row 1: min_count: '1.5': "),
        ("aipl_rules", RULES + "r,I,search,1,,,\n", "row 1: window_days: is missing"),
        ("aipl_rules", RULES + "r,I,search,1,,,0\n", "row 1: window_days: '0': "),
        ("aipl_rules", RULES + "r,I,search,,9,,7\n", "min_days 9 can never be reached"),
        ("aipl_rules", RULES + "r,L,share,,,1.005,7\n", "row 1: min_amount: '1.005'"),
        (
            "aipl_rules",
            RULES + "r,I,search,1,,,30\nr,P,share,1,,,30\n",
            "rows 1 and 2: rule r belongs to stage I and to stage P",
        ),
        (
            "aipl_rules",
            RULES + "r,I,search,,,,30\nr,I,search,1,1,,30\n",
            "rows 1 and 2: rule r has the same condition twice",
        ),
        ("plays", PLAYS + "1,,,,,wait\n", "row 1: give either a stage or a segment"),
        (
            "plays",
            PLAYS + "1,I,new,,,wait\n",
            "row 1: give either a stage or a segment",
        ),
        (
            "plays",
            PLAYS + "1,I,,9,8,wait\n",
            "min_idle_days 9 is above max_idle",
        ),
        ("plays", PLAYS + "1,I,,-1,,wait\n", "row 1: min_idle_days: '-1': "),
        (
            "plays",
            PLAYS + "1,I,,,,wait\n1,P,,,,thank\n",
            "rows 1 and 2: priority 1 is given twice",
        ),
    ],
)
def test_a_broken_file_says_what_is_wrong(
    name: str, text: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SiyuError) as failure:
        read_rules(name, write(tmp_path, name, text))
    assert says in str(failure.value)


def test_conditions_of_one_behaviour_may_differ_in_their_windows(
    tmp_path: Path,
) -> None:
    text = RULES + "r,L,valid_order,1,,,30\nr,L,valid_order,5,,99.90,365\n"
    assert len(read_rules("aipl_rules", write(tmp_path, "aipl_rules", text))) == 2
