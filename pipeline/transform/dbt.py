"""One `dbt build`, inside this process.

A build database has one writing process; running dbt here also saves starting it twice.
What dbt prints goes to standard output and to ``dbt.log`` in the target folder.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config.project import PROFILES_DIR, PROJECT_DIR
from pipeline.errors import SiyuError
from pipeline.storage.atomic_files import owner_only

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Where dbt keeps the manifest that Dagster loads its assets from.
TARGET = PROJECT_DIR / "target"


@dataclass(frozen=True)
class NodeResult:
    """The result of one model, seed or test.

    ``kind`` is dbt's resource type; ``status`` is success, pass, warn, fail, error or
    skipped; ``table`` is the table that a test checks. ``failures`` counts the rows
    that break a test, ``query`` finds them. ``layer`` is the folder of a model that is
    a table; for views and other kinds it is empty.
    """

    unique_id: str
    name: str
    kind: str
    schema: str
    status: str
    seconds: float
    message: str = ""
    table: str = ""
    failures: int = 0
    query: str = ""
    layer: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it fails the build. Nodes skipped because of it do not count."""
        return self.status in ("error", "fail")


@dataclass(frozen=True)
class Build:
    """Where to build, and with what."""

    database: Path
    target: Path
    variables: dict[str, Any]
    memory_limit: str
    select: Sequence[str] = ()


def run_build(
    build: Build, on_node: Callable[[str], None] = lambda _: None
) -> list[NodeResult]:
    """Run seeds, models and data tests; return the result of each.

    ``on_node`` gets the name of each as it ends. Unit tests are left out: they check
    the models, not the data of a day. Raises ``SiyuError`` if dbt cannot start at all.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    # Python models use it: no first import in one of dbt's threads.
    from scipy import stats  # noqa: F401

    def tell(event: Any) -> None:
        if event.info.name == "NodeFinished":
            on_node(event.data.node_info.node_name)

    manifest = _parsed("--no-write-json")
    with owner_only(), _arranged(build):
        try:
            runner = dbtRunner(manifest=manifest, callbacks=[tell])
            outcome = runner.invoke(_arguments(build))
        finally:
            # Otherwise this process keeps the database open for writing.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if not isinstance(outcome.result, RunExecutionResult):
        raise SiyuError(f"dbt could not build: {outcome.exception}")
    return [_node_result(result) for result in outcome.result.results]


def parse_project() -> None:
    """Write the project's manifest, from which Dagster loads the assets.

    Raises ``SiyuError`` if a model, seed or yml of the project cannot be parsed.
    """
    _parsed()
    # dbt does not write the file if nothing relevant has changed.
    (TARGET / "manifest.json").touch()


def _parsed(*options: str) -> Manifest:
    """Return the project's manifest.

    dbt caches what it has parsed in the project's target folder, and parses only what
    has changed. No variables are passed, because different ones would make it parse
    everything again. So models must not use them in their configuration or references.
    """
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    outcome = dbtRunner().invoke(["parse", "--quiet", *options, *_places(TARGET)])
    if not isinstance(outcome.result, Manifest):
        raise SiyuError(f"the dbt project cannot be parsed: {outcome.exception}")
    return outcome.result


def _places(target: Path) -> list[str]:
    return [
        *("--project-dir", str(PROJECT_DIR)),
        *("--profiles-dir", str(PROFILES_DIR)),
        *("--target-path", str(target)),
        *("--log-path", str(target)),
        *("--log-level-file", "info"),
    ]


def _arguments(build: Build) -> list[str]:
    arguments = [
        "build",
        *("--exclude-resource-type", "unit_test"),
        # The manifest is in the project's target folder; Dagster stores the results.
        "--no-write-json",
        *_places(build.target),
        *("--vars", json.dumps(build.variables)),
    ]
    return arguments + (["--select", *build.select] if build.select else [])


@contextmanager
def environment(**names: str) -> Iterator[None]:
    """Set variables of the process's environment for a while, for dbt to read."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _arranged(build: Build) -> Iterator[None]:
    """Pass the database to profiles.yml, which reads only the environment."""
    arguments = sys.argv
    # dbt logs the command line of its process, which may name a customer.
    sys.argv = ["dbt", "build"]
    try:
        with environment(
            SIYU_BUILD_DB=str(build.database), SIYU_MEMORY_LIMIT=build.memory_limit
        ):
            yield
    finally:
        sys.argv = arguments


def _node_result(result: Any) -> NodeResult:
    node = result.node
    attached = getattr(node, "attached_node", None) or ""
    kind = str(node.resource_type.value)
    is_table = kind == "model" and node.config.materialized != "view"
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        kind=kind,
        schema=node.schema,
        status=str(result.status.value),
        seconds=round(result.execution_time, 3),
        message=(result.message or "").strip(),
        table=attached.split(".")[-1],
        failures=result.failures or 0,
        query=getattr(node, "compiled_code", None) or "",
        layer=node.fqn[1] if is_table else "",
    )
