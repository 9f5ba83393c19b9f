"""The dbt source `landing` says what ingest's contract says."""

from __future__ import annotations

from pathlib import Path

import yaml

from pipeline.config.contract import ENTITIES
from pipeline.storage.delivery_log import TOUCH_COLUMNS

ROOT = Path(__file__).resolve().parents[2]


def test_source_columns_are_those_of_the_contract() -> None:
    text = (ROOT / "models/staging/_landing.yml").read_text("utf8")
    (source,) = yaml.safe_load(text)["sources"]
    documented = {
        table["name"]: {c["name"]: c["data_type"] for c in table["columns"]}
        for table in source["tables"]
    }
    del documented["files"]
    assert documented.pop("deliveries") == TOUCH_COLUMNS
    contract = {
        name: {c: t.replace(" ", "") for c, t in entity.landed.items()}
        for name, entity in ENTITIES.items()
    }
    assert documented == contract
