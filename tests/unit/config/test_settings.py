"""`siyu.yaml`: what is wrong is named with its file, line and key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.config.settings import Settings, config_path, load_settings
from pipeline.errors import SiyuError

GOOD = """\
shop: {name: s}
sources:
  - name: orders
    entity: orders
    path: orders.csv
    columns:
      order_id: id
      ordered_at: day
      amount: 1
"""


def load(tmp_path: Path, text: str | bytes, **keys: Path) -> Settings:
    path = tmp_path / "siyu.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_settings(path, **keys)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    settings = load(tmp_path, GOOD + "rules: mine\nwarehouse: ../w\n")
    assert settings.warehouse == tmp_path.parent / "w"
    assert settings.rules == tmp_path / "mine"
    assert settings.folder == tmp_path


def test_the_warehouse_can_be_overridden(tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert load(tmp_path, GOOD, warehouse=other).warehouse == other


def test_scalars_stand_for_expressions(tmp_path: Path) -> None:
    columns = load(tmp_path, GOOD).sources[0].columns
    assert columns is not None
    assert columns["amount"] == "1"


def test_a_tab_can_be_written_in_three_ways(tmp_path: Path) -> None:
    for written in ('"\\t"', "tab", "'\\t'"):
        text = GOOD + f"    options: {{delimiter: {written}}}\n"
        assert load(tmp_path, text).sources[0].options.delimiter == "\t"


SOURCE = "    "


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("shop: {name: s}", "shop: {nam: s}", 1, "unknown key. Did you mean 'name'?"),
        ("shop: {name: s}", "shop: {name: ''}", 1, "shop.name:"),
        ("shop: {name: s}", "shop: {name: s, timezone: Asia/Shangai}", 1, "Asia/Shang"),
        ("shop: {name: s}", "shop: {name: s, currency: yuan}", 1, "shop.currency:"),
        ("shop: {name: s}", "shop: {name: s}\nwarehose: x", 2, "'warehouse'?"),
        ("shop: {name: s}", "shop: {name: s}\nschedule: 4 am", 2, "is not a cron line"),
        ("shop: {name: s}", "shop: {name: s}\nschedule: 0 25 * * *", 2, "cron line"),
        ("shop: {name: s}", "shop: {name: s}\nmemory_limit: much", 2, "memory_limit:"),
        ("shop: {name: s}", "shop: {name: s}\nmax_bad_share: 5", 2, "max_bad_share:"),
        ("shop: {name: s}", "shop: {name: s}\nvars: {rfm_window: 3}", 2, "_days'?"),
        ("shop: {name: s}", "shop: {name: s}\nvars: {rfm_window_days: x}", 2, "number"),
        ("shop: {name: s}", "shop: {name: s}\nvars: {rfm_window_days: 0}", 2, "number"),
        ("shop: {name: s}", "shop: {name: s}\nvars: {ledger_days: 1}", 2, "from 2 to"),
        ("shop: {name: s}", "shop: {name: s}\nvars: {rfm_class_mode: x}", 2, "or raw"),
        (
            "shop: {name: s}",
            "shop: {name: s}\nvars: {outcome_window_days: 0}",
            2,
            "from 1 to 1000",
        ),
        (
            "shop: {name: s}",
            "shop: {name: s}\ntime_bounds: [2020-01-01, 2010-01-01]",
            2,
            "is after the last",
        ),
        ("name: orders", "name: 1st", 3, "sources[0].name:"),
        ("entity: orders", "entity: order", 4, "Did you mean 'orders'?"),
        ("path: orders.csv", "pth: orders.csv", 5, "Did you mean 'path'?"),
        ("path: orders.csv", "path: o.csv\n    format: cvs", 6, "sources[0].format:"),
        (
            "path: orders.csv",
            "path: o.csv\n    options: {skip: -1}",
            6,
            "options.skip:",
        ),
        ("path: orders.csv", "path: o.csv\n    options: {quot: x}", 6, "'quote'?"),
        ("path: orders.csv", "path: o.csv\n    options: {encoding: gbx}", 6, "gb18030"),
        ("path: orders.csv", "path: o.csv\n    options: {quote: '##'}", 6, "one char"),
        ("path: orders.csv", 'path: o.csv\n    options: {quote: "\\n"}', 6, "one char"),
        (
            "path: orders.csv",
            "path: o.csv\n    options: {delimiter: '\"'}",
            6,
            "differ",
        ),
        ("path: orders.csv", "path: o.csv\n    namespace: a b", 6, "namespace:"),
        ("      amount: 1\n", "", 3, "orders also need amount"),
        ("amount: 1", "amount: 1\n      amont: 2", 3, "Did you mean 'amount'?"),
        ("amount: 1", "amount: ''", 9, "columns.amount:"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(SiyuError) as error:
        load(tmp_path, GOOD.replace(old, new, 1))
    place = f"{tmp_path / 'siyu.yaml'}, line {line}: "
    messages = str(error.value).splitlines()
    assert any(m.startswith(place) and says in m for m in messages), messages


@pytest.mark.parametrize(
    "schedule", ["30 4 * * *", "*/5 0-6,22 1 1 0", "0 4 * * MON-FRI"]
)
def test_cron_lines(tmp_path: Path, schedule: str) -> None:
    assert load(tmp_path, GOOD + f"schedule: '{schedule}'\n").schedule == schedule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "shop: {name: t}\n", "line 10: 'shop' is given twice"),
        (GOOD.replace("amount: 1", "order_id: x"), "line 9: 'order_id' is given twice"),
        (GOOD + "x: [1\n", "line 11: not valid YAML"),
        (GOOD + "\tx: 1\n", "not valid YAML"),
        (
            GOOD + "time_bounds: [2024-02-30, 2025-01-01]\n",
            "not valid YAML: day is out",
        ),
        ("", "expected keys such as shop:"),
        ("- a\n", "expected keys such as shop:"),
        ("shop: {name: s}\n", "line 1: sources: is missing"),
        (GOOD + GOOD.split("sources:\n")[1], "two sources are named 'orders'"),
        (GOOD + "rules: nowhere\n", "rules: there is no folder nowhere"),
        (b"shop: {name: \xff}\n", "cannot be read"),
    ],
)
def test_documents_that_cannot_be_used(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(SiyuError) as error:
        load(tmp_path, text)
    assert says in str(error.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SiyuError) as error:
        load(tmp_path, GOOD.replace("name: s", "nam: s").replace("path:", "pat:"))
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("{customer_id: a, Gender: b}", "'Gender' must be 'gender'"),
        ("{customer_id: a, Skin: b, skin: c}", "differ only in case"),
        ("{customer_id: a, 'skin type': b}", "'skin type' is not an attribute name"),
        ("{gender: b}", "members also need customer_id"),
    ],
)
def test_attributes_of_members(tmp_path: Path, columns: str, says: str) -> None:
    """Names that differ in case would be one column: one value would be lost."""
    source = f"  - {{name: m, entity: members, path: m.csv, columns: {columns}}}\n"
    with pytest.raises(SiyuError, match=says):
        load(tmp_path, "shop: {name: s}\nsources:\n" + source)


def test_no_configuration_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SiyuError, match="`siyu init DIR` starts one"):
        load_settings(tmp_path / "siyu.yaml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(SiyuError, match="cannot be read"):
        load_settings(tmp_path)


def test_the_environment_names_the_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(os.environ, "SIYU_CONFIG", "a/b.yaml")
    assert config_path() == Path("a/b.yaml")
    assert config_path(Path("c.yaml")) == Path("c.yaml")
