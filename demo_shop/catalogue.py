"""The catalogue of the demo shop, the same for every seed and size.

Each article comes in two versions; some have a sample. ``consumption_days`` says how
long one piece lasts, and so how often customers buy it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.season import Bools, Floats, Ints

# category, name, list price in yuan, consumption days (0: does not run out),
# popularity, whether it has a sample
_ARTICLES: tuple[tuple[str, str, int, int, float, bool], ...] = (
    ("护肤", "氨基酸洁面乳 120g", 79, 60, 3.0, False),
    ("护肤", "舒缓爽肤水 200ml", 129, 60, 2.5, True),
    ("护肤", "焕亮精华 30ml", 269, 45, 3.0, True),
    ("护肤", "保湿面霜 50g", 199, 50, 2.5, True),
    ("护肤", "紧致眼霜 15g", 239, 75, 1.5, True),
    ("护肤", "补水面膜 10片", 99, 30, 3.5, False),
    ("护肤", "清透防晒 50ml", 109, 40, 2.5, True),
    ("彩妆", "丝绒口红", 119, 120, 3.0, False),
    ("彩妆", "轻薄粉底液 30ml", 169, 90, 2.0, True),
    ("彩妆", "眼影盘, 大地色", 139, 365, 1.5, False),
    ("彩妆", "卸妆油 150ml", 89, 50, 2.0, False),
    ("彩妆", "素颜霜 30g", 89, 30, 1.5, False),
    ("个护", "氨基酸洗发水 400ml", 69, 45, 2.5, False),
    ("个护", "护发精油 80ml", 89, 60, 1.0, False),
    ("个护", "香氛沐浴露 500ml", 59, 30, 2.0, False),
    ("个护", "身体乳 250ml", 79, 45, 1.5, False),
    ("母婴用品", "纸尿裤 L 60片", 129, 30, 4.0, False),
    ("母婴用品", "婴儿湿巾, 加厚 80抽×10包", 79, 28, 3.0, False),
    ("母婴用品", "宽口径奶瓶 240ml", 99, 180, 1.0, False),
    ("母婴用品", "静音吸奶器", 499, 0, 0.4, False),
    ("婴童洗护", "婴儿面霜 60g", 89, 45, 2.0, True),
    ("婴童洗护", "婴儿洗发沐浴露 300ml", 79, 40, 2.0, False),
    ("婴童洗护", "护臀膏 50g", 59, 60, 1.5, False),
    ("奶粉辅食", "幼儿配方奶粉 800g", 258, 28, 3.5, False),
    ("奶粉辅食", "有机米粉 225g", 58, 25, 2.0, False),
    ("营养健康", "胶原蛋白饮 30支", 199, 30, 1.5, False),
    ("营养健康", "复合维生素 60粒", 129, 60, 1.5, False),
    ("营养健康", "益生菌 30条", 159, 30, 1.5, False),
    ("旅行装", "旅行洗护套装", 59, 28, 2.0, False),
    ("旅行装", "旅行护肤五件套", 129, 30, 2.0, False),
    ("旅行装", "便携蒸汽眼罩 10片", 49, 25, 2.0, False),
    ("旅行装", "记忆棉颈枕", 99, 0, 0.8, False),
    ("家居香氛", "助眠香薰 100ml", 129, 45, 2.0, False),
    ("家居香氛", "洗衣凝珠 40颗", 69, 40, 2.5, False),
    ("家居香氛", "一人食小锅", 149, 0, 1.0, False),
    ("家居香氛", "床品喷雾 100ml", 59, 30, 1.5, False),
)
_VERSIONS = (("经典", 1.0, 1.0), ("升级", 1.3, 0.6))
_BRANDS = {"护肤": "鹿研", "彩妆": "鹿研", "个护": "屿日", "母婴用品": "初芽"} | {
    "婴童洗护": "初芽",
    "奶粉辅食": "初芽",
    "营养健康": "屿日",
    "旅行装": "屿日",
    "家居香氛": "屿日",
}
_SAMPLE_CENTS = 990


@dataclass(frozen=True)
class Catalogue:
    """The products in parallel columns.

    ``full_size`` gives for a sample the position of its full-size product, and for
    every other product its own. The last product is the carrier bag, which the stores
    sell but the product list does not have.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    categories: tuple[str, ...]
    brands: tuple[str, ...]
    cents: Ints
    consumption_days: Ints
    popularity: Floats
    is_sample: Bools
    full_size: Ints

    @property
    def bag(self) -> int:
        """Position of the carrier bag."""
        return len(self.ids) - 1

    @property
    def listed(self) -> int:
        """Number of products in the product list: all but the bag."""
        return len(self.ids) - 1

    def sample_of(self) -> Ints:
        """Return for each product the position of its sample, or -1."""
        found = np.full(len(self.ids), -1, dtype=np.int64)
        samples = np.flatnonzero(self.is_sample)
        found[self.full_size[samples]] = samples
        return found


def _build() -> Catalogue:
    """Lay out full-size products, then samples, then the bag."""
    # id, name, category, cents, days, popularity, full-size product (-1: its own)
    rows: list[tuple[str, str, str, int, int, float, int]] = []
    sampled: list[int] = []
    for category, name, price, days, popularity, has_sample in _ARTICLES:
        for version, price_factor, share in _VERSIONS:
            if has_sample:
                sampled.append(len(rows))
            cents = round(price * price_factor) * 100
            title = f"{version}{name}"
            known = (title, category, cents, days, popularity * share, -1)
            rows.append((f"P{len(rows) + 1:04d}", *known))
    for position in sampled:
        _, name, category, _, _, _, _ = rows[position]
        title = f"{name.rsplit(' ', 1)[0]} 小样"
        known = (title, category, _SAMPLE_CENTS, 7, 0.0, position)
        rows.append((f"S{position + 1:04d}", *known))
    rows.append(("BAG01", "购物袋", "其他", 50, 0, 0.0, -1))
    own = [i if row[6] < 0 else row[6] for i, row in enumerate(rows)]
    return Catalogue(
        ids=tuple(row[0] for row in rows),
        names=tuple(row[1] for row in rows),
        categories=tuple(row[2] for row in rows),
        brands=tuple(_BRANDS.get(row[2], "") for row in rows),
        cents=np.array([row[3] for row in rows], dtype=np.int64),
        consumption_days=np.array([row[4] for row in rows], dtype=np.int64),
        popularity=np.array([row[5] for row in rows]),
        is_sample=np.array([row[6] >= 0 for row in rows]),
        full_size=np.array(own, dtype=np.int64),
    )


CATALOGUE = _build()
