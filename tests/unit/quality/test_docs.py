"""The overview page and the self-contained pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.quality.docs import write_overview
from pipeline.quality.model import CheckResult
from pipeline.quality.offline import self_contained

AS_OF = date(2024, 3, 31)


def result(name: str, **values: object) -> CheckResult:
    """A failed check of fct_orders, changed by ``values``."""
    fields: dict[str, object] = {
        "table": "marts.fct_orders",
        "name": name,
        "severity": "error",
        "passed": False,
        "expected": "All is well.",
        "actual": "It is not.",
    }
    return CheckResult(**fields | values)  # type: ignore[arg-type]


def overview(folder: Path, *results: CheckResult) -> str:
    write_overview(folder, results, AS_OF)
    return (folder / "index.html").read_text(encoding="utf-8")


def test_everything_passes(tmp_path: Path) -> None:
    """A good run is one sentence and a table."""
    page = overview(tmp_path / "new", result("unique", passed=True))

    assert "Nothing blocks the publish (1 checks)." in page
    assert "What does not hold" not in page


def test_failures_come_before_warnings(tmp_path: Path) -> None:
    """What blocks is read first, with its rows and its query."""
    page = overview(
        tmp_path,
        result("a_warning", severity="warn"),
        result(
            "an_error",
            worst_offenders=[{"order_id": "<o1>"}],
            sql="select 1 where 1 < 2",
        ),
    )

    assert "1 of 2 checks failed and block the publish; 1 warned." in page
    assert page.index("an_error") < page.index("a_warning")
    assert "<td>&lt;o1&gt;</td>" in page
    assert "select 1 where 1 &lt; 2" in page


def test_one_reason_is_one_card(tmp_path: Path) -> None:
    """A missing table is told once, not once for each of its checks."""
    page = overview(tmp_path, *(result(name, actual="No table.") for name in "abc"))

    assert page.count("No table.") == 1
    assert "marts.fct_orders · a, b, c" in page


def test_links_to_pages_of_several_runs(tmp_path: Path) -> None:
    """One overview stands in front of the folders of several runs."""
    page = (
        tmp_path / "marts/validations/marts/fct_orders/x/duckdb-marts.fct_orders.html"
    )
    page.parent.mkdir(parents=True)
    page.touch()

    assert f'href="{page.relative_to(tmp_path)}"' in overview(tmp_path, result("a"))


def test_self_contained() -> None:
    """Nothing is fetched, no folder of the machine and no direct identifier is told."""
    page = (
        '<head><link rel="stylesheet" href="https://a.example/x.css"/>'
        '<style>a{background:url("https://a.example/x.png")}</style></head><body>'
        '<img src="https://a.example/x.png"><script>\nfetch("https://a.example")'
        "</script><footer>news</footer><code>Traceback (most recent call last):\n"
        '  File "/home/me/x.py"</code><p>Could not convert "13912345678"</p></body>'
    )

    plain = self_contained(page)

    assert "a.example" not in plain
    assert "/home/me" not in plain
    assert "13912345678" not in plain
    assert "news" not in plain
    assert plain.count("<style>") == 1
    assert '<p>Could not convert "1' in plain
