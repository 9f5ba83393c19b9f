"""Bad input through the real command: one clear message, nothing lost, marts unharmed.

One full run (about 30 s on two idle cores), and some that stop before the build (5 s).
"""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from siyu_command import siyu
from support.shops import ORDER_HEADER, Shop


def rows(first: int, count: int) -> str:
    """Good rows of orders, a day each."""
    return "".join(
        f"{n},c{n % 7},2024-{n % 12 + 1:02}-05 10:00:00,{n % 50 + 1}.50\n"
        for n in range(first, first + count)
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that has published, from files of which each has one bad row, or none."""
    shop = Shop(tmp_path_factory.mktemp("shop") / "shop").source(path="data/*.csv")
    shop.folder.mkdir()
    good = ORDER_HEADER + rows(100, 40)
    shop.write("data/1_truncated.csv", good + "140,c1,2024-0")
    shop.write("data/2_bytes.csv", good.encode() + b"141,\xd5\xc5,2024-01-01,5\n")
    shop.write("data/3_text.csv", good + "142,c1,2024-01-01,twelve\n")
    shop.write("data/4_date.csv", good + "143,c1,2024-02-30,5\n")
    shop.write(
        "data/5_quote.csv", ORDER_HEADER + '144,"c1,2024-01-01,5\n' + rows(1, 40)
    )
    shop.write("data/6_header.csv", ORDER_HEADER)
    done = siyu("run", "--config", shop.config)
    assert done.returncode == 0, done.stdout + done.stderr
    return shop


@pytest.fixture
def shop(published: Shop, tmp_path: Path) -> Shop:
    """A copy of the published shop to spoil."""
    folder = tmp_path / "shop"
    shutil.copytree(published.folder, folder, symlinks=True)
    return Shop(folder, [dict(source) for source in published.sources])


def marts(shop: Shop) -> dict[str, Any]:
    """Everything that readers see."""
    root = shop.folder / "warehouse"
    files = sorted(path.name for path in (root / "marts").iterdir())
    with duckdb.connect(str(root / "siyu.duckdb"), read_only=True) as connection:
        tables = connection.execute("from marts.published order by all").fetchall()
        orders = connection.execute("from marts.fct_orders order by all").fetchall()
    return {"files": files, "tables": tables, "orders": orders}


def failed(shop: Shop, *arguments: str) -> str:
    """Run the shop, which must fail with a message and leave the marts; return it."""
    before = marts(shop)
    done = siyu("run", "--config", shop.config, *arguments)
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "Traceback" not in output
    assert done.stderr.count("error ") >= 1
    assert marts(shop) == before
    # Progress lines come first.
    return done.stderr.partition("error ")[2]


def test_bad_rows_are_in_quarantine_and_nothing_is_lost(published: Shop) -> None:
    assert published.quarantined("file, row, reasons") == [
        ("data/1_truncated.csv", 41, "too few fields: 3, expected 4"),
        ("data/2_bytes.csv", 41, "bytes that are not valid utf-8"),
        ("data/3_text.csv", 41, "amount: 'twelve' is not an amount of money"),
        (
            "data/4_date.csv",
            41,
            "ordered_at: '2024-02-30' is not a time (YYYY-MM-DD HH:MM:SS, ISO 8601, or "
            "epoch seconds or milliseconds)",
        ),
        ("data/5_quote.csv", 1, "a quote is opened but not closed"),
    ]
    counts = [
        (x.rows_read, x.rows_accepted, x.rows_quarantined) for x in published.loads()
    ]
    assert sorted(counts) == [(0, 0, 0)] + [(41, 40, 1)] * 5
    assert len(marts(published)["orders"]) == 80


def test_files_that_are_refused_are_all_named(shop: Shop) -> None:
    """Each with its own message in one run; what is good still loads."""
    good = ORDER_HEADER + rows(200, 30)
    shop.write("data/b_empty.csv", "")
    shop.write("data/c_delimiter.csv", good.replace(",", "^"))
    shop.write("data/d_renamed.csv", good.replace("paid", "payed", 1))
    shop.write("data/e_encoding.csv", good.replace("c1", "张").encode("gb18030"))
    text = good.replace(".50\n", " yuan\n", 3)
    shop.write("data/f_text.csv", text)
    shop.write("data/g_dates.csv", good.replace("-05 10:00:00", "-31 25:00:00"))
    shop.write("data/h_good.csv", ORDER_HEADER + rows(300, 5))
    whole = gzip.compress(good.encode())
    shop.write("data/late.csv.gz", whole[: len(whole) // 2])
    columns = {**shop.sources[0]["columns"], "amount": "amuont * 2"}
    shop.source(name="expression", path="data/h_good.csv", columns=columns)
    shop.source(name="packed", path="data/*.gz")
    message = failed(shop)
    for said in (
        "data/b_empty.csv: the file is empty (0 bytes, no header)",
        "data/c_delimiter.csv: amount: the file has no column 'amount'",
        "data/d_renamed.csv: ordered_at: the file has no column 'paid'. "
        "Did you mean 'payed'?",
        "bytes that are not valid utf-8",
        "data/f_text.csv: 3 of 30 rows are bad (10.0%), more than the 5% allowed",
        "row 1: amount: '1 yuan' is not an amount of money",
        "data/g_dates.csv: 30 of 30 rows are bad",
        "source 'expression': data/h_good.csv: amount: the file has no column "
        "'amuont'. Did you mean 'amount'?",
        "data/late.csv.gz: the compressed data is truncated or damaged",
    ):
        assert said in message, message
    assert sum(load.rows_read for load in shop.loads()) == 5 * 41 + 5


def test_a_missing_file(shop: Shop) -> None:
    shop.source(name="new", path="data/1_trunkated.csv")
    expected = "source 'new': no file matches data/1_trunkated.csv. Did you mean"
    assert expected in failed(shop)


def test_a_broken_rule_file(shop: Shop) -> None:
    shop.keys["rules"] = "rules"
    shop.write("rules/rfm_classes.csv", "rfm_class,name\nHHX,best\n")
    message = failed(shop)
    assert (
        f"{shop.folder / 'rules/rfm_classes.csv'}: row 1: rfm_class: 'HHX'" in message
    )


def test_an_unknown_key(shop: Shop) -> None:
    shop.sources[0]["colums"] = {}
    assert "sources[0].colums: unknown key. Did you mean 'columns'?" in failed(shop)


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """Mount something over a folder; skip the test where that is not allowed."""
    done = subprocess.run(
        ["mount", *arguments, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")
def test_a_read_only_warehouse(shop: Shop) -> None:
    shop.write("data/new.csv", ORDER_HEADER + rows(400, 3))
    root = shop.folder / "warehouse"
    with (
        mounted(root, "--bind", str(root)),
        mounted(root, "--bind", "-o", "ro", str(root)),
    ):
        message = failed(shop)
        status = siyu("status", "--config", shop.config)
    assert f"the warehouse {root} cannot be written to: Read-only file" in message
    assert "--warehouse" in message
    assert status.returncode == 0, status.stderr
    assert "as of 2024" in status.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")
def test_a_full_disk(shop: Shop) -> None:
    """Ingest finds no room for a file of many different rows."""
    root = shop.folder / "warehouse"
    kept = shop.folder / "kept"
    root.rename(kept)
    root.mkdir()
    used = sum(f.stat().st_size for f in kept.rglob("*") if not f.is_symlink())
    chance = random.Random(1)
    lines = (f"{n},{chance.getrandbits(200):x},2024-01-05,1\n" for n in range(150_000))
    shop.write("data/big.csv", ORDER_HEADER + "".join(lines))
    size = f"size={used // 1024 + 2_500}k"
    with mounted(root, "-t", "tmpfs", "-o", size, "tmpfs"):
        shutil.copytree(kept, root, symlinks=True, dirs_exist_ok=True)
        message = failed(shop)
        assert "the disk is full" in message
        assert len(shop.loads()) == 6
        subprocess.run(["mount", "-o", "remount,size=200m", str(root)], check=True)
        # With room again the next run goes on.
        assert shop.problems() == []
        assert len(shop.loads()) == 7


_HOLDER = """
import sys
from pathlib import Path
from pipeline.storage.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).lock("siyu run"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_runs_at_once(shop: Shop) -> None:
    shop.write("data/new.csv", ORDER_HEADER + rows(400, 3))
    root = shop.folder / "warehouse"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        message = failed(shop)
        holder.communicate("")
    assert (
        f"the warehouse {root} is in use by `siyu run` (process {holder.pid}" in message
    )
    assert "wait for that run to end" in message
