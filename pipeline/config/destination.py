"""A destination of `siyu.yaml`: what is exported, to whom, in which form.

What belongs here: the shape of the keys and every check that needs only the
configuration. Whether an audience or a column of a mart exists is checked elsewhere.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.config.destination_templates import TEMPLATES
from pipeline.config.strict import Strict
from pipeline.errors import did_you_mean

# References without the name of a mart.
PLAIN = (
    "customer_id",
    "list",
    "label_en",
    "label_zh",
    "change",
    "as_of_date",
    "delivery",
)
_MARTS = ("customer", "audience", "touch", "identifier")
# The folder of exports that `segment_files.py` writes to.
SEGMENT_FILES = "rfm_segments"
_IN_FILE_NAMES = ("destination", "list", "change", "as_of")
_OF_TEMPLATES = sorted(TEMPLATES)


class Touches(Strict):
    """Which touches to deliver; an empty list means all."""

    channels: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    has_offer: bool = Field(default=False, description="only those with an offer")


class Identifier(Strict):
    """The form in which an identifier is sent."""

    hash: bool = Field(default=True, description="SHA-256, in lower-case hexadecimal")
    region: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="of phone numbers without a country code; default the shop's",
    )
    form: Literal["e164", "digits", "national"] = Field(
        default="e164",
        description="of phone numbers: +8613812345678, 8613812345678 or 13812345678",
    )


class Destination(Strict):
    """One place that files go to. Keys left out come from the template."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)
    template: str = "custom"
    audiences: tuple[str, ...] = ()
    touches: Touches | None = None
    format: Literal["csv", "jsonl", "parquet"] = "csv"
    mode: Literal["changes", "full"] = "changes"
    columns: dict[str, str] = Field(min_length=1)
    identifiers: dict[str, Identifier] = Field(default_factory=dict)
    max_rows: int | None = Field(default=None, ge=1, description="rows of one file")
    row_limit: int | None = Field(
        default=None, ge=1, description="rows of one delivery; more are refused"
    )
    file: str = "{list}"
    folder: str | None = Field(default=None, min_length=1)
    byte_order_mark: bool = Field(default=True, description="at the start of csv files")

    @model_validator(mode="before")
    @classmethod
    def _from_template(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        name = given.get("template", "custom")
        if name not in TEMPLATES:
            raise ValueError(
                f"unknown template '{name}'; choose one of {', '.join(_OF_TEMPLATES)}."
                f"{did_you_mean(str(name), TEMPLATES)}"
            )
        template = {k: v for k, v in TEMPLATES[name].items() if k != "about"}
        return {**template, **given}

    @field_validator("name")
    @classmethod
    def _free_name(cls, value: str) -> str:
        if value.lower() == SEGMENT_FILES:
            raise ValueError(f"'{value}' is reserved for the files of RFM segments")
        return value

    @field_validator("columns")
    @classmethod
    def _known_references(cls, value: dict[str, str]) -> dict[str, str]:
        for name, reference in value.items():
            # Refuse a header that a spreadsheet would run, or that breaks the file.
            if not re.fullmatch(r"[^\W\d][\w .-]*", name):
                raise ValueError(f"'{name}' is not a column name")
            mart, dot, column = reference.partition(".")
            if not dot and mart not in PLAIN:
                known = [*PLAIN, *(f"{m}.…" for m in _MARTS)]
                raise ValueError(
                    f"{name}: '{reference}' is not a column; it must be one of "
                    f"{', '.join(known)}.{did_you_mean(mart, PLAIN)}"
                )
            if dot and (mart not in _MARTS or not re.fullmatch(r"[\w-]+", column)):
                raise ValueError(
                    f"{name}: '{reference}' is not a column; the part before the dot "
                    f"must be one of {', '.join(_MARTS)}.{did_you_mean(mart, _MARTS)}"
                )
        if len({name.lower() for name in value}) < len(value):
            raise ValueError("two columns differ only in case")
        return value

    @field_validator("file")
    @classmethod
    def _known_fields(cls, value: str) -> str:
        try:
            parts = list(Formatter().parse(value))
        except ValueError as error:
            raise ValueError(f"'{value}' is not a file name: {error}") from None
        for text, field, spec, conversion in parts:
            if "/" in text or "\\" in text:
                raise ValueError(
                    "a file name must not contain folders; use folder: for these"
                )
            if field is None:
                continue
            if field not in _IN_FILE_NAMES or spec or conversion:
                names = ", ".join(f"{{{name}}}" for name in _IN_FILE_NAMES)
                raise ValueError(
                    f"unknown field {{{field}}}; choose among {names}."
                    f"{did_you_mean(field, _IN_FILE_NAMES)}"
                )
        return value

    @model_validator(mode="after")
    def _takes_one_thing(self) -> Destination:
        if bool(self.audiences) == (self.touches is not None):
            raise ValueError("must take either audiences or touches")
        if self.touches and self.mode == "full":
            raise ValueError("touches are delivered once; mode full is for audiences")
        other = "audience" if self.touches else "touch"
        for name, reference in self.columns.items():
            if reference.startswith(f"{other}."):
                raise ValueError(
                    f"columns: {name}: {reference} is available only to a destination "
                    f"that takes {other}{'s' if other == 'audience' else 'es'}"
                )
        unused = set(self.identifiers) - set(self.id_types)
        if unused:
            raise ValueError(f"identifiers: no column uses {', '.join(sorted(unused))}")
        return self

    @property
    def id_types(self) -> list[str]:
        """The kinds of identifiers that the columns name."""
        kinds = [
            reference.partition(".")[2]
            for reference in self.columns.values()
            if reference.startswith("identifier.")
        ]
        return list(dict.fromkeys(kinds))

    @property
    def grouped_by(self) -> list[str]:
        """Which of ``list`` and ``change`` the name of a file depends on."""
        fields = {field for _, field, _, _ in Formatter().parse(self.file)}
        return [name for name in ("list", "change") if name in fields]

    @property
    def is_private(self) -> bool:
        """Whether an identifier is sent in clear."""
        return any(not self.identifier(kind).hash for kind in self.id_types)

    def identifier(self, kind: str) -> Identifier:
        """The form in which identifiers of this kind are sent."""
        return self.identifiers.get(kind, Identifier())
