"""Models read from left to right: their own layer and those before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = [
    *("staging", "core", "labels", "audiences"),
    *("journeys", "measurement", "marts"),
]


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[str, list[str]]]:
    """Each model with its layer and the models that it reads."""
    manifest = json.loads((ROOT / "target/manifest.json").read_text("utf8"))
    return {
        key: (node["fqn"][1], node["depends_on"]["nodes"])
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def test_folders_are_the_layers(models: dict[str, tuple[str, list[str]]]) -> None:
    assert {layer for layer, _ in models.values()} == set(LAYERS)
    assert {len(path.relative_to(ROOT / "models").parts) for path in _files()} == {2}


def test_no_model_reads_to_its_right(models: dict[str, tuple[str, list[str]]]) -> None:
    rank = {layer: place for place, layer in enumerate(LAYERS)}
    assert [
        f"{key} reads {upstream}"
        for key, (layer, reads) in models.items()
        for upstream in reads
        if upstream in models and rank[models[upstream][0]] > rank[layer]
    ] == []


def _files() -> list[Path]:
    return [path for path in (ROOT / "models").rglob("*") if path.is_file()]
