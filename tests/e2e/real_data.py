"""Where the real data and the acceptance cases lie, and the UCI file by days."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import pytest
from siyu_command import ROOT

_UCI = "uci_online_retail_20101201_20111209.csv.gz"


def shared_folder() -> Path:
    """The folder of `acceptance/` and `data/`: named by the environment, or beside."""
    data = os.environ.get("SIYU_SHARED_DATA")
    return Path(data).resolve().parent if data else ROOT.parent / "shared"


def acceptance_script() -> Path:
    """The program that runs the acceptance cases; skips the test without it."""
    script = shared_folder() / "acceptance" / "accept.py"
    if not script.exists():
        pytest.skip(f"the acceptance cases are not there: {script}")
    return script


def uci_days() -> tuple[str, dict[str, str]]:
    """The header line of UCI Online Retail, and its lines by day of `InvoiceDate`.

    Skips the test where the file is absent.
    """
    file = shared_folder() / "data" / _UCI
    if not file.exists():
        pytest.skip(f"the real data is not there: {file}")
    days: dict[str, list[str]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        header = next(text)
        column = next(csv.reader([header])).index("InvoiceDate")
        for line in text:
            days.setdefault(next(csv.reader([line]))[column][:10], []).append(line)
    return header, {day: "".join(lines) for day, lines in days.items()}
