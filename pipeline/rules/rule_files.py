"""Reading rule files: the built-in ones, and those of a `rules:` folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.config.project import SEEDS_DIR
from pipeline.config.settings import Settings
from pipeline.errors import SiyuError, did_you_mean
from pipeline.rules import (
    aipl,
    audiences,
    behavior,
    contact,
    groups,
    holdouts,
    journeys,
    lifecycle,
    rfm,
)
from pipeline.rules.across import check_across
from pipeline.rules.rows import Rows, RuleRow, check_priorities
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.warehouse import Warehouse


@dataclass(frozen=True)
class RuleFile:
    """A rule file's row model, and a check of its rows together (a line a problem).

    If a file ``may_be_empty``, the header alone means that nothing is restricted.
    """

    row: type[RuleRow]
    check: Callable[[Rows[Any]], list[str]] = lambda _: []
    may_be_empty: bool = False


RULE_FILES: dict[str, RuleFile] = {
    "rfm_scoring": RuleFile(rfm.ScoringRow, rfm.check_scoring),
    "rfm_segments": RuleFile(rfm.SegmentRow, rfm.check_segments),
    "rfm_classes": RuleFile(rfm.ClassRow, rfm.check_classes),
    "aipl_rules": RuleFile(aipl.AiplRow, aipl.check_aipl),
    "plays": RuleFile(aipl.PlayRow, check_priorities),
    "behavior_segments": RuleFile(
        behavior.BehaviorSegmentRow, behavior.check_behavior_segments
    ),
    "contribution_points": RuleFile(groups.PointsRow, groups.check_points),
    "crowd_rules": RuleFile(groups.CrowdRow, groups.check_rules("crowd")),
    "scene_rules": RuleFile(groups.SceneRow, groups.check_rules("scene")),
    "identity_tiers": RuleFile(groups.TierRow, groups.check_tiers),
    "lifecycle_rules": RuleFile(lifecycle.LifecycleRow, check_priorities),
    "journey_steps": RuleFile(journeys.StepRow, journeys.check_steps),
    "moments_calendar": RuleFile(journeys.PostRow, journeys.check_posts),
    "audiences": RuleFile(audiences.AudienceRow, audiences.check_audiences),
    "audience_rules": RuleFile(
        audiences.AudienceRuleRow, groups.check_rules("audience")
    ),
    "holdouts": RuleFile(
        holdouts.HoldoutRow, holdouts.check_holdouts, may_be_empty=True
    ),
    "channels": RuleFile(contact.ChannelRow, contact.check_channels),
    "contact_policy": RuleFile(
        contact.PolicyRow, contact.check_policy, may_be_empty=True
    ),
    "quiet_days": RuleFile(
        contact.QuietRow, contact.check_quiet_days, may_be_empty=True
    ),
}


def effective_rules(settings: Settings) -> dict[str, Path]:
    """The file of each rule: the configuration's own, else the built-in one.

    Raises ``SiyuError`` for a csv in the `rules:` folder that is not a rule file.
    """
    files = {name: SEEDS_DIR / f"{name}.csv" for name in RULE_FILES}
    for path in sorted(settings.rules.glob("*.csv")) if settings.rules else []:
        if path.stem not in RULE_FILES:
            raise SiyuError(
                f"{path}: there is no rule file of this name."
                f"{did_you_mean(path.stem, RULE_FILES)} "
                f"Rule files are {', '.join(RULE_FILES)}."
            )
        files[path.stem] = path
    return files


def read_rules(name: str, path: Path) -> Rows[RuleRow]:
    """Read and check a rule file.

    Raises ``SiyuError`` with the file, row and column of every mistake.
    """
    rule_file = RULE_FILES[name]
    rows: Rows[RuleRow] = []
    problems: list[str] = []
    for number, cells in _read_cells(path, list(rule_file.row.model_fields)):
        try:
            rows.append((number, rule_file.row.model_validate(cells)))
        except ValidationError as error:
            problems += [f"row {number}: {text}" for text in _explain(error)]
    if not rows and not problems and not rule_file.may_be_empty:
        problems.append("has no rows")
    if not problems:
        problems = rule_file.check(rows)
    if problems:
        raise SiyuError("\n".join(f"{path}: {problem}" for problem in problems))
    return rows


def check_all_rules(settings: Settings) -> None:
    """Check every effective rule file, and the references between them.

    Raises ``SiyuError`` with all mistakes.
    """
    files = effective_rules(settings)
    rows: dict[str, Rows[RuleRow]] = {}
    problems = []
    for name, path in files.items():
        try:
            rows[name] = read_rules(name, path)
        except SiyuError as error:
            problems.append(str(error))
    # The names in a broken file are unknown.
    problems = problems or list(check_across(rows, files))
    if problems:
        raise SiyuError("\n".join(problems))


def write_overrides(settings: Settings, warehouse: Warehouse) -> dict[str, str]:
    """Write the configuration's own rule files as dbt reads them; return their paths.

    The copies are plain UTF-8 with every column of the rule.
    """
    overrides = {}
    for name, path in effective_rules(settings).items():
        if path.parent == SEEDS_DIR:
            continue
        fields = list(RULE_FILES[name].row.model_fields)
        text = io.StringIO()
        writer = csv.DictWriter(text, fields, lineterminator="\n")
        writer.writeheader()
        for _, row in read_rules(name, path):
            writer.writerow(row.model_dump())
        finished = warehouse.scratch / f"{name}.csv"
        finished.write_text(text.getvalue(), encoding="utf-8")
        target = warehouse.root / "rules" / f"{name}.csv"
        replace_file(finished, target)
        overrides[name] = str(target)
    return overrides


def _read_cells(
    path: Path, fields: list[str]
) -> list[tuple[int, dict[str, str | None]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SiyuError(
            f"{path}: is not UTF-8 (byte {error.start}); save it as 'CSV UTF-8'"
        ) from None
    except OSError as error:
        raise SiyuError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        records = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [line for line in records if any(line)]
    except csv.Error as error:
        raise SiyuError(f"{path}: is not a csv file: {error}") from None
    if not lines:
        raise SiyuError(f"{path}: is empty; expected the header {','.join(fields)}")
    header = [name.strip() for name in lines[0]]
    problems = [
        f"{path}: unknown column '{name}'.{did_you_mean(name, fields)}"
        for name in header
        if name not in fields
    ]
    problems += [
        f"{path}: column '{name}' is given twice"
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(header):
            problems.append(
                f"{path}: row {number}: has {len(line)} cells, the header {len(header)}"
            )
    if problems:
        raise SiyuError("\n".join(problems))
    return [
        (number, {k: v.strip() or None for k, v in zip(header, line, strict=True)})
        for number, line in enumerate(lines[1:], start=1)
    ]


def _explain(error: ValidationError) -> list[str]:
    texts = []
    for detail in error.errors():
        column = f"{detail['loc'][0]}: " if detail["loc"] else ""
        message = detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "missing" or detail["input"] is None:
            message = "is missing"
        elif column:
            message = f"'{detail['input']}': {message}"
        texts.append(column + message)
    return texts
