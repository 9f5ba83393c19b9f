"""When the daily refresh runs by itself."""

from __future__ import annotations

import dagster as dg

from pipeline.config.settings import Settings
from pipeline.orchestration.jobs import AssetJob


def daily_schedule(settings: Settings, job: AssetJob) -> dg.ScheduleDefinition:
    """The daily refresh at the hour that the configuration names, in shop time."""
    return dg.ScheduleDefinition(
        name="daily_refresh_schedule",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.shop.timezone,
        description=f"Every day at `{settings.schedule}`, {settings.shop.timezone}.",
    )
