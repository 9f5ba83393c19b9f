"""The schedule of the daily refresh."""

from __future__ import annotations

import dagster as dg

from pipeline.config.settings import Settings
from pipeline.orchestration.jobs import AssetJob


def daily_schedule(settings: Settings, job: AssetJob) -> dg.ScheduleDefinition:
    """Run the daily refresh at the configured time, in the shop's timezone."""
    return dg.ScheduleDefinition(
        name="daily_refresh_schedule",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.shop.timezone,
        description=f"Every day at `{settings.schedule}`, {settings.shop.timezone}.",
    )
