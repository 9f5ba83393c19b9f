"""Rule files: broken ones are refused with row and column, the shipped ones hold."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest
from support.shops import Shop

from pipeline.config.project import PROJECT_DIR, SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.rfm import SegmentRow
from pipeline.rules.rule_files import (
    RULE_FILES,
    check_all_rules,
    effective_rules,
    read_rules,
    write_overrides,
)

SCORING = "metric,method,cut_1,cut_2,cut_3,cut_4\n"
SCORING_ROWS = "recency,quantile,,,,\nfrequency,rank,,,,\nmonetary,fixed,1,2,3,4\n"
SEGMENTS = "priority,segment,r_min,r_max,f_min,f_max,m_min,m_max,value_tier\n"
CLASSES = "rfm_class,name\n"
CLASS_ROWS = "".join(f"{''.join(bits)},n\n" for bits in product("HL", repeat=3))
PRESETS = sorted((PROJECT_DIR / "presets").glob("*/*.csv"))


@pytest.mark.parametrize("name", RULE_FILES)
def test_built_in_files_are_valid(name: str) -> None:
    assert read_rules(name, SEEDS_DIR / f"{name}.csv")


@pytest.mark.parametrize("path", PRESETS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_presets_are_valid(path: Path) -> None:
    assert read_rules(path.stem, path)


def test_built_in_segments_cover_each_cell_once() -> None:
    rows = read_rules("rfm_segments", SEEDS_DIR / "rfm_segments.csv")
    for r, f in product(range(1, 6), repeat=2):
        cell = SegmentRow.model_validate(
            {"priority": 0, "segment": "x", "value_tier": "low"}
            | {"r_min": r, "r_max": r, "f_min": f, "f_max": f}
        )
        matches = [row for _, row in rows if cell.overlaps(row)]  # type: ignore[arg-type]
        assert len(matches) == 1, (r, f)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("rfm_scoring", "", "is empty; expected the header metric,method"),
        ("rfm_scoring", SCORING, "has no rows"),
        ("rfm_scoring", SCORING.replace("method", "metod"), "Did you mean 'method'?"),
        ("rfm_scoring", SCORING.replace("cut_2", "cut_1"), "'cut_1' is given twice"),
        ("rfm_scoring", SCORING + "recency,rank\n", "row 1: has 2 cells, the header 6"),
        ("rfm_scoring", SCORING + "regency,rank,,,,\n", "row 1: metric: 'regency': "),
        ("rfm_scoring", SCORING + "\n\n,rank,,,,\n", "row 1: metric: is missing"),
        (
            "rfm_scoring",
            SCORING + "recency,fixed,1,2,3,\n",
            "row 1: method fixed needs",
        ),
        ("rfm_scoring", SCORING + "recency,fixed,1,3,2,4\n", "row 1: cut_1 to cut_4"),
        ("rfm_scoring", SCORING + "recency,fixed,1,2,3,x\n", "row 1: cut_4: 'x': "),
        ("rfm_scoring", SCORING + "recency,fixed,1,2,3,nan\n", "row 1: cut_4: 'nan': "),
        ("rfm_scoring", SCORING + "recency,fixed,1,2,3,inf\n", "row 1: cut_4: 'inf': "),
        (
            "rfm_scoring",
            SCORING + "recency,rank,1,,,\n",
            "row 1: method rank computes its",
        ),
        ("rfm_scoring", SCORING + "recency,rank,,,,\n", "metric monetary is missing"),
        (
            "rfm_scoring",
            SCORING + SCORING_ROWS + "recency,rank,,,,\n",
            "metric recency is given twice",
        ),
        ("rfm_segments", SEGMENTS + "1,none,5,,,,,,low\n", "row 1: 'none' means to be"),
        ("rfm_segments", SEGMENTS + "1,a,6,,,,,,low\n", "row 1: r_min: '6': "),
        ("rfm_segments", SEGMENTS + "1,a,1.5,,,,,,low\n", "row 1: r_min: '1.5': "),
        ("rfm_segments", SEGMENTS + "x,a,1,,,,,,low\n", "row 1: priority: 'x': "),
        ("rfm_segments", SEGMENTS + "1,A b,1,,,,,,low\n", "row 1: segment: 'A b': "),
        ("rfm_segments", SEGMENTS + "1,../a,1,,,,,,low\n", "row 1: segment: '../a': "),
        ("rfm_segments", SEGMENTS + "1,a,1,,,,,,best\n", "row 1: value_tier: 'best': "),
        ("rfm_segments", SEGMENTS + "1,a,3,2,,,,,low\n", "row 1: r_min 3 is above"),
        (
            "rfm_segments",
            SEGMENTS + "1,a,1,3,,,,,low\n1,b,3,5,,,,,low\n",
            "rows 1 and 2: a and b overlap and both have priority 1",
        ),
        ("rfm_classes", CLASSES + CLASS_ROWS[6:], "rfm_class HHH is missing"),
        (
            "rfm_classes",
            CLASSES + CLASS_ROWS + "LLL,n\n",
            "rfm_class LLL is given twice",
        ),
        ("rfm_classes", CLASSES + "HHX,n\n", "row 1: rfm_class: 'HHX': "),
        ("rfm_classes", CLASSES + "HHH,\n", "row 1: name: is missing"),
        ("rfm_classes", CLASSES + '"HHH,n\n', "is not a csv file"),
        ("rfm_classes", CLASSES.replace(",", ";"), "unknown column 'rfm_class;name'"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(text)
    with pytest.raises(SiyuError) as error:
        read_rules(name, path)
    assert str(error.value).startswith(f"{path}: ")
    assert says in str(error.value)


def test_a_file_that_is_not_utf8_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "rfm_classes.csv"
    path.write_bytes((CLASSES + "HHH,重要\n").encode("gb18030"))
    with pytest.raises(SiyuError, match=r"is not UTF-8 .* save it as 'CSV UTF-8'"):
        read_rules("rfm_classes", path)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_files_as_spreadsheets_save_them(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "rfm_classes.csv"
    text = CLASSES + CLASS_ROWS + ",\n\n"
    path.write_bytes(("\ufeff" + text).replace("\n", newline).encode())
    assert len(read_rules("rfm_classes", path)) == 8


def test_rows_that_overlap_may_compete_by_priority(tmp_path: Path) -> None:
    path = tmp_path / "rfm_segments.csv"
    path.write_text(SEGMENTS + "1,a,1,3,,,,,low\n2,b,3,5,,,,,low\n")
    assert len(read_rules("rfm_segments", path)) == 2


@pytest.fixture
def ruled(shop: Shop) -> Shop:
    """A shop with an empty folder of rules."""
    (shop.folder / "rules").mkdir()
    shop.keys["rules"] = "rules"
    return shop.source()


def test_a_file_of_another_name_is_an_error(ruled: Shop) -> None:
    ruled.write("rules/rfm_segment.csv", SEGMENTS)
    with pytest.raises(SiyuError, match="Did you mean 'rfm_segments'"):
        effective_rules(ruled.settings)


def test_all_broken_files_are_named_at_once(ruled: Shop) -> None:
    ruled.write("rules/rfm_segments.csv", SEGMENTS)
    ruled.write("rules/rfm_classes.csv", CLASSES)
    with pytest.raises(SiyuError, match=r"(?s)rfm_segments\.csv.*rfm_classes\.csv"):
        check_all_rules(ruled.settings)


def test_overrides_replace_a_file_whole_and_only_that(ruled: Shop) -> None:
    ruled.write("rules/rfm_scoring.csv", "\ufeff" + SCORING + SCORING_ROWS)
    settings, warehouse = ruled.settings, ruled.warehouse
    warehouse.prepare()
    (name, path), *others = write_overrides(settings, warehouse).items()
    assert (name, others) == ("rfm_scoring", [])
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(RULE_FILES["rfm_scoring"].row.model_fields)
    assert [row["cut_4"] for row in rows] == ["", "", "4.0"]
