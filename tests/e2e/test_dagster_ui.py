"""The Dagster UI in a real browser: graph, run, row count, failed check, schedule.

Pictures of what was seen are left in the folder of the test. Cost: a server and some
pages, half a minute on two idle cores; for what is long, 2 runs of a small shop more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from dagster_browser import Pages, browser_page, require_chromium
from dagster_server import Server, dagster_dev
from mart_rows import assert_whole_version, fingerprints
from playwright.sync_api import Page, expect
from small_shop import copy_shop

pytestmark = pytest.mark.browser
GROUPS = [
    "landing", "rules", "staging", "core", "labels", "audiences", "journeys",
    "measurement", "marts", "publish", "activation", "report", "history",
]  # fmt: skip
DAMAGED_ROWS = 3


@pytest.fixture(scope="module")
def config(small_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    require_chromium()
    folder = tmp_path_factory.mktemp("ui") / "shop"
    return copy_shop(small_shop, folder, with_warehouse=False)


@pytest.fixture(scope="module")
def server(config: Path) -> Iterator[Server]:
    with dagster_dev(config, config.parent.parent / "home") as running:
        yield running


@pytest.fixture(scope="module")
def pages(server: Server) -> Pages:
    return Pages(server)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser_page() as opened:
        yield opened


@pytest.fixture
def picture(page: Page, tmp_path: Path) -> Iterator[Path]:
    """A picture of what the page shows when the test ends, well or not."""
    file = tmp_path / "page.png"
    yield file
    page.screenshot(path=file)


@pytest.fixture(scope="module")
def refreshed(server: Server, pages: Pages, page: Page) -> str:
    """The run that was started with the button, after it has ended well."""
    known = set(server.runs())
    page.goto(pages.job)
    page.get_by_role("button", name="Materialize all").click()
    deadline = time.monotonic() + 120
    while not (new := set(server.runs()) - known) and time.monotonic() < deadline:
        time.sleep(0.5)
    (run_id,) = new
    assert server.wait_for(run_id) == "SUCCESS"
    return run_id


@pytest.fixture(scope="module")
def broken_off(config: Path, server: Server, refreshed: str) -> str:
    """A run after some rows of landing were damaged; it must have failed."""
    assert refreshed
    damage_members(config.parent / "warehouse")
    run_id = server.launch()
    assert server.wait_for(run_id) == "FAILURE"
    return run_id


def damage_members(warehouse: Path) -> None:
    """Put a blank before the channel of some landed members, as a faulty disk might.

    Members are read whole in every build; of orders only new loads are.
    """
    file = max((warehouse / "landing" / "members").glob("*.parquet"), key=size)
    with duckdb.connect() as connection:
        connection.execute(f"create table members as from '{file}' order by _row")
        connection.execute(
            "update members set channel = ' lost' where _row in "
            f"(select _row from members order by _row limit {DAMAGED_ROWS})"
        )
        connection.execute(f"copy members to '{file}' (format parquet)")


def size(file: Path) -> int:
    return file.stat().st_size


@pytest.mark.usefixtures("picture")
def test_lineage_shows_every_group(page: Page, pages: Pages) -> None:
    page.goto(pages.lineage)
    expect(page.get_by_text("Global asset lineage")).to_be_visible()
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True).first).to_be_visible()


@pytest.mark.long
@pytest.mark.usefixtures("picture")
def test_materialize_all_in_the_ui_publishes(
    page: Page, pages: Pages, refreshed: str, config: Path
) -> None:
    page.goto(pages.run(refreshed))
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    expect(page.get_by_text("RUN_SUCCESS").first).to_be_visible()
    assert assert_whole_version(config.parent / "warehouse")


@pytest.mark.long
@pytest.mark.usefixtures("picture", "refreshed")
def test_an_asset_shows_its_row_count(page: Page, pages: Pages, config: Path) -> None:
    rows, _ = fingerprints(config.parent / "warehouse" / "siyu.duckdb")["fct_orders"]
    page.goto(pages.asset("marts/fct_orders"))
    expect(page.get_by_text("Row count").first).to_be_visible()
    expect(page.get_by_text(f"{rows:,}", exact=True).first).to_be_visible()


@pytest.mark.long
@pytest.mark.usefixtures("picture", "broken_off")
def test_a_failed_check_says_what_is_wrong(page: Page, pages: Pages) -> None:
    page.goto(pages.check("landing/members", "keys_are_trimmed"))
    for text in ("Failed", "expected", "actual", "worst_offenders"):
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    expect(page.get_by_text(f"{DAMAGED_ROWS} exceptions in").first).to_be_visible()
    expect(page.get_by_text("channel", exact=True)).to_have_count(DAMAGED_ROWS)


@pytest.mark.long
@pytest.mark.usefixtures("broken_off")
def test_a_failed_check_leaves_the_published_marts_alone(
    server: Server, refreshed: str, config: Path
) -> None:
    published = config.parent / "warehouse" / "siyu.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        runs = connection.execute("select distinct run_id from marts.published")
        assert runs.fetchall() == [(refreshed,)]
    assert list(server.runs().values()) == ["FAILURE", "SUCCESS"]


@pytest.mark.usefixtures("picture")
def test_schedule_shows_its_hour_and_timezone(page: Page, pages: Pages) -> None:
    page.goto(pages.schedule)
    expect(page.get_by_text("daily_refresh_schedule").first).to_be_visible()
    expect(page.get_by_text("04:30", exact=False).first).to_be_visible()
    expect(page.get_by_text("Asia/Shanghai", exact=False).first).to_be_visible()
