"""Holdouts: slips of the pen are refused, with row and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.rule_files import read_rules


def written(folder: Path, *rows: str) -> Path:
    """A rule file of these rows."""
    path = folder / "holdouts.csv"
    header = "holdout,scope,scope_name,share,salt,label_en,label_zh"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("h,global,,1,s,,", "row 1: share: '1': Input should be less than 1"),
        ("h,global,,-0.1,s,,", "row 1: share: '-0.1': Input should be greater than"),
        ("h,global,,0.1,,,", "row 1: salt: is missing"),
        ("h,global,j,0.1,s,,", "row 1: scope_name must be empty for scope global"),
        ("h,journey,,0.1,s,,", "row 1: scope_name must name the journey"),
        ("h,channel,wecom,0.1,s,,", "row 1: scope: 'channel'"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    tmp_path: Path, row: str, problem: str
) -> None:
    with pytest.raises(SiyuError) as error:
        read_rules("holdouts", written(tmp_path, row))
    assert problem in str(error.value)


def test_a_name_or_a_scope_is_given_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "h,global,,0.1,s,,",
        "h,journey,j,0.1,s,,",
        "i,journey,j,0.1,s,,",
    )
    with pytest.raises(SiyuError) as error:
        read_rules("holdouts", path)
    assert "rows 1 and 2: holdout 'h' is given twice; keep one" in str(error.value)
    assert "rows 2 and 3: there are two holdouts of journey j; keep one" in str(
        error.value
    )


def test_nobody_is_held_out_by_a_share_of_zero(tmp_path: Path) -> None:
    [(_, row)] = read_rules("holdouts", written(tmp_path, "h,global,,0,s,,"))
    assert row.model_dump()["share"] == 0


def test_the_shipped_file_is_sound() -> None:
    assert read_rules("holdouts", SEEDS_DIR / "holdouts.csv")
