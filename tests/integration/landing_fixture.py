"""A small warehouse for tests: literal rows as landing Parquet, and dbt upon it.

Rows that ingest would have rejected can be written too; nothing is checked here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.storage.delivery_log import TOUCH_COLUMNS
from pipeline.storage.quoting import no_rows

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "load_id": "varchar",
    "source": "varchar",
    "entity": "varchar",
    "file_name": "varchar",
    "file_order": "varchar",
    "rows_accepted": "bigint",
    "is_built": "boolean",
}
Row = Mapping[str, object]


class Landing:
    """A warehouse folder with landing files, and the dbt build over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "build.duckdb"
        self._files: list[Row] = []
        for entity in ENTITIES:
            (folder / "landing" / entity).mkdir(parents=True)
            self._write(entity, "empty", [])

    def load(self, entity: str, rows: Sequence[Row], *, file: str = "a.csv") -> str:
        """Write the rows as one load of ``entity`` and return its load_id.

        ``_row`` is numbered from 1 where a row does not give it; other columns that are
        left out are null. ``file`` is its own sort key.
        """
        load_id = f"{entity}-{len(self._files) + 1}"
        numbered = [
            {"_row": n, **row, "_load_id": load_id} for n, row in enumerate(rows, 1)
        ]
        self._write(entity, load_id, numbered)
        self._files.append(
            {
                "load_id": load_id,
                "source": "test",
                "entity": entity,
                "file_name": file,
                "file_order": file,
                "rows_accepted": len(rows),
                "is_built": False,
            }
        )
        return load_id

    def retire(self, load_id: str) -> None:
        """Take a load out of the active ones; its Parquet file stays."""
        self._files = [f for f in self._files if f["load_id"] != load_id]

    def build(
        self, *, select: str | None = None, checked: bool = False, **variables: Any
    ) -> None:
        """Run ``dbt build`` with the vars given; ``AssertionError`` if it fails.

        ``select`` is a dbt selection; ``checked`` runs the data tests too.
        """
        self._open_landing()
        left_out = ["unit_test"] if checked else ["unit_test", "test"]
        self._dbt(
            "build",
            *("--exclude-resource-types", *left_out),
            *("--vars", json.dumps(variables)),
            # Of what is left out, tests find no tables.
            *("--indirect-selection", "cautious"),
            *(("--select", select) if select else ()),
        )

    def run_unit_tests(self) -> dict[str, str]:
        """Run dbt's unit tests on what is built; return the status of each.

        They need the tables for the types of their columns. ``AssertionError`` if one
        fails.
        """
        self._dbt("test", "--select", "test_type:unit")
        file = self.folder / "target" / "run_results.json"
        results = json.loads(file.read_text("utf8"))["results"]
        return {
            result["unique_id"]: result["status"]
            for result in results
            # Hooks of the run are listed too.
            if result["unique_id"].startswith("unit_test.")
        }

    def _dbt(self, command: str, *arguments: str) -> None:
        environment = os.environ | {
            "SIYU_BUILD_DB": str(self.database),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
                *(command, "--profiles-dir", str(ROOT / "dbt_project"), *arguments),
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the build database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def _open_landing(self) -> None:
        """(Re)create the schema ``landing``, views over the Parquet files."""
        files = self.folder / "landing" / "files.parquet"
        _write_parquet(files, FILES, self._files)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create schema if not exists landing")
            paths = {e: files.parent / e / "*.parquet" for e in ENTITIES}
            for name, path in (paths | {"files": files}).items():
                connection.execute(
                    f"create or replace view landing.{name} as "
                    f"select * from read_parquet('{path}')"
                )
            connection.execute(
                f"create or replace view landing.deliveries as {no_rows(TOUCH_COLUMNS)}"
            )

    def _write(self, entity: str, load_id: str, rows: Sequence[Row]) -> None:
        path = self.folder / "landing" / entity / f"{load_id}.parquet"
        _write_parquet(path, ENTITIES[entity].landed, rows)


def _write_parquet(path: Path, types: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Write rows as Parquet with these columns and types; ``ValueError`` on others."""
    unknown = {name for row in rows for name in row} - set(types)
    if unknown:
        raise ValueError(f"{path.parent.name} has no column {sorted(unknown)}")
    columns = ", ".join(f"{name} {sql_type}" for name, sql_type in types.items())
    with duckdb.connect() as connection:
        connection.execute(f"create table landed ({columns})")
        if rows:
            places = ", ".join("?" for _ in types)
            connection.executemany(
                f"insert into landed values ({places})",
                [[row.get(name) for name in types] for row in rows],
            )
        connection.execute(f"copy landed to '{path}' (format parquet)")
