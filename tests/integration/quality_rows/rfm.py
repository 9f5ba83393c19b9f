"""The RFM marts for the tests of their checks: valid rows, and broken ones."""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

SCORES = "marts.rfm_scores"
CUTS = "marts.rfm_thresholds"

BUILT = """
create table marts.rfm_scores as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 0 as recency_days, 2 as frequency,
  cast(28 as decimal(18, 2)) as monetary, 5 as r_score, 1 as f_score, 1 as m_score,
  '511' as rfm_code, 'LLL' as rfm_class, 'new' as rfm_segment, 'medium' as value_tier,
  cast(null as integer) as recency_days_to_next_score, 1 as frequency_to_next_score,
  cast(0.01 as decimal(18, 2)) as monetary_to_next_score;
create table marts.rfm_thresholds as select date '2024-03-31' as as_of_date, metric,
  cut, cast(cut as double) as threshold, 'quantile' as method
  from (values ('recency'), ('frequency'), ('monetary')) as metrics (metric),
  range(1, 5) as cuts (cut);
"""

BROKEN: list[Broken] = [
    *(
        (
            SCORES,
            f"{column}_in_range",
            f"set {column} = {score}",
            [{"customer_id": "c1", column: score}],
        )
        for column in ("r_score", "f_score", "m_score")
        for score in (0, 6)
    ),
    (
        SCORES,
        "rfm_class_known",
        "set rfm_class = 'HHX'",
        [{"customer_id": "c1", "rfm_class": "HHX"}],
    ),
    (
        SCORES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30'",
        [{"customer_id": "c1", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        SCORES,
        "rfm_code_spells_the_scores",
        "set rfm_code = '115'",
        [{"customer_id": "c1", "rfm_code": "115"}],
    ),
    (
        SCORES,
        "recency_inside_the_window",
        "set recency_days = 365",
        [{"customer_id": "c1", "recency_days": 365}],
    ),
    (
        SCORES,
        "value_tier_known",
        "set value_tier = 'best'",
        [{"customer_id": "c1", "value_tier": "best"}],
    ),
    *(
        (
            SCORES,
            f"{distance}_fits_score",
            f"set {score} = {value}, {distance} = {to_next}",
            [{"customer_id": "c1", score: value, distance: to_next}],
        )
        for score, distance in (
            ("r_score", "recency_days_to_next_score"),
            ("f_score", "frequency_to_next_score"),
            ("m_score", "monetary_to_next_score"),
        )
        for value, to_next in ((5, 1), (4, -1))
    ),
    (
        SCORES,
        "totals_agree_with_orders",
        "set frequency = 1",
        [{"customer_id": "c1", "frequency": 1, "orders": 2}],
    ),
    (
        SCORES,
        "totals_agree_with_orders",
        "delete from marts.rfm_scores",
        [{"customer_id": "c1", "frequency": None, "orders": 2}],
    ),
    *(
        (
            CUTS,
            check,
            f"set {column} = {wrong} where metric = 'recency' and cut = 1",
            [{column: found}],
        )
        for check, column, wrong, found in (
            (
                "as_of_date_is_the_runs",
                "as_of_date",
                "date '2024-03-30'",
                date(2024, 3, 30),
            ),
            ("metric_known", "metric", "'loyalty'", "loyalty"),
            ("method_known", "method", "'guess'", "guess"),
            ("cut_in_range", "cut", "0", 0),
            ("cut_in_range", "cut", "5", 5),
        )
    ),
    (
        CUTS,
        "thresholds_do_not_fall",
        "set threshold = 0 where metric = 'recency' and cut = 3",
        [{"metric": "recency", "cut": 3, "threshold": 0.0, "previous": 2.0}],
    ),
    (
        CUTS,
        "every_metric_has_cuts",
        "delete from marts.rfm_thresholds where metric = 'monetary'",
        [{"metric": "monetary"}],
    ),
]
