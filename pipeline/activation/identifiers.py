"""Direct identifiers as destinations take them: normalised, hashed unless in clear.

Phone numbers are read by Google's rules for each country (`phonenumbers`). A number
that cannot exist is no identifier: its hash would match nobody, or somebody else.
"""

from __future__ import annotations

from functools import lru_cache

import duckdb
import phonenumbers
from duckdb.func import SPECIAL

from pipeline.activation.destination import Identifier
from pipeline.ingest.expressions import quote_text

_REMEMBERED = 100_000


@lru_cache(_REMEMBERED)
def phone_number(text: str | None, region: str, form: str) -> str | None:
    """Return a phone number in the given form, or None if there is no such number."""
    try:
        number = phonenumbers.parse(text or "", region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    if form == "national":
        return phonenumbers.national_significant_number(number)
    full = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return full.removeprefix("+") if form == "digits" else full


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the function that `in_form` uses."""
    connection.create_function(
        "siyu_phone",
        phone_number,
        ["VARCHAR", "VARCHAR", "VARCHAR"],
        "VARCHAR",
        null_handling=SPECIAL,
    )


def in_form(kind: str, how: Identifier, country: str) -> str:
    """SQL for ``id_value`` as it leaves, null where it is none.

    E-mail addresses are in lower case without spaces around. Other kinds are taken as
    they are, without spaces around.
    """
    if kind == "phone":
        region = quote_text(how.region or country)
        value = f"siyu_phone(id_value, {region}, {quote_text(how.form)})"
    elif kind == "email":
        address = "lower(trim(id_value))"
        value = f"case when {address} like '%_@_%._%' then {address} end"
    else:
        value = "nullif(trim(id_value), '')"
    return f"sha256({value})" if how.hash else value
