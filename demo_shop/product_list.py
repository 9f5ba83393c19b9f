"""The product list: a workbook as merchandisers keep it, with a total row."""

from __future__ import annotations

from pathlib import Path

from demo_shop.extracts import FILTERED, NEW
from demo_shop.files import FileFacts, write_xlsx
from demo_shop.store import Store

_PATH = "data/products.xlsx"
_HEADER = ("商品编码", "商品名称", "类目", "品牌", "是否小样", "吊牌价", "消耗天数")
FOOT = "合计"


def write_products(store: Store, out: Path) -> list[FileFacts]:
    """Write the product list. The carrier bag that the tills sell is not in it."""
    products = store.rows(
        "select product, name, category, brand, if(is_sample, '是', '否'), "
        "cents / 100, consumption_days from products where is_listed order by number"
    )
    foot = (FOOT, f"{len(products)} 款", None, None, None, None, None)
    write_xlsx(out / _PATH, "商品", [_HEADER, *products, foot])
    return [FileFacts(_PATH, "products", "products", {NEW: len(products), FILTERED: 1})]
