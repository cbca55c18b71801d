"""``studyhall segment list|put|remove``: groups with a name. Shows roughly how many are in one, never who."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, opened
from bot.cli.event_options import wording_of
from bot.ports import UnitOfWork
from bot.usecases.segment_chat import KeepSegments, segment_line
from bot.usecases.segments import all_segments, rules_in_words, segment_name, shown_count

segment = typer.Typer(help="Groups of members with a name, for events.", no_args_is_help=True)


@segment.command("list")
def list_segments(context: typer.Context, as_json: Json = False) -> None:
    """All segments, their rules in words, and how many are in each: rounded down to fives, and none below five."""
    with opened(context) as app, app.store.read() as uow:
        wording, now = wording_of(app), app.clock.now()
        known = all_segments(uow, app.community.id)
        if as_json:
            rows = [
                {
                    "segment": one.slug,
                    "name": segment_name(wording, one.slug, one.name),
                    "rules": rules_in_words(wording, one),
                    "at_least": shown_count(uow, app.community.id, one, now),
                }
                for one in known
            ]
            show_json({"segments": rows})
            return
        for one in known:
            show(segment_line(uow, wording, app.community.id, one, now))


@segment.command()
def put(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called; one of that name is replaced.")],
    rules: Annotated[str, typer.Argument(help='Such as "level beginner; finished beginner; quiet".')],
) -> None:
    """Make a segment."""
    with opened(context) as app, app.store.write() as uow:
        made = _keep(app, uow).make(app.ids.code().lower(), name, rules)
        line = segment_line(uow, wording_of(app), app.community.id, made, app.clock.now())
        uow.commit()
        show(line)


@segment.command()
def remove(context: typer.Context, name: Annotated[str, typer.Argument(help="What it is called.")]) -> None:
    """Take a segment away; not one that a coming event asks for."""
    with opened(context) as app, app.store.write() as uow:
        gone = _keep(app, uow).remove(name)
        uow.commit()
        show(f"removed {gone.name}")


def _keep(app: Application, uow: UnitOfWork) -> KeepSegments:
    return KeepSegments(uow, app.community, wording_of(app), app.clock.now(), "command line")


def add_to(cli: typer.Typer) -> None:
    cli.add_typer(segment, name="segment")
