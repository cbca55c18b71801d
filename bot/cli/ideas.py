"""``studyhall event ideas``: what the community could meet about. Knows shapes; finds nothing."""

from __future__ import annotations

import typer

from bot.cli.console import show, show_json
from bot.cli.context import Json, opened
from bot.domain.outgoing import Bullets, Heading, Inlines, LocalTime, Note, Paragraph, Strong, Text
from bot.usecases.events.idea_chat import ideas_message
from bot.wording import choose

event = typer.Typer(help="Events of the community.", no_args_is_help=True)


@event.command()
def ideas(context: typer.Context, as_json: Json = False) -> None:
    """What members look for in vain, how many would come, when, and who could host. Never fewer than five people."""
    with opened(context) as app:
        app.embed(app.community.id)
        zone = app.community.timezone
        found = app.find_ideas(app.community, zone, app.clock.now())
        if as_json:
            rows = [
                {
                    "label": idea.label,
                    "language": idea.language,
                    "people": idea.people,
                    "turnout": {"likely": idea.turnout.likely, "low": idea.turnout.low, "high": idea.turnout.high},
                    "slots": [{"at": slot.at.isoformat(), "around": slot.around, "of": slot.of} for slot in idea.slots],
                    "hosts": [
                        {"member": host.member_id, "name": host.name, "answers": host.answers} for host in idea.hosts
                    ],
                    "coming": idea.coming,
                }
                for idea in found
            ]
            show_json({"ideas": rows})
            return
        for block in ideas_message(choose(app.community.language), found, zone, []).blocks:
            match block:
                case Heading(text=text):
                    show(text)
                case Bullets(items=items):
                    show(*("    " + plain(line) for line in items))
                case Paragraph(inlines=inlines) | Note(inlines=inlines):
                    show(plain(inlines))


def plain(inlines: Inlines) -> str:
    """Words and times without their form."""
    words: list[str] = []
    for inline in inlines:
        match inline:
            case Text(text=text) | Strong(text=text):
                words.append(text)
            case LocalTime(fallback=fallback):
                words.append(fallback)
            case _:
                continue
    return "".join(words)


def add_to(cli: typer.Typer) -> None:
    cli.add_typer(event, name="event")
