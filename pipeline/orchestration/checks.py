"""Data-quality suites as Dagster asset checks. Blocking ones stop the publish."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.config.contract import ENTITIES
from pipeline.orchestration.assets.ingest import landing_key
from pipeline.orchestration.session import Session
from pipeline.quality.model import CheckResult, Suite, blocking
from pipeline.quality.run import run_suites
from pipeline.quality.suites import LANDING, MARTS
from pipeline.quality.volume import VOLUME_CHECKS, LoadFact, check_loads
from pipeline.storage.build_state import record_checks
from pipeline.storage.load_log import Load
from pipeline.transform.increment import build_to_go_on_from

_SEVERITIES = {
    "error": dg.AssetCheckSeverity.ERROR,
    "warn": dg.AssetCheckSeverity.WARN,
}


def quality_checks() -> list[dg.AssetChecksDefinition]:
    """The suites of landing, run before the build, and of marts, before the publish."""
    return [
        _suite_checks("landing", LANDING),
        _volume_checks(),
        _suite_checks("marts", MARTS),
    ]


def _suite_checks(stage: str, suites: Sequence[Suite]) -> dg.AssetChecksDefinition:
    """The suites of a stage, run together once all its tables exist."""

    @dg.multi_asset_check(
        name=f"{stage}_quality",
        specs=list(_specs(suites)),
        can_subset=True,
    )
    def quality(
        context: dg.AssetCheckExecutionContext, session: dg.ResourceParam[Session]
    ) -> Iterator[dg.AssetCheckResult]:
        session.console.step(f"Check {stage}")
        session.record_as_of_date()
        yield from _run(session, suites, stage, context.selected_asset_check_keys)

    return quality


def _volume_checks() -> dg.AssetChecksDefinition:
    """Volume, quarantine and freshness of the loads. They warn but never block."""

    @dg.multi_asset_check(
        name="load_history",
        specs=[
            dg.AssetCheckSpec(
                check.name, asset=landing_key(entity), description=check.expected
            )
            for entity in ENTITIES
            for check in VOLUME_CHECKS
        ],
        can_subset=True,
    )
    def load_history(
        context: dg.AssetCheckExecutionContext, session: dg.ResourceParam[Session]
    ) -> Iterator[dg.AssetCheckResult]:
        zone = session.settings.shop.timezone
        results = check_loads(
            [_load_fact(load, zone) for load in session.active_loads()],
            new_loads=[load.load_id for load in session.new_loads],
            as_of=session.as_of_date,
            timezone_name=zone,
        )
        yield from _reported(session, results, context.selected_asset_check_keys)

    return load_history


def _load_fact(load: Load, zone: str) -> LoadFact:
    """The load, with the first and last day of its facts as times on those days."""
    noon = [datetime.combine(day, time(12), ZoneInfo(zone)) for day in load.days]
    return LoadFact(
        source=load.source,
        entity=load.entity,
        load_id=load.load_id,
        rows_read=load.rows_read,
        rows_accepted=load.rows_accepted,
        rows_quarantined=load.rows_quarantined,
        first_fact=min(noon, default=None),
        last_fact=max(noon, default=None),
        loaded_at=load.loaded_at,
    )


def _specs(suites: Sequence[Suite]) -> Iterator[dg.AssetCheckSpec]:
    """A spec for each check. All tables exist before the first check runs."""
    needed = [_key(suite) for suite in suites]
    for suite in suites:
        key = _key(suite)
        for check in suite.checks:
            yield dg.AssetCheckSpec(
                check.name,
                asset=key,
                description=check.expected,
                blocking=check.severity == "error",
                additional_deps=[other for other in needed if other != key],
            )


def _key(suite: Suite) -> dg.AssetKey:
    return dg.AssetKey([suite.schema, suite.name])


def _run(
    session: Session,
    suites: Sequence[Suite],
    stage: str,
    selected: AbstractSet[dg.AssetCheckKey],
) -> Iterator[dg.AssetCheckResult]:
    """Run the suites; the marts count as checked only if all suites pass."""
    last = build_to_go_on_from(session.settings, session.warehouse)
    results = run_suites(
        session.warehouse.build_database,
        suites,
        context=replace(session.check_context, goes_on=last is not None),
        docs_dir=session.warehouse.report / "quality" / stage,
    )
    failed = blocking(results)
    session.problems.extend(result.message() for result in failed)
    if stage == "marts":
        record_checks(session.warehouse, passed=not failed)
    yield from _reported(session, results, selected)
    unseen = [
        result.message() for result in failed if _check_key(result) not in selected
    ]
    if unseen:
        # Dagster stops only for selected checks; others would fail unnoticed.
        raise dg.Failure("\n".join(unseen), allow_retries=False)


def _reported(
    session: Session,
    results: Iterable[CheckResult],
    selected: AbstractSet[dg.AssetCheckKey],
) -> Iterator[dg.AssetCheckResult]:
    """Keep the results for the report, and pass the selected ones to Dagster."""
    for result in results:
        session.check_results.append(result)
        if not result.passed and not result.blocks:
            session.console.note(f"warning: {result.message()}")
        outcome = _asset_check_result(result)
        if _check_key(result) in selected:
            yield outcome


def _check_key(result: CheckResult) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(result.table.split(".")), result.name)


def _asset_check_result(result: CheckResult) -> dg.AssetCheckResult:
    metadata: dict[str, dg.MetadataValue] = {
        "expected": dg.MetadataValue.text(result.expected),
        "actual": dg.MetadataValue.text(result.actual),
        "exceptions": dg.MetadataValue.int(result.unexpected_count),
    }
    if result.worst_offenders:
        metadata["worst_offenders"] = dg.MetadataValue.table(_records(result))
    if result.sql and not result.passed:
        metadata["find_them"] = dg.MetadataValue.md(f"```sql\n{result.sql}\n```")
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=_check_key(result).asset_key,
        check_name=result.name,
        severity=_SEVERITIES[result.severity],
        description=None if result.passed else result.actual,
        metadata=metadata,
    )


def _records(result: CheckResult) -> list[dg.TableRecord]:
    return [
        dg.TableRecord({name: str(value) for name, value in row.items()})
        for row in result.worst_offenders
    ]
