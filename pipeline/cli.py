"""The `siyu` command. Commands parse and print; other packages do the work."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console as RichConsole

from pipeline import __version__
from pipeline.errors import SiyuError

app = typer.Typer(
    help="Siyu: a customer-operations warehouse for private-domain retail.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = RichConsole(highlight=False)
err = RichConsole(stderr=True, highlight=False)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.EISDIR,
)
Command = TypeVar("Command", bound=Callable[..., Any])

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration; default siyu.yaml, else the demo's."),
]
WarehouseOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", help="Folder of all state; overrides that of the file."
    ),
]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a day written YYYY-MM-DD") from None


def _for_users(command: Command) -> Command:
    """Show a user's mistake, or a full disk, as one message and exit with 1."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except SiyuError as error:
            _fail(str(error))
        except OSError as error:
            if error.errno in _FULL:
                _fail(f"the disk is full: {error.filename or 'no space left'}")
            if error.errno not in _REFUSED:
                raise
            _fail(f"{error.filename}: {error.strerror}")
        except KeyboardInterrupt:
            _fail("stopped; run again to continue from here")

    return wrapped  # type: ignore[return-value]


def _fail(message: str) -> None:
    err.print("error", style="bold red", end=" ")
    err.print(message, markup=False, soft_wrap=True)
    raise typer.Exit(1)


def _say(text: str) -> None:
    """Print a text as it is: a path may hold what looks like markup."""
    out.print(text, markup=False, soft_wrap=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show it."),
    ] = False,
) -> None:
    """Siyu: a customer-operations warehouse for private-domain retail."""


@app.command()
@_for_users
def run(
    config: ConfigOption = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            parser=_day,
            metavar="YYYY-MM-DD",
            help="The day to build for; default: the latest landed, at most yesterday.",
        ),
    ] = None,
    warehouse: WarehouseOption = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild all tables from landing.")
    ] = False,
) -> None:
    """Ingest what is new, build, check, publish, export, report."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.console import ProgressConsole
    from pipeline.orchestration.inputs import is_up_to_date
    from pipeline.report.terminal import print_summary

    settings = load_settings(config_path(config), warehouse)
    if not full_refresh and is_up_to_date(settings, as_of):
        print_summary(out, settings, ran=False)
        return
    # Dagster and dbt take seconds to import, and nothing above needs them.
    from pipeline.run import run_pipeline

    with ProgressConsole(err) as console:
        outcome = run_pipeline(
            settings, console, as_of=as_of, full_refresh=full_refresh
        )
    if not outcome.succeeded:
        _fail("\n".join(outcome.problems) or "the run failed; see the log of the run")
    print_summary(out, settings)


@app.command()
@_for_users
def demo(
    customers: Annotated[
        int, typer.Option(min=100, help="Number of customers of the shop.")
    ] = 20_000,
    seed: Annotated[
        int, typer.Option(help="The same seed writes the same files.")
    ] = 20250630,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path(
        "demo"
    ),
) -> None:
    """Write a demo shop: raw files with realistic dirt, and a siyu.yaml for it."""
    from demo_shop import DemoError, write_demo

    is_taken = out_dir.exists() and any(out_dir.iterdir())
    if is_taken and not (out_dir / "truth.json").exists():
        raise SiyuError(
            f"{out_dir} is not empty and does not hold a demo; choose another --out"
        )
    try:
        with err.status("Writing the demo shop …"):
            write_demo(out_dir, customers=customers, seed=seed)
    except DemoError as error:
        raise SiyuError(str(error)) from None
    _say(f"A shop of {customers:,} customers is in {out_dir}. Now:")
    _say(f"  siyu run --config {out_dir / 'siyu.yaml'}")


@app.command()
@_for_users
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to start in.")],
    preset: Annotated[
        str | None, typer.Option(help="Rule files to start from: finance or travel.")
    ] = None,
) -> None:
    """Start a configuration: a siyu.yaml to fill in, and folders for data and rules."""
    from pipeline.config.starter import start

    for path in start(folder, preset):
        _say(f"wrote {path}")
    _say(
        "Put your files into data/, fill in siyu.yaml, and see how they map with\n"
        f"  siyu validate --config {folder / 'siyu.yaml'}"
    )


@app.command()
@_for_users
def validate(config: ConfigOption = None) -> None:
    """Check the configuration, the rules, and the first rows of each source."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.ingest.preview import preview_sources
    from pipeline.report.terminal import print_preview
    from pipeline.rules.rule_files import check_all_rules

    settings = load_settings(config_path(config))
    problems = 0
    for preview in preview_sources(settings):
        print_preview(out, preview)
        problems += len(preview.problems)
    check_all_rules(settings)
    if problems:
        found = "1 problem" if problems == 1 else f"{problems} problems"
        _fail(f"{found} found; nothing was loaded")
    out.print("The configuration and the rules are valid.")


@app.command()
@_for_users
def status(config: ConfigOption = None, warehouse: WarehouseOption = None) -> None:
    """Show the last runs, freshness, row and quarantine counts, and published marts."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.report.terminal import print_status

    print_status(out, load_settings(config_path(config), warehouse))


@app.command()
@_for_users
def export(
    config: ConfigOption = None,
    destination: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A destination to export to; default all. Repeatable."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Deliver published changes that the destinations have not received yet."""
    from pipeline.activation.deliver import export_published, plan
    from pipeline.config.settings import config_path, load_settings
    from pipeline.report.deliveries import print_deliveries

    settings = load_settings(config_path(config), warehouse)
    names = destination or []
    do = plan if dry_run else export_published
    print_deliveries(out, do(settings, names), is_plan=dry_run)


@app.command()
@_for_users
def explain(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID")],
    config: ConfigOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Explain why a customer has each label, and what would change it."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.report.explain import print_explanation

    settings = load_settings(config_path(config), warehouse)
    print_explanation(out, settings, customer_id)


@app.command()
@_for_users
def flow(
    from_day: Annotated[
        date,
        typer.Option(
            "--from",
            parser=_day,
            metavar="YYYY-MM-DD",
            help="The first day of the comparison.",
        ),
    ],
    to_day: Annotated[
        date,
        typer.Option(
            "--to",
            parser=_day,
            metavar="YYYY-MM-DD",
            help="The second day of the comparison; at most the published as-of date.",
        ),
    ],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="DIMENSION",
            help="Split by channel, campaign, persona, region, city_tier, gender, "
            "household, occupation, role, member, wecom, rfm_segment, value_tier or "
            "crowd.",
        ),
    ] = None,
    config: ConfigOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Show how customers moved between AIPL stages from one day to another."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.report.flow import print_flow

    settings = load_settings(config_path(config), warehouse)
    print_flow(out, settings, from_day, to_day, by)


@app.command()
@_for_users
def forget(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID")],
    config: ConfigOption = None,
    warehouse: WarehouseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase a customer from every file of the warehouse, and prove it."""
    from pipeline.config.settings import config_path, load_settings
    from pipeline.console import ProgressConsole
    from pipeline.privacy.forget import forget as erase
    from pipeline.privacy.terminal import print_erasure
    from pipeline.run import rebuild

    settings = load_settings(config_path(config), warehouse)
    if not yes:
        question = f"Erase {customer_id} from {settings.warehouse} for good?"
        typer.confirm(question, abort=True)
    with ProgressConsole(err) as console:
        erasure = erase(settings, console, customer_id, rebuild)
    print_erasure(out, erasure)
