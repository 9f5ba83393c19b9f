"""A hundred processes that read what is published, until they are told to stop.

    python reader_crowd.py WAREHOUSE SIGNS READERS

Each reads the database and the Parquet files again and again, and checks every answer
against what the same version says of itself. In the folder SIGNS each leaves a file
after each reading. All end when there is a file `stop` there; a reader with a problem
leaves it, too. Prints, as JSON, how many readings there were, the versions that were
seen, and what went wrong.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

_PAUSE = 1.0
# What a reader would look at; reading a column touches its data, not only its count.
_SUMS = {
    "fct_interactions": "count(*), count(distinct customer_id)",
    "fct_orders": "count(*), sum(net_amount)",
    "rfm_scores": "count(*), sum(monetary)",
    "dim_customer": "count(*), count(distinct customer_id)",
}


def read_database(warehouse: Path) -> tuple[str, str]:
    """Open the database as a BI tool does, and ask it twice."""
    with duckdb.connect(str(warehouse / "siyu.duckdb"), read_only=True) as connection:
        connection.execute("set threads = 1")
        first = _ask(connection, "marts.{}".format)
        time.sleep(0.01)
        assert _ask(connection, "marts.{}".format) == first, "the answer changed"
    return first


def read_files(warehouse: Path) -> tuple[str, str]:
    """Read the Parquet files of the version that is current when asked."""
    folder = os.path.realpath(warehouse / "marts")
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        return _ask(connection, partial(_files, Path(folder)))


def read_one_file(warehouse: Path) -> None:
    """Read a file by the name that never changes, with a program that opens it once.

    DuckDB and pandas open a file twice: they need the resolved folder, as above.
    """
    file = pq.ParquetFile(warehouse / "marts" / "customer_360.parquet")
    table = file.read(["customer_id"], use_threads=False)
    assert table.num_rows == file.metadata.num_rows > 0


def _files(folder: Path, table: str) -> str:
    """One file, or the folder of a table that is published by month."""
    file = folder / f"{table}.parquet"
    return f"read_parquet('{file if file.exists() else folder / table / '**'}')"


def _ask(
    connection: duckdb.DuckDBPyConnection, table: Callable[[str], str]
) -> tuple[str, str]:
    """The run and a digest of all answers; the counts must be those of the note."""
    noted = connection.execute(
        "select table_name, row_count, as_of_date, run_id, published_at from "
        + table("published")
    ).fetchall()
    assert len({(as_of, run, at) for _, _, as_of, run, at in noted}) == 1, noted
    rows = {name: count for name, count, *_ in noted}
    answers = []
    for name, sums in _SUMS.items():
        source = table(name)
        answer = connection.execute(f"select {sums} from {source}").fetchone()
        assert answer is not None
        assert answer[0] == rows[name], (name, answer, rows[name])
        answers.append(str(answer))
    scored = table("rfm_scores")
    days = connection.execute(f"select distinct as_of_date from {scored}").fetchall()
    assert days == [(noted[0][2],)], days
    return str(noted[0][4]), "; ".join(answers)


def read_on(warehouse: Path, signs: Path, results: SimpleQueue[Any]) -> None:
    """Read until the sign to stop, and put what was seen into ``results``."""
    os.nice(19)
    readings, seen, problems = 0, set(), []
    while not (signs / "stop").exists() and not problems:
        try:
            seen.add(read_database(warehouse))
            seen.add(read_files(warehouse))
            read_one_file(warehouse)
            readings += 3
        except Exception as error:  # every kind of failure is what this looks for
            problems.append(f"{type(error).__name__}: {error}")
            (signs / "stop").touch()
        (signs / str(os.getpid())).touch()
        time.sleep(_PAUSE)
    results.put((readings, sorted(seen), problems))


def main(warehouse: Path, signs: Path, readers: int) -> None:
    """Start the readers, wait for them, and print what they saw."""
    context = multiprocessing.get_context("fork")  # so that DuckDB is loaded once
    results: SimpleQueue[Any] = context.SimpleQueue()
    crowd = [
        context.Process(target=read_on, args=(warehouse, signs, results))
        for _ in range(readers)
    ]
    for reader in crowd:
        reader.start()
    seen = [results.get() for _ in crowd]
    for reader in crowd:
        reader.join()
    outcome = {
        "readings": sum(readings for readings, _, _ in seen),
        "least": min(readings for readings, _, _ in seen),
        "versions": sorted({v for _, versions, _ in seen for v in versions}),
        "problems": sorted({p for _, _, problems in seen for p in problems}),
    }
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
