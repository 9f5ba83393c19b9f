"""The Dagster definitions as people see them: assets, their order, job and schedule.

Cost: 20 seconds on two idle cores.
"""

from __future__ import annotations

import graphlib
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipeline.config.settings import load_settings
from pipeline.orchestration.definitions import build_defs
from pipeline.quality.suites import LANDING, MARTS

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """\
shop: {name: tiny, timezone: Asia/Shanghai, currency: CNY}
schedule: "15 6 * * *"
sources:
  - {name: orders, entity: orders, path: "data/*.csv"}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tiny") / "siyu.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def definitions(config: Path) -> dg.Definitions:
    return build_defs(settings=load_settings(config))


@pytest.fixture(scope="module")
def nodes(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key)


def name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def upstream_of(definitions: dg.Definitions, step: str) -> set[str]:
    """The steps of the job that must have succeeded before this one begins."""
    job = definitions.resolve_job_def("daily_refresh")
    needed = {
        node.name: {
            source.node
            for dependency in inputs.values()
            for source in dependency.get_node_dependencies()
        }
        for node, inputs in job.graph.dependencies.items()
    }
    found: set[str] = set()
    ahead = [step]
    while ahead:
        new = needed.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def test_loading_definitions_leaves_no_trace(
    config: Path, definitions: dg.Definitions
) -> None:
    assert definitions.resolve_job_def("daily_refresh")
    assert [file.name for file in config.parent.iterdir()] == ["siyu.yaml"]


@pytest.mark.parametrize("attribute", ["owners", "kinds", "group_name", "description"])
def test_every_asset_has(attribute: str, nodes: list[dg.AssetSpec]) -> None:
    assert [name(node.key) for node in nodes if not getattr(node, attribute)] == []


def test_every_check_of_the_suites_is_an_asset_check_and_blocks_if_it_must(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    wanted = {
        (f"{suite.schema}/{suite.name}", check.name): check.severity == "error"
        for suite in (*LANDING, *MARTS)
        for check in suite.checks
    }
    found = {
        (name(key.asset_key), key.name): graph.get_check_spec(key).blocking
        for key in graph.asset_check_keys
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert any(wanted.values())


def test_the_graph_of_groups_has_no_circle(definitions: dg.Definitions) -> None:
    """The UI lays groups out from left to right; a circle would break that."""
    graph = definitions.resolve_asset_graph()
    upstream: dict[str, set[str]] = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        groups = {graph.get(parent).group_name for parent in node.parent_keys}
        upstream.setdefault(node.group_name, set()).update(groups - {node.group_name})
    order = list(graphlib.TopologicalSorter(upstream).static_order())
    assert order.index("landing") < order.index("marts") < order.index("activation")


def test_landing_is_checked_before_the_build(definitions: dg.Definitions) -> None:
    assert "landing_quality" in upstream_of(definitions, "dbt_build")


@pytest.mark.parametrize("check", ["landing_quality", "marts_quality", "dbt_build"])
def test_nothing_is_published_before(check: str, definitions: dg.Definitions) -> None:
    assert check in upstream_of(definitions, "published_marts")


@pytest.mark.parametrize("asset", ["rfm_segment_files", "daily_report", "deliveries"])
def test_files_for_people_come_after_the_publish(
    asset: str, definitions: dg.Definitions
) -> None:
    assert "published_marts" in upstream_of(definitions, asset)


def test_the_job_does_everything_but_history(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("daily_refresh")
    graph = definitions.resolve_asset_graph()
    wanted = {
        key
        for key in graph.materializable_asset_keys
        if graph.get(key).group_name != "history"
    }
    assert set(job.asset_layer.executable_asset_keys) == wanted
    assert "marts_as_of" in {name(key) for key in graph.materializable_asset_keys}


def test_history_has_a_partition_for_each_day(definitions: dg.Definitions) -> None:
    days = definitions.resolve_asset_graph().get(dg.AssetKey("marts_as_of"))
    assert isinstance(days.partitions_def, dg.DailyPartitionsDefinition)
    assert days.partitions_def.timezone == "Asia/Shanghai"


def test_schedule_is_at_the_hour_of_the_shop(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("daily_refresh_schedule")
    assert schedule.cron_schedule == "15 6 * * *"
    assert schedule.execution_timezone == "Asia/Shanghai"
    assert schedule.job_name == "daily_refresh"


def test_dagster_finds_the_definitions_valid(config: Path, tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("dagster")
    done = subprocess.run(
        [command, "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env={**os.environ, "SIYU_CONFIG": str(config), "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dg_finds_the_definitions(config: Path) -> None:
    """`[tool.dg]` names modules that are there, and everything in them loads."""
    checked = subprocess.run(
        [str(Path(sys.executable).with_name("dg")), "check", "defs"],
        cwd=ROOT,
        env={**os.environ, "SIYU_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
