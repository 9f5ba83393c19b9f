"""The hash of the code: what shapes data changes it, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project of empty files in the folders of the real one."""
    real = project.PROJECT_DIR
    for folder in ("pipeline", "demo_shop", "models", "seeds", "dbt_project"):
        for file in (real / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                copy = tmp_path / file.relative_to(real)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.touch()
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.setattr(project, "PROJECT_DIR", tmp_path)
    project.code_hash.cache_clear()
    yield tmp_path
    project.code_hash.cache_clear()


def hashes_after_change(root: Path, name: str) -> tuple[bool, bool]:
    """Whether another file changes the hash of the build, and that of all outputs."""

    def hashes() -> list[str]:
        project.code_hash.cache_clear()
        return [project.code_hash(with_outputs=outputs) for outputs in (False, True)]

    before = hashes()
    assert (root / name).exists()
    (root / name).write_text("# changed\n", encoding="utf-8")
    build, outputs = (a != b for a, b in zip(before, hashes(), strict=True))
    return build, outputs


@pytest.mark.parametrize(
    "name",
    [
        "pipeline/ingest/mapping.py",
        "pipeline/rules/aipl.py",
        "pipeline/measurement/differences.py",
        "pipeline/orchestration/assets/transform.py",
        "models/staging/stg_orders.sql",
        "seeds/aipl_rules.csv",
        "dbt_project/macros/local_date.sql",
        "dbt_project.yml",
    ],
)
def test_what_shapes_data_starts_a_new_build(root: Path, name: str) -> None:
    assert hashes_after_change(root, name) == (True, True)


@pytest.mark.parametrize(
    "name", ["pipeline/quality/run.py", "pipeline/activation/deliver.py"]
)
def test_what_only_reads_a_build_makes_a_new_run(root: Path, name: str) -> None:
    """The tables stay, and are checked, published and exported again."""
    assert hashes_after_change(root, name) == (False, True)


@pytest.mark.parametrize(
    "name",
    [
        "pipeline/cli.py",
        "pipeline/console.py",
        "pipeline/report/build.py",
        "pipeline/report/templates/report.html",
        "demo_shop/shop.py",
    ],
)
def test_what_shapes_nothing_leaves_everything(root: Path, name: str) -> None:
    """A typo mended in a message does not rebuild a warehouse."""
    assert hashes_after_change(root, name) == (False, False)


def test_every_folder_is_decided_on() -> None:
    """A new folder of the pipeline is in one of the lists, or shapes nothing."""
    listed = {name.split("/")[0] for name in project.BUILD_CODE + project.OUTPUT_CODE}
    folders = {file.parent.name for file in project.PROJECT_DIR.glob("pipeline/*/*.py")}
    assert folders - listed == {"report"}
