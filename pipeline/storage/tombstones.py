"""Tombstones: keyed hashes that recognise forgotten customers without naming them.

A tombstone is the hash of a value under a random key that never leaves the warehouse
(``forgotten.key``, readable by the owner alone). It keeps a late or repeated file from
bringing a person back. A plain hash could be reversed by trying all customer and phone
numbers; with the key, only someone who can read landing anyway could try.

The kinds: ``customer`` is a customer's id; ``order`` the id of one of their orders,
since order lines may come in files without customers; ``word`` any other identifier,
which may occur in the text of a rejected row.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import duckdb

from pipeline.config.contract import Entity
from pipeline.errors import SiyuError
from pipeline.storage.atomic_files import sync_folder
from pipeline.storage.load_log import LoadLog, utc_now
from pipeline.storage.warehouse import Warehouse

ForgottenKind = Literal["customer", "order", "word"]
Hashes = set[tuple[ForgottenKind, str]]

# The words of a text in each way they may be written: between blanks and punctuation,
# letters and digits alone, and numbers without their separators.
_WORDS = r"""list_distinct(list_concat(
    regexp_extract_all(raw, '[0-9A-Za-z]+'),
    regexp_extract_all(raw, '[^\s,;|"''<>{}\[\]()=]+'),
    list_transform(
        regexp_extract_all(raw, '[0-9][0-9 -]{7,18}[0-9]'),
        lambda number: regexp_replace(number, '[^0-9]', '', 'g')
    )
))"""

_WITHOUT_ATTRIBUTES = """
select * exclude (_key, _hashes, _values) replace (
    case when list_has_any(
        list_transform(_values, lambda v: sha256(concat(_key, ':word:', v))), _hashes
    ) then to_json(map(json_keys(attributes), list_transform(
        _values,
        lambda v: case
            when list_contains(_hashes, sha256(concat(_key, ':word:', v)))
            then '[forgotten]' else v
        end
    )))::varchar
    else attributes end as attributes
)
from (
    select
        *,
        (select key from privacy.keys) as _key,
        (select list(hash) from privacy.forgotten where kind = 'word') as _hashes,
        json_extract_string(attributes, '$.*') as _values
    from ({query})
)"""


class Tombstones:
    """The tombstones of a warehouse. Writers must hold its lock."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._ledger = LoadLog(warehouse.load_log)

    def add(self, values: Iterable[tuple[ForgottenKind, str]]) -> None:
        """Add a tombstone for each value and mark it as not yet applied to landing.

        Existing ones are marked as well: a backup may have brought the values back.
        """
        key = self._key(create=True)
        hashes = {(kind, _hash(key, kind, value)) for kind, value in values}
        self.add_hashes(hashes)
        with self._ledger.transaction() as connection:
            connection.executemany(
                "update forgotten set is_applied = 0 where hash = ?",
                [(value,) for _, value in sorted(hashes)],
            )

    def add_hashes(self, hashes: Hashes) -> None:
        """Add tombstones by their hashes, unless they exist."""
        now = utc_now().isoformat()
        with self._ledger.transaction() as connection:
            connection.executemany(
                "insert into forgotten values (?, ?, ?, 0) on conflict do nothing",
                [(kind, value, now) for kind, value in sorted(hashes)],
            )

    def forgotten_on(self, customer_id: str) -> datetime | None:
        """When a customer was forgotten, or None."""
        if not self._rows("limit 1"):
            return None
        value = _hash(self._key(), "customer", customer_id)
        rows = self._rows("where kind = 'customer' and hash = ?", value)
        return datetime.fromisoformat(rows[0][2]) if rows else None

    @property
    def are_applied(self) -> bool:
        """Whether all tombstones have been applied to landing and quarantine."""
        return not self._rows("where not is_applied limit 1")

    def mark_applied(self) -> None:
        """Record that all tombstones have been applied to landing and quarantine."""
        with self._ledger.transaction() as connection:
            connection.execute("update forgotten set is_applied = 1")

    def digest(self) -> str:
        """A hash of the whole set, on which the marts depend."""
        hashes = [row[1] for row in self._rows("order by kind, hash")]
        return hashlib.sha256("".join(hashes).encode()).hexdigest() if hashes else ""

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a connection the macro ``privacy.is_forgotten(kind, value)``.

        ``connection`` must be in memory, so that the key is never written to a file.
        """
        rows = self._rows("")
        connection.execute("create schema privacy")
        connection.execute("create table privacy.keys (key varchar)")
        connection.execute(
            "create table privacy.forgotten (kind varchar, hash varchar)"
        )
        if rows:
            connection.execute("insert into privacy.keys values (?)", [self._key()])
            connection.executemany(
                "insert into privacy.forgotten values (?, ?)",
                [[kind, value] for kind, value, *_ in rows],
            )
        connection.execute(
            "create macro privacy.hash_of(kind, value) as sha256(concat("
            "(select keys.key from privacy.keys), ':', kind, ':', value::varchar))"
        )
        connection.execute(
            "create macro privacy.is_forgotten(kind, value) as value is not null and "
            "privacy.hash_of(kind, value) in (select hash from privacy.forgotten)"
        )

    def _rows(
        self, condition: str, *values: str
    ) -> list[tuple[ForgottenKind, str, str, int]]:
        with self._ledger.transaction() as connection:
            rows = connection.execute(f"select * from forgotten {condition}", values)
            return [tuple(row) for row in rows]

    def _key(self, *, create: bool = False) -> str:
        file = self._warehouse.root / "forgotten.key"
        if file.exists():
            return file.read_text("ascii")
        if not create or self._rows("limit 1"):
            raise SiyuError(
                f"{file} is missing. Without it, forgotten customers would come "
                "back. Restore it from the same backup as ledger.sqlite"
            )
        finished = self._warehouse.scratch / file.name
        finished.unlink(missing_ok=True)
        descriptor = os.open(finished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_hex(32))
            handle.flush()
            os.fsync(handle.fileno())
        finished.replace(file)
        sync_folder(file.parent)
        return file.read_text("ascii")


def _hash(key: str, kind: ForgottenKind, value: str) -> str:
    return hashlib.sha256(f"{key}:{kind}:{value}".encode()).hexdigest()


def has_tombstones(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tombstones attached to a connection name anybody."""
    row = connection.execute("select count(*) from privacy.forgotten").fetchone()
    return bool(row and row[0])


