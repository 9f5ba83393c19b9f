"""The Dagster resources: the session of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg
from dagster_dbt import DbtProject

from pipeline.config.project import PROFILES_DIR, PROJECT_DIR
from pipeline.config.settings import Settings
from pipeline.console import Console
from pipeline.errors import SiyuError
from pipeline.orchestration.session import (
    AS_OF_TAG,
    FULL_REFRESH_TAG,
    LANDED_ONLY_TAG,
    Session,
    open_session,
)

DBT_PROJECT = DbtProject(PROJECT_DIR, profiles_dir=PROFILES_DIR)


class SessionResource(dg.ConfigurableResource[Session]):
    """The run's lock on the warehouse, settings and as-of date.

    It holds the lock from a run's first step to its last. The tag ``siyu/as_of_date``
    of the run selects another day than the latest.
    """

    settings: dg.ResourceDependency[Settings]
    console: dg.ResourceDependency[Console]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Session]:
        """Open the session of the run."""
        run = context.run
        if run is None:
            raise SiyuError("the session exists only during a run")
        tag = run.tags.get(AS_OF_TAG)
        try:
            as_of = date.fromisoformat(tag) if tag else None
        except ValueError:
            raise SiyuError(
                f"the tag {AS_OF_TAG} is '{tag}'; expected a day written YYYY-MM-DD"
            ) from None
        with open_session(
            self.settings,
            self.console,
            run.run_id,
            purpose=f"{run.job_name}, run {run.run_id[:8]}",
            as_of=as_of,
            full_refresh=run.tags.get(FULL_REFRESH_TAG) == "true",
            landed_only=run.tags.get(LANDED_ONLY_TAG) == "true",
        ) as opened:
            yield opened
