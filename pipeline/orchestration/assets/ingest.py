"""One asset for each entity: loading the new files of its sources."""

from collections.abc import Iterator

import dagster as dg

from pipeline.config.contract import ENTITIES, Entity
from pipeline.config.settings import Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.landing import (
    delivered_touches,
    register_landing,
    remove_orphans,
)
from pipeline.ingest.run import Ingested, ingest_source
from pipeline.orchestration.session import Session
from pipeline.privacy.purge import apply_tombstones
from pipeline.storage.load_log import Load

OWNER = "team:data-engineering"


def landing_key(entity: str) -> dg.AssetKey:
    """The key of the asset for an entity's landed rows."""
    return dg.AssetKey(["landing", entity])


def landing_assets(settings: Settings) -> dg.AssetsDefinition:
    """Assets for each entity that dbt reads, the active loads, and the deliveries.

    They are one step, so that every source is tried before a bad file stops the run.
    """

    @dg.multi_asset(
        name="ingest",
        specs=[
            *(_entity_spec(e, settings) for e in ENTITIES.values()),
            _file_list(),
            _deliveries(),
        ],
        can_subset=True,
    )
    def ingest(
        context: dg.AssetExecutionContext, session: dg.ResourceParam[Session]
    ) -> Iterator[dg.MaterializeResult[None]]:
        wanted = {key.path[-1] for key in context.selected_asset_keys}
        sources = [s for s in settings.sources if s.entity in wanted]
        results = _ingest(session, [] if session.landed_only else sources)
        problems = [problem for result in results for problem in result.problems]
        if problems:
            message = str(session.fail("\n".join(problems)))
            raise dg.Failure(message, allow_retries=False)
        active = session.active_loads()
        for key in sorted(context.selected_asset_keys):
            metadata = (
                _delivered(session)
                if key == landing_key("deliveries")
                else _metadata(active, key.path[-1], results)
            )
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return ingest


def _entity_spec(entity: Entity, settings: Settings) -> dg.AssetSpec:
    sources = [s for s in settings.sources if s.entity == entity.name]
    return dg.AssetSpec(
        landing_key(entity.name),
        group_name="landing",
        kinds={"duckdb", "parquet"},
        owners=[OWNER],
        description=_description(entity, sources),
        metadata={"dagster/column_schema": _column_schema(entity)},
    )


def _file_list() -> dg.AssetSpec:
    return dg.AssetSpec(
        landing_key("files"),
        group_name="landing",
        kinds={"parquet"},
        owners=[OWNER],
        description="The active loads; rows of other loads do not count.",
    )


def _deliveries() -> dg.AssetSpec:
    return dg.AssetSpec(
        landing_key("deliveries"),
        group_name="landing",
        kinds={"parquet"},
        owners=[OWNER],
        description="Touches delivered on earlier as-of dates.",
    )


def _ingest(session: Session, sources: list[Source]) -> list[Ingested]:
    """Load the new files of each source; its result holds its problems."""
    settings, warehouse, load_log = (
        session.settings,
        session.warehouse,
        session.load_log,
    )
    remove_orphans(warehouse, load_log)
    results = []
    for source in sources:
        session.console.step(f"Load {source.name}")
        try:
            result = ingest_source(
                settings, warehouse, load_log, source, session.console.progress
            )
        except SiyuError as error:
            result = Ingested(source.name, problems=[str(error)])
        for load in result.loads:
            session.add_load(load)
        if result.problems:
            session.console.failed()
        results.append(result)
    remove_orphans(warehouse, load_log)
    # Remove customers with tombstones before anything reads landing.
    apply_tombstones(settings, warehouse, load_log)
    register_landing(settings, warehouse, load_log)
    return results


def _description(entity: Entity, sources: list[Source]) -> str:
    fed = ", ".join(f"{s.name} ({s.path})" for s in sources) or "no source"
    return f"Accepted rows of {entity.name}, typed by contract. Fed by {fed}."


def _column_schema(entity: Entity) -> dg.TableSchema:
    required = {column.name for column in entity.columns if column.required}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name, kind, constraints=dg.TableColumnConstraints(name not in required)
            )
            for name, kind in entity.landed.items()
        ]
    )


def _delivered(session: Session) -> dict[str, dg.MetadataValue]:
    count = delivered_touches(session.warehouse)
    return {"dagster/row_count": dg.MetadataValue.int(count)}


def _metadata(
    active: list[Load], table: str, results: list[Ingested]
) -> dict[str, dg.MetadataValue]:
    """Metadata about an entity's landed rows, and the new ones among them."""
    if table == "files":
        return {"dagster/row_count": dg.MetadataValue.int(len(active))}
    own = [load for load in active if load.entity == table]
    names = {load.source for load in own}
    mine = [result for result in results if result.source in names]
    loads = [load for result in mine for load in result.loads]
    total = sum(load.rows_accepted for load in own)
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/row_count": dg.MetadataValue.int(total),
        "new_files": dg.MetadataValue.int(len(loads)),
        "unchanged_files": dg.MetadataValue.int(sum(r.unchanged for r in mine)),
        "rows_accepted": dg.MetadataValue.int(sum(x.rows_accepted for x in loads)),
        "rows_quarantined": dg.MetadataValue.int(
            sum(x.rows_quarantined for x in loads)
        ),
    }
    if loads:
        metadata["loads"] = _table(loads)
    return metadata


def _table(loads: list[Load]) -> dg.MetadataValue:
    """The latest new loads, one a row."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "source": load.source,
                    "read": load.rows_read,
                    "accepted": load.rows_accepted,
                    "quarantined": load.rows_quarantined,
                    "filtered": load.rows_filtered,
                    "seconds": load.seconds,
                }
            )
            for load in loads[-50:]
        ]
    )
