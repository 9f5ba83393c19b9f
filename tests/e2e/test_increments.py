"""Builds that go on from the last one give what a build of everything at once gives.

Cost: 3 runs of a small shop, a minute on two idle cores.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
from mart_rows import Fingerprint, fingerprints
from siyu_command import siyu
from small_shop import copy_shop

from pipeline.config.project import SEEDS_DIR

LATE = "2025-05"


def run(config: Path) -> int:
    """Run the shop; return for how many customers labels were recomputed."""
    done = siyu("run", "--config", config)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found = re.search(r"Recomputed the labels of ([\d,]+) customers", done.stderr)
    assert found, done.stderr
    return int(found[1].replace(",", ""))


def marts(config: Path) -> dict[str, Fingerprint]:
    return fingerprints(config.parent / "warehouse" / "siyu.duckdb")


def one(config: Path, query: str) -> int:
    database = config.parent / "warehouse" / "build.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_a_month_of_files_that_comes_after_the_next_one(
    small_shop: Path, published_warehouse: Path, tmp_path: Path
) -> None:
    config = copy_shop(
        small_shop, tmp_path / "shop", with_warehouse=False, with_destinations=False
    )
    files = [f for f in (config.parent / "data").rglob("*") if f.is_file()]
    late = [f for f in files if LATE in f.name]
    for file in late:
        file.rename(tmp_path / file.name)
    run(config)
    for file in late:
        (tmp_path / file.name).rename(file)
    again = late[0]
    # The same content under a name that sorts before: it must change nothing.
    shutil.copy2(again, again.with_name(again.name.replace("_2025", "_0_2025")))
    assert 0 < run(config) < one(config, "select count(*) from marts.dim_customer")
    assert one(config, "select build_no from main.current_build") == 2
    assert marts(config) == fingerprints(published_warehouse / "siyu.duckdb")


def test_a_changed_rule_reaches_everybody(published_shop: Path) -> None:
    config = published_shop
    text = config.read_text("utf-8").replace("\nsources:", "\nrules: rules\nsources:")
    config.write_text(text, encoding="utf-8")
    built_in = (SEEDS_DIR / "aipl_rules.csv").read_text("utf-8")
    changed = built_in.replace(
        "purchase_order,P,valid_order,1,,,365", "b,P,share,2,,,9"
    )
    assert changed != built_in
    (config.parent / "rules").mkdir()
    (config.parent / "rules" / "aipl_rules.csv").write_text(changed, encoding="utf-8")
    everybody = "select count(*) from marts.dim_customer"
    assert run(config) == one(config, everybody)
    assert one(config, "select build_no from main.current_build") == 2
    stays = "select count(*) from marts.aipl_stage_history where cause like "
    assert one(config, f"{stays} 'purchase_order:%'") == 0
