"""The one job: everything, from new files to the report."""

from __future__ import annotations

from typing import Any

import dagster as dg

# Dagster has no public name for this type.
AssetJob = Any

DAILY_REFRESH = "daily_refresh"


def daily_refresh() -> AssetJob:
    """Ingest, build, check, publish, export and report for the as-of date."""
    return dg.define_asset_job(
        DAILY_REFRESH,
        selection=(dg.AssetSelection.all() - dg.AssetSelection.groups("history"))
        | dg.AssetSelection.all_asset_checks(),
        description="Load what is new, rebuild, check, publish, export and report.",
    )
