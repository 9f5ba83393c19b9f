"""One run of the pipeline: its lock, its settings, its as-of date, and its record.

Dagster hands a `Session` to every step as the resource ``session``. All steps of a run
share one process (a DuckDB file has one writer), so that the lock is held throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipeline.config.settings import Settings
from pipeline.console import Console
from pipeline.errors import SiyuError
from pipeline.quality.model import CheckContext, CheckResult
from pipeline.rules.rule_files import check_all_rules
from pipeline.storage.load_log import Load, LoadLog, active_loads, latest_as_of
from pipeline.storage.warehouse import Warehouse

AS_OF_TAG = "siyu/as_of_date"
FULL_REFRESH_TAG = "siyu/full_refresh"
LANDED_ONLY_TAG = "siyu/landed_only"


@dataclass
class Session:
    """What the steps of one run share."""

    settings: Settings
    warehouse: Warehouse
    load_log: LoadLog
    run_id: str
    console: Console
    requested_as_of: date | None = None
    new_loads: list[Load] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    check_results: list[CheckResult] = field(default_factory=list)
    is_finished: bool = False
    landed_only: bool = False

    @cached_property
    def as_of_date(self) -> date:
        """The day that the marts describe, once the run has loaded the new files.

        It is the requested day, else the latest business date of the landed facts, at
        most yesterday. Raises ``SiyuError`` if no fact has landed.
        """
        as_of = self.requested_as_of or latest_as_of(self.settings, self.load_log)
        if as_of is None:
            raise SiyuError(
                "no row with a date has landed, so there is no day to build the marts "
                "for; check the sources with `siyu validate`, or give --as-of"
            )
        return as_of

    def record_as_of_date(self) -> None:
        """Record the as-of date of the run."""
        self.load_log.update_run(self.run_id, as_of_date=self.as_of_date)

    @property
    def check_context(self) -> CheckContext:
        """The parameters of the quality checks, besides the data."""
        settings = self.settings
        bounds = [settings.source_bounds(source) for source in settings.sources]
        return CheckContext(
            as_of=self.as_of_date,
            timezone=settings.shop.timezone,
            currency=settings.shop.currency,
            rfm_window_days=settings.var("rfm_window_days"),
            # The widest bounds of any source.
            time_bounds=(
                min(low for low, _ in bounds),
                max(high for _, high in bounds),
            ),
        )

    def active_loads(self) -> list[Load]:
        """The loads of the configuration's sources."""
        return active_loads(self.settings, self.load_log)

    def add_load(self, load: Load) -> None:
        """Record a load of this run."""
        self.new_loads.append(load)
        self.load_log.update_run(self.run_id, new_loads=len(self.new_loads))

    def fail(self, problem: str) -> SiyuError:
        """Record why the run fails, and return the error to raise."""
        self.problems.append(problem)
        return SiyuError(problem)


@contextmanager
def open_session(
    settings: Settings,
    console: Console,
    run_id: str,
    *,
    purpose: str = "siyu run",
    as_of: date | None = None,
    full_refresh: bool = False,
    landed_only: bool = False,
) -> Iterator[Session]:
    """Lock the warehouse for one run, and record how it ends.

    ``full_refresh`` removes the build first; ``landed_only`` leaves new files for the
    next run. Raises ``SiyuError`` if a rule file is broken, or if another process has
    the warehouse.
    """
    check_all_rules(settings)
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock(purpose):
        warehouse.sweep()
        if full_refresh:
            warehouse.build_database.unlink(missing_ok=True)
        load_log = LoadLog(warehouse.load_log)
        is_new = load_log.start_run(run_id)
        session = Session(settings, warehouse, load_log, run_id, console, as_of)
        session.landed_only = landed_only
        if not landed_only and any(warehouse.unfinished_erasures.glob("*.json")):
            console.note(
                "The erasure of a customer did not come to its end: run `siyu forget` "
                "for them again."
            )
        try:
            yield session
        except BaseException as error:
            session.problems.append(str(error))
            raise
        finally:
            if is_new:
                status = "succeeded" if session.is_finished else "failed"
                problems = "\n".join(session.problems) or None
                load_log.finish_run(run_id, status, problems)
