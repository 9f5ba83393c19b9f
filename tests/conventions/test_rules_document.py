"""What docs/rules.md says of rule files is what the program accepts and says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from support.shops import Shop

from pipeline.config.project import PROJECT_DIR, SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.attributes import ATTRIBUTES, LABELS
from pipeline.rules.groups import Operator
from pipeline.rules.rule_files import RULE_FILES, check_all_rules, read_rules

DOCUMENT = (PROJECT_DIR / "docs/rules.md").read_text(encoding="utf-8")
HEADER = "priority,crowd,rule_id,attribute,operator,value,value_to,label_en,label_zh\n"


def first_cells(title: str) -> Counter[str]:
    """The names in the first column of the tables below a title."""
    below = DOCUMENT.split(f" {title}\n")[1]
    text = re.split(r"^#", below, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE)
    return Counter(name for cell in cells for name in re.findall(r"`(.+?)`", cell))


def test_every_attribute_is_listed_once() -> None:
    """An attribute that rules may name, and operators cannot know of."""
    assert first_cells("Attributes") == Counter([*ATTRIBUTES, *LABELS])


def test_every_operator_is_listed_once() -> None:
    assert first_cells("Operators") == Counter(get_args(Operator))


def test_every_rule_file_is_listed_once() -> None:
    """A rule file that was added, and is described nowhere."""
    assert first_cells("The files") == Counter(list(RULE_FILES))


def test_the_example_is_accepted(tmp_path: Path) -> None:
    """An example that the program refuses."""
    (rows,) = re.findall(r"```csv\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    built_in = (SEEDS_DIR / "crowd_rules.csv").read_text(encoding="utf-8")
    file = tmp_path / "crowd_rules.csv"
    file.write_text(built_in.rstrip("\n") + "\n" + rows, encoding="utf-8")
    found = read_rules("crowd_rules", file)
    assert len(found) == len(list(csv.reader(built_in.splitlines()))) - 1 + 3


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (10, "net_amont,>=,500,"),
        (11, "net_amount,>=,5OO,"),
        (12, "days_since:valid_order,between,30,10"),
        (13, "age,in,20|30,"),
    ],
)
def test_the_messages_are_those_of_the_program(
    shop: Shop, row: int, cells: str
) -> None:
    """A message that operators search for in the document and do not find."""
    good = "70,x,y,age,>,1,,,\n" * (row - 1)
    path = shop.write("rules/crowd_rules.csv", f"{HEADER}{good}70,x,y,{cells},,\n")
    shop.keys["rules"] = "rules"
    with pytest.raises(SiyuError) as raised:
        check_all_rules(shop.source().settings)
    assert (
        f"\n{str(raised.value).replace(str(path.parents[1]) + '/', '')}\n" in DOCUMENT
    )


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", DOCUMENT)
    assert [x for x in targets if not (PROJECT_DIR / "docs" / x).exists()] == []
