"""A demo shop small enough to be run many times."""

from __future__ import annotations

import shutil
from pathlib import Path

from siyu_command import siyu

CUSTOMERS = 500
# Few files: each has a cost of its own, and months differ only in their rows.
KEPT_MONTHS = ("2025-03", "2025-04", "2025-05", "2025-06")


def write_small_shop(folder: Path) -> Path:
    """Write the demo shop with the last months of its files; return its siyu.yaml."""
    done = siyu("demo", "--customers", str(CUSTOMERS), "--out", folder)
    assert done.returncode == 0, done.stderr
    for file in (folder / "data").rglob("*_20??-??*"):
        if not any(month in file.name for month in KEPT_MONTHS):
            file.unlink()
    return folder / "siyu.yaml"


def copy_shop(
    shop: Path,
    folder: Path,
    *,
    with_warehouse: bool = True,
    with_destinations: bool = True,
) -> Path:
    """Copy a shop, links as links; return the copy's siyu.yaml.

    What an earlier run gives to a destination is a contact for the later ones: without
    destinations the marts depend on the files alone.
    """
    left_out = () if with_warehouse else ("warehouse",)
    shutil.copytree(
        shop, folder, symlinks=True, ignore=shutil.ignore_patterns(*left_out)
    )
    config = folder / "siyu.yaml"
    if not with_destinations:
        text = config.read_text("utf-8").partition("\ndestinations:")[0]
        config.write_text(f"{text}\n", encoding="utf-8")
    return config
