"""SQL that turns any value into a contract type, or into null if it does not fit.

Nothing here raises on a bad value: the caller compares input and output.
"""

from __future__ import annotations

import re

from pipeline.config.contract import ColumnKind
from pipeline.storage.quoting import quote_text

_TRUE = "('true', 't', 'yes', 'y', '1', '是')"
_FALSE = "('false', 'f', 'no', 'n', '0', '否')"
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_FRACTIONAL = ("DECIMAL", "DOUBLE", "FLOAT", "REAL")

# Exports add tabs to keep spreadsheets from reading ids as numbers.
_BLANKS = " \t\r\n\v\f\u00a0\u3000\ufeff"
_OFFSET = r"\s*(Z|z|UTC|[+-]\d\d(?::?\d\d)?)"

# What the reason for a rejection says was expected.
EXPECTED: dict[ColumnKind, str] = {
    "text": "a text",
    "time": (
        "a time (YYYY-MM-DD HH:MM:SS, ISO 8601, or epoch seconds or milliseconds)"
    ),
    "date": "a date (YYYY-MM-DD)",
    "money": "an amount of money",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


def convert(kind: ColumnKind, value: str, sql_type: str, timezone: str) -> str:
    """Return SQL for ``value`` (SQL of type ``sql_type``) as the contract's ``kind``.

    Naive times are read in ``timezone``; the result is naive UTC. Money is rounded to
    cents, other numbers to four decimals.
    """
    base = sql_type.upper()
    if kind == "text":
        return as_text(value)
    if kind == "time":
        return _time(value, base, timezone)
    if kind == "date":
        return _date(value, base)
    if kind == "boolean":
        return _boolean(value, base)
    if kind == "integer":
        number = f"try_cast({_numeral(value, base)} as decimal(38, 6))"
        whole = f"{number} = trunc({number})"
        return f"case when {whole} then try_cast({number} as bigint) end"
    scale = 2 if kind == "money" else 4
    return f"try_cast({_numeral(value, base)} as decimal(18, {scale}))"


def as_text(value: str) -> str:
    """Return SQL for any value as trimmed text, null if that is empty."""
    return f"nullif({_trimmed(value)}, '')"


def _trimmed(value: str) -> str:
    return f"trim(({value})::varchar, {quote_text(_BLANKS)})"


def _numeral(value: str, base: str) -> str:
    """The text of a number, trimmed. The cast would read 1_2 as 12."""
    if base != "VARCHAR":
        return f"({value})"
    return f"replace({_trimmed(value)}, '_', '?')"


def _to_utc(naive: str, timezone: str) -> str:
    return f"timezone('UTC', timezone({quote_text(timezone)}, {naive}))"


def _time(value: str, base: str, timezone: str) -> str:
    if base == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {value})"
    if base == "DATE" or base.startswith("TIMESTAMP"):
        return _to_utc(f"try_cast(({value}) as timestamp)", timezone)
    if _WHOLE.fullmatch(base):
        return _epoch(f"try_cast(({value}) as bigint)")
    if base.startswith(_FRACTIONAL):
        return _epoch(f"try_cast(({value}) as double)")
    return _time_of_text(_trimmed(value), timezone)


def _time_of_text(text: str, timezone: str) -> str:
    digits = f"regexp_full_match({text}, '\\d{{8,14}}')"
    day = _to_utc(f"try_strptime({text}, '%Y%m%d')", timezone)
    second = _to_utc(f"try_strptime({text}, '%Y%m%d%H%M%S')", timezone)
    epoch = _epoch(f"try_cast({text} as bigint)")
    packed = (
        f"case length({text}) when 8 then {day} when 14 then {second} "
        f"when 10 then {epoch} when 13 then {epoch} end"
    )
    dashed = f"replace({text}, '/', '-')"
    offset = f"regexp_matches({text}, ':\\d\\d(\\.\\d+)?{_OFFSET}$')"
    # The cast needs seconds, directly followed by the offset.
    minutes = f"'([T ]\\d\\d?:\\d\\d){_OFFSET}$', '\\1:00\\2'"
    spaced = f"'(:\\d\\d(?:\\.\\d+)?){_OFFSET}$', '\\1\\2'"
    whole = f"regexp_replace(regexp_replace({dashed}, {minutes}), {spaced})"
    zoned = f"replace({whole}, 'UTC', 'Z')"
    plain = _to_utc(f"try_cast({dashed} as timestamp)", timezone)
    return (
        f"case when {offset} then timezone('UTC', try_cast({zoned} as timestamptz)) "
        f"when {digits} then {packed} "
        f"when {_is_dated(text)} then {plain} end"
    )


def _is_dated(text: str) -> str:
    """Whether a text begins with a year: the casts also accept 'infinity', 'epoch'."""
    return f"regexp_matches({text}, '^\\d{{4}}[-/]')"


def _epoch(number: str) -> str:
    """Seconds up to the year 5138, milliseconds above."""
    return (
        f"case when {number} between -99999999999 and 99999999999 "
        f"then make_timestamp(cast({number} * 1000000 as bigint)) "
        f"when {number} between -99999999999999 and 99999999999999 "
        f"then make_timestamp(cast({number} * 1000 as bigint)) end"
    )


def _date(value: str, base: str) -> str:
    if base == "DATE" or base.startswith("TIMESTAMP"):
        day = f"try_cast(({value}) as date)"
    else:
        text = _trimmed(value)
        day = (
            f"case when {_is_dated(text)} "
            f"then try_cast(replace({text}, '/', '-') as timestamp)::date "
            f"when regexp_full_match({text}, '\\d{{8}}') "
            f"then try_strptime({text}, '%Y%m%d')::date end"
        )
    # Other programs' types support only these years.
    return f"case when year({day}) between 1 and 9999 then {day} end"


def _boolean(value: str, base: str) -> str:
    if base == "BOOLEAN":
        return value
    text = f"lower({_trimmed(value)})"
    return (
        f"case when {text} in {_TRUE} then true when {text} in {_FALSE} then false end"
    )
