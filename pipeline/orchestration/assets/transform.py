"""The dbt models as Dagster assets, built by one `dbt build`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from pipeline.config.project import dbt_files
from pipeline.orchestration.assets.ingest import landing_key
from pipeline.orchestration.assets.table_facts import Metadata, table_facts
from pipeline.orchestration.resources import DBT_PROJECT
from pipeline.orchestration.session import Session
from pipeline.rules.rule_files import write_overrides
from pipeline.storage.build_state import record_end
from pipeline.transform.dbt import Build, NodeResult, parse_project, run_build
from pipeline.transform.failures import failure_message
from pipeline.transform.increment import LastBuild, begin_build

OWNER = "team:analytics-engineering"


class Translator(DagsterDbtTranslator):
    """Assets named as in the database (schema, table), in a group for each layer."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``landing/orders``, ``rules/rfm_scoring``, ``marts/fct_orders`` …"""
        if dbt_resource_props["resource_type"] == "source":
            return landing_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer: ``staging``, ``core``, ``labels`` …; ``rules`` for seeds."""
        folders = dbt_resource_props["fqn"][1:-1]
        if dbt_resource_props["resource_type"] == "seed":
            return "rules"
        return str(folders[-1]) if folders else "models"

    def get_owners(
        self,
        dbt_resource_props: Mapping[str, Any],  # noqa: ARG002
    ) -> list[str]:
        """The analytics engineers own everything that dbt builds."""
        return [OWNER]


TRANSLATOR = Translator(
    settings=DagsterDbtTranslatorSettings(
        enable_asset_checks=True, enable_source_tests_as_checks=True
    )
)


def warehouse_assets() -> dg.AssetsDefinition:
    """All models, seeds and dbt tests, as one step."""

    @dbt_assets(
        manifest=_manifest(),
        project=DBT_PROJECT,
        dagster_dbt_translator=TRANSLATOR,
        name="dbt_build",
    )
    def dbt_build(
        context: dg.AssetExecutionContext, session: dg.ResourceParam[Session]
    ) -> Iterator[Any]:
        warehouse, as_of = session.warehouse, session.as_of_date
        session.record_as_of_date()
        session.console.step(f"Build the marts for {as_of}")
        last = begin_build(session.settings, warehouse, as_of, session.run_id)
        selected = _selected(context)
        build = build_for(
            session, warehouse.build_database, selected, None if selected else last
        )
        results = run_build(build, lambda name: session.console.progress(name, 0.0))
        facts = table_facts(warehouse.build_database)
        yield from _events(context, results, facts)
        if any(result.has_failed for result in results):
            message = failure_message(results, warehouse.build_database)
            raise dg.Failure(str(session.fail(message)), allow_retries=False)
        if not build.select:
            session.console.note(_recomputed(results, facts))
            record_end(warehouse)

    return dbt_build


def _recomputed(results: list[NodeResult], facts: dict[str, Metadata]) -> str:
    """Report what the build recomputed: customers, and rows of each layer."""
    customers = facts["intermediate__int_rule_customers"]["dagster/row_count"]
    rows: Counter[str] = Counter()
    for result in results:
        if result.layer:
            table = f"{result.schema}__{result.name}"
            rows[result.layer] += facts[table]["rows_written"]
    layers = ", ".join(f"{layer} {count:,}" for layer, count in rows.items())
    return f"Recomputed the labels of {customers:,} customers. Rows written: {layers}."


def build_for(
    session: Session,
    database: Path,
    select: Sequence[str] = (),
    last: LastBuild | None = None,
) -> Build:
    """The parameters of a build of the session's as-of date in ``database``.

    ``last`` is the build to go on from; None means a full refresh.
    """
    settings = session.settings
    variables = {
        **settings.vars,
        "as_of_date": session.as_of_date.isoformat(),
        "shop_timezone": settings.shop.timezone,
        "shop_currency": settings.shop.currency,
        "rule_files": write_overrides(settings, session.warehouse),
        "last_build": last.variable() if last else None,
    }
    target = session.warehouse.dbt_target
    return Build(database, target, variables, settings.memory_limit, select)


def _selected(context: dg.AssetExecutionContext) -> list[str]:
    """The names to select in dbt if only some of its assets are selected."""
    if context.selected_asset_keys == context.assets_def.keys:
        return []
    assets = [key.path[-1] for key in context.selected_asset_keys]
    return assets + [key.name for key in context.selected_asset_check_keys]


def _events(
    context: dg.AssetExecutionContext,
    results: list[NodeResult],
    facts: dict[str, Metadata],
) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
    """A materialisation for each table and view, a check result for each test."""
    checks = {key.name: key for key in context.selected_asset_check_keys}
    outputs = context.selected_output_names
    for result in results:
        output = f"{result.schema}__{result.name}"
        timing = {"seconds": result.seconds}
        if result.status == "success" and output in outputs:
            metadata = {**timing, **facts.get(output, {})}
            yield dg.Output(None, output_name=output, metadata=metadata)
        elif result.name in checks and result.status in ("pass", "warn", "fail"):
            key = checks[result.name]
            yield dg.AssetCheckResult(
                passed=result.status == "pass",
                asset_key=key.asset_key,
                check_name=key.name,
                severity=_SEVERITIES[result.status],
                metadata={**timing, "rows_that_break_it": result.failures},
            )


_SEVERITIES = {
    "pass": dg.AssetCheckSeverity.ERROR,
    "fail": dg.AssetCheckSeverity.ERROR,
    "warn": dg.AssetCheckSeverity.WARN,
}


def _manifest() -> Path:
    """Dbt's manifest, regenerated if a file of the dbt project is newer."""
    manifest = DBT_PROJECT.manifest_path
    made = manifest.stat().st_mtime if manifest.exists() else 0.0
    if any(file.stat().st_mtime > made for file in dbt_files()):
        parse_project()
    return manifest
