"""The demo's ``siyu.yaml``: valid, complete, and fit for the files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from demo_shop.config import CONFIG
from pipeline.config.contract import ENTITIES

# The keys that the contract names.
_KEYS = {"name", "entity", "path", "options", "timezone", "where", "columns"}


def test_only_keys_of_the_contract() -> None:
    document = yaml.safe_load(CONFIG)
    assert set(document) == {"shop", "warehouse", "sources", "destinations"}
    for source in document["sources"]:
        assert set(source) <= _KEYS
        entity = ENTITIES[source["entity"]]
        mapped = source.get("columns", {})
        if not entity.has_attributes:
            assert set(mapped) <= set(entity.names)


def test_every_entity_has_a_source_and_every_file_just_one(
    shop: Path, truth: dict[str, Any]
) -> None:
    document = yaml.safe_load((shop / "siyu.yaml").read_text("utf-8"))
    assert {source["entity"] for source in document["sources"]} == set(ENTITIES)
    found = {
        path.relative_to(shop).as_posix(): source["name"]
        for source in document["sources"]
        for path in shop.glob(source["path"])
    }
    assert found == {entry["path"]: entry["source"] for entry in truth["files"]}


def test_paths_are_relative() -> None:
    document = yaml.safe_load(CONFIG)
    paths = [document["warehouse"], *(s["path"] for s in document["sources"])]
    assert not any(Path(path).is_absolute() for path in paths)
