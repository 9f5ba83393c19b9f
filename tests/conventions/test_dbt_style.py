"""What sqlfluff and dbt-bouncer cannot see of the dbt project's conventions."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml
from support.sql_models import refs_parsed, refs_written

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted((ROOT / "models").rglob("*.sql"))
MACROS = sorted((ROOT / "dbt_project/macros").glob("*.sql"))
SEEDS = sorted((ROOT / "seeds").glob("*.csv"))
PRESETS = sorted((ROOT / "presets").glob("*/*.csv"))

# Only one of the two engines knows these, or they read the clock or chance.
ONE_ENGINE = re.compile(
    r"\b(qualify|exclude|asof|struct_pack|list_aggregate|strftime|epoch|now\(|"
    r"current_date|current_timestamp|random\(|varchar|string_agg|array_agg|log\(|"
    r"date_diff|datediff|regexp_matches|generate_series|at time zone|ntile)\b|::",
)


def name(path: Path) -> str:
    """Name a parametrised case by its file."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_model_says_its_grain_first_and_selects_a_named_step_last(path: Path) -> None:
    lines = path.read_text("utf8").splitlines()
    assert lines[0].startswith("-- grain: "), lines[0]
    assert re.fullmatch(r"select \* from [a-z_]+", lines[-1]), lines[-1]


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_model_has_its_own_yml_and_nothing_else_in_it(path: Path) -> None:
    document = yaml.safe_load(path.with_suffix(".yml").read_text("utf8"))
    assert [model["name"] for model in document["models"]] == [path.stem]
    assert {t["model"] for t in document.get("unit_tests", [])} <= {path.stem}


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_model_refers_to_the_same_in_each_build(path: Path) -> None:
    """A reference in a branch for increments, which dbt refuses in the second build."""
    assert set(refs_written(path.stem)) <= set(refs_parsed(path.stem))


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_model_is_engine_neutral(path: Path) -> None:
    code = re.sub(r"--.*|{#.*?#}", "", path.read_text("utf8"))
    assert not ONE_ENGINE.findall(code)


@pytest.mark.parametrize("path", MACROS, ids=name)
def test_file_holds_one_macro_and_its_versions_per_engine(path: Path) -> None:
    macros = re.findall(r"{%-?\s*macro\s+(\w+)", path.read_text("utf8"))
    assert macros[0] == path.stem
    versions = {f"{engine}__{path.stem}" for engine in ("default", "duckdb", "spark")}
    assert set(macros[1:]) <= versions
    if macros[1:]:
        assert f"spark__{path.stem}" in macros


@pytest.mark.parametrize("path", SEEDS, ids=name)
def test_seed_is_typed_and_labelled_in_two_languages(path: Path) -> None:
    (seed,) = yaml.safe_load(path.with_suffix(".yml").read_text("utf8"))["seeds"]
    rows = list(csv.DictReader(path.open(encoding="utf8", newline="")))
    assert seed["name"] == path.stem
    assert list(seed["config"]["column_types"]) == list(rows[0])
    assert [column["name"] for column in seed["columns"]] == list(rows[0])
    assert all(row["label_en"] and row["label_zh"] for row in rows)


@pytest.mark.parametrize("path", PRESETS, ids=name)
def test_preset_has_the_columns_of_the_built_in_file(path: Path) -> None:
    header = path.read_text("utf8").splitlines()[0]
    built_in = (ROOT / "seeds" / path.name).read_text("utf8").splitlines()[0]
    assert header == built_in
    rows = list(csv.DictReader(path.open(encoding="utf8", newline="")))
    assert all(row["label_en"] and row["label_zh"] for row in rows)
    assert (path.parent / "README.md").exists()
