"""The names of labels, from the current rule files."""

from __future__ import annotations

from typing import Any

from pipeline.config.settings import Settings
from pipeline.errors import SiyuError
from pipeline.report.flow import STAGE_LABELS
from pipeline.rules.rule_files import effective_rules, read_rules

# For each dimension, the rule file of its labels and the column of their names.
_FILES = {
    "rfm_segment": ("rfm_segments", "segment"),
    "rfm_class": ("rfm_classes", "rfm_class"),
    "lifecycle_state": ("lifecycle_rules", "state"),
    "behavior_segment": ("behavior_segments", "segment"),
    "identity_tier": ("identity_tiers", "tier"),
    "crowd": ("crowd_rules", "crowd"),
    "scene": ("scene_rules", "scene"),
    "audience": ("audiences", "audience"),
    "audience_rule": ("audience_rules", "rule_id"),
    "holdout": ("holdouts", "holdout"),
    "aipl_rule": ("aipl_rules", "rule_id"),
}


class Labels:
    """The labels and rows of rule files; a file that cannot be read has none.

    ``unread`` names the requested files that cannot be read: somebody may be editing a
    rule file while another looks at what is published.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rows: dict[str, list[Any]] = {}
        self.unread: set[str] = set()

    def rows(self, file: str) -> list[Any]:
        """The rows of a rule file."""
        if file not in self._rows:
            try:
                path = effective_rules(self._settings)[file]
                self._rows[file] = [row for _, row in read_rules(file, path)]
            except SiyuError:
                self._rows[file] = []
                self.unread.add(file)
        return self._rows[file]

    def both(self, dimension: str, name: str) -> str:
        """The name of a label, followed by its text in English and Chinese."""
        en, zh = self.pair(dimension, name)
        return named(name, en, zh)

    def label(self, dimension: str, name: str) -> str:
        """A label in English and Chinese, or its name if it has no texts."""
        en, zh = self.pair(dimension, name)
        return called(en, zh) or name

    def english(self, dimension: str, name: str) -> str:
        """A label in English, or its name if it has no text."""
        return self.pair(dimension, name)[0] or name

    def names(self, dimension: str) -> list[str]:
        """The names of all labels of a dimension, in the order of their rules."""
        file, column = _FILES[dimension]
        rows = sorted(self.rows(file), key=lambda row: row.priority)
        return list(dict.fromkeys(getattr(row, column) for row in rows))

    def pair(self, dimension: str, name: str) -> tuple[str | None, str | None]:
        """A label in English and in Chinese, None where the rule file has no text."""
        kind = dimension.partition(":")[0]
        if kind == "aipl_stage":
            return STAGE_LABELS.get(name, (None, None))
        file, column = _FILES.get(kind, ("", ""))
        for row in self.rows(file) if file else []:
            if getattr(row, column) == name and (row.label_en or row.label_zh):
                return row.label_en, row.label_zh
        return None, None


def named(name: str, en: str | None, zh: str | None) -> str:
    """A label in both languages followed by its name, or the name alone."""
    label = called(en, zh)
    return f"{label} ({name})" if label and label != name else name


def called(en: str | None, zh: str | None) -> str:
    """A label in both languages, once if they are the same, or ''."""
    return " ".join(dict.fromkeys(text for text in (en, zh) if text))
