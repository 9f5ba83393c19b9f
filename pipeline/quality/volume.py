"""Volume, quarantine and freshness of the sources against the load log's history.

Pure functions over small rows; nothing here reads a file, a table or the clock. A load
is one file read under one mapping. What is compared:

- **volume**: the rows of a new load for each day of its facts, with the median of that
  figure over the source's earlier loads. So a first load of two years and a daily file
  are comparable, and so are 24 hourly files and earlier hourly ones.
- **quarantine_share**: the share of the new rows that went to quarantine, with the
  median share of the earlier loads.
- **freshness**: the days from a source's last fact to the as-of date, with the usual
  number of days between the last facts of successive loads.
- **future_facts**: facts dated after the day on which they were loaded. This needs no
  history.

A source needs five earlier loads to be compared; with fewer, the check passes and says
so. Bounds are wide and robust (medians), because a warning is useful only if it is
rare: see the constants of `load_history.py`. Each entity and check has one result, even
if the entity has no sources, so that checks can be declared beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from pipeline.config.contract import ENTITIES
from pipeline.quality import load_history
from pipeline.quality.load_history import Finding, LoadFact
from pipeline.quality.model import WORST_OFFENDERS, CheckResult, Severity

__all__ = ["VOLUME_CHECKS", "LoadFact", "VolumeCheck", "check_loads"]


@dataclass(frozen=True)
class VolumeCheck:
    """A check that every entity has."""

    name: str
    expected: str
    severity: Severity = "warn"


VOLUME = VolumeCheck(
    "volume", "New loads hold about as many rows a day of facts as earlier ones."
)
QUARANTINE_SHARE = VolumeCheck(
    "quarantine_share", "No larger share of rows than usual went to quarantine."
)
FRESHNESS = VolumeCheck(
    "freshness", "Each source's last fact is no older than its usual gap allows."
)
FUTURE_FACTS = VolumeCheck(
    "future_facts", "No load holds facts later than the day it was loaded on."
)
VOLUME_CHECKS = (VOLUME, QUARANTINE_SHARE, FRESHNESS, FUTURE_FACTS)


def check_loads(
    loads: Iterable[LoadFact],
    *,
    new_loads: Collection[str],
    as_of: date,
    timezone_name: str,
) -> list[CheckResult]:
    """Compare the loads ``new_loads`` (load ids) of this run with all the others.

    Returns one result for each of `ENTITIES` and `VOLUME_CHECKS`, in that order. The
    loads may come in any order; days are those of the timezone.
    """
    loads = sorted(
        loads, key=lambda load: (load_history.utc(load.loaded_at), load.load_id)
    )
    zone = ZoneInfo(timezone_name)
    new = set(new_loads)
    findings: dict[VolumeCheck, Callable[[Sequence[LoadFact]], Finding]] = {
        VOLUME: lambda source: load_history.volume(source, new, zone),
        QUARANTINE_SHARE: lambda source: load_history.quarantine(source, new),
        FRESHNESS: lambda source: load_history.freshness(source, as_of, zone),
        FUTURE_FACTS: lambda source: load_history.future(source, new, as_of, zone),
    }
    results = []
    for entity in ENTITIES:
        sources: dict[str, list[LoadFact]] = {}
        for load in loads:
            if load.entity == entity:
                sources.setdefault(load.source, []).append(load)
        for check, find in findings.items():
            found = {name: find(sources[name]) for name in sorted(sources)}
            results.append(_result(entity, check, found))
    return results


def _result(entity: str, check: VolumeCheck, found: dict[str, Finding]) -> CheckResult:
    exceptions = [row for finding in found.values() for row in finding.exceptions]
    sentences = [f"{name}: {finding.sentence}" for name, finding in found.items()]
    return CheckResult(
        table=f"landing.{entity}",
        name=check.name,
        severity=check.severity,
        passed=not exceptions,
        expected=check.expected,
        actual=" ".join(sentences) or "Nothing has been loaded.",
        unexpected_count=len(exceptions),
        worst_offenders=exceptions[:WORST_OFFENDERS],
    )
