"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pipeline.cli import app
from pipeline.config.project import PROJECT_DIR
from pipeline.transform.dictionary import DICTIONARY, data_dictionary

READMES = ("README.md", "README.zh-CN.md")


def _read(name: str) -> str:
    return (PROJECT_DIR / name).read_text(encoding="utf-8")


def test_the_data_dictionary_is_up_to_date() -> None:
    """A column whose meaning changed, and whose documentation did not."""
    made = data_dictionary(PROJECT_DIR / "target" / "manifest.json")
    assert DICTIONARY.read_text(encoding="utf-8") == made, "run `make docs`"


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    """A file that was renamed under a link to it."""
    targets = re.findall(r"\]\(([^)#]+)\)", _read(name))
    missing = [
        target
        for target in targets
        if not target.startswith("http") and not (PROJECT_DIR / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("name", READMES)
def test_commands_of_the_readme_exist(name: str) -> None:
    """A command in the README that the program does not know."""
    known = {command.callback.__name__ for command in app.registered_commands}
    used = set(re.findall(r"siyu (run|[a-z]+) (?:--|[a-zA-Z])", _read(name)))
    assert used
    assert used <= known


@pytest.mark.parametrize("name", READMES)
def test_make_targets_of_the_readme_exist(name: str) -> None:
    """A target in the README that the Makefile does not have."""
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), flags=re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)\b", _read(name))) <= targets


def test_both_readmes_show_the_same_commands() -> None:
    """A translation that was left behind."""
    first, second = (
        [
            [line.split("#")[0].strip() for line in block.splitlines()]
            for block in re.findall(r"```sh\n(.*?)```", _read(name), flags=re.DOTALL)
        ]
        for name in READMES
    )
    assert [[x for x in b if x] for b in first] == [[x for x in b if x] for b in second]


def test_every_mart_is_in_the_readme() -> None:
    """A mart that nobody can find."""
    marts = {path.stem for path in Path(PROJECT_DIR / "models/marts").rglob("*.sql")}
    for name in READMES:
        listed = set(re.findall(r"^\| `(\w+)` \|", _read(name), flags=re.MULTILINE))
        assert marts <= listed, name


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    """`siyu init` that writes a file which `siyu validate` refuses."""
    from pipeline.config.settings import load_settings
    from pipeline.config.starter import start

    start(tmp_path)
    settings = load_settings(tmp_path / "siyu.yaml")
    assert [source.name for source in settings.sources] == ["orders"]
    assert yaml.safe_load(_read("siyu.example.yaml"))["shop"]["currency"] == "CNY"
