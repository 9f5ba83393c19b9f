"""The ledger of labels: its entries form chains that end in the current labels."""

from __future__ import annotations

from pipeline.quality import kinds
from pipeline.quality.model import Suite

# The mart and column with the label of each dimension on the as-of date.
LABELS = {
    "aipl_stage": ("marts.aipl_stage", "stage"),
    "rfm_segment": ("marts.rfm_scores", "rfm_segment"),
    "lifecycle_state": ("marts.customer_lifecycle", "state"),
    "behavior_segment": ("marts.behavior_segment", "segment"),
    "identity_tier": ("marts.identity_tier", "tier"),
}
# A customer may have several of these labels, so each is its own dimension.
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
        kinds.no_rows(
            "dimension_known",
            f"dimension is one of {', '.join(LABELS)}, crowd:NAME or "
            "scene:CROWD:SCENE.",
            where=f"dimension not in ({_DIMENSIONS}) and dimension not like "
            "'crowd:_%' and dimension not like 'scene:_%:_%'",
            show="checked.dimension",
        ),
        kinds.not_after_as_of("changed_on"),
        kinds.no_result(
            "entries_follow_one_another",
            "Each entry of a customer and dimension continues from the label of the "
            "entry before (the first from none), and changes it.",
            "select dimension, customer_id, changed_on, previous_label, from_label, "
            "to_label from (select dimension, customer_id, changed_on, from_label, "
            "to_label, lag(to_label, 1, 'none') over (partition by dimension, "
            "customer_id order by changed_on) as previous_label from checked) "
            "as entries "
            "where from_label <> previous_label or from_label = to_label",
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
