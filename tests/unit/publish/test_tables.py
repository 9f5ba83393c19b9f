"""A version made from the one before it holds what a version made whole would hold.

The build changes in every way that builds do, and each publish is compared with it row
by row. What did not change must be the same file, and no older version may change.
"""

from __future__ import annotations

import hashlib
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builds import AS_OF, build
from support.published import parquet_files

from pipeline.errors import SiyuError
from pipeline.publish import tables as module
from pipeline.publish.publish import publish
from pipeline.storage.build_state import (
    BuildState,
    checked_build,
    record_checks,
    record_end,
    record_start,
    whole_build,
)

NOON = datetime(2025, 7, 1, 12)
# Events of every day of four months, and stays of which the last is open.
_TABLES = """
create schema intermediate;
create table intermediate.events as
select
    'e' || i as event_id,
    'c' || i % 7 as customer_id,
    (date '2025-03-01' + i::int % 122) as event_date,
    null::decimal(18, 2) as value
from range(2000) as t(i);
create view marts.fct_interactions as
select * from intermediate.events where event_date <= date '2025-06-28';
create table marts.aipl_stage_history as
select
    'c' || i as customer_id,
    date '2025-03-01' + i::int as valid_from,
    case when i % 5 > 0 then date '2025-03-09' + i::int end as valid_to
from range(100) as t(i);
create table marts.touch_outcome (touch_id varchar, sent_on date);
"""


class Shop:
    """A warehouse whose build changes and is published again and again."""

    def __init__(self, root: Path) -> None:
        self.warehouse = build(root, [("c1", "new"), ("c2", "new")], ["new"])
        self._hours = 0
        self.change(_TABLES)

    def change(self, sql: str) -> None:
        """Change the build behind its state's back."""
        with duckdb.connect(str(self.warehouse.build_database)) as connection:
            connection.execute(sql)

    def rebuild(self, sql: str = "", *, afresh: bool = False) -> None:
        """Do what a build does, going on from the last one unless ``afresh``."""
        last = whole_build(self.warehouse)
        state = BuildState(AS_OF, "run-1234567")
        record_start(
            self.warehouse, state if afresh or not last else state.following(last)
        )
        self.change(sql)
        record_end(self.warehouse)
        record_checks(self.warehouse, passed=True)

    def publish(self) -> Path:
        """Publish and compare; return the folder of the version."""
        version = self.publish_unseen()
        self.compare()
        return version

    def publish_unseen(self) -> Path:
        """Publish; return the folder of the version."""
        self._hours += 1
        at = NOON + timedelta(hours=self._hours)
        publish(self.warehouse, checked_build(self.warehouse), at)
        return (self.warehouse.published / "current").resolve()

    def compare(self) -> None:
        """Fail unless database and files hold the rows of the build, and only them."""
        database = self.warehouse.database.resolve()
        with duckdb.connect() as connection:
            connection.execute(
                f"attach '{self.warehouse.build_database}' as build (read_only); "
                f"attach '{database}' as siyu (read_only)"
            )
            names = "select table_name from information_schema.tables where "
            query = f"{names} table_catalog = ? and table_schema = 'marts' order by 1"
            built = connection.execute(query, ["build"]).fetchall()
            published = connection.execute(query, ["siyu"]).fetchall()
            assert published == sorted([*built, ("published",)])
            files = parquet_files(self.warehouse.marts)
            assert sorted(files) == [name for (name,) in published]
            for (table,) in built:
                mart = f"build.marts.{table}"
                for copy in (f"siyu.marts.{table}", f"read_parquet({files[table]})"):
                    for one, two in ((mart, copy), (copy, mart)):
                        rows = f"from {one} except all from {two}"
                        assert not connection.execute(rows).fetchall(), (one, two)
                    built_columns = connection.execute(f"describe from {mart}")
                    columns = [row[:2] for row in built_columns.fetchall()]
                    copied = connection.execute(f"describe from {copy}").fetchall()
                    assert [row[:2] for row in copied] == columns
            counted = connection.execute(
                "select table_name, row_count from siyu.marts.published"
            ).fetchall()
            for table, rows in counted:
                count = f"select count(*) from build.marts.{table}"
                assert connection.execute(count).fetchone() == (rows,)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def inodes(version: Path) -> dict[str, int]:
    """The files of a version, by table or by table and month."""
    marts = version / "marts"
    names = {
        file: file.relative_to(marts).as_posix().removesuffix(".parquet")
        for file in marts.rglob("*.parquet")
        if file.stem != "published"
    }
    return {
        name.removesuffix("/data_0"): file.stat().st_ino for file, name in names.items()
    }


