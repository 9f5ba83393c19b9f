"""The marts depend on the set of files alone, not on when or in which order they come.

The first batches are only ingested, as the first step of a run does it: their marts
would be thrown away; the first run that builds is killed. Cost: 3 runs of small shops
and one that is broken off; 2 runs over 541,909 lines.
"""

from __future__ import annotations

import random
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from mart_rows import Fingerprint, fingerprints
from real_data import uci_days
from siyu_command import run_python, run_shop
from small_shop import copy_shop
from watched_run import WatchedRun

INGEST = Path(__file__).with_name("ingest_only.py")
UCI = """\
shop: {name: uci, timezone: Europe/London, currency: GBP}
vars: {rfm_window_days: null}
sources:
  - name: uci
    entity: order_lines
    path: data/*.csv
    columns:
      order_id: InvoiceNo
      customer_id: "cast(cast(CustomerID as double) as bigint)"
      ordered_at: InvoiceDate
      product_id: StockCode
      quantity: Quantity
      unit_price: UnitPrice
      status: "case when InvoiceNo like 'C%' then 'refunded' else 'completed' end"
"""
TILLS = """\
shop: {name: tills, timezone: Asia/Shanghai, currency: CNY}
sources:
  - {name: tills, entity: order_lines, path: "data/*.csv"}
"""


def marts(config: Path, *arguments: str) -> dict[str, Fingerprint]:
    """Run a shop and return its marts."""
    run_shop(config, *arguments)
    return fingerprints(config.parent / "warehouse" / "siyu.duckdb")


def write_shop(folder: Path, config: str, files: dict[str, str]) -> Path:
    (folder / "data").mkdir(parents=True)
    for name, text in files.items():
        (folder / "data" / name).write_text(text, encoding="utf-8", newline="")
    (folder / "siyu.yaml").write_text(config, encoding="utf-8")
    return folder / "siyu.yaml"


def in_batches(config: Path, files: list[Path], target: Path) -> dict[str, Fingerprint]:
    """Let the files of a shop come shuffled, in three batches, and run after the last.

    The first run is killed while it builds.

    ``target`` is the shop's folder that they come from, now empty of them.
    """
    random.Random(1).shuffle(files)
    for first in range(3):
        for file in files[first::3]:
            place = config.parent / file.relative_to(target)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, place)
        if first < 2:
            assert run_python(INGEST, config) == 0
    run = WatchedRun(config, config.parent / "warehouse")
    assert run.wait_for("Build the marts"), run.text
    time.sleep(2)
    assert run.kill(), "the build ended before the kill"
    return marts(config)


@pytest.mark.long
@pytest.mark.real_data
def test_uci_by_days_shuffled_and_repeated_equals_the_whole_file(
    tmp_path: Path,
) -> None:
    header, days = uci_days()
    assert len(days) == 305
    whole = write_shop(
        tmp_path / "whole", UCI, {"all.csv": header + "".join(days.values())}
    )
    files = {f"day_{day}.csv": header + lines for day, lines in days.items()}
    chance = random.Random(2)
    for day in chance.sample(sorted(days), 20):
        files[f"sent_again_{day}.csv"] = files[f"day_{day}.csv"]
    names = sorted(days)
    for first in chance.sample(range(len(names) - 1), 12):
        two = days[names[first]] + days[names[first + 1]]
        files[f"correction_{names[first]}.csv"] = header + two
    source = write_shop(tmp_path / "source", UCI, files).parent
    target = write_shop(tmp_path / "days", UCI, {})
    batches = in_batches(target, sorted((source / "data").iterdir()), source)
    assert batches == marts(whole)


def test_demo_files_shuffled_and_repeated_give_the_same_marts(
    small_shop: Path, published_warehouse: Path, tmp_path: Path
) -> None:
    source = copy_shop(small_shop, tmp_path / "source", with_warehouse=False).parent
    files = [file for file in (source / "data").rglob("*") if file.is_file()]
    for file in [f for f in files if "2025-0" in f.name][::3]:
        # A name that sorts before the first one, so that no later version loses to it.
        again = file.with_name(file.name.replace("_2025", "_1_again_2025"))
        files.append(Path(shutil.copy2(file, again)))
    target = tmp_path / "target" / "siyu.yaml"
    target.parent.mkdir()
    shutil.copy2(source / "siyu.yaml", target)
    expected = fingerprints(published_warehouse / "siyu.duckdb")
    assert in_batches(target, files, source) == expected


def test_files_up_to_a_day_equal_all_files_as_of_that_day(tmp_path: Path) -> None:
    days = till_days(60)
    until = sorted(days)[39]
    files = {f"{day}.csv": text for day, text in days.items()}
    cut = {name: text for name, text in files.items() if name[:10] <= until}
    before = marts(write_shop(tmp_path / "cut", TILLS, cut))
    after = marts(write_shop(tmp_path / "all", TILLS, files), "--as-of", until)
    assert before == after
    with duckdb.connect(
        str(tmp_path / "cut" / "warehouse" / "siyu.duckdb"), read_only=True
    ) as connection:
        row = connection.execute("select max(as_of_date)::varchar from marts.published")
        assert row.fetchone() == (until,)


def till_days(count: int) -> dict[str, str]:
    """Order lines by day: no order is on two days, and none comes again later."""
    chance = random.Random(3)
    header = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,status\n"
    files = {}
    for number in range(count):
        day = datetime(2025, 1, 1) + timedelta(days=number)
        lines = [header]
        for order in range(25):
            customer = f"C{chance.randrange(80):03}" if chance.random() < 0.9 else ""
            at = day + timedelta(seconds=chance.randrange(86_400))
            status = chance.choice(["completed"] * 8 + ["refunded", "pending"])
            lines += [
                f"{day:%m%d}-{order},{customer},{at},P{chance.randrange(30)},"
                f"{chance.randrange(1, 4)},{chance.randrange(100, 9999) / 100},"
                f"{status}\n"
                for _ in range(chance.choice([1, 1, 2, 3]))
            ]
        files[f"{day:%Y-%m-%d}"] = "".join(lines)
    return files
