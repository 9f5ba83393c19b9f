"""The commands as a user types them: help, documentation, mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.shops import ORDER_HEADER, Shop
from typer.main import get_command
from typer.testing import CliRunner

from pipeline import __version__
from pipeline.cli import app, err, out
from pipeline.config.project import PROJECT_DIR

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
GOOD = ORDER_HEADER + "1,c,2024-01-01,5\n"


@pytest.fixture
def siyu(monkeypatch: pytest.MonkeyPatch) -> object:
    """Run a command; the consoles write to wherever the runner looks."""
    runner = CliRunner()

    def invoke(*arguments: object) -> tuple[int, str]:
        import sys

        class Current:
            """The stream of the moment: the consoles were made before."""

            def write(self, text: str) -> int:
                return sys.stdout.write(text)

            def flush(self) -> None:
                sys.stdout.flush()

        for console in (out, err):
            monkeypatch.setattr(console, "_file", Current())
            monkeypatch.setattr(console, "_width", 200)
        result = runner.invoke(app, [str(argument) for argument in arguments])
        unexpected = result.exception
        assert unexpected is None or isinstance(unexpected, SystemExit), unexpected
        return result.exit_code, result.output

    return invoke


def test_there_are_the_commands_of_the_contract() -> None:
    assert {"run", "demo", "init", "validate", "status", "explain"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    assert command.help
    for option in command.params:
        if option.param_type_name == "option":
            assert option.help, option.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    text = (PROJECT_DIR / "README.md").read_text("utf-8")
    assert re.search(rf"\bsiyu {name}\b", text)


def test_version(siyu) -> None:
    assert siyu("--version") == (0, __version__ + "\n")


def test_init_starts_a_configuration_once(siyu, tmp_path: Path) -> None:
    target = tmp_path / "shop [a]"
    code, output = siyu("init", target, "--preset", "travel")
    assert code == 0
    assert f"wrote {target / 'siyu.yaml'}" in output
    assert (target / "data").is_dir()
    assert (target / "rules" / "rfm_segments.csv").is_file()
    before = (target / "siyu.yaml").read_text()
    code, output = siyu("init", target)
    assert code == 1
    assert "siyu.yaml exists already; nothing was changed" in output
    assert (target / "siyu.yaml").read_text() == before


def test_init_knows_its_presets(siyu, tmp_path: Path) -> None:
    code, output = siyu("init", tmp_path / "x", "--preset", "retail")
    assert code == 1
    assert "unknown preset 'retail'; choose one of finance, travel" in output
    assert not (tmp_path / "x").exists()


def test_init_where_a_file_is(siyu, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    code, output = siyu("init", tmp_path / "x")
    assert code == 1
    assert "Traceback" not in output
    assert str(tmp_path / "x") in output


def test_the_configuration_that_init_writes_is_valid_but_for_its_data(
    siyu, tmp_path: Path
) -> None:
    siyu("init", tmp_path)
    code, output = siyu("validate", "--config", tmp_path / "siyu.yaml")
    assert code == 1
    assert "no file matches data/orders*.csv" in output


def test_validate_shows_how_the_first_rows_map(siyu, shop: Shop) -> None:
    shop.source(columns={**shop.source().sources.pop()["columns"], "channel": "'[/b]'"})
    shop.write(
        "orders.csv", GOOD + "2,[/red],2024-01-02,x\n" + "3,[bold],2024-01-03,1\n"
    )
    code, output = siyu("validate", "--config", shop.config)
    assert code == 0
    assert "2 accepted, 0 filtered, 1 rejected" in output
    assert "row 2: amount: 'x' is not an amount of money" in output
    # What looks like markup is data.
    assert "[/b]" in output
    assert "[bold]" in output
    assert not shop.warehouse.root.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"path": "empty.csv"}, "empty.csv: the file is empty"),
        ({"where": "ido = 1"}, "no column 'ido'. Did you mean 'id'?"),
        ({"where": "now() > 1"}, "where: must not use now()"),
        ({"where": "id = "}, "where: not a SQL expression"),
        ({"path": "order.csv"}, "no file matches order.csv. Did you mean 'orders.csv'"),
        ({"format": "parquet"}, "not a readable Parquet file"),
        ({"format": "jsonl"}, "no line of the file is a JSON object"),
    ],
)
def test_validate_says_what_is_wrong(
    siyu, shop: Shop, change: dict[str, str], says: str
) -> None:
    shop.source(**change).write("orders.csv", GOOD)
    shop.write("empty.csv", "")
    code, output = siyu("validate", "--config", shop.config)
    assert code == 1
    assert says in output
    assert "nothing was loaded" in output


def test_validate_reads_damaged_text_carefully(siyu, shop: Shop) -> None:
    shop.source().write("orders.csv", GOOD + '2,"c,2024-01-02,5\n')
    code, output = siyu("validate", "--config", shop.config)
    assert code == 0
    assert "row 2: a quote is opened but not closed" in output


def test_validate_checks_the_rules(siyu, shop: Shop) -> None:
    shop.source().write("orders.csv", GOOD)
    shop.keys["rules"] = "rules"
    shop.write("rules/rfm_classes.csv", "rfm_class\n")
    code, output = siyu("validate", "--config", shop.config)
    assert code == 1
    assert "rfm_classes.csv: has no rows" in output


def test_status_before_the_first_run(siyu, shop: Shop) -> None:
    config = shop.source().config
    code, output = siyu("status", "--config", config)
    assert code == 0
    assert "no run yet. Start one with `siyu run`" in output
    assert not shop.warehouse.root.exists()


def test_status_shows_counts_and_failed_runs(siyu, shop: Shop) -> None:
    shop.source(max_bad_share=1).write("orders.csv", GOOD + "2,c,never,5\n")
    shop.ingest()
    shop.load_log.start_run("r")
    shop.load_log.finish_run("r", "failed", "data/[/x].csv: is broken")
    code, output = siyu("status", "--config", shop.config)
    assert code == 0
    assert "nothing yet" in output
    assert re.search(r"orders +orders +2024-01-01 +1 +1 +1 +0", output)
    assert "data/[/x].csv: is broken" in output


def test_explain_before_the_first_publish(siyu, shop: Shop) -> None:
    code, output = siyu("explain", "c1", "--config", shop.source().config)
    assert code == 1
    assert "nothing has been published yet; run `siyu run` first" in output


def test_forget_asks_first(siyu, shop: Shop) -> None:
    shop.source().write("orders.csv", GOOD)
    shop.ingest()
    code, output = siyu("forget", "c", "--config", shop.config)
    assert code == 1
    assert f"Erase c from {shop.warehouse.root} for good?" in output
    assert shop.loads()[0].rows_accepted == 1


def test_forget_says_what_was_removed_and_what_is_left_to_do(siyu, shop: Shop) -> None:
    shop.source().write("orders.csv", GOOD)
    shop.ingest()
    code, output = siyu("forget", "c", "--yes", "--config", shop.config)
    assert code == 0, output
    assert "c is forgotten" in output
    assert re.search(r"landing/orders +1\n", output)
    assert re.search(r"You must clean these yourself:\n +orders.csv \(1 rows\)", output)
    code, output = siyu("forget", "d", "--yes", "--config", shop.config)
    assert code == 1
    assert "customer 'd' is unknown" in output


def test_no_configuration(
    siyu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIYU_CONFIG", raising=False)
    for command in (["status"], ["validate"], ["explain", "c"], ["run"]):
        code, output = siyu(*command)
        assert code == 1
        assert "`siyu init DIR` starts one" in output


def test_a_day_that_is_none(siyu) -> None:
    code, output = siyu("run", "--as-of", "2025-02-30")
    assert code == 2
    assert "'2025-02-30' is not a day written YYYY-MM-DD" in output


def test_demo_does_not_overwrite_a_folder_of_something_else(
    siyu, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("x")
    code, output = siyu("demo", "--customers", 100, "--out", tmp_path)
    assert code == 1
    assert "is not empty and does not hold a demo; choose another --out" in output
