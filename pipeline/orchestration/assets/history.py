"""The marts as they were on a past day: one partition for each as-of date.

Rebuilding the past never touches what is published: each day is built in its own
database and kept in ``history/<as-of date>/``, with the same files as ``published``.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Settings
from pipeline.ingest.landing import create_views
from pipeline.orchestration.assets.ingest import landing_key
from pipeline.orchestration.assets.transform import build_for
from pipeline.orchestration.session import Session
from pipeline.publish.publish import PublishedVersion, write_version
from pipeline.quality.model import blocking
from pipeline.quality.run import run_suites
from pipeline.quality.suites import MARTS
from pipeline.storage.build_state import BuildState
from pipeline.storage.load_log import LoadLog, utc_now
from pipeline.storage.warehouse import Warehouse
from pipeline.transform.dbt import run_build
from pipeline.transform.failures import failure_message


def history_asset(settings: Settings) -> dg.AssetsDefinition:
    """Marts by as-of date, to be backfilled for any range of past days."""

    @dg.asset(
        deps=[landing_key(name) for name in ENTITIES],
        partitions_def=dg.DailyPartitionsDefinition(
            start_date=_first_day(settings).isoformat(),
            timezone=settings.shop.timezone,
        ),
        group_name="history",
        kinds={"dbt", "duckdb", "parquet"},
        owners=["team:data-engineering"],
        description="All marts as of a past day, checked, in `history/<as-of date>/`.",
    )
    def marts_as_of(
        context: dg.AssetExecutionContext, session: dg.ResourceParam[Session]
    ) -> dg.MaterializeResult[None]:
        session.requested_as_of = date.fromisoformat(context.partition_key)
        published = _rebuild(session)
        session.is_finished = True
        return dg.MaterializeResult(
            metadata={
                "as_of_date": context.partition_key,
                "dagster/row_count": sum(published.row_counts.values()),
                "folder": dg.MetadataValue.path(
                    str(session.warehouse.history / published.version)
                ),
            }
        )

    return marts_as_of


def _first_day(settings: Settings) -> date:
    """The day of the first landed fact, or yesterday if there is none."""
    load_log = Warehouse(settings.warehouse).load_log
    first = LoadLog(load_log).first_day() if load_log.exists() else None
    today = datetime.now(ZoneInfo(settings.shop.timezone)).date()
    return min(first or today, today - timedelta(days=1))


def _rebuild(session: Session) -> PublishedVersion:
    """Build, check and store the marts for the session's as-of date."""
    warehouse, as_of = session.warehouse, session.as_of_date
    session.record_as_of_date()
    database = warehouse.scratch / "build.duckdb"
    create_views(warehouse, database)
    nodes = run_build(build_for(session, database))
    if any(node.has_failed for node in nodes):
        _fail(session, failure_message(nodes, database))
    results = run_suites(database, MARTS, context=session.check_context)
    failed = blocking(results)
    if failed:
        _fail(session, "\n".join(result.message() for result in failed))
    state = BuildState(as_of, session.run_id)
    folder = warehouse.history / as_of.isoformat()
    return write_version(warehouse, database, folder, state, utc_now())


def _fail(session: Session, problem: str) -> None:
    raise dg.Failure(str(session.fail(problem)), allow_retries=False)
