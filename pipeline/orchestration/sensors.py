"""Starting the daily refresh when raw files arrive."""

from __future__ import annotations

import hashlib

import dagster as dg

from pipeline.config.settings import Settings
from pipeline.errors import SiyuError
from pipeline.orchestration.inputs import unseen_files
from pipeline.orchestration.jobs import AssetJob

_EVERY_SECONDS = 60
_SETTLED_AFTER = "the same files twice in a row"


def new_files_sensor(settings: Settings, job: AssetJob) -> dg.SensorDefinition:
    """A sensor that requests a run once new files have stopped changing."""

    @dg.sensor(
        name="new_files_sensor",
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        description="Runs the daily refresh when new raw files are complete.",
    )
    def sensor(
        context: dg.SensorEvaluationContext,
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            unseen = unseen_files(settings)
        except SiyuError as error:
            return dg.SkipReason(str(error))
        if not unseen:
            return dg.SkipReason("No new files.")
        key = hashlib.sha256("\n".join(unseen).encode()).hexdigest()[:16]
        if context.cursor != key:
            return dg.SensorResult(
                skip_reason=f"{len(unseen)} new files; waiting for {_SETTLED_AFTER}.",
                cursor=key,
            )
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=key)], cursor=context.cursor
        )

    return sensor
