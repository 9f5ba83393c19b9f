"""The published marts, the files made from them, and the daily report."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from pipeline.activation.deliver import export
from pipeline.activation.delivery import Delivery
from pipeline.activation.segment_files import export_segments
from pipeline.orchestration.inputs import inputs_hash
from pipeline.orchestration.session import Session
from pipeline.publish.publish import publish
from pipeline.quality.docs import write_overview
from pipeline.report.build import write_report
from pipeline.storage.build_state import checked_build
from pipeline.storage.load_log import utc_now
from pipeline.storage.version_manifest import read_manifest

OWNER = "team:data-engineering"


def publish_assets(marts: list[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The assets of publish, exports and report, downstream of the given marts."""

    @dg.asset(
        deps=marts,
        group_name="publish",
        kinds={"duckdb", "parquet"},
        owners=[OWNER],
        description="`siyu.duckdb` and Parquet files, switched by one rename.",
    )
    def published_marts(
        session: dg.ResourceParam[Session],
    ) -> dg.MaterializeResult[None]:
        session.console.step("Publish")
        state = checked_build(session.warehouse)
        inputs = inputs_hash(session.settings, session.load_log, state.as_of_date)
        published = publish(session.warehouse, state, utc_now(), inputs)
        rows = [
            dg.TableRecord({"table": table, "rows": rows})
            for table, rows in published.row_counts.items()
        ]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(published.row_counts.values()),
                "as_of_date": published.as_of_date.isoformat(),
                "version": published.version,
                "database": dg.MetadataValue.path(str(session.warehouse.database)),
                "tables": dg.MetadataValue.table(rows),
            }
        )

    @dg.asset(
        deps=[published_marts],
        group_name="activation",
        kinds={"csv"},
        owners=["team:operations"],
        description="One file of customers for each RFM segment, with a manifest.",
    )
    def rfm_segment_files(
        session: dg.ResourceParam[Session],
    ) -> dg.MaterializeResult[None]:
        session.console.step("Export")
        manifest = export_segments(session.warehouse)
        rows = [
            dg.TableRecord(
                {"file": file.file, "rows": file.rows, "sha256": file.sha256}
            )
            for file in manifest.files
        ]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": manifest.rows,
                "as_of_date": manifest.as_of_date,
                "files": dg.MetadataValue.table(rows),
            }
        )

    @dg.asset(
        deps=[published_marts],
        group_name="report",
        kinds={"html"},
        owners=["team:operations"],
        description="The daily report: today's figures, and what needs attention.",
    )
    def daily_report(session: dg.ResourceParam[Session]) -> dg.MaterializeResult[None]:
        session.console.step("Report")
        write_overview(
            session.warehouse.report / "quality",
            session.check_results,
            session.as_of_date,
        )
        page = write_report(
            session.settings,
            session.warehouse,
            session.load_log,
            session.check_results,
        )
        return dg.MaterializeResult(
            metadata={"report": dg.MetadataValue.url(page.as_uri())}
        )

    # Deliveries come last: a destination that refuses fails the run, but not the
    # report, and the run counts as complete only with its deliveries.
    @dg.asset(
        deps=[published_marts, rfm_segment_files, daily_report],
        group_name="activation",
        kinds={"csv", "parquet"},
        owners=["team:operations"],
        description=(
            "What the destinations of the configuration have not received yet: adds, "
            "updates and removes of audiences, and touches to send, each once."
        ),
    )
    def deliveries(session: dg.ResourceParam[Session]) -> dg.MaterializeResult[None]:
        session.console.step("Deliver")
        done = export(session.settings)
        manifest = read_manifest(session.warehouse) or {}
        session.load_log.record_inputs(session.run_id, str(manifest.get("inputs")))
        session.is_finished = True
        return dg.MaterializeResult(metadata=_delivered(done))

    return [published_marts, rfm_segment_files, daily_report, deliveries]


def _delivered(done: list[Delivery]) -> dict[str, dg.MetadataValue[Any] | int]:
    rows = [
        dg.TableRecord(
            {
                "destination": delivery.destination,
                **asdict(delivery.total),
                "left_out": sum(delivery.left_out.values()),
                "outcome": delivery.note or str(delivery.folder),
            }
        )
        for delivery in done
    ]
    changed = sum(each.total.changed for each in done if each.folder)
    return {
        "dagster/row_count": changed,
        **({"destinations": dg.MetadataValue.table(rows)} if rows else {}),
    }
