"""``write_demo`` as a whole: the same bytes each time, at any size, no traces left."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from demo_shop import FEWEST_CUSTOMERS, DemoError, write_demo
from demo_shop.population import populate
from demo_shop.store import open_store


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    """Times of writing hide in gzip, xlsx and Parquet."""
    write_demo(tmp_path / "a", customers=FEWEST_CUSTOMERS, seed=3)
    write_demo(tmp_path / "b", customers=FEWEST_CUSTOMERS, seed=3)
    first = _digests(tmp_path / "a")
    assert first == _digests(tmp_path / "b")
    write_demo(tmp_path / "b", customers=FEWEST_CUSTOMERS, seed=4)
    other = _digests(tmp_path / "b")
    assert set(other) == set(first)
    assert (
        other["data/mall/orders_2024-11.csv"] != first["data/mall/orders_2024-11.csv"]
    )


def test_the_workbook_holds_no_time_of_writing(shop: Path) -> None:
    with zipfile.ZipFile(shop / "data/products.xlsx") as book:
        assert b"2024-01-01T00:00:00Z" in book.read("docProps/core.xml")
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}


def test_the_smallest_shop_is_whole(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    shop = write_demo(
        tmp_path,
        customers=FEWEST_CUSTOMERS,
        seed=0,
        on_progress=lambda *step: steps.append(step),
    )
    assert shop.customers == FEWEST_CUSTOMERS
    assert shop.config.is_file()
    assert shop.truth.is_file()
    assert {step for step, _, _ in steps} == {"customers", "files", "truth"}
    assert all(0 <= done <= total for _, done, total in steps)
    assert steps[-1] == ("truth", 1, 1)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("data", "siyu.yaml", "truth.json", "truth_customers.parquet"),
    }


@pytest.mark.parametrize("arguments", [{"customers": 99}, {"seed": -1}])
def test_impossible_shops_are_refused(
    tmp_path: Path, arguments: dict[str, int]
) -> None:
    with pytest.raises(DemoError):
        write_demo(tmp_path / "shop", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "shop").exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("in the way")
    with pytest.raises(DemoError, match="shop"):
        write_demo(tmp_path / "shop", customers=100)


def test_chunks_make_one_shop(tmp_path: Path) -> None:
    """Numbers go on from chunk to chunk, and each chunk is as rich as the first."""
    with open_store(tmp_path) as store:
        populate(store, 1_000, 5, lambda *_: None, chunk_size=300)
        for table, key in (
            ("customers", "customer_no"),
            ("orders", "order_no"),
            ("events", "event_no"),
        ):
            rows, keys, last = store.rows(
                f"select count(*), count(distinct {key}), max({key}) from {table}"
            )[0]
            # Events outside the shop's life take no number.
            assert rows == keys == last
        assert (
            store.one("select count(*) from lines anti join orders using (order_no)")
            == 0
        )
        strangers = store.one(
            "select count(*) from events where referred_no not in "
            "(select customer_no from customers)"
        )
        assert strangers == 0
        sizes = store.rows(
            "select (customer_no - 1) // 300 as chunk, count(*) / count(distinct "
            "customer_no) from orders where customer_no is not null "
            "group by chunk order by chunk"
        )
        assert len(sizes) == 4
        assert max(s[1] for s in sizes) < 1.6 * min(s[1] for s in sizes)
    assert list(tmp_path.iterdir()) == []
