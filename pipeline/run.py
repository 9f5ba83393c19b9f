"""The daily refresh in this process: the same definitions that Dagster serves."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from pipeline.config.settings import Settings
from pipeline.console import Console
from pipeline.errors import SiyuError
from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.jobs import DAILY_REFRESH
from pipeline.orchestration.session import AS_OF_TAG, FULL_REFRESH_TAG, LANDED_ONLY_TAG
from pipeline.transform.dbt import environment


@dataclass(frozen=True)
class Outcome:
    """The result of a run; ``problems`` says why it failed."""

    succeeded: bool
    problems: list[str]


def run_pipeline(
    settings: Settings,
    console: Console,
    *,
    as_of: date | None = None,
    full_refresh: bool = False,
    landed_only: bool = False,
) -> Outcome:
    """Run the daily refresh from ingest to report, or without new files.

    With ``DAGSTER_HOME`` set, the run is recorded there and shows in the Dagster UI.
    What dbt prints is in the warehouse's ``dbt/dbt.log``.
    """
    definitions = build_defs(settings=settings, console=console)
    tags = {AS_OF_TAG: as_of.isoformat()} if as_of else {}
    if full_refresh:
        tags[FULL_REFRESH_TAG] = "true"
    if landed_only:
        tags[LANDED_ONLY_TAG] = "true"
    with _instance() as instance, _unheard():
        result = definitions.resolve_job_def(DAILY_REFRESH).execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags=tags,
            raise_on_error=False,
        )
    if not result.success:
        console.failed()
    return Outcome(result.success, _problems(result.all_events))


def rebuild(settings: Settings, console: Console, as_of: date) -> None:
    """Build and publish a day with a full refresh, without loading new files.

    Raises ``SiyuError`` if that fails.
    """
    outcome = run_pipeline(
        settings, console, as_of=as_of, full_refresh=True, landed_only=True
    )
    if not outcome.succeeded:
        raise SiyuError("\n".join(outcome.problems))


@contextmanager
def _unheard() -> Iterator[None]:
    """Silence standard output; dbt also skips formatting messages that nobody sees."""
    with redirect_stdout(io.StringIO()), environment(DBT_LOG_LEVEL="none"):
        yield


def _instance() -> dg.DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.get()
    return dg.DagsterInstance.ephemeral()


def _problems(events: Sequence[dg.DagsterEvent]) -> list[str]:
    """The messages of the errors that were raised for users."""
    problems = []
    for event in events:
        if event.is_step_failure:
            failure: Any = event.step_failure_data
            metadata = failure.user_failure_data
            problems.append(
                metadata.description if metadata else _user_words(failure.error)
            )
        elif event.event_type_value == "PIPELINE_FAILURE":
            error = getattr(event.event_specific_data, "error", None)
            if error:
                problems.append(_user_words(error))
    return list(dict.fromkeys(problem for problem in problems if problem))


def _user_words(error: Any) -> str:
    """The text of a ``SiyuError`` in the chain of causes, else of the first cause."""
    chain = [error]
    while chain[-1].cause:
        chain.append(chain[-1].cause)
    known = {
        SiyuError.__name__,
        *(kind.__name__ for kind in SiyuError.__subclasses__()),
    }
    chosen = next((e for e in chain if e.cls_name in known), chain[-1])
    return str(chosen.message).partition(": ")[2].strip() or str(chosen.message).strip()
