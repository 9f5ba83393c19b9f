"""What of landing exists: files that the ledger owns, of configured sources."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from support.shops import ORDER_HEADER, Shop

from pipeline.config.contract import ENTITIES
from pipeline.storage.load_log import LoadLog

GOOD_AND_BAD = ORDER_HEADER + "1,c,2024-01-01,5\n2,c,never,5\n"


@pytest.fixture
def loaded(shop: Shop) -> Shop:
    """A shop with one load that has accepted and rejected rows."""
    shop.source(max_bad_share=1).write("orders.csv", GOOD_AND_BAD)
    shop.ingest(register=True)
    return shop


def files(shop: Shop) -> list[Path]:
    warehouse = shop.warehouse
    found = [*warehouse.landing.glob("*/*"), *warehouse.quarantine.glob("*/*")]
    return sorted(file for file in found if file.stem != "empty")


def test_a_load_that_is_not_in_the_ledger_never_happened(
    loaded: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the renames and the ledger row: the next run loads it again."""
    loaded.write("orders_2.csv", GOOD_AND_BAD.replace("1,c", "3,c"))
    before = files(loaded)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LoadLog, "add_load", killed)
        with pytest.raises(KeyboardInterrupt):
            loaded.ingest()
    assert len(files(loaded)) == len(before) + 2
    assert loaded.landed("orders", "order_id") == [("1",)]
    loaded.ingest()
    assert loaded.landed("orders", "order_id") == [("1",), ("3",)]
    assert len(files(loaded)) == len(before) + 2


def test_files_that_no_load_owns_are_removed(loaded: Shop) -> None:
    before = files(loaded)
    for folder in (loaded.warehouse.landing, loaded.warehouse.quarantine):
        (folder / "orders" / "0123456789abcdef.parquet").write_bytes(b"half")
    loaded.ingest()
    assert files(loaded) == before


def test_what_an_interrupted_run_left_half_made_is_swept(loaded: Shop) -> None:
    half = loaded.warehouse.scratch / "accepted-x.parquet"
    half.write_bytes(b"half")
    (loaded.warehouse.scratch / "spill").mkdir()
    loaded.warehouse.sweep()
    assert list(loaded.warehouse.scratch.iterdir()) == []


def test_views_show_every_entity_with_its_types(loaded: Shop) -> None:
    with duckdb.connect(str(loaded.warehouse.build_database)) as connection:
        for name, entity in ENTITIES.items():
            described = connection.execute(f"describe landing.{name}").fetchall()
            types = {column: str(type_).lower() for column, type_, *_ in described}
            expected = {c: t.replace(" ", "") for c, t in entity.landed.items()}
            assert types == expected
        listed = connection.execute(
            "select source, entity, rows_accepted from landing.files"
        )
        assert listed.fetchall() == [("orders", "orders", 1)]


def test_files_of_sources_that_are_gone_are_not_listed(loaded: Shop) -> None:
    loaded.sources[0]["name"] = "renamed"
    loaded.ingest(register=True)
    listed = duckdb.sql(f"from '{loaded.warehouse.landing / 'files.parquet'}'")
    assert [row[1] for row in listed.fetchall()] == ["renamed"]


def test_personal_data_is_for_the_owner_alone(loaded: Shop) -> None:
    warehouse = loaded.warehouse
    for path in (warehouse.landing, warehouse.quarantine, warehouse.build_database):
        assert path.stat().st_mode & 0o077 == 0, path
