"""The Dagster code location: all definitions, assembled for one configuration.

Nothing else belongs here. Assets are in `assets/`, checks in `checks.py`; the plain
packages outside `orchestration/` do the work.
"""

from __future__ import annotations

import dagster as dg

from pipeline.config.settings import Settings, config_path, load_settings
from pipeline.console import Console, SilentConsole
from pipeline.orchestration.assets.history import history_asset
from pipeline.orchestration.assets.ingest import landing_assets
from pipeline.orchestration.assets.publish import publish_assets
from pipeline.orchestration.assets.transform import warehouse_assets
from pipeline.orchestration.checks import quality_checks
from pipeline.orchestration.jobs import daily_refresh
from pipeline.orchestration.resources import SessionResource
from pipeline.orchestration.schedules import daily_schedule
from pipeline.orchestration.sensors import new_files_sensor


def build_defs(
    *, settings: Settings | None = None, console: Console | None = None
) -> dg.Definitions:
    """Return the definitions for a configuration.

    Without ``settings`` they come from the file that ``SIYU_CONFIG`` names, else from
    ``siyu.yaml`` in the working directory, else from the demo shop's.
    """
    settings = settings or load_settings(config_path())
    warehouse = warehouse_assets()
    marts = [key for key in warehouse.keys if key.path[0] == "marts"]
    job = daily_refresh()
    return dg.Definitions(
        assets=[
            landing_assets(settings),
            warehouse,
            *publish_assets(sorted(marts)),
            history_asset(settings),
        ],
        asset_checks=quality_checks(),
        jobs=[job],
        schedules=[daily_schedule(settings, job)],
        sensors=[new_files_sensor(settings, job)],
        resources={
            "session": SessionResource(
                settings=settings, console=console or SilentConsole()
            ),
        },
        # One process for each run: a DuckDB file has one writer, and the lock spans all
        # steps.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev -w workspace.yaml` loads."""
    return build_defs()
