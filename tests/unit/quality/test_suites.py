"""The suites as data: what can be said of them without running Great Expectations."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.config.contract import ENTITIES
from pipeline.quality import sql
from pipeline.quality.model import CheckContext, Suite
from pipeline.quality.suites import LANDING, MARTS

ROOT = Path(__file__).resolve().parents[3]
SUITES = (*LANDING, *MARTS)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_checks_are_named_and_described(suite: Suite) -> None:
    """Names are snake case and unique in their table; descriptions are sentences."""
    names = [check.name for check in suite.checks]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert all(check.expected.endswith(".") for check in suite.checks)
    assert all("\n" not in check.expected for check in suite.checks)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_every_placeholder_has_a_value(suite: Suite) -> None:
    """A check names only values that there are."""
    filled = sql.values(suite, CheckContext(date(2024, 3, 31)), {"note": "VARCHAR"})

    for check in suite.checks:
        assert "${" not in sql.offenders(suite, check, filled)


def test_every_entity_has_a_suite() -> None:
    """A new entity is checked without anyone remembering to add it."""
    assert [suite.name for suite in LANDING] == ["files", *ENTITIES]


def test_no_check_shows_a_direct_identifier() -> None:
    """Phone numbers, addresses and identities stay out of what checks select."""
    for suite in LANDING:
        shown = " ".join(
            check.offenders.split(" from ")[0]
            for check in suite.checks
            if check.name != "column_types"
        )
        assert not re.search(r"\b(phone|email)\b", f"{suite.key} {shown}")
        assert not re.search(r"\bid_value\b", suite.key)


def test_suites_import_without_great_expectations() -> None:
    """Check names are needed where a second counts."""
    code = (
        "import sys, pipeline.quality.suites, pipeline.quality.run, "
        "pipeline.quality.docs, pipeline.quality.volume; "
        "print([m for m in ('great_expectations', 'pandas', 'sqlalchemy') "
        "if m in sys.modules])"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"
