"""The RFM marts: scores, the thresholds they come from, and the segments."""

from __future__ import annotations

from itertools import product

from pipeline.quality import kinds
from pipeline.quality.model import Suite

CLASSES = tuple("".join(bits) for bits in product("HL", repeat=3))
METHODS = ("quantile", "fixed", "rank")
METRICS = ("recency", "frequency", "monetary")

ORDERS_IN_WINDOW = (
    "from marts.fct_orders where is_valid and order_date <= ${as_of} and "
    "(${rfm_window_days} is null or order_date > ${as_of} - ${rfm_window_days})"
)

_DISTANCES = {
    "r": "recency_days_to_next_score",
    "f": "frequency_to_next_score",
    "m": "monetary_to_next_score",
}

RFM_SCORES = Suite(
    "marts",
    "rfm_scores",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.between("r_score", 1, 5),
        kinds.between("f_score", 1, 5),
        kinds.between("m_score", 1, 5),
        kinds.in_set("rfm_class", CLASSES),
        kinds.in_set("value_tier", ("high", "medium", "low"), severity="warn"),
        kinds.no_rows(
            "rfm_code_spells_the_scores",
            "rfm_code is the three scores in a row.",
            where="rfm_code is distinct from concat(r_score, f_score, m_score)",
            show="r_score, f_score, m_score, rfm_code",
        ),
        kinds.no_rows(
            "recency_inside_the_window",
            "recency_days is from 0 to the last day of the window.",
            where="recency_days is null or recency_days < 0 "
            "or recency_days >= ${rfm_window_days}",
            show="recency_days",
        ),
        *(
            kinds.no_rows(
                f"{distance}_fits_score",
                f"{distance} is never negative, and null for the highest score.",
                where=f"{distance} < 0 "
                f"or ({metric}_score = 5 and {distance} is not null)",
                show=f"{metric}_score, {distance}",
            )
            for metric, distance in _DISTANCES.items()
        ),
        kinds.no_result(
            "totals_agree_with_orders",
            "Frequency and monetary are each customer's valid orders in the window.",
            "select customer_id, checked.frequency, orders.frequency as orders, "
            "checked.monetary, orders.monetary as net_amount from checked full join "
            "(select customer_id, count(*) as frequency, sum(net_amount) as monetary "
            f"{ORDERS_IN_WINDOW} group by customer_id) as orders using (customer_id) "
            "where checked.frequency is distinct from orders.frequency "
            "or checked.monetary is distinct from orders.monetary",
        ),
    ),
)

RFM_THRESHOLDS = Suite(
    "marts",
    "rfm_thresholds",
    key="metric, cut",
    identifiers=("metric", "cut"),
    checks=(
        kinds.as_of_everywhere(),
        kinds.in_set("metric", METRICS),
        kinds.in_set("method", METHODS),
        kinds.between("cut", 1, 4),
        kinds.no_result(
            "thresholds_do_not_fall",
            "A metric's thresholds do not fall from one cut to the next.",
            "select metric, cut, threshold, previous "
            "from (select metric, cut, threshold, lag(threshold) "
            "over (partition by metric order by cut) as previous from checked) as cuts "
            "where threshold < previous",
        ),
        kinds.no_result(
            "every_metric_has_cuts",
            "If any customer has scores, every metric has thresholds.",
            "select metric from (values "
            + ", ".join(f"('{metric}')" for metric in METRICS)
            + ") as metrics (metric) where exists (select 1 from marts.rfm_scores) "
            "and metric not in (select metric from checked where metric is not null)",
        ),
    ),
)

DIM_RFM_SEGMENT = Suite(
    "marts",
    "dim_rfm_segment",
    key="segment",
    identifiers=("segment",),
    checks=(
        kinds.as_of_everywhere(),
        kinds.no_result(
            "customers_agree_with_scores",
            "Customers and monetary of each segment are those of rfm_scores.",
            "select segment, checked.customers, scores.customers as scored, "
            "checked.monetary, scores.monetary as scored_monetary from checked "
            "full join (select rfm_segment as segment, count(*) as customers, "
            "sum(monetary) as monetary from marts.rfm_scores group by rfm_segment) "
            "as scores using (segment) "
            "where checked.customers is distinct from coalesce(scores.customers, 0) "
            "or checked.monetary is distinct from coalesce(scores.monetary, 0)",
        ),
    ),
)