def written(old: Path, new: Path) -> set[str]:
    """The tables and months that the newer version does not share with the older."""
    before = inodes(old)
    return {name for name, inode in inodes(new).items() if before.get(name) != inode}


def day(as_of: str) -> str:
    return (
        "create or replace view marts.fct_interactions as select * from "
        f"intermediate.events where event_date <= date '{as_of}'; "
    )


E_ = "fct_interactions"
# A change of the build, and the files that it may write.
STEPS = [
    ("nothing new", "select 1", set()),
    ("one more day", day("2025-06-29"), {f"{E_}/2025-06"}),
    (
        "a late event",
        "insert into intermediate.events values ('late', 'c1', '2025-04-02', 3.5)",
        {f"{E_}/2025-04"},
    ),
    (
        "a correction that only one column shows",
        "update intermediate.events set value = 0 where event_id = 'e40'",
        {f"{E_}/2025-04"},
    ),
    (
        "two events exchange a value",
        "update intermediate.events set customer_id = case event_id when 'e1' "
        "then 'c2' else 'c1' end where event_id in ('e1', 'e2')",
        {f"{E_}/2025-03"},
    ),
    (
        "a correction that moves an event to another month",
        "update intermediate.events set event_date = '2025-05-05' "
        "where event_id = 'e3'",
        {f"{E_}/2025-03", f"{E_}/2025-05"},
    ),
    (
        "an event that is gone",
        "delete from intermediate.events where event_id = 'e33'",
        {f"{E_}/2025-04"},
    ),
    ("back by months", day("2025-04-20"), {f"{E_}/2025-04"}),
    (
        "forth again",
        day("2025-06-30"),
        {f"{E_}/2025-04", f"{E_}/2025-05", f"{E_}/2025-06"},
    ),
    (
        "a stay ends and another begins",
        "update marts.aipl_stage_history set valid_to = '2025-06-30' "
        "where customer_id = 'c10'; "
        "insert into marts.aipl_stage_history values ('c10', '2025-06-30', null)",
        {"aipl_stage_history/2025-06", "aipl_stage_history/open"},
    ),
    (
        "a row that is there twice",
        "insert into intermediate.events "
        "select * from intermediate.events where event_id in ('e5', 'e5')",
        {f"{E_}/2025-03"},
    ),
    (
        "another row twice instead",
        "delete from intermediate.events where event_id = 'e5'; "
        "insert into intermediate.events from intermediate.events "
        "where event_id = 'e6'; "
        "insert into intermediate.events values ('e5', 'c5', '2025-03-06', null)",
        {f"{E_}/2025-03"},
    ),
    (
        "a first row, and a small table that changes",
        "insert into marts.touch_outcome values ('t1', '2025-06-02'); "
        "update marts.rfm_scores set recency_days = 4 where customer_id = 'c1'",
        {"touch_outcome/2025-06", "rfm_scores"},
    ),
    (
        "the last row is gone, and so is a table",
        "delete from marts.touch_outcome; drop table marts.dim_rfm_segment",
        {"touch_outcome/open"},
    ),
    (
        "other columns",
        "alter table intermediate.events add column scene varchar; "
        + day("2025-06-30"),
        {f"{E_}/2025-0{month}" for month in (3, 4, 5, 6)},
    ),
]