def is_persons_row(columns: Iterable[str]) -> str:
    """SQL for whether a row with these columns belongs to a forgotten customer."""
    tests = ["false"]
    if "customer_id" in columns:
        tests.append("privacy.is_forgotten('customer', customer_id)")
    if "order_id" in columns:
        # An order that has moved to another customer is kept.
        guest = "customer_id is null and " if "customer_id" in columns else ""
        tests.append(f"({guest}privacy.is_forgotten('order', order_id))")
    return f"({' or '.join(tests)})"


def redact_mentions(entity: Entity, query: str) -> str:
    """SQL for the rows of ``query``, with mentions of forgotten customers redacted.

    ``referred_customer_id`` is emptied; a member's attribute is replaced.
    """
    if "referred_customer_id" in entity.names:
        kept = "case when not privacy.is_forgotten('customer', referred_customer_id)"
        return (
            f"select * replace ({kept} then referred_customer_id end "
            f"as referred_customer_id) from ({query})"
        )
    return _WITHOUT_ATTRIBUTES.format(query=query) if entity.has_attributes else query


def rows_that_name(source: str, keys: str) -> str:
    """SQL for ``source`` (_row, raw, …) with ``is_named``: a forgotten one is named.

    ``keys`` is SQL for a list of lower-case names: the columns of the raw file that
    hold the id of a customer.
    """
    return f"""
select
    * exclude (_key),
    coalesce(list_has_any(
        list_transform({_WORDS}, lambda word: sha256(concat(_key, ':word:', word))),
        (select list(hash) from privacy.forgotten where kind = 'word')
    ), false)
    or coalesce(list_has_any(
        list_transform(
            case when json_valid(raw) and json_type(raw) = 'OBJECT' then list_transform(
                list_filter(
                    json_keys(raw), lambda name: list_contains({keys}, lower(name))
                ),
                lambda name: raw ->> name
            ) else {_WORDS} end,
            lambda word: sha256(concat(_key, ':customer:', word))
        ),
        (select list(hash) from privacy.forgotten where kind = 'customer')
    ), false) as is_named
from (select *, (select key from privacy.keys) as _key from {source})"""
