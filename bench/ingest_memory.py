"""Measure what it takes to ingest one large csv: rows, seconds, peak resident memory.

    python bench/ingest_memory.py [--gigabytes 2] [--folder DIR]

The file holds order lines without a line number, some of them repeated, so that every
line is hashed and the repeats are counted: the most that ingest does with a row. It is
written by DuckDB, loaded into a new warehouse by a process of its own, and removed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

# A line of text has about this many bytes.
_BYTES_A_ROW = 81
_LINES_AN_ORDER = 4
_CONFIG = """\
shop: {name: large, timezone: Asia/Shanghai, currency: CNY}
sources:
  - name: tills
    entity: order_lines
    path: lines.csv
"""
_INGEST = """\
import json, resource, sys, time
from pathlib import Path

from pipeline.ingest import load
from pipeline.ingest.landing import register_landing
from pipeline.ingest.run import ingest_source
from pipeline.storage.load_log import LoadLog
from pipeline.config.settings import load_settings
from pipeline.storage.warehouse import Warehouse

load._MEMORY_LIMIT = sys.argv[2] or load._MEMORY_LIMIT
settings = load_settings(Path(sys.argv[1]))
warehouse = Warehouse(settings.warehouse)
started = time.monotonic()
with warehouse.lock("bench"):
    warehouse.sweep()
    load_log = LoadLog(warehouse.load_log)
    result = ingest_source(settings, warehouse, load_log, settings.sources[0])
    register_landing(settings, warehouse, load_log)
assert not result.problems, result.problems
# VmHWM: ru_maxrss would count the parent's memory as well, from before the exec.
status = Path("/proc/self/status").read_text()
peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps({
    "rows_read": result.loads[0].rows_read,
    "rows_accepted": result.loads[0].rows_accepted,
    "seconds": round(time.monotonic() - started, 1),
    "peak_mib": int(peak.split()[1]) // 1024,
}))
"""


def write_lines(file: Path, size: int) -> int:
    """Write about ``size`` bytes of order lines; return their number.

    One line in fifty is an exact repeat of another one in the file.
    """
    rows = size // _BYTES_A_ROW
    query = f"""
        select
            'POS-2024-' || lpad((j // {_LINES_AN_ORDER})::varchar, 10, '0')
                as order_id,
            'C' || lpad((hash(j // {_LINES_AN_ORDER}) % 900000)::varchar, 8, '0')
                as customer_id,
            timestamp '2024-01-01' + to_seconds(j // {_LINES_AN_ORDER}) as ordered_at,
            'SKU' || lpad((hash(j) % 5000)::varchar, 5, '0') as product_id,
            1 + hash(j, 1) % 3 as quantity,
            (hash(j, 2) % 50000 / 100)::decimal(9, 2) as unit_price,
            'completed' as status
        from (select i, i - (i % 50) // 49 as j from range({rows}) as t (i))
    """
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1GB'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"copy ({query}) to '{file}' (format csv, header true)")
    return rows


def measure(folder: Path, size: int, limit: str = "") -> dict[str, float]:
    """Write a file of ``size`` bytes, ingest it, and say what it took.

    ``limit`` is DuckDB's memory limit, where it is not to be the pipeline's own.
    """
    lines, config = folder / "lines.csv", folder / "siyu.yaml"
    rows = write_lines(lines, size)
    config.write_text(_CONFIG, encoding="utf-8")
    script = [sys.executable, "-c", _INGEST, str(config), limit]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {"megabytes": lines.stat().st_size // 2**20, "rows_written": rows, **found}


def main() -> None:
    """Read the arguments, measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--limit", default="", help="DuckDB's memory limit meanwhile")
    parser.add_argument("--folder", type=Path, help="where to put the files meanwhile")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = measure(Path(folder), int(options.gigabytes * 2**30), options.limit)
    figures["total_seconds"] = round(time.monotonic() - started, 1)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