def test_each_change_reaches_what_is_published_and_writes_no_more(shop: Shop) -> None:
    old = shop.publish()
    for name, sql, expected in STEPS:
        digests = digests_of(old)
        shop.rebuild(sql)
        new = shop.publish()
        assert written(old, new) == expected, name
        assert digests_of(old) == digests, name
        old = new


def digests_of(version: Path) -> dict[Path, str]:
    """Every file of a version by its content."""
    return {
        file: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in version.rglob("*")
        if file.is_file()
    }


def test_a_build_that_started_afresh_is_published_whole(shop: Shop) -> None:
    """After an erasure, dead blocks and linked files would still hold the person."""
    erased = "e1234-5678"
    shop.rebuild(
        f"insert into intermediate.events values ('{erased}', 'c', '2025-04-01', null)"
    )
    first = shop.publish()
    delete = f"delete from intermediate.events where event_id = '{erased}'"
    shop.rebuild(delete, afresh=True)
    second = shop.publish()
    assert written(first, second) == set(inodes(second))
    for version, is_there in ((first, True), (second, False)):
        found = [
            file
            for file in version.rglob("*")
            if file.is_file() and erased.encode() in file.read_bytes()
        ]
        assert bool(found) == is_there, found


def test_a_failed_run_in_between_is_made_up_for(shop: Shop) -> None:
    first = shop.publish()
    shop.rebuild(day("2025-06-29"))
    record_checks(shop.warehouse, passed=False)
    with pytest.raises(SiyuError, match="has not passed its checks"):
        shop.publish()
    shop.rebuild(day("2025-06-30"))
    assert written(first, shop.publish()) == {f"{E_}/2025-06"}


@pytest.mark.parametrize("step", ["_link", "write_parquet", "ThreadPoolExecutor"])
def test_a_publish_that_breaks_off_leaves_the_old_version(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first = shop.publish()
    digests = digests_of(first)
    shop.rebuild(day("2025-06-29"))

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, step, broken_off)
        with pytest.raises(KeyboardInterrupt):
            shop.publish()
    assert (shop.warehouse.published / "current").resolve() == first
    assert digests_of(first) == digests
    assert written(first, shop.publish()) == {f"{E_}/2025-06"}


def test_where_a_disk_has_no_links_files_are_copied(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    first = shop.publish()
    monkeypatch.setattr(os, "link", refused)
    shop.rebuild()
    second = shop.publish()
    assert written(first, second) == set(inodes(second))


def test_the_database_does_not_grow_with_every_publish(shop: Shop) -> None:
    """Deleted rows and dropped tables leave room that must be used again."""
    shop.change(
        "create table marts.aipl_stage as select 1 as round, md5(i::varchar) as text "
        "from range(60000) as t(i); "
        "create or replace table marts.segment_ledger as select "
        "date '2025-01-01' + (i // 1000)::int as changed_on, md5(i::varchar) as text "
        "from range(120000) as t(i)"
    )
    size = (shop.publish() / "siyu.duckdb").stat().st_size
    for again in range(6):
        shop.rebuild(
            "update marts.aipl_stage set round = round + 1; "
            "update marts.segment_ledger set text = md5(text) "
            f"where month(changed_on) = {again % 4 + 1}"
        )
        later = (shop.publish_unseen() / "siyu.duckdb").stat().st_size
        assert later < 2 * size
    shop.compare()


# An event, its new day or none, and how many days the build sees.
Change = tuple[int, "int | None", int]


@settings(max_examples=4, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 2100),
                st.none() | st.integers(0, 121),
                st.integers(0, 121),
            ),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_sequence_of_changes_is_published(builds: list[list[Change]]) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        shop.publish()
        for changes in builds:
            shop.rebuild("".join(map(sql_of, changes)))
            shop.publish()


def sql_of(change: Change) -> str:
    event, moved_to, days = change
    sql = f"delete from intermediate.events where event_id = 'e{event}'; "
    if moved_to is not None:
        sql += (
            "insert into intermediate.events values "
            f"('e{event}', 'c1', date '2025-03-01' + {moved_to}, {days}); "
        )
    return sql + day(str(date(2025, 3, 1) + timedelta(days=days)))
