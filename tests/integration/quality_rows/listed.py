"""The lists of plays and segments for the tests of their checks, valid and broken.

Of the two customers, c1 is in the segment new and c2 has no scores; each has a play.
"""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

PLAY = "marts.dim_play"
SEGMENT = "marts.dim_rfm_segment"
TABLES = (PLAY, SEGMENT)

BUILT = """
create table marts.dim_play as select *, 'objective' as objective, 'GIFT' as offer_key,
  play as label_en, '打法' as label_zh from (values
    (10, 'L', cast(null as varchar), 'reward_devotion', 'brand_devotee'),
    (20, 'none', null, 'reactivate', 'dormant_fan'))
  as rows (priority, stage, segment, play, persona);
create table marts.dim_rfm_segment as select date '2024-03-31' as as_of_date, *,
  segment as label_en, '分层' as label_zh from (values
    ('new', 10, 'medium', 1, cast(28 as decimal(18, 2))), ('lost', 20, 'low', 0, 0))
  as rows (segment, priority, value_tier, customers, monetary);
"""

NEW: dict[str, object] = {"segment": "new"}

BROKEN: list[Broken] = [
    *(
        (
            PLAY,
            "labels_are_there",
            f"set {label} = null where priority = 20",
            [{"priority": 20, "play": "reactivate"}],
        )
        for label in ("label_en", "label_zh")
    ),
    (
        PLAY,
        "plays_of_customers_are_listed",
        "set play = 'rest' where priority = 20",
        [{"play": "reactivate", "customers": 1}],
    ),
    (
        SEGMENT,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where segment = 'new'",
        [NEW | {"as_of_date": date(2024, 3, 30)}],
    ),
    (
        SEGMENT,
        "customers_agree_with_scores",
        "set customers = 2 where segment = 'new'",
        [NEW | {"customers": 2, "scored": 1}],
    ),
    (
        SEGMENT,
        "customers_agree_with_scores",
        "set monetary = 1 where segment = 'lost'",
        [{"segment": "lost", "scored_monetary": None}],
    ),
    (
        SEGMENT,
        "customers_agree_with_scores",
        # Customers of a segment that is not listed.
        "update marts.rfm_scores set rfm_segment = 'others'",
        [
            NEW | {"customers": 1, "scored": None},
            {"segment": "others", "customers": None, "scored": 1},
        ],
    ),
]
