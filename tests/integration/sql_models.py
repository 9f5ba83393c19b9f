"""The text of dbt models, macros and generic tests, rendered without dbt.

For tests that evaluate the same SQL hundreds of times. Only what these models use is
there: ``ref``, ``var`` and the macro ``as_of_date``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]


def render_model(name: str, variables: Mapping[str, Any]) -> str:
    """Return the model's SQL; what it refers to is a table of the same name."""
    text = _macro("as_of_date") + _model(name)
    return Environment().from_string(text).render(ref=str, var=variables.__getitem__)


def render_generic_test(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the SQL of a generic test with these arguments."""
    text = (ROOT / f"dbt_project/tests/generic/{name}.sql").read_text("utf8")
    macro = re.sub(r"{%-?\s*test ", "{% macro ", text)
    macro = re.sub(r"{%-?\s*endtest", "{% endmacro", macro)
    call = f"{macro}{{{{ {name}(**arguments) }}}}"
    return Environment().from_string(call).render(arguments=arguments)


@cache
def _model(name: str) -> str:
    (path,) = (ROOT / "models").rglob(f"{name}.sql")
    return path.read_text("utf8")


@cache
def _macro(name: str) -> str:
    return (ROOT / f"dbt_project/macros/{name}.sql").read_text("utf8")
