"""`siyu.yaml` as typed, validated settings.

What belongs here: the shape of the configuration file and every check that needs only
the file itself. Expressions are parsed by `pipeline.ingest.expressions`,
rule files by `pipeline.rules`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from croniter import croniter
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from pipeline.config.contract import ENTITIES
from pipeline.config.destination import Destination, Identifier, Touches
from pipeline.config.project import PUBLIC_VARS
from pipeline.config.strict import Strict
from pipeline.errors import SiyuError, did_you_mean

# The first one that exists is used; the second is the demo shop that `make run` writes.
DEFAULT_CONFIGS = (Path("siyu.yaml"), Path("demo/siyu.yaml"))
CONFIG_VARIABLE = "SIYU_CONFIG"
FORMATS = ("csv", "tsv", "jsonl", "parquet", "xlsx")


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        hint = did_you_mean(name, available_timezones())
        raise ValueError(f"'{name}' is not a time zone.{hint}")
    return name


def _one_character(text: str) -> str:
    if len(text) != 1 or text in "\r\n":
        raise ValueError(f"must be one character, not {text!r}")
    return text


def _in_order(bounds: tuple[date, date]) -> tuple[date, date]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"the first day {bounds[0]} is after the last, {bounds[1]}")
    return bounds


def _expression(value: object) -> object:
    """Let YAML scalars such as ``1`` stand for the SQL expression ``1``."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


TimezoneName = Annotated[str, AfterValidator(_known_timezone)]
Expression = Annotated[str, BeforeValidator(_expression), Field(min_length=1)]
Character = Annotated[
    str, StringConstraints(strip_whitespace=False), AfterValidator(_one_character)
]
Bounds = Annotated[tuple[date, date], AfterValidator(_in_order)]
Share = Annotated[float, Field(ge=0, le=1)]


_CLASS_MODES = ("score", "raw")
_MOST_DAYS = 1000


def _share_of_memory(share: float) -> str:
    """A share of the machine's memory, as DuckDB writes it."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{int(size * share / 1e6)}MB"


class Shop(Strict):
    """Who the shop is. Business dates are days in ``timezone``."""

    name: str = Field(min_length=1)
    timezone: TimezoneName = "Asia/Shanghai"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    country: str = Field(
        default="CN",
        pattern=r"^[A-Z]{2}$",
        description="where phone numbers without a country code are",
    )


class ReaderOptions(Strict):
    """How to read a file whose format cannot be detected."""

    header: bool = True
    delimiter: Character | None = None
    quote: Character = '"'
    escape: Character = '"'
    encoding: str = "utf-8"
    skip: int = Field(default=0, ge=0, description="lines before the header")
    names: tuple[str, ...] | None = Field(
        default=None, description="column names of a file without a header"
    )
    nulls: tuple[str, ...] = Field(
        default=(), description="texts that mean 'no value', besides the empty one"
    )
    sheet: str | None = Field(default=None, description="sheet of an xlsx file")

    @field_validator("delimiter", mode="before")
    @classmethod
    def _spelled_tab(cls, value: object) -> object:
        return "\t" if value in ("\\t", "tab") else value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(
                f"'{value}' is not an encoding; common ones are utf-8, gb18030, utf-16"
            ) from None
        return value

    @model_validator(mode="after")
    def _distinct_characters(self) -> ReaderOptions:
        if self.delimiter in (self.quote, self.escape):
            raise ValueError("delimiter must differ from quote and escape")
        return self


class Source(Strict):
    """Files that feed one entity, and how their columns map to its contract."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    entity: str
    path: str = Field(min_length=1)
    format: Literal["csv", "tsv", "jsonl", "parquet", "xlsx"] | None = None
    options: ReaderOptions = ReaderOptions()
    timezone: TimezoneName | None = None
    where: Expression | None = None
    columns: dict[str, Expression] | None = None
    namespace: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    time_bounds: Bounds | None = None
    max_bad_share: Share | None = None

    @field_validator("entity")
    @classmethod
    def _known_entity(cls, value: str) -> str:
        if value not in ENTITIES:
            raise ValueError(
                f"'{value}' is not an entity; it must be one of "
                f"{', '.join(ENTITIES)}.{did_you_mean(value, ENTITIES)}"
            )
        return value

    @model_validator(mode="after")
    def _mapping_fits_entity(self) -> Source:
        if self.columns is None:
            return self
        entity = ENTITIES[self.entity]
        for name in self.columns:
            if name in entity.names:
                continue
            if not entity.has_attributes:
                raise ValueError(
                    f"columns: {self.entity} have no column '{name}'."
                    f"{did_you_mean(name, entity.names)}"
                )
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise ValueError(f"columns: '{name}' is not an attribute name")
            if name.lower() in entity.names:
                raise ValueError(f"columns: '{name}' must be '{name.lower()}'")
        missing = [
            c.name for c in entity.columns if c.required and c.name not in self.columns
        ]
        if missing:
            raise ValueError(f"columns: {self.entity} also need {', '.join(missing)}")
        if len({name.lower() for name in self.columns}) < len(self.columns):
            raise ValueError("columns: two attributes differ only in case")
        if entity.any_of and not set(entity.any_of) & set(self.columns):
            raise ValueError(
                f"columns: {self.entity} need {' or '.join(entity.any_of)}"
            )
        return self


