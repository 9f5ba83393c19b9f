"""`destinations:` in `siyu.yaml`: templates fill in, mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.destination import Destination
from pipeline.config.destination_templates import TEMPLATES
from pipeline.config.settings import load_settings
from pipeline.errors import SiyuError

BEFORE = """\
shop: {name: s}
sources: [{name: o, entity: orders, path: o.csv}]
destinations:
"""


def load(tmp_path: Path, *lines: str) -> Destination:
    file = tmp_path / "siyu.yaml"
    file.write_text(BEFORE + "".join(f"{line}\n" for line in lines), "utf-8")
    return load_settings(file).destinations[0]


@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - {"custom"}))
def test_a_template_needs_nothing_but_what_it_takes(
    tmp_path: Path, template: str
) -> None:
    needs_touches = any("touch." in x for x in TEMPLATES[template]["columns"].values())
    takes = "touches: {}" if needs_touches else "audiences: [a]"
    found = load(tmp_path, f"  - {{name: d, template: {template}, {takes}}}")
    assert found.columns == TEMPLATES[template]["columns"]
    assert TEMPLATES[template]["about"]


def test_what_a_destination_says_goes_before_its_template(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "  - name: d",
        "    template: ad_audience",
        "    audiences: [a]",
        "    row_limit: 7",
        "    identifiers: {phone: {form: digits}}",
    )
    assert (found.row_limit, found.max_rows) == (7, 1_000_000)
    assert found.identifier("phone").form == "digits"
    assert found.identifier("phone").hash


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("template: wecom_tag, audiences: [a]", "Did you mean 'wecom_tags'?"),
        ("audiences: [a]", "columns: is missing"),
        ("audience: [a], columns: {c: customer_id}", "Did you mean 'audiences'?"),
        ("columns: {c: customer_id}", "must take either audiences or touches"),
        (
            "audiences: [a], touches: {}, columns: {c: customer_id}",
            "must take either audiences or touches",
        ),
        ("touches: {chanels: [x]}, columns: {c: customer_id}", "'channels'?"),
        ("audiences: [a], columns: {c: custmer_id}", "Did you mean 'customer_id'?"),
        ("audiences: [a], columns: {c: custmer.region}", "Did you mean 'customer'?"),
        ("audiences: [a], columns: {'=c': customer_id}", "is not a column name"),
        ("audiences: [a], columns: {c: customer_id, C: list}", "differ only in case"),
        ("audiences: [a], columns: {c: touch.step}", "that takes touches"),
        ("touches: {}, columns: {c: audience.play}", "that takes audiences"),
        ("touches: {}, mode: full, columns: {c: customer_id}", "delivered once"),
        ("audiences: [a], columns: {c: customer_id}, file: a/b", "must not contain"),
        ("audiences: [a], columns: {c: customer_id}, file: '{lst}'", "'list'?"),
        ("audiences: [a], columns: {c: customer_id}, file: '{list'", "not a file name"),
        (
            "audiences: [a], columns: {c: customer_id}, identifiers: {phone: {}}",
            "no column uses phone",
        ),
        (
            "audiences: [a], columns: {c: identifier.phone}, "
            "identifiers: {phone: {hsh: false}}",
            "Did you mean 'hash'?",
        ),
        ("audiences: [a], columns: {c: customer_id}, max_rows: 0", "max_rows"),
        ("audiences: [a], columns: {c: customer_id}, format: xls", "format"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, keys: str, says: str) -> None:
    with pytest.raises(SiyuError) as error:
        load(tmp_path, f"  - {{name: d, {keys}}}")
    assert says in str(error.value)
    assert "line 4: destinations[0]" in str(error.value)


def test_names_of_destinations_differ(tmp_path: Path) -> None:
    line = "  - {name: %s, template: wecom_tags, audiences: [a]}"
    with pytest.raises(SiyuError, match="two destinations are named 'd'"):
        load(tmp_path, line % "d", line % "D")


def test_the_folder_of_the_segment_files_is_taken(tmp_path: Path) -> None:
    with pytest.raises(SiyuError, match="reserved for the files of RFM segments"):
        load(tmp_path, "  - {name: rfm_segments, template: wecom_tags, audiences: [a]}")
