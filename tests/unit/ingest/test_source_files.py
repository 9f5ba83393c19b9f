"""Which files a source has, in which order, and what to say when there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shops import ORDER_HEADER, Shop

from pipeline.errors import SiyuError
from pipeline.ingest.source_files import find_files, natural_key


def names(shop: Shop) -> list[str]:
    settings = shop.settings
    return [file.name for file in find_files(settings, settings.sources[0])]


def test_natural_order() -> None:
    given = ["day-10", "day-9", "day-09b", "a2b10", "a2b9"]
    ordered = ["a2b9", "a2b10", "day-9", "day-09b", "day-10"]
    assert sorted(given, key=natural_key) == ordered


@given(st.lists(st.integers(0, 10**18), min_size=2, max_size=2))
def test_numbers_in_names_sort_as_numbers(pair: list[int]) -> None:
    keys = [natural_key(f"f{n}.csv") for n in pair]
    assert (keys[0] < keys[1]) == (pair[0] < pair[1])


def test_patterns_reach_into_folders(shop: Shop) -> None:
    shop.source(path="data/**/*.csv")
    for name in ("data/10/a.csv", "data/9/a.csv", "data/b.csv", "data/c.txt"):
        shop.write(name, "x")
    assert names(shop) == ["data/9/a.csv", "data/10/a.csv", "data/b.csv"]


def test_a_folder_may_be_named_like_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "shop [1]"
    folder.mkdir()
    shop = Shop(folder).source()
    shop.write("orders.csv", "x")
    assert names(shop) == ["orders.csv"]


def test_an_absolute_path(shop: Shop, tmp_path: Path) -> None:
    shop.write("far/orders.csv", "x")
    shop.source(path=str(tmp_path / "far" / "*.csv"))
    assert names(shop) == ["far/orders.csv"]


def test_a_missing_file_names_the_near_one(shop: Shop) -> None:
    shop.source(path="data/orders.csv").write("data/order.csv", "x")
    with pytest.raises(SiyuError, match=r"no file matches data/orders\.csv\. Did you"):
        shop.ingest()


def test_a_missing_folder_is_named(shop: Shop) -> None:
    shop.source(path="nowhere/orders.csv")
    with pytest.raises(SiyuError, match=r"There is no folder .*nowhere"):
        shop.ingest()


def test_an_unknown_kind_of_file(shop: Shop) -> None:
    shop.source(path="orders.dat").write("orders.dat", ORDER_HEADER)
    with pytest.raises(SiyuError, match=r"orders\.dat: unknown kind of file"):
        shop.ingest()
    shop.sources[0]["format"] = "csv"
    assert shop.problems() == []


def test_a_file_that_is_still_being_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file must not be loaded under the hash of the other half."""
    path = shop.source().write("orders.csv", ORDER_HEADER + "1,c,2024-01-01,5\n")
    from pipeline.ingest import load

    stage = load._write_stage

    def grow(*args: object) -> object:
        with path.open("a") as file:
            file.write("2,c,2024-01-01,5\n")
            os.fsync(file.fileno())
        return stage(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "_write_stage", grow)
    (problem,) = shop.problems()
    assert "orders.csv: is still being written" in problem
    assert shop.loads() == []
