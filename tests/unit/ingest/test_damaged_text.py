"""Damaged text: each bad record is set apart with its number, the others load."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard
from support.shops import ORDER_HEADER, Shop

UNCLOSED = "a quote is opened but not closed"
Outcome = tuple[list[int], dict[int, str]]


def outcome(
    shop: Shop, content: str | bytes, name: str = "orders.csv", **keys: object
) -> Outcome:
    """The numbers of the accepted rows, and the reasons by number of the others."""
    shop.source(path=name, **{"max_bad_share": 1, **keys})
    shop.write(name, content)
    assert shop.problems() == []
    accepted = [number for (number,) in shop.landed("orders", "_row")]
    rejected = {row: reason for row, reason, _ in shop.quarantined()}
    (load,) = shop.loads()
    assert load.rows_read == len(accepted) + len(rejected)
    return accepted, rejected


def row(order: int, customer: str = "c") -> str:
    return f"{order},{customer},2024-01-01,5\n"


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("2,c,2024-01-01\n", "too few fields: 3, expected 4"),
        ("2,c,2024-01-01,5,6\n", "too many fields: 5, expected 4"),
        ('2,"c"d,2024-01-01,5\n', "text follows a closing quote"),
        ('2,"c,2024-01-01,5\n', UNCLOSED),
        ("   \n", "too few fields: 1, expected 4"),
    ],
)
def test_one_bad_record(shop: Shop, second: str, reason: str) -> None:
    content = ORDER_HEADER + row(1) + second + row(3) + row(4)
    assert outcome(shop, content) == ([1, 3, 4], {2: reason})


@pytest.mark.parametrize(
    "after",
    [
        '3,"d",2024-01-01,5\n',
        '3,"d, e",2024-01-01,5\n',
        '3,"",2024-01-01,5\n',
        '3,"d","2024-01-01","5"\n',
        "3,d,2024-01-01,5\n" * 1_200,
        # Both together are a record of two lines with too many fields.
        '3,"d\nd",2024-01-01,5\n',
    ],
)
def test_an_unclosed_quote_costs_its_own_line(shop: Shop, after: str) -> None:
    """Lenient readers lose the rest of the file, or up to the next quote."""
    content = ORDER_HEADER + row(1) + '2,"c,2024-01-01,5\n' + after + row(9)
    accepted, rejected = outcome(shop, content)
    assert rejected == {2: UNCLOSED}
    assert len(accepted) == 2 + after.count("2024-01-01")


def test_an_unclosed_quote_that_swallows_a_whole_row(shop: Shop) -> None:
    """The quote of row 3 closes that of row 2, to a record of the wrong width."""
    content = ORDER_HEADER + '1,"c,2024-01-01,5\n2,d,2024-01-01,5"\n' + row(3)
    accepted, rejected = outcome(shop, content)
    assert accepted == [3]
    assert rejected[1] == UNCLOSED
    assert rejected[2].startswith("amount: '5\"' is not")


def test_a_record_of_several_lines_with_too_few_fields_is_one_row(shop: Shop) -> None:
    content = ORDER_HEADER + '1,"a\nb\nc",2024-01-01\n' + row(2)
    assert outcome(shop, content) == ([2], {1: "too few fields: 3, expected 4"})


def test_an_unclosed_quote_at_the_end(shop: Shop) -> None:
    content = ORDER_HEADER + row(1) + '2,"c,2024-01-01,5\n'
    assert outcome(shop, content) == ([1], {2: UNCLOSED})


def test_a_last_row_cut_short(shop: Shop) -> None:
    content = ORDER_HEADER + row(1) + "2,c,20"
    assert outcome(shop, content) == ([1], {2: "too few fields: 3, expected 4"})


def test_numbers_count_records_not_lines(shop: Shop) -> None:
    content = ORDER_HEADER + '1,"a\n\nb",2024-01-01,5\n\n\n' + row(2) + "x\n" + row(4)
    assert outcome(shop, content) == ([1, 2, 4], {3: "too few fields: 1, expected 4"})


def test_bytes_that_are_not_utf8(shop: Shop) -> None:
    content = (ORDER_HEADER + row(1)).encode() + b"2,\xd5\xc5,2024-01-01,5\n"
    accepted, rejected = outcome(shop, content + row(3).encode())
    assert (accepted, rejected) == ([1, 3], {2: "bytes that are not valid utf-8"})
    assert shop.quarantined("raw") == [("2,\\xd5\\xc5,2024-01-01,5",)]


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [("gb18030", b"2,\xff,2024-01-01,5\n"), ("utf-16", b"\x00\xd82\x00,\x00\n\x00")],
)
def test_bad_bytes_in_other_encodings(shop: Shop, encoding: str, bad: bytes) -> None:
    content = (ORDER_HEADER + row(1, "张")).encode(encoding) + bad
    if encoding == "gb18030":
        content += row(3).encode()
    accepted, rejected = outcome(shop, content, options={"encoding": encoding})
    assert accepted == ([1, 3] if encoding == "gb18030" else [1])
    assert rejected == {2: f"bytes that are not valid {encoding}"}
    assert shop.landed("orders", "customer_id")[-1] == ("张",)


def test_a_nul_is_data_on_both_paths(shop: Shop) -> None:
    content = ORDER_HEADER + "1,c\0d,2024-01-01,5\n" + row(2)
    assert outcome(shop, content) == ([1, 2], {})


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("damaged_row", ["", "x\n"])
def test_several_members_in_one_file(
    shop: Shop, pack: object, damaged_row: str
) -> None:
    """Appended compressed files are one; a reader of the first alone loses the rest."""
    suffix = ".gz" if pack is gzip.compress else ".zst"
    first, second = ORDER_HEADER + row(1), damaged_row + row(2)
    content = pack(first.encode()) + pack(second.encode())  # type: ignore[operator]
    accepted, rejected = outcome(shop, content, name=f"orders.csv{suffix}")
    assert len(accepted) == 2
    assert len(rejected) == len(damaged_row) // 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("left", [0.5, 0.999])
def test_compressed_data_cut_short_is_refused(
    shop: Shop, pack: object, kind: str, left: float
) -> None:
    """DuckDB takes what it finds for the whole file: rows would be lost unseen."""
    rows = [f"{n},c{n * 7919 % 9973},2024-01-01,{n % 97}" for n in range(3000)]
    text = ORDER_HEADER + "\n".join(rows)
    if kind == "jsonl":
        names = ORDER_HEADER.strip().split(",")
        items = (dict(zip(names, line.split(","), strict=True)) for line in rows)
        text = "\n".join(json.dumps(item) for item in items)
    whole: bytes = pack(text.encode())  # type: ignore[operator]
    name = f"orders.{kind}{'.gz' if pack is gzip.compress else '.zst'}"
    shop.source(path=name)
    shop.write(name, whole[: int(len(whole) * left)])
    (problem,) = shop.problems()
    assert f"{name}: the compressed data is truncated or damaged" in problem
    assert shop.loads() == []


def test_a_name_that_promises_compression(shop: Shop) -> None:
    shop.source(path="orders.csv.gz").write("orders.csv.gz", ORDER_HEADER + row(1))
    (problem,) = shop.problems()
    assert "orders.csv.gz: the compressed data is truncated or damaged" in problem
