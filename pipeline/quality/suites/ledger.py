"""The ledger of labels: what it says must chain, and end in the labels of the day."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

# Where the label of each dimension is on the as-of date: mart and column.
LABELS = {
    "aipl_stage": ("marts.aipl_stage", "stage"),
    "rfm_segment": ("marts.rfm_scores", "rfm_segment"),
    "lifecycle_state": ("marts.customer_lifecycle", "state"),
    "behavior_segment": ("marts.behavior_segment", "segment"),
    "identity_tier": ("marts.identity_tier", "tier"),
}
# A customer may have several labels of these, so each is a dimension of its own.
LABELS_OF_MANY = {
    "concat('crowd:', crowd)": ("marts.crowd_membership", "crowd"),
    "concat('scene:', crowd, ':', scene)": ("marts.crowd_scene", "scene"),
}

_DIMENSIONS = ", ".join(f"'{dimension}'" for dimension in LABELS)
_LABELS_OF_THE_DAY = " union all ".join(
    f"select {dimension} as dimension, customer_id, {column} as label from {mart}"
    for dimension, (mart, column) in (
        *((f"'{name}'", label) for name, label in LABELS.items()),
        *LABELS_OF_MANY.items(),
    )
)

SEGMENT_LEDGER = Suite(
    "marts",
    "segment_ledger",
    key="checked.dimension, checked.customer_id, checked.changed_on",
    identifiers=("dimension", "customer_id", "changed_on"),
    checks=(
        kinds.columns_present(
            (
                "changed_on",
                "customer_id",
                "dimension",
                "from_label",
                "to_label",
                "cause",
            )
        ),
        *(
            kinds.not_null(column)
            for column in (
                "changed_on",
                "customer_id",
                "dimension",
                "from_label",
                "to_label",
                "cause",
            )
        ),
        kinds.no_rows(
            "dimension_known",
            f"dimension is one of {', '.join(LABELS)}, crowd:NAME or "
            "scene:CROWD:SCENE.",
            where=f"dimension not in ({_DIMENSIONS}) and dimension not like "
            "'crowd:_%' and dimension not like 'scene:_%:_%'",
            show="checked.dimension",
        ),
        kinds.not_after_as_of("changed_on"),
        # No two entries of a customer are of one day, or their order would be unknown.
        kinds.no_result(
            "entries_follow_one_another",
            "A customer's entries of a dimension are of different days; each goes on "
            "from the label of the one before, the first from none, to another label.",
            "select dimension, customer_id, changed_on, previous_day, previous_label, "
            "from_label, to_label from (select dimension, customer_id, changed_on, "
            "from_label, to_label, lag(changed_on) over by_day as previous_day, "
            "lag(to_label, 1, 'none') over by_day as previous_label "
            "from checked window by_day as "
            "(partition by dimension, customer_id order by changed_on, to_label)) "
            "as entries "
            "where from_label <> previous_label or from_label = to_label "
            "or changed_on = previous_day",
        ),
        kinds.no_result(
            "last_entries_are_the_labels",
            "The last entry of each customer and dimension is the label of the as-of "
            "date in the mart that has it; none is no label.",
            "select dimension, customer_id, replayed.label as last_entry, labels.label "
            "from (select dimension, customer_id, "
            "max_by(to_label, changed_on) as label from checked "
            "group by dimension, customer_id) as replayed full join "
            f"({_LABELS_OF_THE_DAY}) as labels using (dimension, customer_id) "
            "where coalesce(replayed.label, 'none') <> coalesce(labels.label, 'none')",
        ),
    ),
)
