"""Forgetting a customer of a tiny shop that has published nothing yet."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from support.shops import Shop

from pipeline.console import SilentConsole
from pipeline.errors import SiyuError
from pipeline.privacy import forget as forgetting
from pipeline.privacy.forget import Erasure, forget
from pipeline.privacy.person import Person
from pipeline.privacy.search import find_person
from pipeline.run import rebuild
from pipeline.storage.load_log import LoadLog

HER, HIM = "C0000042", "C0000043"
PHONE, FAMILY_PHONE = "13912345678", "13800000000"
PERSON = Person(HER, frozenset({PHONE, "her@example.com", "wm-1234567"}))

MEMBERS = (
    "customer_id,phone,email,inviter\n"
    f"{HER},+86 139-1234-5678,Her@example.com,\n"
    f"{HIM},{FAMILY_PHONE},,{HER}\n"
    f"{HER},{FAMILY_PHONE},,\n"
)
IDENTITIES = f"id_type,id_value,customer_id\nwecom,wm-1234567,{HER}\nwecom,wm-2,{HIM}\n"
ORDERS = (
    "id,customer,paid,amount\n"
    f"o-1,{HER},2024-01-01,5\n"
    f"o-2,{HIM},2024-01-02,5\n"
    f"o-3,{HER},2024-01-03,5\n"
    f"o-3,{HIM},2024-01-03,6\n"
    f"o-4,{HER},never,5\n"
    "o-5,,2024-01-05,5\n"
    f"{HER},too few\n"
)
LINES = (
    "order_id,ordered_at,product_id,quantity,unit_price\n"
    "o-1,2024-01-01,p,1,5\no-2,2024-01-02,p,1,5\no-3,2024-01-03,p,1,6\n"
    "o-1,never,p,1,5\n"
)
EVENTS = (
    "customer_id,event_type,occurred_at,referred_customer_id\n"
    f"{HIM},refer,2024-01-01,{HER}\n"
    f"{HER},page_view,2024-01-02,\n"
    f"{HIM},page_view,never,{HER}\n"
)


@pytest.fixture
def her_shop(shop: Shop) -> Shop:
    """A shop that knows her in every way."""
    mapped = {"customer_id": "customer_id", "phone": "phone", "email": "email"}
    shop.source("members", columns={**mapped, "inviter": "inviter"})
    shop.source("identities").source(max_bad_share=1)
    shop.source("order_lines", max_bad_share=1).source("interactions", max_bad_share=1)
    shop.write("members.csv", MEMBERS)
    shop.write("identities.csv", IDENTITIES)
    shop.write("orders.csv", ORDERS)
    shop.write("order_lines.csv", LINES)
    shop.write("interactions.csv", EVENTS)
    shop.ingest(register=True)
    calls = shop.warehouse.exports / "calls.csv"
    calls.write_text(f"customer_id,order_id\n{HIM},1\n{HER},2\n,3\n")
    return shop


def erase(shop: Shop, customer_id: str = HER) -> Erasure:
    return forget(shop.settings, SilentConsole(), customer_id, rebuild)


def assert_gone(shop: Shop) -> None:
    """She is in no file, and the ledger agrees with what is there."""
    assert find_person(shop.warehouse.root, PERSON) == {}
    for load in shop.loads():
        landed = shop.warehouse.landing / load.entity / f"{load.load_id}.parquet"
        assert landed.exists() is bool(load.rows_accepted)
    counts = {load.entity: load.rows_accepted for load in shop.loads()}
    assert counts == {
        "members": 1,
        "identities": 1,
        "orders": 3,
        "order_lines": 2,
        "interactions": 1,
    }
    for entity, rows in counts.items():
        assert len(shop.landed(entity)) == rows


def test_she_is_erased_from_landing_and_quarantine(her_shop: Shop) -> None:
    assert len(her_shop.quarantined()) == 4
    erasure = erase(her_shop)
    assert_gone(her_shop)
    assert erasure.removed == {
        "landing/members": 2,
        "landing/identities": 1,
        "landing/orders": 2,
        "landing/order_lines": 1,
        "landing/interactions": 1,
        "landing/interactions, as referred": 1,
        "quarantine/orders": 2,
        "quarantine/interactions": 1,
        "exports": 1,
    }
    assert erasure.exports == ["exports/calls.csv"]
    # A line with no customer is not known to be hers once it is rejected.
    assert [row[2] for row in her_shop.quarantined()] == [
        '{"order_id":"o-1","ordered_at":"never","product_id":"p","quantity":"1",'
        '"unit_price":"5"}'
    ]


def test_what_is_somebody_elses_stays(her_shop: Shop) -> None:
    erase(her_shop)
    [him] = her_shop.landed("members", "customer_id, phone, attributes")
    assert him == (HIM, FAMILY_PHONE, '{"inviter":"[forgotten]"}')
    orders = her_shop.landed("orders", "order_id, customer_id")
    assert orders == [("o-2", HIM), ("o-3", HIM), ("o-5", None)]
    assert her_shop.landed("order_lines", "order_id") == [("o-2",), ("o-3",)]
    referrals = her_shop.landed("interactions", "event_type, referred_customer_id")
    assert referrals == [("refer", None)]


def test_files_outside_that_hold_her_are_named(her_shop: Shop) -> None:
    destination = {"name": "crm", "template": "wecom_tags", "folder": "outbox"}
    her_shop.keys["destinations"] = [{**destination, "audiences": ["all"]}]
    her_shop.write("outbox/2025-01-01/list.csv", f"customer_id\n{HER}\n{HIM}\n")
    assert erase(her_shop).outside == {
        "outbox/2025-01-01/list.csv": 1,
        "members.csv": 3,
        "identities.csv": 1,
        "orders.csv": 4,
        "interactions.csv": 3,
    }


def test_files_that_come_again_do_not_bring_her_back(her_shop: Shop) -> None:
    """Read again under another mapping, and as new files."""
    erase(her_shop)
    for source in her_shop.sources:
        source["timezone"] = "UTC"
    her_shop.ingest(register=True)
    assert_gone(her_shop)
    for name in ("members", "identities", "orders", "order_lines", "interactions"):
        content = (her_shop.folder / f"{name}.csv").read_text()
        her_shop.write(f"{name}-again.csv", f"{content}\n")
    her_shop.ingest(register=True)
    assert find_person(her_shop.warehouse.root, PERSON) == {}
    read = {load.entity: load for load in her_shop.loads()}["orders"]
    assert (read.rows_read, read.rows_accepted, read.rows_filtered) == (7, 3, 4)


def test_lines_of_an_order_that_is_new(her_shop: Shop) -> None:
    """The lines name no customer, and may have landed before the order."""
    erase(her_shop)
    header = LINES.splitlines()[0]
    her_shop.write("order_lines-9.csv", f"{header}\no-9,2024-02-01,p,1,5\n")
    her_shop.ingest(register=True)
    assert ("o-9",) in her_shop.landed("order_lines", "order_id")
    her_shop.write("orders-9.csv", f"id,customer,paid,amount\no-9,{HER},2024-02-01,5\n")
    her_shop.ingest(register=True)
    assert ("o-9",) not in her_shop.landed("order_lines", "order_id")
    her_shop.write("order_lines-99.csv", f"{header}\no-9,2024-02-01,q,1,5\n")
    her_shop.ingest(register=True)
    assert len(her_shop.landed("order_lines")) == 2


def test_tombstones_are_hashes_under_a_key_of_the_owner(her_shop: Shop) -> None:
    erase(her_shop)
    root = her_shop.warehouse.root
    modes = {stat.S_IMODE((root / n).stat().st_mode) for n in ("forgotten.key",)}
    assert modes == {0o600}
    with her_shop.load_log.transaction() as connection:
        kept = connection.execute("select kind, hash, is_applied from forgotten")
        rows = [tuple(row) for row in kept]
    assert {row[2] for row in rows} == {1}
    assert sum(row[0] == "customer" for row in rows) == 1
    assert all(len(row[1]) == 64 for row in rows)


def test_without_the_key_nothing_is_loaded(her_shop: Shop) -> None:
    """A restored ledger without its key would let them all in again."""
    erase(her_shop)
    (her_shop.warehouse.root / "forgotten.key").unlink()
    with pytest.raises(SiyuError, match=r"forgotten\.key is missing.* backup"):
        her_shop.ingest()


def everything(folder: Path) -> dict[Path, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file: file.read_bytes() for file in files if file.name != ".lock"}


@pytest.mark.parametrize("customer_id", ["C9999999", "7", "", "' or 1=1 --"])
def test_an_unknown_customer(her_shop: Shop, customer_id: str) -> None:
    before = everything(her_shop.warehouse.root)
    with pytest.raises(SiyuError, match="nothing was changed"):
        erase(her_shop, customer_id)
    assert everything(her_shop.warehouse.root) == before


def test_a_warehouse_in_use_is_left_alone(her_shop: Shop) -> None:
    before = everything(her_shop.warehouse.root)
    held = FileLock(her_shop.warehouse.root / ".lock")
    with held, pytest.raises(SiyuError, match="is in use"):
        erase(her_shop)
    assert everything(her_shop.warehouse.root) == before


def test_twice(her_shop: Shop) -> None:
    erase(her_shop)
    with pytest.raises(SiyuError, match=r"was forgotten on 2.*nothing was changed"):
        erase(her_shop)


def test_a_restored_file_is_cleaned_again(her_shop: Shop) -> None:
    """A backup from before is put back over the warehouse."""
    backup = everything(her_shop.warehouse.landing)
    erase(her_shop)
    for file, content in backup.items():
        file.write_bytes(content)
    assert erase(her_shop).removed["landing/identities"] == 1
    assert find_person(her_shop.warehouse.root, PERSON) == {}


def test_short_ids(shop: Shop) -> None:
    """Customer 7 goes; the sevens of others stay."""
    shop.source(max_bad_share=1)
    rows = "7,7,2024-01-01,7\n8,8,2024-01-01,7\n9,7,never,7\n10,8,never,7\n"
    shop.write("orders.csv", f"id,customer,paid,amount\n{rows}")
    shop.ingest(register=True)
    erase(shop, "7")
    assert shop.landed("orders", "order_id, customer_id") == [("8", "8")]
    assert [row[0] for row in shop.quarantined()] == [4]
    assert find_person(shop.warehouse.root, Person("7")) == {}


def test_a_file_that_cannot_be_cleaned_is_named(her_shop: Shop) -> None:
    """A file of a kind that nobody knows, put into the warehouse."""
    strange = her_shop.warehouse.exports / "strange.bin"
    strange.write_bytes(b"\xff\x00" + HER.encode() + b"\x00")
    with pytest.raises(SiyuError, match=r"exports/strange\.bin \(1 places\)"):
        erase(her_shop)
    strange.unlink()
    assert erase(her_shop).exports == ["exports/calls.csv", "exports/strange.bin"]
    assert_gone(her_shop)


STEPS = [
    ("apply_tombstones", "before"),
    ("apply_tombstones", "after"),
    ("redact_free_text", "after"),
    ("erase_from", "after"),
    ("_prove", "after"),
]


class PowerCutError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_an_interruption_at_any_step(
    her_shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    """Run again, the command ends as if nothing had happened."""
    call: Callable[..., object] = getattr(forgetting, step)

    def cut(*arguments: object) -> object:
        if when == "before":
            raise PowerCutError
        call(*arguments)
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, step, cut)
        with pytest.raises(PowerCutError):
            erase(her_shop)
    erase(her_shop)
    assert_gone(her_shop)
    assert not list(her_shop.warehouse.unfinished_erasures.iterdir())


@pytest.mark.parametrize(("nth", "when"), [(1, "after"), (3, "before")])
def test_an_interruption_between_the_ledger_and_a_file(
    her_shop: Shop, monkeypatch: pytest.MonkeyPatch, nth: int, when: str
) -> None:
    """A run that comes in between goes on with it as well."""
    left, recount = [nth], LoadLog.recount

    def cut(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            raise PowerCutError
        recount(*arguments)
        if left[0] == 0:
            raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(LoadLog, "recount", cut)
        with pytest.raises(PowerCutError):
            erase(her_shop)
    her_shop.ingest(register=True)
    erase(her_shop)
    assert_gone(her_shop)
