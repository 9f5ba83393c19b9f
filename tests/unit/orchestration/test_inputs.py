"""When a run has nothing to do, and when it only looks so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.shops import ORDER_HEADER, Shop

from pipeline.orchestration.inputs import inputs_hash, is_up_to_date
from pipeline.storage.version_manifest import write_manifest

DAY = date(2025, 1, 2)


def published(shop: Shop) -> None:
    """Leave the shop as a daily run leaves it."""
    warehouse, load_log = shop.warehouse, shop.load_log
    inputs = inputs_hash(shop.settings, load_log, DAY)
    version = warehouse.published / "v"
    version.mkdir(exist_ok=True)
    write_manifest(version, {"inputs": inputs})
    (warehouse.published / "current").symlink_to("v")
    warehouse.database.touch()
    load_log.start_run("run")
    load_log.record_inputs("run", inputs)
    load_log.finish_run("run", "succeeded")


@pytest.fixture
def up_to_date(shop: Shop) -> Shop:
    shop.source()
    shop.write("orders.csv", f"{ORDER_HEADER}1,a,2025-01-02,3\n")
    assert shop.problems() == []
    published(shop)
    assert is_up_to_date(shop.settings, None)
    return shop


def test_a_new_file_is_something_to_do(up_to_date: Shop) -> None:
    up_to_date.write("orders_2.csv", f"{ORDER_HEADER}2,a,2025-01-02,3\n")
    assert not is_up_to_date(up_to_date.settings, None)


def test_a_changed_file_is_something_to_do(up_to_date: Shop) -> None:
    up_to_date.write("orders.csv", f"{ORDER_HEADER}1,a,2025-01-02,30\n")
    assert not is_up_to_date(up_to_date.settings, None)


def test_another_day_is_something_to_do(up_to_date: Shop) -> None:
    assert is_up_to_date(up_to_date.settings, DAY)
    assert not is_up_to_date(up_to_date.settings, date(2025, 1, 3))


def test_a_changed_mapping_is_something_to_do(up_to_date: Shop) -> None:
    up_to_date.sources[0]["columns"] = {
        **up_to_date.sources[0]["columns"],
        "channel": "'shop'",
    }
    assert not is_up_to_date(up_to_date.settings, None)


def test_a_changed_rule_is_something_to_do(up_to_date: Shop, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    up_to_date.keys["rules"] = "rules"
    assert is_up_to_date(up_to_date.settings, None)
    up_to_date.write("rules/rfm_classes.csv", "rfm_class,name\nHHH,best\n")
    assert not is_up_to_date(up_to_date.settings, None)


def test_a_run_killed_after_the_publish_is_not_done(up_to_date: Shop) -> None:
    """Exports and report of the day before, and a run that says all is well."""
    up_to_date.write("orders_2.csv", f"{ORDER_HEADER}2,a,2025-01-02,3\n")
    assert up_to_date.problems() == []
    load_log = up_to_date.load_log
    load_log.start_run("killed")
    inputs = inputs_hash(up_to_date.settings, load_log, DAY)
    write_manifest(up_to_date.warehouse.published / "v", {"inputs": inputs})
    load_log.start_run("backfill")
    load_log.finish_run("backfill", "succeeded")
    assert not is_up_to_date(up_to_date.settings, None)


def test_a_refused_file_is_still_to_do(up_to_date: Shop) -> None:
    """A file that was looked at once and forgotten."""
    up_to_date.write("orders_2.csv", f"{ORDER_HEADER}2,a,never,3\n")
    assert up_to_date.problems()
    assert not is_up_to_date(up_to_date.settings, None)