class Settings(Strict):
    """A whole configuration. Paths are absolute once it is loaded."""

    shop: Shop
    warehouse: Path = Path("./warehouse")
    rules: Path | None = None
    vars: dict[str, Any] = Field(default_factory=dict)
    sources: tuple[Source, ...] = Field(min_length=1)
    destinations: tuple[Destination, ...] = ()
    time_bounds: Bounds = (date(1990, 1, 1), date(2100, 1, 1))
    max_bad_share: Share = 0.05
    schedule: str = Field(default="30 4 * * *", description="cron, in the shop's time")
    memory_limit: str = Field(
        default_factory=lambda: _share_of_memory(0.6),
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|TB)$",
        description="what the build may use before it spills to disk",
    )
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("vars")
    @classmethod
    def _known_vars(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name not in PUBLIC_VARS:
                raise ValueError(
                    f"unknown variable '{name}'; choose one of "
                    f"{', '.join(PUBLIC_VARS)}."
                    f"{did_you_mean(name, PUBLIC_VARS)}"
                )
        # To tell the changes of a day, the ledger must hold the day before.
        for name, fewest in (
            ("early_warning_days", 1),
            ("ledger_days", 2),
            ("outcome_window_days", 1),
        ):
            days = value.get(name, fewest)
            if type(days) is not int or not fewest <= days <= _MOST_DAYS:
                raise ValueError(
                    f"{name} is {days!r}; it must be a number of days from {fewest} to "
                    f"{_MOST_DAYS}"
                )
        days, mode = value.get("rfm_window_days"), value.get("rfm_class_mode", "score")
        if days is not None and (type(days) is not int or days < 1):
            raise ValueError(
                f"rfm_window_days is {days!r}; it must be a number of days, or null "
                "for all history"
            )
        if mode not in _CLASS_MODES:
            raise ValueError(
                f"rfm_class_mode is {mode!r}; it must be {' or '.join(_CLASS_MODES)}"
            )
        return value

    @field_validator("sources")
    @classmethod
    def _distinct_names(cls, value: tuple[Source, ...]) -> tuple[Source, ...]:
        seen: set[str] = set()
        for source in value:
            if source.name in seen:
                raise ValueError(f"two sources are named '{source.name}'")
            seen.add(source.name)
        return value

    @field_validator("destinations")
    @classmethod
    def _distinct_destinations(
        cls, value: tuple[Destination, ...]
    ) -> tuple[Destination, ...]:
        # Their folders must differ on file systems that ignore case.
        names = [destination.name.lower() for destination in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two destinations are named '{name}'")
        return value

    @field_validator("schedule")
    @classmethod
    def _valid_cron(cls, value: str) -> str:
        if len(value.split()) != 5 or not croniter.is_valid(value):
            raise ValueError(
                f"'{value}' is not a cron line: minute, hour, day, month, weekday"
            )
        return value

    def var(self, name: str) -> Any:
        """A dbt variable as the configuration sets it, else its default."""
        return self.vars.get(name, PUBLIC_VARS[name])

    def source_timezone(self, source: Source) -> str:
        """The timezone of the source's times without an offset."""
        return source.timezone or self.shop.timezone

    def source_bounds(self, source: Source) -> tuple[date, date]:
        """The first and last day that a time of the source may fall on."""
        return source.time_bounds or self.time_bounds

    def source_bad_share(self, source: Source) -> float:
        """The share of a file's rows above which the file is refused."""
        share = source.max_bad_share
        return self.max_bad_share if share is None else share


def config_path(given: Path | None = None) -> Path:
    """The configuration file: the given one, that of the environment, or a default."""
    named = given or os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    found = (path for path in DEFAULT_CONFIGS if path.exists())
    return next(found, DEFAULT_CONFIGS[0])


def load_settings(path: Path, warehouse: Path | None = None) -> Settings:
    """Read and check a configuration file.

    ``warehouse`` overrides the file's own. Raises ``SiyuError`` naming the file, line
    and key of every mistake.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SiyuError(
            f"{path}: there is no such configuration file. `siyu init DIR` starts "
            "one, `siyu demo` writes a whole demo shop."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SiyuError(f"{path}: cannot be read: {error}") from None
    document, lines = _parse_yaml(text, path)
    folder = path.resolve().parent
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        raise SiyuError(_explain(error, path, lines)) from None
    if settings.rules is not None and not (folder / settings.rules).is_dir():
        raise SiyuError(f"{path}: rules: there is no folder {settings.rules}")
    rules = (folder / settings.rules).resolve() if settings.rules else None
    home = (
        warehouse.absolute() if warehouse else folder / settings.warehouse
    ).resolve()
    return settings.model_copy(
        update={"warehouse": home, "rules": rules, "folder": folder}
    )


Location = tuple[str | int, ...]


def _parse_yaml(text: str, path: Path) -> tuple[Any, dict[Location, int]]:
    """Return the document and the line of each of its keys."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except (
        yaml.YAMLError,
        ValueError,
    ) as error:  # ValueError: a day such as 2024-02-30
        where = getattr(error, "problem_mark", None)
        place = f", line {where.line + 1}" if where else ""
        problem = getattr(error, "problem", None) or error
        raise SiyuError(f"{path}{place}: not valid YAML: {problem}") from None
    if not isinstance(document, dict):
        raise SiyuError(f"{path}: expected keys such as shop: and sources:")
    lines: dict[Location, int] = {}
    for key, line in _walk(root, ()):
        if key in lines:
            raise SiyuError(f"{path}, line {line}: '{key[-1]}' is given twice")
        lines[key] = line
    return document, lines


def _walk(node: Any, location: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*location, key.value)
            yield here, key.start_mark.line + 1
            yield from _walk(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            here = (*location, index)
            yield here, value.start_mark.line + 1
            yield from _walk(value, here)


def _explain(error: ValidationError, path: Path, lines: dict[Location, int]) -> str:
    """One line for each mistake."""
    messages = []
    details = error.errors()
    for detail in details:
        location = detail["loc"]
        inside = (d["loc"] for d in details if len(d["loc"]) > len(location))
        if any(loc[: len(location)] == location for loc in inside):
            continue  # a list with invalid items counts as empty
        line = next(
            (lines[location[:n]] for n in range(len(location), 0, -1)
             if location[:n] in lines),
            1,
        )  # fmt: skip
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in location)
        text = detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "extra_forbidden":
            text = (
                f"unknown key.{did_you_mean(str(location[-1]), _keys_beside(location))}"
            )
        elif detail["type"] == "missing":
            text = "is missing"
        messages.append(f"{path}, line {line}: {key.lstrip('.')}: {text}")
    return "\n".join(messages)


def _keys_beside(location: Location) -> list[str]:
    """The keys that are valid in place of an unknown one."""
    owner: type[Strict] = Settings
    inner: dict[str, type[Strict]] = {
        "shop": Shop,
        "sources": Source,
        "options": ReaderOptions,
        "destinations": Destination,
        "touches": Touches,
        "identifiers": Identifier,
    }
    for part in location[:-1]:
        owner = inner.get(str(part), owner)
    return list(owner.model_fields)
