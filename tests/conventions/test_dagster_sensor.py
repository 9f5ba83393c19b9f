"""When the sensor on new files asks for a run, and when it waits."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from pipeline.config.settings import Settings, load_settings
from pipeline.ingest.run import ingest_source
from pipeline.ingest.source_files import content_hash, find_files
from pipeline.orchestration.jobs import daily_refresh
from pipeline.orchestration.sensors import new_files_sensor
from pipeline.storage.load_log import LoadLog
from pipeline.storage.warehouse import Warehouse

CONFIG = """\
shop: {name: tiny, timezone: Asia/Shanghai, currency: CNY}
sources:
  - {name: orders, entity: orders, path: "data/*.csv"}
"""
HEADER = "order_id,customer_id,ordered_at,amount\n"
ROW = "{},C1,2025-03-01 10:00:00,12.50\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "siyu.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return load_settings(tmp_path / "siyu.yaml")


def write(settings: Settings, name: str, *orders: str) -> None:
    text = HEADER + "".join(map(ROW.format, orders))
    (settings.folder / "data" / name).write_text(text, encoding="utf-8")


def load(settings: Settings) -> None:
    """Do what a run does with new files."""
    warehouse = Warehouse(settings.warehouse)
    warehouse.prepare()
    ingest_source(settings, warehouse, LoadLog(warehouse.load_log), settings.sources[0])


class Ticks:
    """The sensor as Dagster's daemon calls it: with the cursor of the last time."""

    def __init__(self, settings: Settings) -> None:
        self.sensor = new_files_sensor(settings, daily_refresh())
        self.cursor: str | None = None

    def tick(self) -> list[str | None]:
        """The keys of the runs that it asks for."""
        outcome = self.sensor(dg.build_sensor_context(cursor=self.cursor))
        if isinstance(outcome, dg.SkipReason):
            return []
        assert isinstance(outcome, dg.SensorResult)
        self.cursor = outcome.cursor
        return [request.run_key for request in outcome.run_requests or []]


def test_without_files_it_skips(settings: Settings) -> None:
    ticks = Ticks(settings)
    assert [ticks.tick(), ticks.tick()] == [[], []]


def test_new_files_are_asked_for_once_they_have_settled(settings: Settings) -> None:
    ticks = Ticks(settings)
    write(settings, "a.csv", "1")
    assert ticks.tick() == []
    assert len(ticks.tick()) == 1


def test_a_file_that_still_grows_is_waited_for(settings: Settings) -> None:
    ticks = Ticks(settings)
    for orders in (["1"], ["1", "2"], ["1", "2", "3"]):
        write(settings, "a.csv", *orders)
        assert ticks.tick() == []
    assert len(ticks.tick()) == 1


def test_the_same_files_have_the_same_run_key(settings: Settings) -> None:
    ticks = Ticks(settings)
    write(settings, "a.csv", "1")
    ticks.tick()
    # Dagster starts one run for a key, however often it is asked for.
    assert ticks.tick() == ticks.tick()


def test_another_file_has_another_run_key(settings: Settings) -> None:
    ticks = Ticks(settings)
    write(settings, "a.csv", "1")
    ticks.tick()
    first = ticks.tick()
    write(settings, "b.csv", "2")
    assert ticks.tick() == []
    assert ticks.tick() not in ([], first)


def test_loaded_files_are_not_asked_for_again(settings: Settings) -> None:
    ticks = Ticks(settings)
    write(settings, "a.csv", "1")
    load(settings)
    assert [ticks.tick(), ticks.tick()] == [[], []]


def test_a_refused_file_has_the_run_key_that_it_had(settings: Settings) -> None:
    ticks = Ticks(settings)
    broken = settings.folder / "data" / "a.csv"
    broken.write_text("no,such,columns\n1,2,3\n", encoding="utf-8")
    ticks.tick()
    first = ticks.tick()
    load(settings)
    assert {*ticks.tick(), *ticks.tick()} <= set(first)


def test_a_file_of_an_interrupted_load_is_still_new(settings: Settings) -> None:
    ticks = Ticks(settings)
    write(settings, "a.csv", "1")
    warehouse = Warehouse(settings.warehouse)
    warehouse.prepare()
    (file,) = find_files(settings, settings.sources[0])
    content_hash(file, LoadLog(warehouse.load_log))  # and then the run was killed
    ticks.tick()
    assert len(ticks.tick()) == 1
