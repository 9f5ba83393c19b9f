"""The page that sections write to, and the published tables that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import duckdb
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.config.project import LEDGER_OPENING
from pipeline.config.settings import Shop
from pipeline.report.explain.labels import Labels

Row = dict[str, Any]
_NAME_WIDTH = 12
# A space and two line characters after a title.
_RULE_ENDS = 3


class Page:
    """One customer's rows of the published marts, and a console to show them on.

    Values are shown as they are, never interpreted as markup.
    """

    def __init__(
        self,
        console: Console,
        connection: duckdb.DuckDBPyConnection,
        labels: Labels,
        shop: Shop,
        customer_id: str,
    ) -> None:
        self._console = console
        self._connection = connection
        self.labels = labels
        self.shop = shop
        self.customer_id = customer_id

    @cached_property
    def _published(self) -> set[str]:
        query = (
            "select table_name from information_schema.tables "
            "where table_schema = 'marts'"
        )
        return {name for (name,) in self._connection.execute(query).fetchall()}

    def rows(self, table: str, rest: str = "", *values: object) -> list[Row]:
        """The customer's rows of a mart; empty if the mart is not published yet.

        ``rest`` follows the condition on the customer, with ``values`` for its question
        marks.
        """
        query = f"select * from marts.{table} where customer_id = ? {rest}"
        return self._fetch(table, query, [self.customer_id, *values])

    def one(self, table: str) -> Row | None:
        """The customer's single row of a mart."""
        return next(iter(self.rows(table)), None)

    def all_rows(self, table: str, rest: str = "", *values: object) -> list[Row]:
        """Rows of a mart that is not about customers."""
        return self._fetch(table, f"select * from marts.{table} {rest}", list(values))

    def _fetch(self, table: str, query: str, values: list[object]) -> list[Row]:
        if table not in self._published:
            return []
        result = self._connection.execute(query, values)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    @cached_property
    def ledger_start(self) -> date | None:
        """The first day of the ledger, for customers who were known then.

        Labels of that day may have begun earlier.
        """
        rest = "and cause = ? order by changed_on limit 1"
        first = self.rows("segment_ledger", rest, LEDGER_OPENING)
        return first[0]["changed_on"] if first else None

    def last_change(self, dimension: str) -> Row | None:
        """The customer's last change of a label, if the ledger has one."""
        rows = self.rows(
            "segment_ledger",
            "and dimension = ? order by changed_on desc limit 1",
            dimension,
        )
        return rows[0] if rows else None

    def since(self, day: date) -> str:
        """The first day of a label in the ledger, in words."""
        return f"{day} or before" if day == self.ledger_start else str(day)

    def section(self, title: str, label: str | None = None) -> None:
        """Begin a section; a label that does not fit beside the title goes below it."""
        whole = title if label is None else f"{title}: {label}"
        fits = cell_len(whole) + _RULE_ENDS <= self._console.width
        self._console.rule(Text(whole if fits else title), align="left")
        if label is not None and not fits:
            self.line(label)

    def line(self, text: str) -> None:
        """Write a line of text."""
        self._console.print(Text(text))

    def facts(self, facts: Mapping[str, object]) -> None:
        """Write a line for each name that has a value."""
        grid = _table()
        grid.show_header = False
        grid.add_column(width=_NAME_WIDTH, style="dim")
        grid.add_column(overflow="fold")
        for name, value in facts.items():
            if value is not None:
                grid.add_row(Text(name), Text(str(value)))
        if grid.row_count:
            self._console.print(grid)

    def table(self, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table, or nothing if there are no rows."""
        table = _table()
        for name in names:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(Text("–" if x is None else str(x)) for x in row))
        if table.row_count:
            self._console.print(table)


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="dim")
