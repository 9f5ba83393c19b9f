"""What dbt's `adapter` is to the SQL linter: a dispatched macro renders as a call."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str, *_package: str) -> Callable[..., str]:
    """Return a stand-in for the engine's version of the macro ``name``."""

    def call(*arguments: object) -> str:
        return f"{name}({arguments[0]})" if arguments else f"{name}()"

    return call
