"""When the daily refresh runs by itself."""

from __future__ import annotations

import dagster as dg

from pipeline.jobs import AssetJob
from pipeline.settings import Settings


def daily_schedule(settings: Settings, job: AssetJob) -> dg.ScheduleDefinition:
    """The daily refresh at the hour that the configuration names, in shop time."""
    return dg.ScheduleDefinition(
        name="daily_refresh_schedule",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.shop.timezone,
        description=f"Every day at `{settings.schedule}`, {settings.shop.timezone}.",
    )
