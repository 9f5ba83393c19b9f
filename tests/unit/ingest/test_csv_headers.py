"""What comes before the rows of a csv file: delimiter, header, skipped lines."""

from __future__ import annotations

import pytest
from support.shops import ORDER_HEADER, Shop

ROW = "1,c,2024-01-01,5\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_the_delimiter_is_found(shop: Shop, delimiter: str, bom: str) -> None:
    content = bom + (ORDER_HEADER + ROW).replace(",", delimiter)
    shop.source().write("orders.csv", content)
    assert shop.problems() == []
    assert shop.landed("orders", "order_id, customer_id") == [("1", "c")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "UTF_8"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(
    shop: Shop, encoding: str
) -> None:
    shop.source(options={"encoding": encoding})
    shop.write("orders.csv", "\ufeff" + ORDER_HEADER + ROW)
    assert shop.problems() == []


@pytest.mark.parametrize("damage", ["", "x\n"])
def test_blank_lines_before_the_header(shop: Shop, damage: str) -> None:
    """They are not the header: the real one would become a row."""
    shop.source(max_bad_share=1)
    shop.write("orders.csv", "\n\r\n" + ORDER_HEADER + ROW + damage)
    assert shop.problems() == []
    assert shop.landed("orders", "_row, order_id") == [(1, "1")]


def test_skipped_lines_may_hold_anything(shop: Shop) -> None:
    shop.source(options={"skip": 2})
    shop.write("orders.csv", 'report of "2024\n\n' + ORDER_HEADER + ROW)
    assert shop.problems() == []
    assert shop.landed("orders", "order_id") == [("1",)]


def test_names_for_a_file_without_header(shop: Shop) -> None:
    names = ORDER_HEADER.strip().split(",")
    shop.source(options={"header": False, "names": names})
    shop.write("orders.csv", "\ufeff" + ROW)
    assert shop.problems() == []
    assert shop.landed("orders", "_row, order_id") == [(1, "1")]


@pytest.mark.parametrize("name", ["_kept", "_reasons", "_raw", "_state", "_value_x"])
def test_columns_may_have_almost_any_name(shop: Shop, name: str) -> None:
    """Names of the statement's own columns once rejected rows, or took their place."""
    shop.source().write("orders.csv", f"{name},{ORDER_HEADER}9,{ROW}")
    assert shop.problems() == []
    assert shop.landed("orders", "customer_id") == [("c",)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "the file is empty (0 bytes, no header)"),
        ("\n\n", "the file has no header line"),
        ("\ufeff", "the file has no header line"),
        ("id,ID,customer,paid,amount\n", "the column name 'id' appears twice"),
        ("id,_row,customer,paid,amount\n", "the column name '_row' is reserved"),
        ("id,customer,payed,amount\n" + ROW, "no column 'paid'. Did you mean 'payed'?"),
    ],
)
def test_headers_that_cannot_be_used(shop: Shop, content: str, says: str) -> None:
    shop.source().write("orders.csv", content)
    (problem,) = shop.problems()
    assert problem.startswith("source 'orders': orders.csv: ")
    assert says in problem
    assert shop.loads() == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_header_in_another_encoding_names_the_option(
    shop: Shop, encoding: str
) -> None:
    text = "id,customer,paid,amount,备注\n1,张,2024-01-01,5,x\n"
    shop.source().write("orders.csv", text.encode(encoding))
    (problem,) = shop.problems()
    assert "not valid utf-8" in problem
    assert "encoding: gb18030" in problem


def test_a_wrong_delimiter_shows_the_columns_found(shop: Shop) -> None:
    shop.source(options={"delimiter": ";"}).write("orders.csv", ORDER_HEADER + ROW)
    (problem,) = shop.problems()
    assert "the file has no column 'id'" in problem
    assert "Its columns are: id,customer,paid,amount" in problem


def test_a_header_alone_is_a_file_without_rows(shop: Shop) -> None:
    shop.source().write("orders.csv", ORDER_HEADER)
    assert shop.problems() == []
    assert [load.rows_read for load in shop.loads()] == [0]
