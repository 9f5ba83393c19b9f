"""What a run shows while it works: nothing by default, or a progress display."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Console(Protocol):
    """Where a run reports its progress."""

    def step(self, title: str) -> None:
        """A new step of the run begins."""

    def progress(self, what: str, share: float) -> None:
        """Within the step, this share (0 to 1) of ``what`` is done."""

    def failed(self) -> None:
        """The step has failed."""

    def note(self, text: str) -> None:
        """Show a remark that the reader should see."""


class SilentConsole:
    """Shows nothing: Dagster keeps its own record of each step."""

    def step(self, title: str) -> None:
        """See `Console`."""

    def progress(self, what: str, share: float) -> None:
        """See `Console`."""

    def failed(self) -> None:
        """See `Console`."""

    def note(self, text: str) -> None:
        """See `Console`."""


class ProgressConsole:
    """A line for each step, with a bar and the time it takes; a context manager."""

    def __init__(self, console: RichConsole) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            # Names of files may look like markup.
            TextColumn("{task.fields[detail]}", style="dim", markup=False),
            console=console,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressConsole:
        self._progress.start()
        return self

    def __exit__(self, *failure: object) -> None:
        if failure[0] is not None:
            self.failed()
        self._end()
        self._progress.stop()

    def _end(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, total=1, completed=1, detail="")
            self._task = None

    def step(self, title: str) -> None:
        """See `Console`."""
        self._end()
        self._task = self._progress.add_task(f"{title:<28}", total=None, detail="")

    def progress(self, what: str, share: float) -> None:
        """See `Console`."""
        if self._task is not None:
            self._progress.update(self._task, total=1, completed=share, detail=what)

    def failed(self) -> None:
        """See `Console`."""
        if self._task is not None:
            self._progress.update(self._task, detail="failed")
            self._progress.stop_task(self._task)
            self._task = None

    def note(self, text: str) -> None:
        """See `Console`."""
        self._console.print(text, markup=False, soft_wrap=True)
