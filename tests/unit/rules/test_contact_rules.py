"""Rules of contact: slips of the pen are refused, with row and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.rule_files import read_rules

HEADERS = {
    "channels": (
        "channel,counts_as,consent_channel,needs_consent,reached_by,complaint_days"
    ),
    "contact_policy": "scope,window_days,calendar_unit,max_contacts,priority",
    "quiet_days": "date_from,date_to,scope,reason",
}


def written(folder: Path, name: str, *rows: str) -> Path:
    """A rule file of these rows."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join([HEADERS[name], *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["contact_policy", "quiet_days"])
def test_a_header_alone_restricts_nothing(name: str, tmp_path: Path) -> None:
    assert read_rules(name, written(tmp_path, name)) == []


@pytest.mark.parametrize(
    ("name", "row", "problem"),
    [
        ("channels", "sms,,,yes,phone,", "row 1: needs_consent: 'yes': "),
        ("channels", "sms,,,,phone,", "row 1: needs_consent: is missing"),
        ("channels", "sms,,,true,mobile,", "row 1: reached_by: 'mobile': "),
        ("channels", "sms,,,true,phone,0", "row 1: complaint_days: '0': "),
        ("channels", "global,,,true,phone,", "row 1: 'global' is reserved"),
        ("channels", "text,sms,,true,phone,", "channel 'sms' is not in the file"),
        (
            "contact_policy",
            "sms,7,day,1,1",
            "row 1: give either window_days or calendar_unit, not",
        ),
        (
            "contact_policy",
            "sms,,,1,1",
            "row 1: give either window_days or calendar_unit",
        ),
        ("contact_policy", "sms,,year,1,1", "row 1: calendar_unit: 'year': "),
        ("contact_policy", "sms,0,,1,1", "row 1: window_days: '0': "),
        ("contact_policy", "sms,367,,1,1", "row 1: window_days: '367': "),
        ("contact_policy", "sms,7,,0,1", "row 1: max_contacts: '0': "),
        ("contact_policy", "sms,7,,1,", "row 1: priority: is missing"),
        ("contact_policy", ",7,,1,1", "row 1: scope: is missing"),
        ("quiet_days", "2024-01-02,2024-01-01,sms,x", "date_from 2024-01-02 is after"),
        ("quiet_days", "20240101,2024-01-01,sms,x", "row 1: date_from: '20240101': is"),
        ("quiet_days", "2024-01-01,2024-02-30,sms,x", "row 1: date_to: '2024-02-30'"),
        ("quiet_days", "2024-01-01,2024-01-01,sms,", "row 1: reason: is missing"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    tmp_path: Path, name: str, row: str, problem: str
) -> None:
    with pytest.raises(SiyuError) as error:
        read_rules(name, written(tmp_path, name, row))
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("name", "rows", "problem"),
    [
        (
            "channels",
            ("sms,,,true,phone,", "sms,,,false,phone,"),
            "rows 1 and 2: channel 'sms' is given twice; keep one",
        ),
        (
            "channels",
            ("a,,,true,phone,", "b,a,,true,phone,", "c,b,,true,phone,"),
            "row 3: counts_as: an alias must point to a channel that is not an alias",
        ),
        (
            "channels",
            ("a,,,true,phone,", "b,,a,true,phone,", "c,,b,true,phone,"),
            "row 3: consent_channel: an alias must point to a channel",
        ),
        (
            "contact_policy",
            ("sms,7,,1,1", "sms,30,,2,1"),
            "rows 1 and 2: priority 1 is given twice",
        ),
        (
            "contact_policy",
            ("sms,7,,1,1", "sms,7,,2,2"),
            "rows 1 and 2: sms has two caps for the same window; keep the lower",
        ),
        (
            "quiet_days",
            ("2024-01-01,2024-01-01,sms,x", "2024-01-01,2024-01-01,sms,y"),
            "rows 1 and 2: the same days of sms are given twice; keep one",
        ),
    ],
)
def test_rows_that_compete_are_refused(
    tmp_path: Path, name: str, rows: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(SiyuError) as error:
        read_rules(name, written(tmp_path, name, *rows))
    assert problem in str(error.value)


@pytest.mark.parametrize("name", list(HEADERS))
def test_the_shipped_files_are_sound(name: str) -> None:
    assert read_rules(name, SEEDS_DIR / f"{name}.csv")


def test_scopes_of_the_shipped_files_are_channels() -> None:
    """A cap or a quiet day on a channel that is misspelt holds for nothing."""
    rows = {
        name: [row.model_dump() for _, row in read_rules(name, path)]
        for name, path in ((n, SEEDS_DIR / f"{n}.csv") for n in HEADERS)
    }
    known = {row["counts_as"] or row["channel"] for row in rows["channels"]}
    scopes = {row["scope"] for n in ("contact_policy", "quiet_days") for row in rows[n]}
    assert scopes <= known | {"global"}
