"""Ingest holds neither a file nor an index of its rows in memory.

The limit is lowered with the file, so that the rows do not fit: in the long test a
quarter of the usual limit for an eighth of 2 GB. bench/README.md has the figures for a
whole one. Cost: a csv is written and loaded, 10 and 45 seconds on two idle cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from siyu_command import ROOT

MEGABYTE = 2**20


# The peak is 364 and 500 MiB as it is; 596 and 1,270 MiB if DuckDB takes what it likes.
@pytest.mark.parametrize(
    ("megabytes", "limit", "peak_mib"),
    [
        (80, "128MB", 480),
        pytest.param(250, "256MB", 700, marks=pytest.mark.long),
    ],
)
def test_a_large_csv_is_loaded_within_bounded_memory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    megabytes: int,
    limit: str,
    peak_mib: int,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    sys.modules.pop("ingest_memory", None)
    from ingest_memory import measure

    figures = measure(tmp_path, megabytes * MEGABYTE, limit=limit)
    (tmp_path / "lines.csv").unlink()
    assert figures["rows_accepted"] == figures["rows_written"]
    assert figures["peak_mib"] < peak_mib, figures
