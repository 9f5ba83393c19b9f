"""When a build may go on from the last one, and when it must start afresh."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from support.shops import ORDER_HEADER, Shop

from pipeline.config.project import SEEDS_DIR
from pipeline.storage.build_state import record_end, whole_build
from pipeline.transform import increment
from pipeline.transform.increment import LastBuild, begin_build

DAY = date(2024, 3, 31)
PRODUCTS = "product_id,category,is_sample\n"


@pytest.fixture
def built(shop: Shop) -> Shop:
    """A shop with a file of orders and one of products, after a whole build."""
    shop.source().write("orders1.csv", ORDER_HEADER + "1,c,2024-01-01,5\n")
    shop.source("products").write("products1.csv", PRODUCTS + "p,tea,false\n")
    shop.ingest(register=True)
    with duckdb.connect(str(shop.warehouse.build_database)) as connection:
        connection.execute(
            "create schema marts; create table marts.dim_product as "
            "select 'p' as product_id, 'tea' as category, false as is_sample"
        )
    assert begin_build(shop.settings, shop.warehouse, DAY, "run 1") is None
    record_end(shop.warehouse)
    return shop


def again(shop: Shop) -> LastBuild | None:
    return begin_build(shop.settings, shop.warehouse, DAY, "run 2")


def built_files(shop: Shop) -> list[tuple[str, bool]]:
    with duckdb.connect(str(shop.warehouse.build_database)) as connection:
        return connection.execute(
            "select file_name, is_built from landing.files where entity = 'orders' "
            "order by 1"
        ).fetchall()


def test_a_whole_build_is_gone_on_from(built: Shop) -> None:
    last = again(built)
    assert last == LastBuild(1, DAY)
    record_end(built.warehouse)
    assert again(built) == LastBuild(2, DAY)


def test_builds_that_go_on_share_their_lineage(built: Shop) -> None:
    """What tells publishing that no build in between was thrown away."""
    first = whole_build(built.warehouse)
    assert first is not None
    assert again(built) is not None
    record_end(built.warehouse)
    second = whole_build(built.warehouse)
    assert second is not None
    assert (second.lineage, second.build_no) == (first.lineage, 2)
    again(built)
    assert whole_build(built.warehouse) is None
    again(built)
    record_end(built.warehouse)
    third = whole_build(built.warehouse)
    assert third is not None
    assert third.lineage != first.lineage
    assert (third.build_no, third.as_of_date, third.is_checked) == (1, DAY, False)


def test_only_files_since_are_new(built: Shop) -> None:
    built.write("orders2.csv", ORDER_HEADER + "2,c,2024-01-02,5\n")
    built.ingest(register=True)
    assert built_files(built) == [("orders1.csv", True), ("orders2.csv", False)]
    assert again(built) is not None


def test_a_build_that_did_not_end_is_not_gone_on_from(built: Shop) -> None:
    """Tables that are half of one build and half of another."""
    assert again(built) is not None
    assert again(built) is None


def test_a_load_that_is_gone_starts_afresh(built: Shop) -> None:
    """Rows of a file that is no longer believed, and stay in the tables."""
    built.sources[0]["columns"]["amount"] = "2 * amount::decimal(18, 2)"
    built.ingest(register=True)
    assert built_files(built) == [("orders1.csv", False)]
    assert again(built) is None


def test_a_file_seen_under_another_name_starts_afresh(built: Shop) -> None:
    """Versions that were chosen by the place of a name which has changed."""
    shutil.copy(built.folder / "orders1.csv", built.folder / "orders9.csv")
    built.ingest(register=True)
    assert built_files(built) == [("orders9.csv", False)]
    assert again(built) is None


def test_another_time_zone_or_code_starts_afresh(
    built: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert again(built) is not None
    record_end(built.warehouse)
    shop = built.settings.shop.model_copy(update={"timezone": "Europe/Paris"})
    moved = built.settings.model_copy(update={"shop": shop})
    assert begin_build(moved, built.warehouse, DAY, "run 3") is None
    record_end(built.warehouse)
    monkeypatch.setattr(increment, "code_hash", lambda: "other")
    assert again(built) is None


@pytest.mark.parametrize("name", ["aipl_rules", "rfm_segments", "plays"])
def test_a_changed_rule_file_is_named(built: Shop, name: str) -> None:
    rules = Path(built.folder / "rules")
    rules.mkdir()
    text = (SEEDS_DIR / f"{name}.csv").read_text("utf-8")
    (rules / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    built.keys["rules"] = "rules"
    assert again(built) == LastBuild(1, DAY, (name,))


@pytest.mark.parametrize("name", ["rfm_window_days", "ledger_days"])
def test_a_changed_variable_is_named(built: Shop, name: str) -> None:
    built.keys["vars"] = {name: 7}
    assert again(built) == LastBuild(1, DAY, (name,))


@pytest.mark.parametrize(("days", "changed"), [(-1, ("as_of_date",)), (0, ()), (1, ())])
def test_an_as_of_date_that_moves_back_is_named(
    built: Shop, days: int, changed: tuple[str, ...]
) -> None:
    day = DAY + timedelta(days)
    last = begin_build(built.settings, built.warehouse, day, "run 2")
    assert last == LastBuild(1, DAY, changed)


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ("p,tea,", ()),
        ("p,toys,false", ("products",)),
        ("p,,false", ("products",)),
        ("p,tea,true", ("products",)),
        ("q,tea,false", ("products",)),
    ],
)
def test_products_of_another_category_or_kind_are_named(
    built: Shop, row: str, changed: tuple[str, ...]
) -> None:
    """A catalogue that is sent again, and says nothing new, is no change."""
    built.write("products2.csv", f"{PRODUCTS}{row}\n")
    built.ingest(register=True)
    assert again(built) == LastBuild(1, DAY, changed)
