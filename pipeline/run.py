"""The daily refresh in this process: the same definitions that Dagster serves."""

from __future__ import annotations

import gc
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from pipeline.config.settings import Settings
from pipeline.console import Console
from pipeline.errors import SiyuError
from pipeline.orchestration.session import AS_OF_TAG, FULL_REFRESH_TAG, LANDED_ONLY_TAG
from pipeline.transform.dbt import environment

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance


@dataclass(frozen=True)
class Outcome:
    """How a run ended; ``problems`` says why it failed."""

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
    import dagster as dg

    from pipeline.orchestration.definitions import build_defs
    from pipeline.orchestration.jobs import DAILY_REFRESH

    definitions = build_defs(settings=settings, console=console)
    tags = {AS_OF_TAG: as_of.isoformat()} if as_of else {}
    if full_refresh:
        tags[FULL_REFRESH_TAG] = "true"
    if landed_only:
        tags[LANDED_ONLY_TAG] = "true"
    with _instance(dg) as instance, _unheard(), _few_collections():
        _load_ahead()
        result = definitions.resolve_job_def(DAILY_REFRESH).execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags=tags,
            raise_on_error=False,
        )
    if not result.success:
        console.failed()
    return Outcome(result.success, _problems(result.all_events))


def _load_ahead() -> None:
    """Import what the checks need while files are read, which leaves Python idle.

    Whoever imports it meanwhile waits for it, and has the error if there is one.
    """
    import pandas  # noqa: F401  # reading files needs it too: not by two threads at once

    def load() -> None:
        with suppress(ImportError):
            import great_expectations  # noqa: F401

    Thread(target=load, daemon=True).start()


@contextmanager
def _unheard() -> Iterator[None]:
    """Print nothing; dbt need not even put in words what nobody would read."""
    with redirect_stdout(io.StringIO()), environment(DBT_LOG_LEVEL="none"):
        yield


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look for cycles less often.

    What a run makes in Python is small and mostly lives as long as the run: a fifth of
    the time of a small run went into walking through it. The largest of it, dbt's
    manifest and the modules of Great Expectations, is frozen where it is loaded.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _instance(dagster: Any) -> DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        recorded: DagsterInstance = dagster.DagsterInstance.get()
        return recorded
    passing: DagsterInstance = dagster.DagsterInstance.ephemeral()
    # Nobody can ask it for the thousands of events of a run that ends with the process;
    # those that are wanted here are in the run's result. So none is stored, and Dagster
    # need not look for earlier ones of each asset.
    log = passing.event_log_storage
    nothing = dagster.EventRecordsResult([], "", has_more=False)
    for method, answer in {
        "store_event": None,
        "get_asset_records": (),
        "fetch_observations": nothing,
    }.items():
        setattr(log, method, partial(_answer, answer))
    return passing


def _answer(answer: Any, *_: Any, **__: Any) -> Any:
    return answer


def _problems(events: Sequence[DagsterEvent]) -> list[str]:
    """What went wrong, in the words of the errors that were raised for users."""
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
