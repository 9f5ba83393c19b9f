"""Exports: what changed since the last delivery, each change once, in safe files."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.published import DAY, publish_by_hand, shop_with
from support.receiver import Received, manifest_files, rows_of

from pipeline.activation.deliver import export, export_published, plan
from pipeline.activation.delivery import Counts
from pipeline.config.settings import Settings
from pipeline.errors import SiyuError
from pipeline.ingest.landing import register_landing
from pipeline.storage.delivery_log import deliveries_before
from pipeline.storage.load_log import LoadLog
from pipeline.storage.warehouse import Warehouse

COLUMNS = {"customer_id": "customer_id", "list": "list", "change": "change"}
TAGS = {"name": "tags", "audiences": ["*"], "columns": COLUMNS}
CALLS = {
    "name": "calls",
    "touches": {"channels": ["wecom"]},
    "columns": {**COLUMNS, "touch_id": "touch.touch_id", "hello": "label_zh"},
}
NEXT = DAY + timedelta(days=1)


def folder_of(settings: Settings, name: str) -> Path:
    return settings.warehouse / "exports" / name


def totals(settings: Settings) -> dict[str, Counts]:
    return {each.destination: each.total for each in plan(settings)}


def test_what_was_given_out_is_landed(tmp_path: Path) -> None:
    """Touches alone: being in an audience is no message."""
    settings = shop_with(tmp_path, CALLS, TAGS)
    warehouse = Warehouse(settings.warehouse)

    def landed() -> list[tuple[Any, ...]]:
        register_landing(settings, warehouse, LoadLog(warehouse.load_log))
        with duckdb.connect(str(warehouse.build_database)) as connection:
            return connection.execute("from landing.deliveries").fetchall()

    publish_by_hand(
        settings.warehouse, members=[("new", "a")], touches=[("t", "b", "send")]
    )
    assert landed() == []
    export_published(settings)
    assert landed() == [("t", "b", "wecom", DAY)]
    assert deliveries_before(warehouse, DAY) == []
    assert deliveries_before(warehouse, NEXT) == ["calls 000001", "tags 000001"]


def test_adds_updates_and_removes_of_an_audience(tmp_path: Path) -> None:
    columns = {**COLUMNS, "region": "customer.region"}
    settings = shop_with(tmp_path, {**TAGS, "columns": columns})
    before = [("loyal", c) for c in ("moved", "left", "stays", "held")]
    publish_by_hand(settings.warehouse, members=before)
    export_published(settings)
    publish_by_hand(
        settings.warehouse,
        day=NEXT,
        members=[("loyal", c) for c in ("moved", "stays", "came")],
        held_out=[("loyal", "held"), ("loyal", "never")],
        regions={"moved": "west"},
    )
    (delivery,) = export_published(settings)
    assert delivery.counts == {"loyal": Counts(add=1, update=1, remove=2, same=1)}
    received = Received(folder_of(settings, "tags"), "customer_id")
    assert received.names() == {"loyal": {"moved", "stays", "came"}}
    assert received.members["loyal"]["moved"]["region"] == "west"
    assert set(received.changes[-4:]) == {
        ("loyal", "held", "remove"),
        ("loyal", "left", "remove"),
        ("loyal", "moved", "update"),
        ("loyal", "came", "add"),
    }


def test_the_same_state_again_delivers_nothing(tmp_path: Path) -> None:
    settings = shop_with(
        tmp_path, TAGS, {**TAGS, "name": "lists", "mode": "full"}, CALLS
    )
    publish_by_hand(
        settings.warehouse, members=[("new", "a")], touches=[("t", "a", "send")]
    )
    first = export_published(settings)
    again = export_published(settings)
    assert [each.note for each in first] == [None, None, None]
    assert [each.note for each in again] == ["nothing has changed"] * 3
    assert [len(manifest_files(folder_of(settings, n))) for n in ("tags", "lists")] == [
        1,
        1,
    ]


def test_who_is_left_by_a_disabled_audience_is_removed(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a"), ("loyal", "a")])
    export_published(settings)
    publish_by_hand(
        settings.warehouse,
        day=NEXT,
        members=[("new", "a"), ("loyal", "a")],
        disabled=["new"],
    )
    export_published(settings)
    received = Received(folder_of(settings, "tags"), "customer_id")
    assert received.names() == {"loyal": {"a"}}


def test_who_is_gone_from_all_marts_is_removed(tmp_path: Path) -> None:
    """A customer who was erased, in an audience that is no more."""
    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    export_published(settings)
    publish_by_hand(settings.warehouse, day=NEXT, audiences=["loyal"])
    export_published(settings)
    assert Received(folder_of(settings, "tags"), "customer_id").names() == {}


def test_a_touch_is_delivered_once_ever(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, CALLS)
    for day, touches in enumerate(
        (
            [("t1", "a", "send"), ("t2", "a", "defer"), ("t3", "b", "suppress")],
            [("t1", "a", "send"), ("t2", "a", "send")],
            [],
            [("t1", "a", "send")],
        )
    ):
        day_of = DAY + timedelta(days=day)
        publish_by_hand(settings.warehouse, day=day_of, touches=touches)
        export_published(settings)
    received = Received(folder_of(settings, "calls"), "touch_id")
    assert [who for _, who, _ in received.changes] == ["t1", "t2"]
    assert received.members["back.t1"]["t2"]["hello"] == "你好"


def test_a_full_list_has_everybody_and_an_empty_file_for_nobody(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, {**TAGS, "mode": "full"})
    publish_by_hand(settings.warehouse, members=[("loyal", "a"), ("loyal", "b")])
    export_published(settings)
    publish_by_hand(settings.warehouse, day=NEXT, members=[("loyal", "b")])
    (delivery,) = export_published(settings)
    assert delivery.folder is not None
    assert {file.name for file in delivery.folder.iterdir()} == {
        "loyal.csv",
        "new.csv",
        "manifest.json",
    }
    assert [row["customer_id"] for row in rows_of(delivery.folder)] == ["b"]


def test_a_full_list_is_written_each_day(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, {**TAGS, "mode": "full"})
    for day in (DAY, NEXT):
        publish_by_hand(settings.warehouse, day=day, members=[("loyal", "a")])
        export_published(settings)
    folders = {file.parent.name for file in manifest_files(folder_of(settings, "tags"))}
    assert folders == {DAY.isoformat(), NEXT.isoformat()}


def test_an_earlier_day_takes_nothing_back(tmp_path: Path) -> None:
    """A run for a past day that would undo what destinations have had since."""
    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    export_published(settings)
    publish_by_hand(settings.warehouse, day=DAY - timedelta(days=9))
    (delivery,) = export_published(settings)
    assert delivery.note == f"already delivered for {DAY}, which is newer"


def test_a_second_delivery_of_a_day_has_a_folder_of_its_own(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS)
    for members in ([("new", "a")], [("new", "b")]):
        publish_by_hand(settings.warehouse, members=members)
        export_published(settings)
    folders = [file.parent.name for file in manifest_files(folder_of(settings, "tags"))]
    assert folders == ["2025-06-30", "2025-06-30.2"]
    names = Received(folder_of(settings, "tags"), "customer_id").names()
    assert names == {"new": {"b"}}


def test_an_export_can_be_named_and_leaves_the_others_alone(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS, {**TAGS, "name": "other"})
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    assert [each.destination for each in export_published(settings, ["other"])] == [
        "other"
    ]
    assert not folder_of(settings, "tags").exists()
    with pytest.raises(
        SiyuError, match=r"no destination 'othr'\. Did you mean 'other'"
    ):
        export_published(settings, ["othr"])


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    before = sorted(tmp_path.rglob("*"))
    (delivery,) = plan(settings)
    assert delivery.counts == {"new": Counts(add=1)}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_row_limit_refuses_before_anything_is_written(tmp_path: Path) -> None:
    small = {**TAGS, "row_limit": 2}
    settings = shop_with(tmp_path, small, {**TAGS, "name": "wide"})
    publish_by_hand(settings.warehouse, members=[("new", c) for c in "abc"])
    with pytest.raises(SiyuError, match=r"tags: 3 rows .* row_limit is 2"):
        export_published(settings)
    assert not folder_of(settings, "tags").exists()
    assert not (settings.warehouse / "deliveries" / "record" / "tags").exists()
    assert len(manifest_files(folder_of(settings, "wide"))) == 1


def test_files_are_split(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, {**TAGS, "max_rows": 2})
    publish_by_hand(
        settings.warehouse, members=[("new", c) for c in "abcde"] + [("loyal", "a")]
    )
    (delivery,) = export_published(settings)
    assert delivery.folder is not None
    manifest = json.loads((delivery.folder / "manifest.json").read_text("utf-8"))
    assert {entry["file"]: entry["rows"] for entry in manifest["files"]} == {
        "loyal.csv": 1,
        "new.001.csv": 2,
        "new.002.csv": 2,
        "new.003.csv": 1,
    }
    assert len(rows_of(delivery.folder)) == 6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"audiences": ["loyl"]}, "no audience 'loyl'. Did you mean 'loyal'"),
        (
            {"columns": {"x": "customer.regoin"}},
            "no column 'regoin' in customer_360. Did you mean 'region'",
        ),
    ],
)
def test_what_the_marts_do_not_have_is_named(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    settings = shop_with(tmp_path, {**TAGS, **change})
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    with pytest.raises(SiyuError) as error:
        export_published(settings)
    assert says in str(error.value)


def test_nothing_is_exported_before_the_first_publish(tmp_path: Path) -> None:
    with pytest.raises(SiyuError, match="nothing has been published yet"):
        plan(shop_with(tmp_path, TAGS))


ADS = {
    "name": "ads",
    "audiences": ["new"],
    "columns": {"phone": "identifier.phone", "list": "list", "change": "change"},
}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_hashed_phone_is_the_normalised_one(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, ADS)
    publish_by_hand(
        settings.warehouse,
        members=[("new", c) for c in ("a", "b", "c", "none")],
        identifiers=[
            ("a", "phone", "138 1234-5678"),
            ("b", "phone", "12"),
            ("b", "phone", "+86 139 1234 5678"),
            ("c", "phone", "+1 650-253-0000"),
        ],
    )
    (delivery,) = export_published(settings)
    assert delivery.left_out == {"without_identifier": 1}
    names = Received(folder_of(settings, "ads"), "phone").names()
    numbers = ("+8613812345678", "+8613912345678", "+16502530000")
    assert names == {"new": {sha256(number) for number in numbers}}


def test_a_new_number_removes_the_old_one(tmp_path: Path) -> None:
    """A platform knows a person by the number: an update would leave the old one in."""
    settings = shop_with(tmp_path, ADS)
    for day, phone in ((DAY, "13812345678"), (NEXT, "13912345678")):
        ids = [("a", "phone", phone)]
        publish_by_hand(
            settings.warehouse, day=day, members=[("new", "a")], identifiers=ids
        )
        export_published(settings)
    received = Received(folder_of(settings, "ads"), "phone")
    assert received.names() == {"new": {sha256("+8613912345678")}}
    assert [change for _, _, change in received.changes] == ["add", "remove", "add"]


def test_a_shared_number_stays_until_the_last_has_left(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, ADS)
    ids = [(c, "phone", "13812345678") for c in "ab"]
    steps = ["ab", "b", ""]
    found = []
    for day, customers in enumerate(steps):
        publish_by_hand(
            settings.warehouse,
            day=DAY + timedelta(days=day),
            members=[("new", c) for c in customers],
            identifiers=ids,
        )
        export_published(settings)
        received = Received(folder_of(settings, "ads"), "phone")
        found.append([change for _, _, change in received.changes])
    assert found == [["add"], ["add"], ["add", "remove"]]


def test_files_with_numbers_in_clear_are_their_owners(tmp_path: Path) -> None:
    clear = {**ADS, "identifiers": {"phone": {"hash": False, "form": "national"}}}
    settings = shop_with(tmp_path, clear)
    publish_by_hand(
        settings.warehouse,
        members=[("new", "a")],
        identifiers=[("a", "phone", "+8613812345678")],
    )
    (delivery,) = export_published(settings)
    assert delivery.folder is not None
    assert [row["phone"] for row in rows_of(delivery.folder)] == ["13812345678"]
    assert (delivery.folder / "new.csv").stat().st_mode & 0o077 == 0
    for file in (settings.warehouse / "deliveries").rglob("*.parquet"):
        assert file.stat().st_mode & 0o077 == 0


def test_a_folder_may_be_elsewhere(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, {**TAGS, "folder": "out/here"})
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    export_published(settings)
    assert (tmp_path / "out" / "here" / "2025-06-30" / "manifest.json").exists()


def test_the_order_of_members_makes_no_difference(tmp_path: Path) -> None:
    found = []
    members = [("new", c) for c in "abcd"] + [("loyal", c) for c in "bd"]
    for name, order in (("one", members), ("two", members[::-1])):
        (tmp_path / name).mkdir()
        settings = shop_with(tmp_path / name, TAGS)
        publish_by_hand(settings.warehouse, members=order)
        (delivery,) = export_published(settings)
        assert delivery.folder is not None
        found.append({f.name: f.read_bytes() for f in delivery.folder.iterdir()})
    assert found[0] == found[1]


def test_marts_of_an_older_version_have_nothing_to_export(tmp_path: Path) -> None:
    import duckdb

    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    with duckdb.connect(str(settings.warehouse / "siyu.duckdb")) as connection:
        connection.execute("drop table marts.audience_members")
    (delivery,) = export(settings)
    assert delivery.note == "the published marts have no audience_members"


def test_days_are_dates_and_deliveries_are_numbered(tmp_path: Path) -> None:
    columns = {**COLUMNS, "since": "audience.since_date", "day": "as_of_date"}
    columns["number"] = "delivery"
    settings = shop_with(tmp_path, {**TAGS, "columns": columns})
    publish_by_hand(settings.warehouse, members=[("new", "a")], day=date(2025, 7, 2))
    (delivery,) = export_published(settings)
    assert delivery.folder is not None
    (row,) = rows_of(delivery.folder)
    found = (row["since"], row["day"], row["number"])
    assert found == ("2025-06-30", "2025-07-02", "1")
