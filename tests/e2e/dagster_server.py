"""`dagster dev` on a free port, and its GraphQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siyu_command import BIN, ROOT, clean_environment

_JOB = "daily_refresh"
_LOCATION = """
{ workspaceOrError { ... on Workspace { locationEntries {
    loadStatus
    locationOrLoadError {
      ... on RepositoryLocation { name repositories { name } }
      ... on PythonError { message }
    }
} } } }
"""
_LAUNCH = """
mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
} }
"""
_RUNS = "{ runsOrError(limit: 50) { ... on Runs { results { runId status } } } }"


@dataclass(frozen=True)
class Server:
    """A running `dagster dev` that has loaded the definitions."""

    url: str
    location: str
    repository: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data that a GraphQL query gives."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"{self.url}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            content: dict[str, Any] = json.loads(answer.read())
        assert "errors" not in content, content["errors"]
        data: dict[str, Any] = content["data"]
        return data

    def launch(self) -> str:
        """Start the daily refresh; return its run id."""
        selector = {
            "repositoryLocationName": self.location,
            "repositoryName": self.repository,
            "jobName": _JOB,
        }
        launched = self.ask(_LAUNCH, params={"selector": selector})["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id: str = launched["run"]["runId"]
        return run_id

    def runs(self) -> dict[str, str]:
        """Run id to status, newest first."""
        results = self.ask(_RUNS)["runsOrError"]["results"]
        return {run["runId"]: run["status"] for run in results}

    def wait_for(self, run_id: str, timeout: float = 900) -> str:
        """Wait until a run has ended, and return its status."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = self.runs()[run_id]
            if status in ("SUCCESS", "FAILURE", "CANCELED"):
                return status
            time.sleep(1)
        raise AssertionError(f"run {run_id} has not ended after {timeout} s")


@contextmanager
def dagster_dev(config: Path, home: Path) -> Iterator[Server]:
    """Serve the definitions for a configuration; state is kept in ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "dagster.yaml", home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [BIN / "dagster", "dev", "-w", "workspace.yaml"]
    with (home / "dev.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)],
            cwd=ROOT,
            env=clean_environment(SIYU_CONFIG=str(config), DAGSTER_HOME=str(home)),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _when_ready(f"http://127.0.0.1:{port}", process, home / "dev.log")
    finally:
        _stop(process)


def _when_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> Server:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        try:
            found = Server(url, "", "").ask(_LOCATION)["workspaceOrError"]
        except OSError:
            time.sleep(0.5)
            continue
        entries = found["locationEntries"]
        if entries and entries[0]["loadStatus"] == "LOADED":
            loaded = entries[0]["locationOrLoadError"]
            assert "repositories" in loaded, loaded
            return Server(url, loaded["name"], loaded["repositories"][0]["name"])
        time.sleep(0.5)
    raise AssertionError(log.read_text("utf-8", errors="replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it in its own way, and then whatever is left of its process group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
