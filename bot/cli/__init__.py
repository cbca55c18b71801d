"""The command line: ``studyhall``. Knows words and exit codes; everything else is asked of the application."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import (
    asking,
    care,
    curating,
    evaluating,
    event_plans,
    events,
    ideas,
    imports,
    learning,
    models,
    people,
    quality,
    replaying,
    segments,
    serving,
    setting_up,
)
from bot.cli.context import Chosen

cli = typer.Typer(
    name="studyhall",
    help="A community and chat bot with embedded recommendations for people who learn programming together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"studyhall {version('studyhall')}")
        raise typer.Exit


@cli.callback()
def choose(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Data folder (or STUDYHALL_HOME).", envvar="STUDYHALL_HOME", file_okay=False)
    ] = None,
    show_version: Annotated[  # noqa: ARG001  typer calls back
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(value=value), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Options before the command apply to every command."""
    context.obj = Chosen(home)


serving.add_to(cli)
imports.add_to(cli)
asking.add_to(cli)
learning.add_to(cli)
quality.add_to(cli)
care.add_to(cli)
models.add_to(cli)
evaluating.add_to(cli)
people.add_to(cli)
events.add_to(cli)
event_plans.add_to(cli)
segments.add_to(cli)
ideas.add_to(cli)
curating.add_to(cli)
replaying.add_to(cli)
setting_up.add_to(cli)


def main() -> None:
    """Entry point of the console script."""
    cli()
