"""The Dagster UI in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dagster_server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 120_000  # milliseconds; the server of a busy machine is slow


def require_chromium() -> None:
    """Skip where there is no browser, but not on the machine that must have one."""
    if CHROMIUM.exists():
        return
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{CHROMIUM} must be there on CI")
    pytest.skip(f"there is no {CHROMIUM}")


@contextmanager
def browser_page(width: int = 1600, height: int = 1000) -> Iterator[Page]:
    """A page of a new browser."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(_PATIENCE)
        # Asked once in each browser, over whatever page is shown.
        page.add_locator_handler(
            page.get_by_text("Join the Dagster community"),
            lambda: page.get_by_role("button", name="Skip").click(),
        )
        yield page
        browser.close()


class Pages:
    """Addresses of a server's pages."""

    def __init__(self, server: Server) -> None:
        place = f"{server.repository}@{server.location}"
        self.lineage = f"{server.url}/asset-groups"
        self.job = f"{server.url}/locations/{place}/jobs/daily_refresh"
        self.schedule = (
            f"{server.url}/locations/{place}/schedules/daily_refresh_schedule"
        )
        self._url = server.url

    def run(self, run_id: str) -> str:
        """The page of a run."""
        return f"{self._url}/runs/{run_id}"

    def asset(self, key: str) -> str:
        """The page of an asset, given as ``marts/fct_orders``."""
        return f"{self._url}/assets/{key}?view=overview"

    def check(self, key: str, name: str) -> str:
        """The page of a check of an asset."""
        return f"{self._url}/assets/{key}?view=checks&checkDetail={name}"
