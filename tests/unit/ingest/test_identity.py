"""Nothing is doubled, whatever arrives again, in whatever order and batches."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.shops import ORDER_HEADER, Shop

HEADER = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,line_no\n"
# product, quantity, line_no: few of each, so that rows repeat within and across files.
Line = tuple[str, str, str]
Files = list[list[Line]]

_LINES = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"]), st.sampled_from(["", "1"])
)


def content(lines: list[Line]) -> str:
    rows = (f"o,c,2024-01-01,{product},{n},9,{no}\n" for product, n, no in lines)
    return HEADER + "".join(rows)


def expected(files: Files) -> tuple[Counter[tuple[str, int]], int]:
    """By the contract: without a key as often as any one file holds it; keys once."""
    keyless: Counter[tuple[str, int]] = Counter()
    for lines in files:
        keyless |= Counter((product, int(n)) for product, n, no in lines if not no)
    return keyless, int(any(no for lines in files for *_, no in lines))


def landed(shop: Shop) -> tuple[Counter[tuple[str, int]], int]:
    columns = "product_id, cast(quantity as integer), line_no is not null"
    union = shop.union("order_lines", columns)
    keyless = Counter(
        {(p, n): times for (p, n, keyed), times in union.items() if not keyed}
    )
    return keyless, sum(times for (*_, keyed), times in union.items() if keyed)


@settings(max_examples=12)
@given(st.lists(st.lists(_LINES, max_size=6), min_size=1, max_size=4), st.data())
def test_the_union_of_ids_is_the_rule_of_the_contract(
    files: Files, data: st.DataObject
) -> None:
    """A count by hand, for files in any order, in batches, one of them twice."""
    arrivals = data.draw(st.permutations([*range(len(files)), 0]))
    batches = data.draw(st.integers(1, 2))
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder)).source("order_lines")
        for place, index in enumerate(arrivals):
            shop.write(f"order_lines_{place}.csv", content(files[index]))
            if batches == 2 and place == 0:
                shop.ingest()
        assert [p for result in shop.ingest() for p in result.problems] == []
        assert landed(shop) == expected(files)
        for load in shop.loads():
            parts = (load.rows_accepted, load.rows_quarantined, load.rows_filtered)
            assert load.rows_read == sum(parts)


def test_texts_that_join_to_the_same_are_different_content(shop: Shop) -> None:
    """Product and quantity apart, order and product apart, null and a control sign."""
    header = "customer_id,event_type,occurred_at,channel,campaign_id\n"
    rows = [("a", "b\x1fc"), ("a\x1fb", "c"), ("\x01", ""), ("", "\x01"), ("", "")]
    lines = "".join(f"c,view,2024-01-01,{a},{b}\n" for a, b in rows)
    shop.source("interactions").write("interactions.csv", header + lines)
    shop.ingest()
    assert shop.union("interactions", "channel, campaign_id").total() == len(rows)


def test_repeats_get_ids_in_order(shop: Shop) -> None:
    shop.source("order_lines").write("order_lines.csv", content([("a", "1", "")] * 3))
    shop.ingest()
    ids = [key for (key,) in shop.landed("order_lines", "line_key")]
    assert [key.rpartition("-")[2] for key in ids] == ["1", "2", "3"]
    assert len({key.rpartition("-")[0] for key in ids}) == 1


def rows(*ids: int) -> str:
    return ORDER_HEADER + "".join(f"{n},c,2024-01-01,5\n" for n in ids)


def test_known_content_is_skipped_under_another_name(shop: Shop) -> None:
    shop.source().write("orders_2.csv", rows(1))
    shop.ingest()
    shop.write("orders_10.csv", rows(1))
    (result,) = shop.ingest(register=True)
    assert (len(result.loads), result.unchanged) == (0, 2)
    listed = duckdb.sql(f"from '{shop.warehouse.landing / 'files.parquet'}'").fetchall()
    assert [row[3] for row in listed] == ["orders_10.csv"]


def test_the_name_that_counts_is_the_last_whichever_came_first(shop: Shop) -> None:
    shop.source().write("orders_10.csv", rows(1))
    shop.ingest()
    shop.write("orders_9.csv", rows(1))
    shop.ingest(register=True)
    listed = duckdb.sql(f"from '{shop.warehouse.landing / 'files.parquet'}'").fetchall()
    assert [row[3] for row in listed] == ["orders_10.csv"]


def test_a_changed_mapping_replaces_what_the_file_gave(shop: Shop) -> None:
    shop.source().write("orders.csv", rows(1, 2))
    shop.ingest()
    shop.sources[0]["where"] = "id = '2'"
    shop.ingest()
    assert shop.landed("orders", "order_id") == [("2",)]
    folder = shop.warehouse.landing / "orders"
    assert len(list(folder.glob("*.parquet"))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Europe/London"},
        {"namespace": "x"},
        {"options": {"nulls": ["c"]}},
        {"time_bounds": ["2000-01-01", "2050-01-01"]},
    ],
)
def test_whatever_changes_the_rows_is_a_changed_mapping(
    shop: Shop, change: dict[str, object]
) -> None:
    shop.source().write("orders.csv", rows(1))
    shop.ingest()
    shop.sources[0].update(change)
    (result,) = shop.ingest()
    assert len(result.loads) == 1


def test_rows_of_a_source_count_while_it_is_configured(shop: Shop) -> None:
    shop.source(name="a", path="a.csv").source(name="b", path="b.csv")
    shop.write("a.csv", rows(1))
    shop.write("b.csv", rows(2))
    shop.ingest()
    second = shop.sources.pop()
    assert shop.landed("orders", "order_id") == [("1",)]
    shop.sources.append(second)
    (_, result) = shop.ingest()
    assert result.unchanged == 1
    assert shop.landed("orders", "order_id") == [("1",), ("2",)]


def test_a_file_that_is_gone_keeps_what_it_gave(shop: Shop) -> None:
    path = shop.source().write("orders.csv", rows(1))
    shop.ingest()
    path.unlink()
    assert shop.problems() == []
    assert shop.landed("orders", "order_id") == [("1",)]


def test_a_changed_file_is_another_file(shop: Shop) -> None:
    shop.source().write("orders.csv", rows(1))
    shop.ingest()
    shop.write("orders.csv", rows(1, 2))
    shop.ingest()
    assert len(shop.loads()) == 2


@pytest.mark.parametrize(("bad", "refused"), [(1, False), (2, True)])
def test_the_share_of_bad_rows_that_is_allowed(
    shop: Shop, bad: int, refused: bool
) -> None:
    """Exactly the share is allowed; one row more and nothing of the file is loaded."""
    good = rows(*range(20 - bad))
    shop.source().write("orders.csv", good + "x,c,never,5\n" * bad)
    problems = shop.problems()
    assert bool(problems) == refused
    if refused:
        assert "2 of 20 rows are bad (10.0%), more than the 5% allowed" in problems[0]
        assert "row 19: ordered_at: 'never' is not a time" in problems[0]
        assert shop.loads() == []
        assert shop.quarantined() == []


def test_a_refused_file_does_not_keep_others_out(shop: Shop) -> None:
    shop.source()
    shop.write("orders_1.csv", "id,customer\n1,c\n")
    shop.write("orders_2.csv", rows(2))
    assert len(shop.problems()) == 1
    assert shop.landed("orders", "order_id") == [("2",)]
